"""Streams with one disturbance each, the share of events that is read, and how late.

Strategy: all disturbances of a kind are tried, so no figure depends on chance or on a clock. An
event counts as read if it is one that was written. Lateness is counted in octets: a reader that
goes on behind errors is given a long stream, and the next undamaged event is late by the octets
behind it that the reader asked for before it delivered the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from statistics import fmean
from typing import Any, Final, NamedTuple

from bench.format_kinds import STATUSES, Event, Format, Found, at_each, event_of, events
from subunit2 import Packet, Reader

__all__ = ["NOISE", "QUIET", "TAIL", "late", "read_shares"]

#: The event that is damaged, and the one behind it.
_DAMAGED: Final = 10

#: Octets behind the disturbance within which an event has to be delivered.
TAIL: Final = 1 << 16


class Noise(NamedTuple):
    """A kind of disturbance.

    :ivar damages: whether an event cannot be read any more.
    :ivar streams: yields the disturbed streams, from the octets of each event.
    """

    name: str
    damages: bool
    streams: Callable[[Sequence[bytes]], Iterator[bytes]]


_OUTPUT: Final = (
    *("starting server", "ok", ".", "5 m³", "2024 г. ", "{", "100%", "\n", "42", '"', "a log\n"),
)


def _with(written: Sequence[bytes], damaged: bytes) -> bytes:
    return b"".join((*written[:_DAMAGED], damaged, *written[_DAMAGED + 1 :]))


def _lost(written: Sequence[bytes]) -> Iterator[bytes]:
    event = written[_DAMAGED]
    for at in range(len(event)):
        yield _with(written, event[:at] + event[at + 1 :])


def _stray(written: Sequence[bytes]) -> Iterator[bytes]:
    for value in range(256):
        yield _with(written, bytes([value]) + written[_DAMAGED])


def _text(written: Sequence[bytes]) -> Iterator[bytes]:
    for text in _OUTPUT:
        yield _with(written, text.encode() + written[_DAMAGED])


def _flipped(written: Sequence[bytes]) -> Iterator[bytes]:
    event = written[_DAMAGED]
    for bit in range(8 * len(event)):
        changed = bytearray(event)
        changed[bit // 8] ^= 1 << bit % 8
        yield _with(written, bytes(changed))


def _killed(written: Sequence[bytes]) -> Iterator[bytes]:
    for size in range(1, len(written[_DAMAGED])):
        yield _with(written, written[_DAMAGED][:size])


NOISE: Final = (
    Noise("text in between", False, _text),
    Noise("a stray octet in between", False, _stray),
    Noise("an octet of an event lost", True, _lost),
    Noise("a bit of an event flipped", True, _flipped),
    Noise("an event cut off, others behind it", True, _killed),
)

#: No disturbance, to compare with.
QUIET: Final = Noise("nothing", False, lambda written: iter([b"".join(written)]))

#: The keys and types of an event: a consumer notices other values.
_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(("test_id", "test_status", "file_name", "mime_type", "route_code"), str),
    **{"seconds": int, "runnable": bool, "eof": bool, "file_bytes": bytes},
}


def _is_event(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(key in _TYPES and isinstance(each, _TYPES[key]) for key, each in value.items())
        and value.get("test_status", "fail") in STATUSES
    )


def read_shares(one: Format, noise: Noise, read: Callable[[bytes], Found]) -> dict[str, float]:
    """Return shares of events and of streams, in percent, over all streams of a kind of noise."""
    run = events()
    undamaged = [event for at, event in enumerate(run) if not noise.damages or at != _DAMAGED]
    shares, false, values = [], 0, []
    for stream in noise.streams([one.write(event) for event in run]):
        found = list(read(stream))
        shares.append(sum(event in found for event in undamaged) / len(undamaged))
        false += any(_is_event(value) and value not in run for value in found)
        values.append(sum(value is not None and value not in run for value in found))
    return {
        "streams": len(shares),
        "read": round(100 * fmean(shares), 1),
        "false": round(100 * false / len(shares), 1),
        "values": round(fmean(values), 1),
    }


class _Watched(BytesIO):
    """A file that notes how far its readers asked.

    :ivar asked: the offset behind the furthest octet, which may be behind the end.
    """

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read octets."""
        asked = len(self.getbuffer()) + 1 if size is None or size < 0 else self.tell() + size
        self.asked = max(self.asked, asked)
        return super().read(size)


def _deliveries(one: Format, stream: bytes) -> Iterator[tuple[Any, int]]:
    """Yield values of a live reader, each with the octets that it needed first."""
    if one.name == "subunit":
        reader = Reader()
        for fed in range(len(stream)):
            for item in reader.feed(stream[fed : fed + 1]):
                if isinstance(item, Packet):
                    yield event_of(item), fed + 1
    elif one.value_at is None:
        end = 0
        for line in stream.splitlines(keepends=True):
            end += len(line)
            yield from ((value, end) for value in one.read(line))
    else:
        file = _Watched(stream)
        for value in at_each(file, one.value_at):
            yield value, file.asked


def _lateness(one: Format, stream: bytes, due: Event, end: int) -> int | None:
    """Return by how many octets an event is late; None if it is not among those of the tail.

    :param end: the offset behind the event.
    """
    for value, needed in _deliveries(one, stream):
        if value == due:
            return needed - end if needed - end <= TAIL else None
        if needed > end + TAIL:
            break
    return None


def late(one: Format, noise: Noise) -> dict[str, float | None]:
    """Return how late the next undamaged event is, over all streams of a kind of noise.

    `share` is the share of streams in percent in which it is late at all, or never comes;
    `worst` the octets behind it in the worst stream, None if that is over 64 KiB.
    """
    run = events()
    written = [one.write(event) for event in run]
    at = _DAMAGED + 1 if noise.damages else _DAMAGED
    behind = len(b"".join(written[at + 1 :]))
    tail = b"".join(written[1:_DAMAGED]) * (2 * TAIL // len(b"".join(written[1:_DAMAGED])))
    found = [
        _lateness(one, stream + tail, run[at], len(stream) - behind)
        for stream in noise.streams(written)
    ]
    return {
        "share": round(100 * fmean(each != 0 for each in found), 1),
        "worst": None if None in found else max(each for each in found if each is not None),
    }
