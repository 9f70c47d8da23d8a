"""Commands, FIFOs and routes for the tests of `subunit2 mux` and similar commands."""

from __future__ import annotations

import os
import shlex
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from subunit2 import Packet, decode, encode
from subunit2.damage.reports import DATA_FILE, PARSER
from support.streams import packets


def printing(path: Path) -> str:
    """Return a shell command that prints a file."""
    return f"cat {shlex.quote(str(path))}"


def stream(name: str, count: int) -> bytes:
    """Return packets of a worker, numbered in order."""
    return b"".join(
        encode(Packet(test_id=f"{name}.{number}", test_status="success")) for number in range(count)
    )


def by_route(octets: bytes) -> dict[str | None, list[Packet]]:
    """Return the packets of each route, in order. The octets have to be whole packets."""
    items = list(decode(octets))
    found = packets(items)
    assert len(found) == len(items)
    routes = defaultdict(list)
    for packet in found:
        routes[packet.route_code].append(packet)
    return dict(routes)


def ids_of_tests(found: list[Packet]) -> list[str]:
    """Return the test ids of packets, without the reports of damage."""
    return [packet.test_id for packet in found if packet.test_id not in (None, PARSER)]


def output_of(found: list[Packet], file: str = "stdout") -> bytes:
    return b"".join(packet.file_bytes or b"" for packet in found if packet.file_name == file)


def damage_of(found: list[Packet]) -> list[bytes]:
    """Return the octets of each report of damage. Each has to be whole."""
    reports = [b""]
    for packet in found:
        if packet.test_id == PARSER:
            assert not packet.runnable
            if packet.file_name == DATA_FILE:
                assert packet.test_status is None
                reports[-1] += packet.file_bytes or b""
            else:
                assert (packet.file_name, packet.test_status) == ("Parser Error", "fail")
                reports.append(b"")
    assert reports.pop() == b""
    return reports


@contextmanager
def fifo(path: Path) -> Iterator[int]:
    """Open a FIFO to write to it, before it has a reader."""
    os.mkfifo(path)
    # Opening it for reading and writing does not wait for a reader.
    fd = os.open(path, os.O_RDWR)
    try:
        yield fd
    finally:
        os.close(fd)
