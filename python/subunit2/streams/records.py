"""Read a stream test by test: the packets of each test joined into one record.

Strategy: route and id together identify a test (`test-id.identity`). Its packets are
collected until its final status; then the record is returned and forgotten. So memory is
needed only for the tests under way. The rules:

- `exists` lists a test. Outside of a run it makes a record of that status; within a run
  it adds nothing.
- A start after the end begins another run of the test, and another record. A second start
  before the end is ignored.
- Tags are about the test, in any of its packets (`tags.meaning`).
- A packet without a status (a file, tags) belongs to the run that it is in, or to the next
  one. Such packets after the last run make a record without a status at the end of the
  stream, since no run has started there (`status.inprogress`). If a stream has very many,
  the oldest are returned earlier, so that memory stays bounded.
- Reports of damage are no tests (`damage.parser`). They are passed on with the other items
  that are about no test.
- `subunit2.streams.judgement` decides about start, end and the flag runnable. Emitters in
  use do not set that flag correctly in packets of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Final, TypeAlias, cast

from subunit2.items import FINAL_STATUSES, Item, Packet, TestStatus, Timestamp
from subunit2.streams.attachments import Attachment, AttachmentParts
from subunit2.streams.judgement import Event, Key, Run, TestStates, duration_between
from subunit2.structs import Struct
from subunit2.uncopied import Uncopied

if TYPE_CHECKING:
    from subunit2.streams.plan import Plan

__all__ = [
    "MOST_UNSTARTED",
    "Keep",
    "TestRecord",
    "TestRecords",
    "tests",
]

#: The number of tests with only files or tags that are held.
MOST_UNSTARTED: Final = 1000

#: The files that are kept: all, none, or those whose first packet satisfies a function.
Keep: TypeAlias = bool | Callable[[Packet], bool]


class TestRecord(Struct, frozen=True, gc=False):
    """One run of a test, or its listing, as a stream describes it.

    :ivar id: the test id.
    :ivar status: the final status; `inprogress` if the test started and never ended;
        `exists` if it is only listed; None if it has only files or tags.
    :ivar route_code: the route, such as `0/3`, which identifies the test with the id.
    :ivar start: the timestamp of the start; None if there is none.
    :ivar end: the timestamp of the final status; None if there is none.
    :ivar tags: without duplicates, sorted by their UTF-8 octets.
    :ivar runnable: whether the test can be selected and run by its id: all its packets
        with a status since its start say so (`runnable.consumer`).
    :ivar attachments: its files, in the order in which they began.

    >>> from subunit2 import encode
    >>> stream = encode(Packet(test_id="foo", test_status="inprogress"))
    >>> stream += encode(Packet(test_id="foo", test_status="success", test_tags=["slow"]))
    >>> [test] = tests(stream)
    >>> test.id, test.status, test.is_complete, test.tags
    ('foo', 'success', True, ('slow',))
    """

    #: Keeps pytest from collecting the class.
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
        """Seconds from start to end; None if they are unknown.

        One of the timestamps is absent, or the clock stepped back between them.
        """
        return duration_between(self.start, self.end)

    @property
    def clock_stepped_back(self) -> bool:
        """Whether the duration is unknown since the end is earlier than the start."""
        return self.start is not None and self.end is not None and self.end < self.start

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


#: The statuses of a test under way that neither start nor end it.
_ADDS_NOTHING: Final = (Event.LISTED_IN_RUN, Event.STARTED_TWICE)


class _Gathered:
    """The packets of a test so far, joined."""

    __slots__ = ("dropped", "files", "runnable", "start", "status", "tags")

    def __init__(self) -> None:
        self.status: TestStatus | None = None
        self.start: Timestamp | None = None
        self.runnable = True
        self.tags: set[str] | None = None
        self.files: AttachmentParts | None = None
        #: The names of the files under way that are not kept.
        self.dropped: set[str] | None = None

    def record(self, key: Key, end: Timestamp | None = None) -> TestRecord:
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


class TestRecords(Uncopied):
    """Joins items into records of tests. It does no IO.

    A record is returned with the item that ends its test. Holds the tests under way with
    their attachments, and up to `MOST_UNSTARTED` tests with only files or tags.

    :param keep_attachments: whether records have attachments; or a function that decides
        for each file, by its first packet.
    :param on_other: called with each item that is not about a test: passthrough, corrupt
        regions, packets without a test id, and those of the test `subunit.parser`, which
        report damage (`damage.parser`).
    :param plan: gets all packets; `Plan.never_started` has the listed tests that never
        started, at the end of the stream.

    >>> records = TestRecords()
    >>> records.feed([Packet(test_id="foo", test_status="inprogress", route_code="3")])
    []
    >>> [(test.id, test.status, test.route_code) for test in records.close()]
    [('foo', 'inprogress', '3')]
    """

    __test__ = False

    def __init__(
        self,
        *,
        keep_attachments: Keep = True,
        on_other: Callable[[Item], object] | None = None,
        plan: Plan | None = None,
    ) -> None:
        self._keep = keep_attachments
        self._on_other = on_other
        self._plan = plan
        self._states = TestStates(keep_ended=False)
        self._running: dict[Key, _Gathered] = {}
        self._unstarted: dict[Key, _Gathered] = {}

    @property
    def running(self) -> list[TestRecord]:
        """Records of the tests under way so far, in the order in which they started."""
        return [gathered.record(key) for key, gathered in self._running.items()]

    def feed(self, items: Iterable[Item]) -> list[TestRecord]:
        """Return the records that these items complete, in order."""
        done = []
        for item in items:
            if isinstance(item, Packet):
                event, run = self._states.take(item)
                if self._plan is not None:
                    self._plan.note(item)
            if not isinstance(item, Packet) or event is Event.NO_TEST:
                if self._on_other is not None:
                    self._on_other(item)
                continue
            key = (item.route_code, cast("str", item.test_id))
            record = self._take(key, item, event, run)
            if record is not None:
                done.append(record)
        return done

    def close(self) -> list[TestRecord]:
        """Return the records left at the end of the stream; a second call returns none.

        First the tests with only files or tags, without a status. Then the tests that
        never ended, of status `inprogress`, in the order in which they started.
        """
        left = [gathered.record(key) for key, gathered in self._unstarted.items()]
        left += self.running
        self._unstarted.clear()
        self._running.clear()
        self._states.running.clear()
        return left

    def _take(self, key: Key, packet: Packet, event: Event, run: Run | None) -> TestRecord | None:
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
        if status is None:
            # clause status.none
            if gathered.status is None:
                gathered.runnable = packet.runnable
            return self._wait(key, gathered) if is_new else None
        gathered.runnable = packet.runnable if run is None else run.runnable
        if event in _ADDS_NOTHING:
            return None
        if not is_new:
            self._unstarted.pop(key, None)
        if status == "inprogress":
            gathered.start = packet.timestamp
            gathered.status = status
            self._running[key] = gathered
            return None
        self._running.pop(key, None)
        gathered.status = status
        return gathered.record(key, None if status == "exists" else packet.timestamp)

    def _wait(self, key: Key, gathered: _Gathered) -> TestRecord | None:
        """Hold files or tags for the start of their test; return the oldest of too many."""
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
    plan: Plan | None = None,
) -> Iterator[TestRecord]:
    r"""Iterate over the tests of a stream, each as soon as its final status is read.

    Tests that never ended come last, of status `inprogress`. A test that is only listed
    makes a record of status `exists`; see `TestRecord.status`.

    Holds the tests of `TestRecords` and the octets of a `Reader`.

    :param source: octets, a binary file (a pipe is followed live), or items.
    :param keep_attachments: as for `TestRecords`.
    :param on_other: as for `TestRecords`: called with damage, for example, also if it is a
        report of the test `subunit.parser`.
    :param plan: as for `TestRecords`.
    :raises TypeError: if `source` is none of these, such as a text file.
    :raises OSError: if the file cannot be read.

    >>> from subunit2 import encode
    >>> others = []
    >>> stream = b"building\n" + encode(Packet(test_id="foo", test_status="skip"))
    >>> [test.status for test in tests(stream, on_other=others.append)]
    ['skip']
    >>> others
    [Passthrough(data=b'building\n', offset=0)]
    """
    records = TestRecords(keep_attachments=keep_attachments, on_other=on_other, plan=plan)
    for items in _batches(source):
        yield from records.feed(items)
    yield from records.close()


# Keeps pytest from collecting the function in a test module that imports it.
tests.__dict__["__test__"] = False


def _batches(source: Any) -> Iterator[Iterable[Item]]:
    """Yield the items of a source as they arrive."""
    is_octets = isinstance(source, (bytes, bytearray, memoryview, str))
    if not is_octets and not hasattr(source, "read") and isinstance(source, Iterable):
        for item in source:
            yield (item,)
        return
    from subunit2.chunks import read_chunks
    from subunit2.reader import Reader

    reader = Reader()
    for chunk in read_chunks(source):
        yield reader.feed(chunk)
    yield reader.close()
