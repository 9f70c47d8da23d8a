"""The JSON Schemas of the suite, and the check of answers against them.

The schemas are stored beside the corpus. Only `--validate`, which checks a new harness,
needs the package `jsonschema`.
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
    """Return the folder of the suite's schemas."""
    return corpus.path().parent / "schemas"


@cache
def schema(name: str) -> dict[str, Any]:
    """Return a schema of the suite, such as `harness`, or `item` of the specification."""
    path = spec.path("item.schema.json") if name == "item" else folder() / f"{name}.schema.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


class AnswerSchema:
    """Checks answers against `harness.schema.json`.

    :raises ModuleNotFoundError: if the extra `conformance` is not installed.
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
        """Check an answer against the schema for its request.

        :raises NoAnswerError: if the answer violates it; the reason names the key.
        """
        sent = json.loads(request)
        multiplexer = "-multiplexer" if "input" in sent else ""
        name = f"answer-{sent['op']}{multiplexer}"
        from jsonschema.exceptions import best_match

        fault: Any = best_match(self._validators[name].iter_errors(answer))
        if fault is not None:
            key = "".join(f"[{step!r}]" for step in fault.absolute_path)
            text = " ".join(fault.message.split())[:200]
            raise NoAnswerError("malformed", f"{name}{key}: {text}")
