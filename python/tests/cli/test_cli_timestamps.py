"""`subunit2 timestamps`: add missing timestamps."""

from __future__ import annotations

from itertools import pairwise

from subunit2 import Packet, decode, encode
from subunit2.items import replace
from subunit2.streams.timestamps import now
from support.command import CAPTURES, Done, Running, run
from support.streams import BAR_OCTETS, FOO, FOO_OCTETS, damaged, packets

STREAM = FOO_OCTETS + b"ok\n" + BAR_OCTETS + damaged(FOO_OCTETS) + FOO_OCTETS


def test_packets_without_one_get_the_time_at_which_they_arrive() -> None:
    before = now()
    done = run("timestamps", stdin=STREAM)
    after = now()
    assert (done.status, done.errors) == (0, b"")
    first, second, third = packets(decode(done.output))
    for packet in (first, third):
        assert packet.timestamp is not None
        assert before <= packet.timestamp <= after
        assert replace(packet, timestamp=None) == FOO
    # Everything else is unchanged.
    assert encode(second) == BAR_OCTETS
    assert done.output == (
        encode(first) + b"ok\n" + BAR_OCTETS + damaged(FOO_OCTETS) + encode(third)
    )


def test_twice_is_once() -> None:
    for stream in [STREAM, *(path.read_bytes() for path in CAPTURES)]:
        once = run("timestamps", stdin=stream).output
        assert run("timestamps", stdin=once) == Done(0, once, b"")


def test_time_goes_on() -> None:
    with Running("timestamps") as running:
        for number in range(1, 4):
            running.feed(FOO_OCTETS)
            running.expect_count(b"foo", number)
        done = running.finish()
    times = [item.timestamp for item in decode(done.output) if isinstance(item, Packet)]
    assert all(first and second and first < second for first, second in pairwise(times))
