"""Measure the rules of the stream, and write docs/survey.json and the tables of its page."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from subunit2 import spec
from survey import measures, noise, page

ROOT: Final = Path(__file__).resolve().parents[2]
FIGURES: Final = ROOT / "docs" / "survey.json"
PAGE: Final = ROOT / "docs" / "specification" / "survey.md"
CAPTURES: Final = ROOT / "conformance" / "captures"
CACHE: Final = ROOT / "build" / "survey"

_SEED: Final = 20130223
_MIB: Final = 1 << 20


def survey(*, quick: bool, cache: Path = CACHE) -> dict[str, Any]:
    """Return all figures.

    :param quick: measure a small part of each kind, and no manual pages.
    """
    scale = 1 if quick else 128
    _say("random octets")
    octets: dict[str, Any] = {
        "random octets": measures.false_alarms(noise.random_octets(scale * 8 * _MIB, _SEED)),
    }
    _say("programs")
    octets["programs and libraries"] = measures.false_alarms(noise.programs(scale * 2 * _MIB))
    _say("text in Latin-1")
    size = (1 if quick else 8) * _MIB
    octets["random text in Latin-1, full of `³`"] = measures.false_alarms(
        noise.footnotes(size, _SEED)
    )
    versions: dict[str, str] = {}
    late: dict[str, Any] = {}
    if not quick:
        versions = noise.fetch_pages(cache)
        for language, encoding in noise.LANGUAGES.items():
            _say(f"manual pages, {language}")
            texts = list(noise.pages(cache, language))
            for each in ("utf-8", encoding):
                octets[f"manual pages, {language}, {each}"] = measures.false_alarms(
                    text.encode(each, "replace") for text in texts
                )
            late[f"manual pages, {language}"] = measures.waits(texts)
    _say("damaged packets")
    packets = measures.packets_of(CAPTURES)[: 20 if quick else None]
    return {
        "specification": tomllib.loads(spec.path("clauses.toml").read_text("utf-8"))["version"],
        "manual_pages": versions,
        "noise": octets,
        "flips": {
            "behind a dot": measures.found_damage(packets, b"."),
            "at a sync point": measures.found_damage(packets, b"\n"),
        },
        "cuts": {
            "at the end of the stream": measures.found_cuts(packets, b""),
            "in front of a packet": measures.found_cuts(packets, measures.NEXT),
            "in front of a line feed and a packet": measures.found_cuts(
                packets, b"\n" + measures.NEXT
            ),
        },
        "waits": late,
    }


def _say(what: str) -> None:
    print(f"{what} ...", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Run the survey; the exit status is 1 if octets cannot be fetched."""
    parser = argparse.ArgumentParser(prog="survey", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure little, and write nothing")
    options = parser.parse_args(arguments)
    try:
        document = survey(quick=options.quick)
    except RuntimeError as error:
        print(f"survey: {error}", file=sys.stderr)
        return 1
    print("\n".join(page.lines(document)))
    if not options.quick:
        FIGURES.write_text(
            json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        PAGE.write_text(page.spliced(PAGE.read_text(encoding="utf-8"), document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
