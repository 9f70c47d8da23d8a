"""The help texts: lines that fit a terminal, and purposes that are imperatives."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from subunit2.cli.commands import COMMANDS
from subunit2.cli.parser import build_parser

#: First words of noun phrases and questions, which are no imperatives.
_NO_VERBS = {
    *("a", "an", "the", "all", "each", "some", "several", "one"),
    *("what", "which", "who", "where", "when", "how", "why", "is", "are"),
}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and the parsers of its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from parsers(each)


def test_every_line_of_every_help_fits_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    helps = {each.prog: each.format_help() for each in parsers(build_parser(COMMANDS, whole=True))}
    assert helps.keys() > {"subunit2", "subunit2 decode", "subunit2 conformance run"}
    wide = [
        f"{name}: {line}"
        for name, text in helps.items()
        for line in text.splitlines()
        if len(line) > 80
    ]
    assert wide == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_purpose_is_an_imperative_in_lower_case(name: str) -> None:
    purpose = COMMANDS[name]
    assert purpose.partition(" ")[0] not in _NO_VERBS
    assert purpose[0].islower()
    assert not purpose.endswith(".")
