"""The writer that Kaitai Struct generates from the .ksy writes the library's octets."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generate import KSY, WRITER, compile_ksy
from subunit2 import Packet, Timestamp, decode, encode, replace
from subunit2.conformance.corpus import WriterCase
from subunit2.conformance.corpus import load as load_corpus
from subunit2.grammar.generating import packets
from support import seeded_faults
from support.kaitai_compiler import needs_compiler
from support.kaitai_writer import (
    Written,
    captured_packets,
    compare,
    load_cases,
    main,
    packets_of_cases,
    rewrite,
    write,
    written_packets,
)
from support.sampling import sample
from support.seeded_faults import Fault
from support.streams import FULL, FULL_OCTETS, PACKETS, named

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "porting" / "kaitai.md"

# --- The same octets -----------------------------------------------------------------------


def test_the_packets_of_captures_are_written_as_they_were_read() -> None:
    count, _, unequal = compare(captured_packets(), as_read=True)
    assert count
    assert unequal == []


def test_the_packets_of_cases_are_written_as_they_were_read() -> None:
    count, longer, unequal = compare(packets_of_cases(load_cases(large=False)), as_read=True)
    assert count
    # clause number.any-width
    assert longer
    assert unequal == []


def test_the_packets_that_cases_write_are_the_same_from_their_fields() -> None:
    count, longer, unequal = compare(written_packets(load_cases(large=False)), as_read=False)
    assert count
    assert longer == 0
    assert unequal == []


@pytest.mark.slow
def test_the_command_compares_all_packets_and_says_how_many(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main() == 0
    said = capsys.readouterr().out
    counts = re.findall(r"^(\d+) of (\d+) .* are equal", said, re.MULTILINE)
    assert len(counts) == 3
    assert all(int(equal) == int(count) > 0 for equal, count in counts)


@given(packets())
def test_any_packet_is_written_as_it_was_read(octets: bytes) -> None:
    [packet] = decode(octets)
    assert isinstance(packet, Packet)
    assert write(packet, octets) == octets
    assert rewrite(octets) == octets


@given(packets())
def test_any_packet_that_the_library_writes_is_the_same_from_its_fields(octets: bytes) -> None:
    [packet] = decode(octets)
    assert isinstance(packet, Packet)
    packet = replace(packet, raw=None)
    assert write(packet) == encode(packet)


#: Sizes around those at which a number, or the length of a packet, takes more octets.
SIZES = st.sampled_from([*range(4), *range(46, 68), *range(16_360, 16_390), 70_000])
LONG = st.builds(
    Packet,
    test_id=st.none() | SIZES.map("é".__mul__),
    test_tags=st.none() | SIZES.filter(lambda size: size < 100).map(("tag",).__mul__),
    file_name=st.just("log"),
    file_bytes=SIZES.map(bytes),
    timestamp=st.none() | st.builds(Timestamp, st.just(2**32 - 1), st.integers(0, 10**9 - 1)),
)


@given(LONG)
def test_any_sizes_are_written_the_same(packet: Packet) -> None:
    assert write(packet) == encode(packet)


# --- Faults that it finds ------------------------------------------------------------------


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_other_fields_than_those_of_the_packet_are_unequal(packet: Packet, octets: bytes) -> None:
    assert write(packet, octets) == octets
    assert write(replace(packet, runnable=not packet.runnable), octets) != octets
    other = Written(replace(packet, eof=not packet.eof), octets)
    assert compare([other], as_read=True).unequal == [octets]


def test_two_fields_that_are_swapped_are_found(tmp_path: Path) -> None:
    # In the writer alone, so that no compiler is needed.
    text = WRITER.read_text("utf-8")
    seconds = "            self._io.write_u4be(self.seconds)\n"
    nanoseconds = "            self.nanoseconds._write__seq(self._io)\n"
    assert text.count(seconds + nanoseconds) == 1
    swapped = tmp_path / "swapped.py"
    swapped.write_text(text.replace(seconds + nanoseconds, nanoseconds + seconds), "utf-8")
    generated = run_path(str(swapped))["Subunit2"]
    assert write(FULL, FULL_OCTETS, generated) != FULL_OCTETS
    with_time = [octets for packet, octets in captured_packets() if packet.timestamp]
    assert with_time
    assert compare(captured_packets(), as_read=True, generated=generated).unequal == with_time


CASES = load_corpus().by_id


def _writes_other_octets(fault: Fault) -> bool:
    """Return whether a fault changes packets of writers that are neither refused nor split."""
    cases = [CASES[case] for case in fault.caught_by]
    return any(isinstance(case, WriterCase) and not (case.refused or case.split) for case in cases)


FAULTS = [fault for fault in seeded_faults.faults() if _writes_other_octets(fault)]

COUNT_UNEQUAL = """
from support.kaitai_writer import compare, load_cases, written_packets
print(len(compare(written_packets(load_cases(large=False)), as_read=False).unequal))
"""


@pytest.mark.parametrize("fault", sample(FAULTS, quick=FAULTS[:1], name=lambda fault: fault.name))
def test_a_fault_of_the_writer_is_found(fault: Fault, tmp_path: Path) -> None:
    python_path = seeded_faults.seed(fault, tmp_path)
    found = subprocess.run(
        seeded_faults.command(
            Path(f"{python_path}:{ROOT / 'python' / 'tests'}"), "-c", COUNT_UNEQUAL
        ),
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(found.stdout) > 0


# --- Positional instances ------------------------------------------------------------------


def _with_instances(ksy: dict[str, Any]) -> None:
    """Add the two instances with a `pos` that would check NUL and find the octets of the CRC."""
    ksy["instances"] = {"crc32_input": {"pos": 0, "size": "length.value - 4"}}
    text = ksy["types"]["text"]
    text["seq"][1]["valid"] = "octets_before_nul"
    text["instances"]["octets_before_nul"] = {
        "pos": "_io.pos - size.value",
        "size": "size.value",
        "terminator": 0,
    }


def _with_swapped_fields(ksy: dict[str, Any]) -> None:
    fields = ksy["types"]["fields"]["seq"]
    fields[0], fields[1] = fields[1], fields[0]


def compiled(folder: Path, change: Callable[[dict[str, Any]], None]) -> Any:
    """Return the class that is generated from the .ksy with a change."""
    document = yaml.safe_load(KSY.read_text("utf-8"))
    change(document)
    changed = folder / "changed.ksy"
    changed.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    [text] = compile_ksy(changed, "python", mode="--read-write").values()
    (folder / "changed.py").write_text(text, "utf-8")
    return run_path(str(folder / "changed.py"))["Subunit2"]


@pytest.mark.slow
class TestWithTheCompiler:
    pytestmark = needs_compiler

    def test_fields_that_are_swapped_in_the_ksy_are_found(self, tmp_path: Path) -> None:
        generated = compiled(tmp_path, _with_swapped_fields)
        both = [o for packet, o in captured_packets() if packet.timestamp and packet.test_id]
        assert both
        assert compare(captured_packets(), as_read=True, generated=generated).unequal == both

    def test_positional_instances_make_the_writer_write_other_octets(self, tmp_path: Path) -> None:
        generated = compiled(tmp_path, _with_instances)
        octets = [octets for _, octets in captured_packets()]
        unequal = [each for each in octets if rewrite(each, generated) != each]
        guide = " ".join(GUIDE.read_text("utf-8").split())
        said = re.search(r"(\d+) of the (\d+) captured packets", guide)
        assert said
        assert [int(figure) for figure in said.groups()] == [len(unequal), len(octets)]


def test_a_packet_that_was_read_is_written_again() -> None:
    octets = [octets for _, octets in captured_packets()]
    assert octets
    assert [each for each in octets if rewrite(each) != each] == []
