"""The measurements: false alarms in noise, damage that is found, waits behind text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from subunit2 import Corrupt, Packet, Reader, encode
from subunit2.damage.output import judge_regions
from subunit2.damage.suspects import SuspectFinder
from subunit2.items import Item

__all__ = ["NEXT", "false_alarms", "found_cuts", "found_damage", "packets_of", "waits"]

#: A packet behind the damaged one: a stream seldom ends there.
NEXT: Final = encode(Packet(test_id="next", test_status="success"))

#: A packet that follows text at once.
_SMALL: Final = encode(Packet(test_id="foo", test_status="success"))

_SIGNATURE: Final = b"\xb3"

#: The most places at which a packet is cut.
_CUTS: Final = 25


def _read(stream: bytes) -> list[Item]:
    reader = Reader()
    return reader.feed(stream) + reader.close()


def false_alarms(streams: Iterable[bytes]) -> dict[str, int]:
    """Count what streams without packets are taken for.

    `in_mid_line` are the regions that `stream.form` finds; `at_sync_point` those behind a line
    feed, or at the start; `damage` those of either that are no output (`damage.output`);
    `suspects` the places of `damage.suspect`.
    """
    counted: Counter[str] = Counter()
    for stream in streams:
        counted["octets"] += len(stream)
        counted["signatures"] += stream.count(_SIGNATURE)
        items = _read(stream)
        finder = SuspectFinder()
        counted["suspects"] += len(finder.feed(items)) + len(finder.close())
        end = 0
        for item in items:
            if isinstance(item, Corrupt):
                at_sync_point = item.offset in (0, end) or stream[item.offset - 1] == 0x0A
                counted["at_sync_point" if at_sync_point else "in_mid_line"] += 1
                end = item.offset + item.length
        counted["damage"] += sum(isinstance(item, Corrupt) for item in judge_regions(items))
    names = ("octets", "signatures", "in_mid_line", "at_sync_point", "damage", "suspects")
    return {name: counted[name] for name in names}


def packets_of(captures: Path) -> list[bytes]:
    """Return the packets of all captured streams, each once."""
    found: dict[bytes, None] = {}
    for path in sorted(captures.glob("*.subunit")):
        for item in _read(path.read_bytes()):
            if isinstance(item, Packet) and not item.recovered:
                found[encode(item) if item.raw is None else item.raw] = None
    return list(found)


def _flips(packet: bytes) -> Iterator[bytes]:
    # The signature is left out: without it, nothing shows that a packet starts.
    for index in range(1, len(packet)):
        for bit in range(8):
            flipped = bytearray(packet)
            flipped[index] ^= 1 << bit
            yield bytes(flipped)


def found_cuts(packets: Iterable[bytes], behind: bytes) -> dict[str, int]:
    """Count how packets show that were cut short at a line's start, with `behind` after them.

    Each is cut at up to 25 octets, evenly spread. `region`, `suspect`, `output` and `silent`
    are those of `found_damage`.
    """
    counted: Counter[str] = Counter()
    for packet in packets:
        counted["packets"] += 1
        size = len(packet)
        for cut in sorted({1 + (size - 1) * index // _CUTS for index in range(_CUTS)}):
            counted["streams"] += 1
            counted[_shown(NEXT + packet[:cut] + behind)] += 1
    names = ("packets", "streams", "region", "suspect", "output", "silent")
    return {name: counted[name] for name in names}


def _shown(stream: bytes) -> str:
    items = _read(stream)
    finder = SuspectFinder()
    if any(isinstance(item, Corrupt) for item in judge_regions(items)):
        return "region"
    if finder.feed(items) + finder.close():
        return "suspect"
    return "output" if any(isinstance(item, Corrupt) for item in items) else "silent"


def found_damage(packets: Iterable[bytes], before: bytes) -> dict[str, Any]:
    """Count how the damage of each single bit shows, behind `before` and before a packet.

    `region`: as a corrupt region that is damage; `suspect`: as `damage.suspect`; `output`: as
    a region that is taken for output; `silent`: not at all. The signature is not damaged.
    """
    counted: Counter[str] = Counter()
    kept = 0
    for packet in packets:
        counted["packets"] += 1
        for flipped in _flips(packet):
            counted["streams"] += 1
            stream = before + flipped + NEXT
            counted[_shown(stream)] += 1
            last = _read(stream)[-1]
            kept += isinstance(last, Packet) and last.test_id == "next"
    names = ("packets", "streams", "region", "suspect", "output", "silent")
    return {name: counted[name] for name in names} | {"next_delivered": kept}


def waits(texts: Iterable[str]) -> dict[str, int]:
    """Count the packets behind text that are not delivered with their last octet.

    A text is cut behind each character that ends in a signature, as a prompt would be, and up
    to six characters later.
    """
    counted: Counter[str] = Counter()
    for text in texts:
        for start, character in enumerate(text):
            if character.encode()[-1:] != _SIGNATURE:
                continue
            line = text[text.rfind("\n", 0, start) + 1 : start + 7]
            for behind in range(7):
                shown = line[: len(line) - 6 + behind]
                if "\n" in shown[-7:] or not shown:
                    continue
                reader = Reader()
                items = reader.feed(shown.encode() + _SMALL)
                counted["packets"] += 1
                is_last = bool(items) and isinstance(items[-1], Packet)
                counted["late"] += not (is_last and reader.pending == 0)
    return {name: counted[name] for name in ("packets", "late")}
