"""Readers and writers compared with python-subunit's, in this process.

Strategy: python-subunit reads into a result that does nothing, and ours yields items that
are dropped. Each measurement returns a dict that JSON can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any, Final

import subunit
from msgspec.json import Encoder

from bench.timing import Spread, Times, exponent, ratio, spread, take_turns
from bench.workloads import (
    HOSTILE,
    WORKLOADS,
    damaged,
    hostile,
    listing_packets,
    run,
    run_packets,
)
from subunit2 import Packet, Reader, decode, encode
from subunit2.jsonform import item_to_dict

__all__ = ["chunks", "compare", "damage", "growth", "json_lines", "writers"]

_PIECE: Final = 1 << 16
_MIB: Final = 1 << 20


def compare(name: str, seed: int, scale: float, rounds: int) -> dict[str, Any]:
    """Measure the speed of our readers on a workload, as a multiple of python-subunit's."""
    title, make = WORKLOADS[name]
    stream = make(seed, scale)
    times = take_turns(
        {
            "python-subunit": lambda: _read_by_python_subunit(stream),
            "decode": lambda: _drop(stream),
            "fed": lambda: _feed(stream, _PIECE),
        },
        rounds,
    )
    # The reference reader is slow, and no default uses it.
    reference = take_turns({"reference": lambda: _feed(stream, _PIECE, reference=True)}, 1)
    theirs = times["python-subunit"]
    return {
        "workload": name,
        "title": title,
        "octets": len(stream),
        "items": sum(1 for _ in decode(stream)),
        "seconds": _spreads(times | reference),
        "ratios": {
            "decode": ratio(theirs, times["decode"])._asdict(),
            "fed": ratio(theirs, times["fed"])._asdict(),
            "reference": _once(spread(theirs).median / reference["reference"][0]),
        },
    }


def writers(name: str, scale: float, rounds: int) -> dict[str, Any]:
    """Measure the speed of our writers on W1 or W2, as a multiple of python-subunit's."""
    packets = list({"W1": listing_packets, "W2": run_packets}[name](scale))
    given: list[dict[str, Any]] = [
        {
            "test_id": packet.test_id,
            "test_status": packet.test_status,
            "test_tags": packet.test_tags,
            "route_code": packet.route_code,
        }
        for packet in packets
    ]
    # The same values, with the time as the datetime that python-subunit takes.
    stamped = [
        values | {"timestamp": packet.timestamp} if packet.timestamp else values
        for values, packet in zip(given, packets, strict=True)
    ]
    dated = [
        values | {"timestamp": packet.timestamp.datetime} if packet.timestamp else values
        for values, packet in zip(given, packets, strict=True)
    ]
    times = take_turns(
        {
            "python-subunit": lambda: _write_by_python_subunit(dated),
            "encode": lambda: _write(packets),
            "made": lambda: _make_and_write(stamped),
        },
        rounds,
    )
    theirs = times["python-subunit"]
    return {
        "workload": name,
        "packets": len(packets),
        "seconds": _spreads(times),
        "ratios": {way: ratio(theirs, times[way])._asdict() for way in ("encode", "made")},
    }


def damage(seed: int, scale: float, rounds: int) -> dict[str, Any]:
    """Measure the packets read of damaged streams, and the time beside undamaged ones."""
    streams = [damaged(seed + number, scale) for number in range(rounds)]
    ours, theirs = [], []
    for stream, undamaged in streams:
        items = {_said(item) for item in decode(stream) if isinstance(item, Packet)}
        ours.append(sum(_said(packet) in items for packet in undamaged) / len(undamaged))
        events = _Events()
        # python-subunit stops reading at an exception.
        with suppress(Exception):
            subunit.ByteStreamToStreamResult(BytesIO(stream), "stdout").run(events)
        found = sum((packet.test_id, packet.test_status) in events.seen for packet in undamaged)
        theirs.append(found / len(undamaged))
    plain = run(seed, scale)
    broken = streams[0].stream
    times = take_turns({"W5": lambda: _drop(broken), "W2": lambda: _drop(plain)}, rounds)
    return {
        "workload": "W5",
        "streams": len(streams),
        "octets": len(broken),
        "recovered": spread(ours)._asdict() | {"least": min(ours)},
        "recovered_by_python_subunit": spread(theirs)._asdict(),
        "times_of_w2": ratio(times["W5"], times["W2"])._asdict(),
    }


def growth(family: str, sizes: Sequence[float], rounds: int) -> dict[str, Any]:
    """Measure how the time for hostile octets grows with their number.

    No second reader is compared, and a busy machine only adds time: the least time counts.
    """
    streams = {str(size): hostile(family, int(size * _MIB)) for size in sizes}
    works = {size: partial(_drop, stream) for size, stream in streams.items()}
    times = take_turns(works, min(rounds, 2))
    seconds = [min(times[str(size)]) for size in sizes]
    return {
        "family": family,
        "unit": HOSTILE[family].hex(),
        "mebioctets": list(sizes),
        "seconds": seconds,
        "exponent": exponent(sizes, seconds),
    }


def chunks(seed: int, scale: float, rounds: int) -> list[dict[str, Any]]:
    """Measure W2 in small chunks, as a multiple of the time of W2 whole."""
    # The smallest chunks take long, and a tenth of the stream shows the same.
    small, large = run(seed, scale / 10), run(seed, scale)
    found = []
    for size in (1, 7, 64, _PIECE):
        stream = large if size == _PIECE else small
        times = take_turns(_cut_and_whole(stream, size), rounds)
        cost = ratio(times["chunks"], times["whole"])
        found.append({"size": size, "octets": len(stream), "times_of_whole": cost._asdict()})
    return found


def json_lines(seed: int, scale: float, rounds: int) -> dict[str, Any]:
    """Measure the JSON Lines of W2, as a multiple of the time of reading it."""
    stream = run(seed, scale)
    times = take_turns({"parse": lambda: _drop(stream), "json": lambda: _dump(stream)}, rounds)
    return {
        "workload": "W2",
        "seconds": _spreads(times),
        "times_of_parse": ratio(times["json"], times["parse"])._asdict(),
    }


class _Events:
    """A result that records the statuses of each test."""

    def __init__(self) -> None:
        self.seen: set[tuple[str | None, str | None]] = set()

    def status(
        self, test_id: str | None = None, test_status: str | None = None, **_rest: object
    ) -> None:
        self.seen.add((test_id, test_status))


class _Nothing:
    """A result that does nothing."""

    def status(self, **_values: object) -> None:
        pass


def _said(packet: Packet) -> tuple[object, ...]:
    """Return the fields of W2's packets without their offsets, which damage can shift."""
    return (
        packet.test_id,
        packet.test_status,
        packet.timestamp,
        packet.test_tags,
        packet.route_code,
    )


def _read_by_python_subunit(stream: bytes) -> None:
    subunit.ByteStreamToStreamResult(BytesIO(stream), non_subunit_name="stdout").run(_Nothing())


def _drop(stream: bytes) -> None:
    for _item in decode(stream):
        pass


def _dump(stream: bytes) -> None:
    """Convert items as `subunit2 decode` does, without reading and writing files."""
    reader = Reader()
    lines_of = Encoder().encode_lines
    for start in range(0, len(stream), _PIECE):
        items = reader.feed(stream[start : start + _PIECE])
        lines_of([item_to_dict(item) for item in items])
    lines_of([item_to_dict(item) for item in reader.close()])


def _feed(stream: bytes, size: int, *, reference: bool = False) -> None:
    reader = Reader(reference=reference)
    for start in range(0, len(stream), size):
        reader.feed(stream[start : start + size])
    reader.close()


def _cut_and_whole(stream: bytes, size: int) -> dict[str, Callable[[], object]]:
    return {
        "chunks": lambda: _feed(stream, size),
        "whole": lambda: _feed(stream, len(stream)),
    }


def _write_by_python_subunit(given: list[dict[str, Any]]) -> None:
    result = subunit.StreamResultToBytes(BytesIO())
    for values in given:
        result.status(**values)


def _write(packets: list[Packet]) -> None:
    file = BytesIO()
    for packet in packets:
        file.write(encode(packet))


def _make_and_write(given: list[dict[str, Any]]) -> None:
    file = BytesIO()
    for values in given:
        file.write(encode(Packet(**values)))


def _spreads(times: Times) -> dict[str, dict[str, float]]:
    return {name: spread(seconds)._asdict() for name, seconds in times.items()}


def _once(value: float) -> dict[str, float]:
    return Spread(value, value, value)._asdict()
