"""The commands by group, each with its purpose, as `subunit2 --help` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COMMANDS", "GROUPS", "MODULES"]

GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "examine a test run": {
        "stats": "show how a run went: tests by status, times, damage",
        "failing": "show the tests that failed or never ended, and why",
        "slowest": "show the tests that took longest",
        "ls": "list the ids of the tests in a stream",
        "info": "show the version of the software under test (version-info)",
        "extract": "write attachments to files, or run a command on them",
    },
    "change and combine streams": {
        "filter": "keep some packets: by test, status, tag, route or time",
        "tag": "add or remove tags",
        "route": "add or remove route codes, or select packets by them",
        "timestamps": "add missing timestamps",
        "wrap": "wrap non-subunit output in packets",
        "merge": "merge streams as they arrive, or keep the last run of each test",
        "tee": "copy a stream to files and commands",
    },
    "run tests": {
        "mux": "combine live streams into one, each under its own route code",
        "run": "run a command, and combine its packets and output in one stream",
        "shell": "act as the SHELL of `make`, and keep packets of its jobs whole",
        "emit": "write one packet or attachment, as subunit-output does",
    },
    "convert and inspect streams": {
        "decode": "convert a stream to JSON Lines",
        "encode": "convert JSON Lines to a stream",
        "inspect": "show the octets and fields of a stream, and explain damage",
        "lint": "report errors and oddities in a stream, rule by rule",
    },
    "specification and setup": {
        "spec": "show where the specification files are, and print clauses",
        "conformance": "test an implementation with the conformance suite",
        "completion": "print a shell completion script",
    },
}

#: The purpose of each command, by its name.
COMMANDS: Final[Mapping[str, str]] = {
    name: purpose for group in GROUPS.values() for name, purpose in group.items()
}

#: The modules of commands that are not in this package.
MODULES: Final[Mapping[str, str]] = {"conformance": "subunit2.conformance.command"}
