"""The streams of the benchmark, made from a seed.

Strategy: a workload is octets, made on request. So nothing large is in the repository, and
the same seed gives the same octets on every machine. Packets have the fields of a real test
run; none is chosen to suit a reader.
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

#: The packets of a workload at scale 1, and the attachments among them.
_PACKETS: Final = 100_000
_ATTACHMENTS: Final = 2_000
_ATTACHMENT_SIZE: Final = 1 << 16

_START: Final = 1_700_000_000

#: Octets that begin like a packet again and again, each inside the claim of the one before.
HOSTILE: Final = {
    "signatures": b"\xb3",
    "signatures and versions": b"\xb3\x29",
    "headers that claim 4 MiB": bytes.fromhex("b32901bfffff"),
    # A test id that fills the claim: only the checksum shows that this is no packet.
    "10 octets that claim 2 MiB": bytes.fromhex("b32901a000009ffff361"),
}


class Damaged(NamedTuple):
    """A stream with some damaged packets.

    :ivar undamaged: the packets whose octets are complete and contiguous.
    """

    stream: bytes
    undamaged: list[Packet]


def _chance(seed: int) -> Random:
    """Return a random generator for a seed and a workload."""
    return Random(seed)  # noqa: S311 - not a secret


def listing_packets(scale: float) -> Iterator[Packet]:
    """Yield W1: a listing of tests."""
    for number in range(_count(_PACKETS, scale)):
        yield Packet(test_id=_test_id(number), test_status="exists")


def run_packets(scale: float) -> Iterator[Packet]:
    """Yield W2: tests that start and succeed, on four workers."""
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
    """Return W1 as a stream. It does not depend on the seed."""
    return b"".join(map(encode, listing_packets(scale)))


def run(seed: int, scale: float) -> bytes:
    """Return W2 as a stream. It does not depend on the seed."""
    return b"".join(map(encode, run_packets(scale)))


def _attachments(seed: int, scale: float) -> bytes:
    """Return W3: packets with 64 KiB of content."""
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
    """Return W4: packets of W2 and lines of a build log, half and half by octets.

    It has a quarter of W2's packets, since python-subunit takes ten times as long.
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
    """Return W5: W2 with one packet in a hundred flipped, cut, overwritten or torn by the
    next.
    """
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
        # Torn at its start, the packet would be whole.
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
                # The last packet is torn by itself.
                between = next(coming, (packet, octets))
                undamaged.append(between[0])
                chunks += [before, between[1], after]
    return Damaged(b"".join(chunks), undamaged)


def hostile(family: str, size: int) -> bytes:
    """Return W6: octets of one family of `HOSTILE`."""
    unit = HOSTILE[family]
    return (unit * (size // len(unit) + 1))[:size]


def _mixed(seed: int, scale: float) -> bytes:
    """Return packets of all kinds and sizes, with a little output between them.

    The output has no character with an octet 0xB3, such as ó: python-subunit takes it for a
    packet and reads to the end of the stream.
    """
    choose = _chance(seed)
    statuses: tuple[TestStatus, ...] = ("exists", "inprogress", "success", "skip", "fail", "xfail")
    chunks = []
    for number in range(_count(_PACKETS // 5, scale)):
        has_file = choose.random() < 0.2
        # Sizes are spread evenly on a logarithmic scale.
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


#: The workloads for readers: description, and the function that makes the stream.
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
