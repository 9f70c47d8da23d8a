"""The JSON Schemas of the suite, and answers compared with them.

The schemas lie beside the corpus. The package `jsonschema` is not needed but here:
`--validate` is for whoever writes a harness.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from subunit2 import spec
from subunit2.conformance import corpus
from subunit2.conformance.drivers.process import NoAnswerError

__all__ = ["AnswerSchema", "folder", "schema"]


def folder() -> Path:
    """Where the schemas of the suite lie."""
    return corpus.path().parent / "schemas"


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema of the suite, such as `harness`; `item` is that of the specification."""
    path = spec.path("item.schema.json") if name == "item" else folder() / f"{name}.schema.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


class AnswerSchema:
    """What `harness.schema.json` says of the answer to each request.

    :raises ModuleNotFoundError: where the extra `conformance` is not installed.
    """

    def __init__(self) -> None:
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource

        harness, item = schema("harness"), schema("item")
        registry: Any = Registry().with_resources(
            [(each["$id"], Resource.from_contents(each)) for each in (harness, item)]
        )
        self._validators = {
            name: Draft202012Validator(
                {"$ref": f"{harness['$id']}#/$defs/{name}"}, registry=registry
            )
            for name in harness["$defs"]
            if name.startswith("answer-")
        }

    def check(self, request: str, answer: dict[str, Any]) -> None:
        """Compare an answer with what its request asks for.

        :raises NoAnswerError: malformed; it says where.
        """
        asked = json.loads(request)
        multiplexer = "-multiplexer" if "input" in asked else ""
        name = f"answer-{asked['op']}{multiplexer}"
        from jsonschema.exceptions import best_match

        fault: Any = best_match(self._validators[name].iter_errors(answer))
        if fault is not None:
            place = "".join(f"[{step!r}]" for step in fault.absolute_path)
            text = " ".join(fault.message.split())[:200]
            raise NoAnswerError("malformed", f"{name}{place}: {text}")
