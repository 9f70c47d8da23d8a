"""The commands, by what they are for, and what `subunit2 --help` says of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COMMANDS", "GROUPS", "MODULES"]

GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "what became of a run": {
        "stats": "how a run went: tests by status, times, what never ended, damage",
        "failing": "the tests that failed or never ended, and why",
        "slowest": "the tests that took longest",
        "ls": "the ids of the tests in a stream, one a line",
        "info": "what the runs in a stream tested: their version-info, by route",
        "extract": "attachments to files, or through a command",
    },
    "streams to streams": {
        "filter": "some of a stream's packets: by test, status, tag, route, time",
        "tag": "tags onto packets, and off them",
        "route": "route codes in front of packets, and off them",
        "timestamps": "timestamps where there are none",
        "wrap": "output between packets into packets",
        "merge": "several streams into one, as they come; of reruns the last",
        "tee": "a stream to files and commands, of which one may fail",
    },
    "running tests": {
        "mux": "several live streams into one, each under its route code",
        "run": "run a command: its packets and its output one stream, live",
        "shell": "the shell of a `make` whose jobs write packets: all stay whole",
        "emit": "one packet or attachment, as subunit-output writes it",
    },
    "octets": {
        "decode": "a stream to JSON Lines, an item a line",
        "encode": "JSON Lines to a stream",
        "inspect": "show a stream to a person: octets, fields, damage and why",
        "lint": "what is odd in a stream, though it can be read, rule by rule",
    },
    "the protocol": {
        "spec": "where the specification lies, and what its clauses say",
        "conformance": "what an implementation gets right, case by case",
        "completion": "what makes a shell complete the words of this command",
    },
}

#: All of them.
COMMANDS: Final[Mapping[str, str]] = {
    name: purpose for group in GROUPS.values() for name, purpose in group.items()
}

#: The modules of commands that have a folder of their own.
MODULES: Final[Mapping[str, str]] = {"conformance": "subunit2.conformance.command"}
