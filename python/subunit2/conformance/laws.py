"""Laws: properties that hold for every stream.

Strategy: a stream is fed whole, then octet by octet, then with many cuts, and the items
have to be the same each time (`cuts`). After each feed, the octets of the items
delivered so far are counted: there have to be enough (`live`), and no packet may be
delivered before its last octet was fed (`early`). No expected result is needed. If
there is one, the lengths of packets are taken from it; otherwise they are taken from
the reader, or computed by writing the fields again.

A stream of some dozen octets is cut at every index, a stream of megabytes at a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from subunit2.conformance.diff import ItemForm, differences, joined, same
from subunit2.conformance.drivers.process import NoAnswerError
from subunit2.conformance.feeding import Answer, ItemStream, answers, cuts_of
from subunit2.conformance.results import LAWS, Law, LawResult
from subunit2.items import EncodeError, Packet, replace
from subunit2.jsonform import item_from_dict
from subunit2.packets.header import MAX_PACKET
from subunit2.plural import count
from subunit2.reader import Reader
from subunit2.writer import encode

__all__ = ["check_laws", "partition_fault"]


#: The most octets that a reader may hold (clause reader.memory).
_MOST_HELD: Final = 2 * MAX_PACKET


def check_laws(
    stream: ItemStream,
    octets: bytes,
    *,
    expected: list[ItemForm] | None = None,
    waits: Sequence[tuple[int, int, int]] | None = None,
    stops: Sequence[int] = (),
    seed: int = 0,
) -> dict[Law, LawResult]:
    r"""Feed the octets with many cuts, and return the results of the laws.

    Ends at the first cuts that give other items, or no answer.

    :param expected: the expected items, `joined`, with offset and length. None: the
        items of the whole stream are compared instead, and the length of a packet is
        the one that the reader gives, or that of its fields written again.
    :param waits: (first, last, settled): with first <= n <= last octets fed, `settled`
        octets have to be delivered; for any other n, all n. None if that is not known,
        or the reader does not claim to be live: `live` is skipped.
    :param stops: the offsets at which the caller stops waiting, in each way to cut.
    :param seed: selects the cuts of streams too long to be cut everywhere.

    >>> from subunit2.conformance.feeding import ReaderStream
    >>> laws = check_laws(ReaderStream(Reader), b"building\n", waits=[])
    >>> sorted(laws), {law.outcome for law in laws.values()}
    (['cuts', 'early', 'live', 'memory', 'partition'], {'passed'})
    """
    laws: dict[Law, LawResult] = {}
    try:
        whole = joined(_read(answers(stream, octets, stops=stops)))
    except NoAnswerError as error:
        laws["cuts"] = LawResult(outcome=error.outcome, reason=f"whole: {error.reason}")
        return _completed(laws, "it failed when the stream was whole")
    measured = _with_lengths(whole, octets, expected)
    wanted = whole if expected is None else expected
    watch: _Watch | None = None
    if measured is not None:
        laws["partition"] = _law(partition_fault(measured, octets))
        watch = _Watch(measured, waits)
        # The empty stream has no cuts, and one answer: that to its end.
        watch.tells = not octets and stream.held is not None
    for label, cuts in cuts_of(len(octets), seed):
        try:
            found = answers(stream, octets, cuts, stops=stops)
            items = joined(_read(found, watch, label))
        except NoAnswerError as error:
            laws["cuts"] = LawResult(outcome=error.outcome, reason=f"{label}: {error.reason}")
            break
        if (difference := differences(wanted, items)) is not None:
            laws["cuts"] = LawResult(
                outcome="wrong", reason=f"{label}: {difference}", expected=wanted, actual=items
            )
            break
    is_whole = laws.get("cuts", _PASSED).outcome in ("passed", "wrong")
    laws.setdefault("cuts", _PASSED)
    if watch is not None:
        if watch.late is not None or (is_whole and waits is not None):
            laws["live"] = _law(watch.late)
        if watch.early is not None or is_whole:
            laws["early"] = _law(watch.early)
        if watch.kept is not None or (is_whole and watch.tells):
            laws["memory"] = _law(watch.kept)
        elif is_whole:
            laws["memory"] = LawResult(outcome="skipped", reason=_UNTOLD)
    if measured is None:
        return _completed(laws, "the lengths of the items are not known")
    return _completed(laws, "not checked to the end" if waits is not None else "not checked")


_PASSED: Final = LawResult(outcome="passed")
_UNTOLD: Final = "the reader does not say how many octets it holds"


def _completed(laws: dict[Law, LawResult], reason: str) -> dict[Law, LawResult]:
    """Return the results of all laws in order, skipped if there is none yet."""
    skipped = LawResult(outcome="skipped", reason=reason)
    return {law: laws.get(law, skipped) for law in LAWS}


def _law(fault: str | None) -> LawResult:
    if fault is None:
        return _PASSED
    return LawResult(outcome="wrong", reason=fault)


class _Watch:
    """Counts the octets delivered while a stream is fed.

    Stops at the first packet that differs from the expected one: `cuts` reports it.

    :ivar late: the first time that fewer octets were delivered than due, in one line.
    :ivar early: the first time that more octets were delivered than fed, in one line.
    :ivar kept: the first time that other octets are held than those fed and not delivered,
        in one line.
    :ivar tells: whether the reader says what it holds.
    """

    def __init__(self, items: list[ItemForm], waits: Sequence[tuple[int, int, int]] | None) -> None:
        self._packets = [item for item in items if item["kind"] == "packet"]
        self._waits = waits
        self.late: str | None = None
        self.early: str | None = None
        self.kept: str | None = None
        self.tells = False

    def reset(self) -> None:
        """Start a stream."""
        self._out: int = 0
        self._due = iter(self._packets)
        self._lost: bool = False

    def observe(self, label: str, answer: Answer) -> None:
        """Count the items of an answer.

        :param label: names the cuts, for messages.
        """
        fed = answer.fed
        self.tells = self.tells or answer.held is not None
        for item in answer.items:
            start = self._out
            if item["kind"] != "packet":
                self._out += len(item["bytes"]) // 2
            else:
                packet = next(self._due, None)
                if packet is None or not same(packet, item):
                    self._lost = True
                    return
                self._out += packet["length"]
            if self._out > fed and self.early is None and not self._lost:
                self.early = (
                    f"{label}: with {count(fed, 'octet')} fed, the {item['kind']} of octets "
                    f"{start} to {self._out - 1} was delivered"
                )
        self._judge_held(label, answer)
        if self._waits is None or self._lost or self.late is not None or self._out >= fed:
            return
        due = next((out for first, last, out in self._waits if first <= fed <= last), fed)
        when = f"with {count(fed, 'octet')} fed"
        if answer.op == "stop":
            # clause reader.stop-waiting
            due, when = fed, f"after the stop at {fed}"
        if self._out < due:
            self.late = f"{label}: {when}, {self._out} were delivered, not {due}"

    def _judge_held(self, label: str, answer: Answer) -> None:
        # clause reader.memory
        held, fed = answer.held, answer.fed
        if held is None or self._lost:
            return
        if self.kept is not None or self._out > fed:
            return
        due = fed - self._out
        where = f"{label}: with {count(fed, 'octet')} fed and {self._out} delivered"
        if held != due:
            self.kept = f"{where}, {held} are held, not {due}"
        elif held > _MOST_HELD:
            self.kept = f"{where}, {held:,} are held, more than {_MOST_HELD:,}"


def _read(found: Iterator[Answer], watch: _Watch | None = None, label: str = "") -> list[ItemForm]:
    """Return all items of the answers, which are observed one by one."""
    items: list[ItemForm] = []
    if watch is not None:
        watch.reset()
    for answer in found:
        items += answer.items
        if watch is not None and answer.op != "close":
            watch.observe(label, answer)
    return items


# --- The partition -----------------------------------------------------------------------


def partition_fault(items: list[ItemForm], octets: bytes) -> str | None:
    """Return why the items do not partition the stream, in one line; None if they do.

    The octets of a packet are its `raw`, or those of the stream if they decode to the
    packet, or its fields written again.
    """
    offset = 0
    for number, item in enumerate(items, 1):
        name = f"item {number}, {item['kind']} at {offset}"
        if item.get("offset", offset) != offset:
            return f"{name}: its offset is given as {item['offset']}"
        try:
            own = _octets_of(item, octets, offset)
        except EncodeError as error:
            return f"{name}: it could not be written: {error}"
        if "length" in item and item["length"] != len(own):
            return f"{name}: its length is given as {item['length']}, and is {len(own)}"
        if not octets.startswith(own, offset):
            return f"{name}: its octets are not those of the stream"
        offset += len(own)
    if offset != len(octets):
        return f"the items have {offset} octets, and the stream {len(octets)}"
    return None


def _octets_of(form: ItemForm, stream: bytes, offset: int) -> bytes:
    """Return the octets of an item at an offset of the stream."""
    item = item_from_dict(form)
    if isinstance(item, Packet) and item.raw is None and item.length:
        # Its numbers may be longer than necessary, and `raw` is optional.
        octets = stream[offset : offset + item.length]
        if _decodes_to(octets, item):
            return octets
    return encode(item)


def _decodes_to(octets: bytes, packet: Packet) -> bool:
    """Return whether the octets are one packet with the same fields."""
    reader = Reader()
    found = reader.feed(octets) + reader.close()
    if len(found) != 1 or not isinstance(found[0], Packet):
        return False
    return replace(found[0], raw=None) == replace(packet, raw=None, recovered=False)


def _with_lengths(
    items: list[ItemForm], octets: bytes, expected: list[ItemForm] | None
) -> list[ItemForm] | None:
    """Return the items, each with its length; None if a length cannot be determined.

    :param expected: the expected items, with their lengths.
    """
    measured: list[ItemForm] = []
    offset = 0
    for number, item in enumerate(items):
        form = dict(item)
        if "length" not in form:
            if expected is not None and number < len(expected):
                form["length"] = expected[number]["length"]
            else:
                try:
                    own = _octets_of(form, octets, offset)
                except EncodeError:
                    return None
                if item["kind"] == "packet" and not octets.startswith(own, offset):
                    return None
                form["length"] = len(own)
        offset += form["length"]
        measured.append(form)
    return measured
