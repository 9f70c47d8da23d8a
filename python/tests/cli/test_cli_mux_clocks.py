"""`subunit2 mux --align-clocks`: inputs with different clocks."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from io import FileIO
from typing import Final

from subunit2 import Packet, TestStatus, Timestamp, encode
from support.command import Running
from support.multiplexed import by_route

SECOND: Final = 1_000_000_000
STATUSES: Final[tuple[TestStatus, ...]] = ("inprogress", "success")


def nanoseconds(packet: Packet) -> int:
    assert packet.timestamp is not None
    return packet.timestamp.seconds * SECOND + packet.timestamp.nanoseconds


def test_clocks_that_are_apart_are_brought_together() -> None:
    # One clock is an hour slow, the other half a minute fast.
    apart = {"I1": -3_600 * SECOND, "I2": 30 * SECOND}
    sent: dict[str, list[int]] = {name: [] for name in apart}
    seen: dict[str, list[int]] = {name: [] for name in apart}
    with ExitStack() as stack:
        pipes = {}
        for name in apart:
            ours, theirs = os.pipe()
            stack.callback(os.close, ours)
            pipes[name] = ours, stack.enter_context(FileIO(theirs, "wb"))
        words = [f"{name}=/proc/{os.getpid()}/fd/{ours}" for name, (ours, _) in pipes.items()]
        running = stack.enter_context(Running("mux", "--align-clocks", *words))
        for status in STATUSES:
            for name, offset in apart.items():
                now = time.time_ns()
                sent[name].append(now)
                when = Timestamp(*divmod(now + offset, SECOND))
                packet = Packet(test_id=name + status, test_status=status, timestamp=when)
                pipes[name][1].write(encode(packet))
                running.expect_count((name + status).encode(), 1)
                seen[name].append(time.time_ns())
        for _, file in pipes.values():
            file.close()
        done = running.finish()
    routes = by_route(done.output)
    firsts = []
    for name, offset in apart.items():
        told, *tests = routes[name]
        assert (told.file_name, told.test_id) == ("clock-offset", None)
        added = json.loads(told.file_bytes or b"")["nanoseconds"]
        # Durations are unchanged, and the reported offset is the one added.
        times = [nanoseconds(packet) for packet in tests]
        assert times == [when + offset + added for when in sent[name]]
        # The first packet gets the time of its arrival.
        assert sent[name][0] <= times[0] <= seen[name][0]
        firsts.append(times[0])
    assert firsts == sorted(firsts)
