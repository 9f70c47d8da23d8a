"""The card of an emitter, made from its captures."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

from report_cards.checks import CHECKS, numbers, observe
from report_cards.emitters import CAPTURES, Emitter

__all__ = ["card", "card_text"]

#: The version of the form of a card.
_FORMAT: Final = 1

#: The most violations of a check that a card shows.
_MOST_SHOWN: Final = 3


def card(emitter: Emitter) -> dict[str, Any]:
    """Return the card of an emitter as a JSON value."""
    streams = observe(emitter)
    found = numbers(emitter, streams)
    checks = []
    for check in CHECKS:
        observed = check.observed(emitter, streams)
        checks.append(
            {
                "check": check.name,
                "clause": check.clause,
                "kind": "bug" if check.is_bug else "argument",
                "checked": found[check.unit],
                "unit": check.unit,
                "violations": len(observed),
                "examples": [
                    {key: value for key, value in asdict(one).items() if value is not None}
                    for one in observed[:_MOST_SHOWN]
                ],
            }
        )
    broken = Counter(check["kind"] for check in checks if check["violations"])
    return {
        "format": _FORMAT,
        "emitter": {"name": emitter.name, "package": emitter.package},
        "captures": {
            name: sha256((CAPTURES / f"{name}.subunit").read_bytes()).hexdigest()
            for name in emitter.captures
        },
        "numbers": found,
        "broken": {kind: broken[kind] for kind in ("bug", "argument")},
        "checks": checks,
    }


def card_text(emitter: Emitter) -> str:
    """Return the text of the file of a card."""
    return json.dumps(card(emitter), indent=1, ensure_ascii=False) + "\n"
