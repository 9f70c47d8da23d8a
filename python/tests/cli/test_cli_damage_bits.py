"""Every bit of a packet behind a progress dot, damaged: a region, a suspect, or silence."""

from __future__ import annotations

import pytest

from subunit2 import Packet, Timestamp, decode, encode
from subunit2.damage.counting import DamageCounts
from support.command import run
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, named

PASSED = encode(Packet(test_id="foo", test_status="inprogress")) + encode(
    Packet(test_id="foo", test_status="success")
)

STARTED = encode(
    Packet(
        test_id="pkg.Case.test_x", test_status="inprogress", timestamp=Timestamp(1_754_000_000, 5)
    )
)
LOGGED = encode(
    Packet(
        test_id="pkg.Case.test_x",
        file_name="log",
        file_bytes=b"some text\n",
        mime_type="text/plain",
    )
)

#: The bits whose flip leaves neither a region nor a suspect, by octet, 0 for the lowest.
#: Always: the signature, and the version, without which there is no candidate. Also those
#: that change which fields there are or where they end, if none of the first eight octets
#: is a control octet then. The first octets of a timestamp of these years are none.
ALL = "01234567"
SILENT = [
    # Its length is a control octet, and so is the size of its id.
    ("foo", FOO_OCTETS, {0: ALL, 1: "4567"}),
    # The number of octets of the id is 5.
    ("a start", STARTED, {0: ALL, 1: "4567"}),
    # The size of the id, 15, is the only control octet.
    ("a file", LOGGED, {0: ALL, 1: "4567", 4: "1567"}),
    (
        "no control octets, timestamp first",
        BAR_OCTETS,
        {
            # the version; route code, timestamp and the like
            1: "1234567",
            # tags, the reserved bit, eof
            2: "356",
            # the length, but for one that makes it a control octet
            3: "0123467",
            # the width of the nanoseconds
            8: "67",
            # the sizes of the id, of the tags and of the route code
            **dict.fromkeys((0, 9, 20, 21, 27, 32), ALL),
        },
    ),
    (
        "every field",
        FULL_OCTETS,
        {
            1: "1234567",
            2: "3567",
            # the length is two octets
            3: "0123457",
            4: "0123457",
            9: "67",
            **dict.fromkeys((0, 13, 30, 31, 33, 34, 36, 60, 70, 82), ALL),
        },
    ),
]


@pytest.mark.parametrize(("packet", "silent"), named(SILENT))
def test_every_bit_flipped_behind_a_progress_dot(packet: bytes, silent: dict[int, str]) -> None:
    # clauses stream.form and damage.suspect
    found: dict[int, str] = {}
    for index in range(len(packet)):
        for bit in range(8):
            line = b"." + damaged(packet, index, 1 << bit)
            for stream in (PASSED + line + b"\n" + PASSED, PASSED + line):
                counts = DamageCounts()
                counts.feed(decode(stream))
                counts.close()
                if not counts.is_suspect:
                    before = found.setdefault(index, "")
                    found[index] = before + str(bit) if str(bit) not in before else before
                elif counts.suspects:
                    assert counts.suspect_offsets == [len(PASSED) + 1]
    assert found == silent


def test_flipped_octets_behind_a_progress_dot_in_commands() -> None:
    for index in range(len(FOO_OCTETS)):
        stream = PASSED + b"." + damaged(FOO_OCTETS, index)
        expected = 0 if index < 2 else 1
        assert run("stats", "--strict", stdin=stream).status == expected
        said = run("lint", stdin=stream).text
        assert ("[damage]" in said or "[damage-suspected]" in said) == bool(expected)
