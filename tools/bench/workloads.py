"""The streams that are measured, made from a seed.

Strategy: a workload is octets, made when they are asked for: nothing large is kept in
the repository, and the same seed gives the same octets on every machine. What a packet
says is what a test run says; nothing in it is chosen for a reader.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

from subunit2 import Packet, TestStatus, Timestamp, encode

__all__ = [
    "HOSTILE",
    "WORKLOADS",
    "Damaged",
    "damaged",
    "hostile",
    "listing_packets",
    "run",
    "run_packets",
]

#: How many packets a workload has at scale 1, and how many of them are attachments.
_PACKETS: Final = 100_000
_ATTACHMENTS: Final = 2_000
_ATTACHMENT_SIZE: Final = 1 << 16

_START: Final = 1_700_000_000

#: What begins like a packet again and again, each where the one before it claims to go on.
HOSTILE: Final = {
    "signatures": b"\xb3",
    "signatures and versions": b"\xb3\x29",
    "headers that claim 4 MiB": bytes.fromhex("b32901bfffff"),
    # A test id that fills what is claimed: only the checksum says that it is none.
    "10 octets that claim 2 MiB": bytes.fromhex("b32901a000009ffff361"),
}


class Damaged(NamedTuple):
    """A stream of which some packets were damaged.

    :ivar undamaged: those whose octets are all there, in one chunk.
    """

    stream: bytes
    undamaged: list[Packet]


def _chance(seed: int) -> Random:
    """Where choices come from: the same for the same seed."""
    return Random(seed)  # noqa: S311 - not a secret


def listing_packets(scale: float) -> Iterator[Packet]:
    """W1: tests that exist."""
    for number in range(_count(_PACKETS, scale)):
        yield Packet(test_id=_test_id(number), test_status="exists")


def run_packets(scale: float) -> Iterator[Packet]:
    """W2: tests that begin and succeed, in four workers."""
    statuses: tuple[TestStatus, ...] = ("inprogress", "success")
    for number in range(_count(_PACKETS, scale) // 2):
        for step, status in enumerate(statuses):
            yield Packet(
                test_id=_test_id(number),
                test_status=status,
                timestamp=Timestamp(_START + number // 50, number * 19_937 % 10**9 + step),
                route_code=str(number % 4),
                test_tags=(f"worker-{number % 4}",) if number % 4 == 0 else None,
            )


def _listing(seed: int, scale: float) -> bytes:
    """W1 as a stream. Nothing in it is left to the seed."""
    return b"".join(map(encode, listing_packets(scale)))


def run(seed: int, scale: float) -> bytes:
    """W2 as a stream. Nothing in it is left to the seed."""
    return b"".join(map(encode, run_packets(scale)))


def _attachments(seed: int, scale: float) -> bytes:
    """W3: packets of 64 KiB of content."""
    choose = _chance(seed)
    return b"".join(
        encode(
            Packet(
                test_id=_test_id(number),
                file_name="log",
                file_bytes=choose.randbytes(_ATTACHMENT_SIZE),
                eof=True,
            )
        )
        for number in range(_count(_ATTACHMENTS, scale))
    )


def _noisy(seed: int, scale: float) -> bytes:
    """W4: packets of W2 and lines of a build's log, half and half by octets.

    A quarter of the packets, as python-subunit takes ten times as long as for W2.
    """
    choose = _chance(seed)
    chunks = []
    owed = 0
    for packet in run_packets(scale / 4):
        octets = encode(packet)
        chunks.append(octets)
        owed += len(octets)
        while owed > 0:
            words = (f"word{choose.randrange(1000)}" for _ in range(choose.randrange(5, 16)))
            line = f"{' '.join(words)}\n".encode()
            chunks.append(line)
            owed -= len(line)
    return b"".join(chunks)


def damaged(seed: int, scale: float) -> Damaged:
    """W5: W2 with a packet in a hundred flipped, cut, overwritten or torn by the next."""
    choose = _chance(seed)
    chunks = []
    undamaged = []
    packets = [(packet, encode(packet)) for packet in run_packets(scale)]
    coming = iter(packets)
    for packet, octets in coming:
        if choose.random() >= 0.01:
            undamaged.append(packet)
            chunks.append(octets)
            continue
        kind = choose.randrange(4)
        # Torn at its start it would be whole.
        place = choose.randrange(int(kind == 3), len(octets))
        before, after = octets[:place], octets[place:]
        match kind:
            case 0:
                flipped = after[0] ^ 1 << choose.randrange(8)
                chunks += [before, bytes([flipped]), after[1:]]
            case 1:
                chunks.append(before)
            case 2:
                chunks += [before, choose.randbytes(len(after[:8])), after[8:]]
            case _:
                # The last is torn by itself.
                between = next(coming, (packet, octets))
                undamaged.append(between[0])
                chunks += [before, between[1], after]
    return Damaged(b"".join(chunks), undamaged)


def hostile(family: str, size: int) -> bytes:
    """W6: octets of one of the families of `HOSTILE`."""
    unit = HOSTILE[family]
    return (unit * (size // len(unit) + 1))[:size]


def _mixed(seed: int, scale: float) -> bytes:
    """Packets of all kinds and sizes, and a little output between them.

    The output has no character with an octet 0xB3, such as ó: behind one python-subunit
    takes text for a packet, and reads to the end of the stream.
    """
    choose = _chance(seed)
    statuses: tuple[TestStatus, ...] = ("exists", "inprogress", "success", "skip", "fail", "xfail")
    chunks = []
    for number in range(_count(_PACKETS // 5, scale)):
        has_file = choose.random() < 0.2
        # As many sizes from 1 to 2 octets as from 32 to 64 KiB.
        size = int(math.exp(choose.uniform(0, math.log(_ATTACHMENT_SIZE))))
        ends = choose.random() < 0.6
        packet = Packet(
            test_id=None if choose.random() < 0.1 else "tést." * choose.randrange(20) + str(number),
            test_status=choose.choice(statuses) if not has_file or ends else None,
            test_tags=[f"tag{each}" for each in range(choose.randrange(1, 6))]
            if choose.random() < 0.2
            else None,
            runnable=choose.random() < 0.9,
            file_name="log" if has_file else None,
            file_bytes=choose.randbytes(size) if has_file else None,
            mime_type="text/plain;charset=utf8" if has_file and ends else None,
            eof=has_file and ends,
            route_code="/".join(str(choose.randrange(9)) for _ in range(choose.randrange(1, 4)))
            if choose.random() < 0.5
            else None,
            timestamp=Timestamp(_START + number, choose.randrange(10**9))
            if choose.random() < 0.7
            else None,
        )
        chunks.append(encode(packet))
        if choose.random() < 0.1:
            words = choose.choices(("hola", "señal", "año", "ok", "..."), k=choose.randrange(40))
            chunks.append(f"{' '.join(words)}\n".encode())
    return b"".join(chunks)


#: What readers are compared on: what it is, and how its stream is made.
WORKLOADS: Final[dict[str, tuple[str, Callable[[int, float], bytes]]]] = {
    "W1": ("listing", _listing),
    "W2": ("run", run),
    "W3": ("attachments of 64 KiB", _attachments),
    "W4": ("run and a build's log, half and half", _noisy),
    "mixed": ("all kinds and sizes", _mixed),
}


def _test_id(number: int) -> str:
    return (
        f"package.module_{number % 97}.TestClass{number % 31}"
        f".test_something_long_{number:06d}_abcdef"
    )


def _count(count: int, scale: float) -> int:
    return max(2, round(count * scale))
