"""The rules that a stream of an emitter is held against.

Strategy: each check names a clause, whose origin tells a bug from an argument. Most checks
count the findings of rules of `subunit2 lint`. Three need a fact that no stream shows: the
flag runnable, the outcomes, and an id that is listed twice. Each check also counts the
packets, tests or files to which its rule applies, so that a rule that nothing tested is not
taken for a rule that was kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from report_cards.emitters import CAPTURES, Emitter
from subunit2 import Packet, Passthrough, decode, spec
from subunit2.items import FINAL_STATUSES, Item
from subunit2.streams.linting import Linter

__all__ = ["CHECKS", "Check", "Observed", "Stream", "numbers", "observe"]

_Key: TypeAlias = tuple[str | None, str]


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A violation of a rule.

    :ivar capture: the name of the stream.
    :ivar offset: the offset of the packet in the stream; None if a packet is missing.
    :ivar message: a description in one line, which can contain text of the stream.
    """

    capture: str
    offset: int | None
    message: str
    test_id: str | None = None
    route_code: str | None = None


class Stream:
    """A stream of an emitter, and the numbers of things in it."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.items: list[Item] = list(decode(data))
        self.packets = [item for item in self.items if isinstance(item, Packet)]

    @cached_property
    def findings(self) -> list[tuple[str, Observed]]:
        """The findings of the linter, each with its rule."""
        linter = Linter()
        return [
            (
                finding.rule,
                Observed(
                    capture=self.name,
                    offset=finding.offset,
                    message=finding.message,
                    test_id=finding.test_id,
                    route_code=finding.route_code,
                ),
            )
            for finding in [*linter.feed(self.items), *linter.close()]
        ]

    @cached_property
    def tests(self) -> dict[_Key, list[Packet]]:
        """The packets of each test that have a status, by route code and test id."""
        found: dict[_Key, list[Packet]] = {}
        for packet in self.packets:
            if packet.test_id is not None and packet.test_status is not None:
                found.setdefault((packet.route_code, packet.test_id), []).append(packet)
        return found

    @cached_property
    def outcomes(self) -> dict[_Key, Packet]:
        """The last packet with a final status of each test."""
        return {
            key: [packet for packet in packets if packet.test_status in FINAL_STATUSES][-1]
            for key, packets in self.tests.items()
            if any(packet.test_status in FINAL_STATUSES for packet in packets)
        }

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The numbers of things to which a rule can apply."""
        files = {
            (packet.route_code, packet.test_id, packet.file_name)
            for packet in self.packets
            if packet.file_name is not None
        }
        before = [None, *self.items]
        return {
            "packets": len(self.packets),
            "packets with a timestamp": sum(
                packet.timestamp is not None for packet in self.packets
            ),
            "packets behind output": sum(
                isinstance(item, Packet) and isinstance(previous, Passthrough)
                for previous, item in zip(before, self.items, strict=False)
            ),
            "tests": len(self.tests),
            "starts": sum(
                any(packet.test_status == "inprogress" for packet in packets)
                for packets in self.tests.values()
            ),
            "ends": len(self.outcomes),
            "files": len(files),
            "ends of file": sum(packet.eof for packet in self.packets),
            "MIME types": sum(packet.mime_type is not None for packet in self.packets),
            "packets with tags": sum(bool(packet.test_tags) for packet in self.packets),
        }


@dataclass(frozen=True, kw_only=True)
class Check:
    """A rule for writers.

    :ivar name: its name in cards.
    :ivar clause: the clause that a violation is against.
    :ivar title: the rule in a few words, as if it is kept.
    :ivar unit: the name in `numbers` of the things to which it applies.
    :ivar rules: the rules of the linter whose findings are violations.
    :ivar find: finds violations that the linter does not.
    """

    name: str
    clause: str
    title: str
    unit: str
    rules: tuple[str, ...] = ()
    find: Callable[[Emitter, list[Stream]], Iterator[Observed]] | None = None

    @property
    def is_bug(self) -> bool:
        """Whether a violation is a bug, as against the published README alone."""
        return spec.clause(self.clause).origin == "readme"

    def observed(self, emitter: Emitter, streams: list[Stream]) -> list[Observed]:
        """Return the violations in the streams of an emitter."""
        found = [
            finding for stream in streams for rule, finding in stream.findings if rule in self.rules
        ]
        return found + (list(self.find(emitter, streams)) if self.find else [])


def _wrongly_runnable(emitter: Emitter, streams: list[Stream]) -> Iterator[Observed]:
    for stream in streams:
        for (route, test_id), packets in stream.tests.items():
            is_test = emitter.is_test(test_id)
            wrong = [packet for packet in packets if packet.runnable != is_test]
            if wrong:
                statuses = Counter(packet.test_status for packet in wrong)
                yield Observed(
                    capture=stream.name,
                    offset=wrong[0].offset,
                    message=f"{', '.join(map(str, statuses))}: "
                    + ("not runnable, but a test" if is_test else "runnable, but no test"),
                    test_id=test_id,
                    route_code=route,
                )


def _listed_twice(emitter: Emitter, streams: list[Stream]) -> Iterator[Observed]:
    for stream in streams:
        for (route, test_id), packets in stream.tests.items():
            listed = [packet for packet in packets if packet.test_status == "exists"]
            if len(listed) > 1 and emitter.is_test(test_id):
                yield Observed(
                    capture=stream.name,
                    offset=listed[1].offset,
                    message=f"listed {len(listed)} times: {len(listed)} tests have this id",
                    test_id=test_id,
                    route_code=route,
                )


def _other_outcomes(emitter: Emitter, streams: list[Stream]) -> Iterator[Observed]:
    for stream in streams:
        if not stream.outcomes:
            # A list of tests.
            continue
        ended = {test_id: packet for (_, test_id), packet in stream.outcomes.items()}
        for test_id, outcome in emitter.outcomes.items():
            packet = ended.get(test_id)
            if packet is None or packet.test_status != outcome:
                said = "no outcome" if packet is None else packet.test_status
                yield Observed(
                    capture=stream.name,
                    offset=None if packet is None else packet.offset,
                    message=f"{said}, but the test ended with {outcome}",
                    test_id=test_id,
                    route_code=None if packet is None else packet.route_code,
                )


CHECKS: Final = (
    Check(
        name="well-formed",
        clause="packet.order",
        title="packets are well formed",
        unit="packets",
        rules=("damage", "recovered"),
    ),
    Check(
        name="outcomes",
        clause="status.values",
        title="the outcome is the one that the test had",
        unit="known outcomes",
        find=_other_outcomes,
    ),
    Check(
        name="ids",
        clause="test-id.unique",
        title="each test has an id of its own",
        unit="tests",
        rules=("started-twice",),
        find=_listed_twice,
    ),
    Check(
        name="runnable",
        clause="runnable.meaning",
        title="tests are runnable, and nothing else is",
        unit="tests",
        find=_wrongly_runnable,
    ),
    Check(
        name="sync",
        clause="stream.start-at-sync",
        title="packets start at sync points",
        unit="packets behind output",
        rules=("mid-line",),
    ),
    Check(
        name="mime-constant",
        clause="mime.scope",
        title="a file has one MIME type",
        unit="MIME types",
        rules=("mime-changed",),
    ),
    Check(
        name="shortest",
        clause="number.shortest",
        title="numbers are in their shortest form",
        unit="packets",
        rules=("long-number",),
    ),
    Check(
        name="clock",
        clause="timestamp.clock",
        title="the clock of a route does not go back",
        unit="packets with a timestamp",
        rules=("time-backwards",),
    ),
    Check(
        name="ended",
        clause="status.inprogress",
        title="a test that starts ends",
        unit="starts",
        rules=("never-ended",),
    ),
    Check(
        name="final",
        clause="status.final",
        title="a test ends once, with nothing about it behind",
        unit="ends",
        rules=("ended-twice", "after-end"),
    ),
    Check(
        name="status",
        clause="status.none",
        title="a test with files or tags has a status",
        unit="tests",
        rules=("no-status",),
    ),
    Check(
        name="file-ends",
        clause="file.eof",
        title="files end",
        unit="files",
        rules=("file-never-ended",),
    ),
    Check(
        name="file-names",
        clause="file.names-unique",
        title="names of files are not used again",
        unit="files",
        rules=("file-name-reused",),
    ),
    Check(
        name="eof-of-file",
        clause="file.eof-without-file",
        title="an end of file is that of a file",
        unit="ends of file",
        rules=("eof-without-file",),
    ),
    Check(
        name="mime-of-file",
        clause="mime.without-file",
        title="a MIME type is that of a file",
        unit="MIME types",
        rules=("mime-without-file",),
    ),
)


def numbers(emitter: Emitter, streams: list[Stream]) -> dict[str, int]:
    """Return the numbers of things in all streams of an emitter."""
    total: Counter[str] = Counter()
    for stream in streams:
        total.update(stream.numbers)
        # A list of tests has no outcomes.
        total["known outcomes"] += len(emitter.outcomes) if stream.outcomes else 0
    return dict(total)


def observe(emitter: Emitter) -> list[Stream]:
    """Read the streams of an emitter."""
    return [Stream(name, (CAPTURES / f"{name}.subunit").read_bytes()) for name in emitter.captures]
