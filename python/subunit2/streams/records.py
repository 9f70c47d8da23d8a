"""Test at a time: what a stream says of each test, joined into one record.

Strategy: a test is told by route and id together (`test-id.identity`). What comes of
it is gathered until its final status, and then given and forgotten, so memory is
that of the tests that are under way. What a record says:

- `exists` lists a test. Outside of a run it is a record of its own, of that status;
  within one it says nothing new.
- A start behind the end is another run of the test, and another record. A second
  start before the end is not: the first is the test's.
- Tags are about the test, whichever of its packets they stand in (`tags.meaning`).
- What has no status (a file, tags) belongs to the run that it stands in, or to the
  next one. Behind the last run it comes as a record without a status, at the end:
  nothing of that test has started there (`status.inprogress`). Where a stream has
  very much of that, the oldest comes sooner, so that memory stays what it is.
- Whether a test is runnable is said by the packets that give its status; emitters
  in use do not care about that in those of its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, ClassVar, Final, TypeAlias, cast

from subunit2.items import Item, Packet, TestStatus, Timestamp
from subunit2.streams.attachments import Attachment, AttachmentParts
from subunit2.structs import Struct

__all__ = [
    "FINAL_STATUSES",
    "MOST_UNSTARTED",
    "Keep",
    "TestRecord",
    "TestRecords",
    "seconds_between",
    "tests",
]

#: The statuses that end a test (`status.final`).
FINAL_STATUSES: Final[frozenset[TestStatus]] = frozenset(
    ("success", "uxsuccess", "skip", "fail", "xfail")
)

#: How many tests of which only files or tags came are waited for.
MOST_UNSTARTED: Final = 1000

#: Which files are kept: all, none, or those of which the first packet is chosen.
Keep: TypeAlias = bool | Callable[[Packet], bool]


class TestRecord(Struct, frozen=True, gc=False):
    """What a stream said of one run of a test, or of its existence.

    :ivar id: the test id.
    :ivar status: the final status; `inprogress` where the test started and never ended;
        `exists` where it is only listed; None where only files or tags came of it.
    :ivar route_code: such as `0/3`; with the id it tells which test this is.
    :ivar start: when it started; None where that was not said.
    :ivar end: when its final status came; None where that was not said.
    :ivar tags: without duplicates, sorted by their UTF-8 octets.
    :ivar runnable: whether it can be selected and run by its id (`runnable.meaning`).
    :ivar attachments: its files, in the order in which they began.

    >>> from subunit2 import encode
    >>> stream = encode(Packet(test_id="foo", test_status="inprogress"))
    >>> stream += encode(Packet(test_id="foo", test_status="success", test_tags=["slow"]))
    >>> [test] = tests(stream)
    >>> test.id, test.status, test.is_complete, test.tags
    ('foo', 'success', True, ('slow',))
    """

    #: It is no class of tests, though pytest would take it for one.
    __test__: ClassVar[bool] = False

    id: str
    status: TestStatus | None = None
    route_code: str | None = None
    start: Timestamp | None = None
    end: Timestamp | None = None
    tags: tuple[str, ...] = ()
    runnable: bool = True
    attachments: tuple[Attachment, ...] = ()

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None where one is not known.

        Below 0 where the clock of the test's machine was set back.
        """
        if self.start is None or self.end is None:
            return None
        return seconds_between(self.start, self.end)

    @property
    def is_complete(self) -> bool:
        """Whether it has a final status (`status.final`)."""
        return self.status in FINAL_STATUSES

    @property
    def is_incomplete(self) -> bool:
        """Whether it started and never ended (`status.inprogress`)."""
        return self.status == "inprogress"

    @property
    def has_failed(self) -> bool:
        """Whether it failed, passed against expectation, or never ended."""
        return self.status in ("fail", "uxsuccess", "inprogress")


def seconds_between(start: Timestamp, end: Timestamp) -> float:
    """The seconds from one time to another; below 0 where that is earlier.

    >>> seconds_between(Timestamp(1, 750_000_000), Timestamp(3))
    1.25
    """
    nanoseconds = (end.seconds - start.seconds) * 1_000_000_000
    return (nanoseconds + end.nanoseconds - start.nanoseconds) / 1_000_000_000


class _Gathered:
    """What has come of a test so far."""

    __slots__ = ("dropped", "files", "runnable", "start", "status", "tags")

    def __init__(self) -> None:
        self.status: TestStatus | None = None
        self.start: Timestamp | None = None
        self.runnable = True
        self.tags: set[str] | None = None
        self.files: AttachmentParts | None = None
        #: The names of the files under way that are not kept.
        self.dropped: set[str] | None = None

    def record(self, key: tuple[str | None, str], end: Timestamp | None = None) -> TestRecord:
        return TestRecord(
            key[1],
            self.status,
            key[0],
            self.start,
            end,
            tuple(sorted(self.tags)) if self.tags else (),
            self.runnable,
            self.files.attachments() if self.files is not None else (),
        )


class TestRecords:
    """Items in, records of tests out, each with the item that ends it. It does no IO.

    Holds the tests that are under way, with their attachments, and what came of up to
    `MOST_UNSTARTED` tests that are not.

    :param keep_attachments: whether records have attachments; or a function that says
        so of a file, by its first packet.
    :param on_other: called with each item that is about no test: passthrough, corrupt
        regions, and packets without a test id.

    >>> records = TestRecords()
    >>> records.feed([Packet(test_id="foo", test_status="inprogress", route_code="3")])
    []
    >>> [(test.id, test.status, test.route_code) for test in records.close()]
    [('foo', 'inprogress', '3')]
    """

    __test__ = False

    def __init__(
        self, *, keep_attachments: Keep = True, on_other: Callable[[Item], object] | None = None
    ) -> None:
        self._keep = keep_attachments
        self._on_other = on_other
        self._running: dict[tuple[str | None, str], _Gathered] = {}
        self._unstarted: dict[tuple[str | None, str], _Gathered] = {}

    @property
    def running(self) -> list[TestRecord]:
        """The tests that have started and not ended, as far as they are known, in order."""
        return [gathered.record(key) for key, gathered in self._running.items()]

    def feed(self, items: Iterable[Item]) -> list[TestRecord]:
        """The records that these items complete, in their order."""
        done = []
        for item in items:
            if not isinstance(item, Packet) or item.test_id is None:
                if self._on_other is not None:
                    self._on_other(item)
                continue
            record = self._take((item.route_code, item.test_id), item)
            if record is not None:
                done.append(record)
        return done

    def close(self) -> list[TestRecord]:
        """What is left when the stream has ended. Again, it gives nothing.

        What came of tests outside of a run, without a status; then the tests that never
        ended, of status `inprogress`, in the order in which they started.
        """
        left = [gathered.record(key) for key, gathered in self._unstarted.items()]
        left += self.running
        self._unstarted.clear()
        self._running.clear()
        return left

    def _take(self, key: tuple[str | None, str], packet: Packet) -> TestRecord | None:
        gathered = self._running.get(key) or self._unstarted.get(key)
        is_new = gathered is None
        if gathered is None:
            gathered = _Gathered()
        if packet.test_tags:
            # clause tags.meaning
            if gathered.tags is None:
                gathered.tags = set()
            gathered.tags.update(packet.test_tags)
        if packet.file_name is not None and self._keep is not False:
            self._take_file(gathered, packet)
        status = packet.test_status
        if status is None or (status == "exists" and gathered.status is not None):
            # clauses status.none, status.exists
            if gathered.status is None:
                gathered.runnable = packet.runnable
            return self._wait(key, gathered) if is_new else None
        gathered.runnable = packet.runnable
        if not is_new:
            self._unstarted.pop(key, None)
        if status == "inprogress":
            if gathered.status is None:
                gathered.start = packet.timestamp
                gathered.status = status
                self._running[key] = gathered
            return None
        self._running.pop(key, None)
        gathered.status = status
        return gathered.record(key, None if status == "exists" else packet.timestamp)

    def _wait(self, key: tuple[str | None, str], gathered: _Gathered) -> TestRecord | None:
        """Wait for a test's start; the record of another that was waited for too long."""
        self._unstarted[key] = gathered
        if len(self._unstarted) <= MOST_UNSTARTED:
            return None
        oldest = next(iter(self._unstarted))
        return self._unstarted.pop(oldest).record(oldest)

    def _take_file(self, gathered: _Gathered, packet: Packet) -> None:
        name = cast("str", packet.file_name)
        if gathered.files is None:
            gathered.files = AttachmentParts()
        if callable(self._keep) and not gathered.files.is_open(name):
            if gathered.dropped is None:
                gathered.dropped = set()
            if name in gathered.dropped or not self._keep(packet):
                gathered.dropped.add(name)
                if packet.eof:
                    gathered.dropped.discard(name)
                return
        gathered.files.add(packet)


def tests(
    source: BinaryIO | bytes | bytearray | memoryview | Iterable[Item],
    *,
    keep_attachments: Keep = True,
    on_other: Callable[[Item], object] | None = None,
) -> Iterator[TestRecord]:
    r"""The tests of a stream, each as soon as its final status is in.

    Those that never ended come last, of status `inprogress`, with what they had. A test
    that is only listed is a record of status `exists`; see `TestRecord.status`.

    Holds what `TestRecords` and a `Reader` hold.

    :param source: octets, a binary file (a pipe is followed live), or items.
    :param keep_attachments: as for `TestRecords`.
    :param on_other: as for `TestRecords`: what is about no test, damage for one.
    :raises TypeError: where `source` is none of these, such as a file of text.

    >>> from subunit2 import encode
    >>> others = []
    >>> stream = b"building\n" + encode(Packet(test_id="foo", test_status="skip"))
    >>> [test.status for test in tests(stream, on_other=others.append)]
    ['skip']
    >>> others
    [Passthrough(data=b'building\n', offset=0)]
    """
    records = TestRecords(keep_attachments=keep_attachments, on_other=on_other)
    for items in _batches(source):
        yield from records.feed(items)
    yield from records.close()


# Imported into a module of tests, it is none of them.
tests.__dict__["__test__"] = False


def _batches(source: Any) -> Iterator[Iterable[Item]]:
    """The items of a source, as they come."""
    is_octets = isinstance(source, (bytes, bytearray, memoryview, str))
    if not is_octets and not hasattr(source, "read") and isinstance(source, Iterable):
        for item in source:
            yield (item,)
        return
    from subunit2.chunks import read_chunks
    from subunit2.reader import Reader

    reader = Reader()
    for piece in read_chunks(source):
        yield reader.feed(piece)
    yield reader.close()
