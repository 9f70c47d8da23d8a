"""The compiled backend: built, equal to pure Python, and without leaks.

The tests of the reader and the corpus run with each backend:
`make unit`, and below.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import subunit2
from subunit2 import Item, Packet, Passthrough, Timestamp, encode, reader
from subunit2.grammar import generating
from subunit2.packets import decode, fast
from subunit2.packets.backend import HAS_SPEEDUPS
from subunit2.packets.layout_generated import LAYOUT
from support import speedups
from support.command import environment
from support.sampling import sample
from support.streams import (
    BAR_OCTETS,
    FOO_OCTETS,
    FULL_OCTETS,
    checked,
    damaged,
    header,
    intact,
    named,
    number,
    string,
)

ROOT = Path(__file__).parents[3]
HARNESS = ROOT / "conformance" / "implementations" / "subunit2" / "harness.py"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Compile the backend from its sources."""
    made = speedups.compile_speedups(speedups.SOURCES, tmp_path_factory.mktemp("compiled"), "-O1")
    return speedups.load(made)


def comparable(items: list[Item]) -> list[tuple[object, ...]]:
    """Return items with the attributes that equality ignores."""
    return [(type(item), item, item.offset, item.length, item.to_dict()) for item in items]


# --- The backend in use ---------------------------------------------------------------


def version(**variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "subunit2", "--version"],
        capture_output=True,
        text=True,
        env=environment(variables),
        check=True,
    )
    return done.stdout


def test_it_was_built_where_a_compiler_is() -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not installed: the compiled reader was not built")
    assert "reader: compiled" in version(SUBUNIT2_PURE="0")


def test_the_one_in_python_is_used_where_it_is_asked_for() -> None:
    assert "reader: pure Python" in version(SUBUNIT2_PURE="1")


def test_the_one_in_python_is_used_where_the_compiled_one_does_not_load(tmp_path: Path) -> None:
    copy = tmp_path / "subunit2"
    shutil.copytree(Path(subunit2.__file__).parent, copy, ignore=shutil.ignore_patterns("*.so"))
    said = version(PYTHONPATH=str(tmp_path), SUBUNIT2_PURE="0")
    assert "reader: pure Python" in said
    # The existing file was built for another interpreter.
    (copy / "packets" / speedups.NAME).write_bytes(b"no shared object")
    assert version(PYTHONPATH=str(tmp_path), SUBUNIT2_PURE="0") == said


def test_one_of_another_layout_is_not_used_and_the_version_says_so(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not installed: the compiled reader was not built")
    copy = tmp_path / "subunit2"
    shutil.copytree(Path(subunit2.__file__).parent, copy)
    generated = copy / "packets" / "layout_generated.py"
    generated.write_text(generated.read_text("utf-8").replace(LAYOUT, "0123456789abcdef"), "utf-8")
    said = version(PYTHONPATH=str(tmp_path), SUBUNIT2_PURE="0")
    stale = "pure Python, since _speedups is stale: reinstall"
    assert f"(reader: {stale}, CRC-32" in said


def test_its_layout_is_that_of_the_sources(compiled: ModuleType) -> None:
    assert compiled.LAYOUT == LAYOUT


def test_the_reader_uses_the_backend() -> None:
    assert (decode.read_packets is fast.read_packets) != HAS_SPEEDUPS
    assert vars(reader)["read_packets"] is decode.read_packets


@pytest.mark.parametrize("pure", sample(["0", "1"], quick=["0"]))
def test_the_corpus_passes_with_each(pure: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "subunit2", "conformance", "run", "--no-laws", "--session"),
            f"{sys.executable} {HARNESS}",
        ],
        capture_output=True,
        text=True,
        env=environment({"SUBUNIT2_PURE": pure}),
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


# --- Equal to pure Python ---------------------------------------------------------------

#: Chunks of streams that make the loop start and end.
CHUNKS = st.one_of(
    st.sampled_from([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS]),
    st.sampled_from([b"\n", b"make: done\n", b"a", "ó\n".encode(), b"\xb3", b"\xb3\x29\x01"]),
    generating.packets(),
    generating.malformed_packets(),
    generating.damaged_packets(),
    generating.arbitrary_octets(),
)
STREAMS = st.lists(CHUNKS, max_size=12).map(b"".join)


def assert_same(
    compiled: ModuleType, data: bytes, index: int = 0, base: int = 0, claimed_end: int = 0
) -> None:
    ours: list[Item] = []
    theirs: list[Item] = []
    end = compiled.read_packets(data, index, base, ours, claimed_end)
    assert end == fast.read_packets(data, index, base, theirs, claimed_end)
    assert comparable(ours) == comparable(theirs)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(STREAMS, st.integers(0, 1 << 40), st.integers(-5, 600))
def test_it_reads_the_same_as_pure_python(
    compiled: ModuleType, stream: bytes, base: int, claimed: int
) -> None:
    assert_same(compiled, stream, 0, base, base + claimed)


@given(generating.packets() | generating.malformed_packets(), st.booleans())
def test_it_decodes_the_same_as_pure_python(
    compiled: ModuleType, octets: bytes, recovered: bool
) -> None:
    ours = compiled.decode_canonical(octets, 7, recovered)
    theirs = fast.decode_canonical(octets, 7, recovered)
    assert comparable([ours] if ours else []) == comparable([theirs] if theirs else [])


ID = string(b"foo")
LARGE = number(2036, 2) + bytes(2036)
NEARLY = number(2031, 2) + bytes(2031)
CUT = (b"\x7f", b"\xbf", b"\xbf\xff", b"\xff", b"\xff\xff\xff")
STAMP = bytes(4)


@pytest.mark.parametrize(
    "stream",
    named(
        [
            ("nothing", b""),
            *((f"{size} octets of a packet", FOO_OCTETS[:size]) for size in range(12)),
            ("a line and a signature", b"line\n\xb3"),
            ("a line alone", b"line\n"),
            ("a line that is no ASCII behind one that is", b"line\nl\xc3\xb3\n" + FOO_OCTETS),
            *((f"a line of {n} and one octet of 0x80", b"a" * n + b"\x80\n\xb3") for n in range(9)),
            ("a part of a line in front of a packet", b"text" + FOO_OCTETS),
            ("one in front of a longer packet", b"." + intact(0x2801, string(b"x" * 55))),
            ("one in front of a large packet", b"." + intact(0x2040, ID + LARGE)),
            ("one in front of the largest that is small", b"." + intact(0x2040, ID + NEARLY)),
            ("one in front of a longer form", b"." + intact(0x2801, ID, width=2)),
            ("one in front of no packet", b"text" + damaged(FOO_OCTETS)),
            ("one in front of what is malformed", b"." + intact(0x2800, ID + b"\0")),
            *(
                (f"one in front of {n} octets of a packet", b"." + FOO_OCTETS[:n])
                for n in range(12)
            ),
            ("one in front of a short header", b"." + header(0x2801, 5) + bytes(9)),
            ("one that is not in ASCII", b"t\xc3\xa9xt" + FOO_OCTETS),
            ("one cut in a character", b"caf\xc3" + FOO_OCTETS),
            ("more than are taken at a time", (FOO_OCTETS + b"\n") * 1000),
            *((f"a number cut by the checksum, {n!r}", intact(0x2800, n)) for n in CUT),
            ("another version", b"\xb3\x39" + FOO_OCTETS[2:]),
            ("the reserved bit", intact(0x2809, ID)),
            ("a length in a longer form", intact(0x2801, ID, width=2)),
            ("64 octets", intact(0x2801, string(b"x" * 54), width=2)),
            ("65 octets", intact(0x2801, string(b"x" * 55), width=2)),
            ("16,384 octets", intact(0x2040, ID + number(16_368, 2) + bytes(16_368), width=3)),
            ("16,385 octets", intact(0x2040, ID + number(16_369, 2) + bytes(16_369), width=3)),
            ("a length of four octets", checked(header(0x2801, 20, 4) + bytes(9))),
            ("a length that is too short", checked(header(0x2801, 7) + ID)),
            ("no fields", intact(0x2000)),
            ("a field that is not there", intact(0x2800)),
            *(
                (f"a size of {n} that overruns", intact(0x2800, number(n, 2)))
                for n in (1, 64, 9999)
            ),
            ("a size of 4 MiB that overruns", intact(0x2800, number(1 << 22, 4))),
            ("a size in a longer form", intact(0x2800, number(3, 2) + b"foo")),
            ("a count in a longer form", intact(0x2080, number(1, 3) + ID)),
            ("a count that overruns", intact(0x2080, number(2) + ID)),
            ("tags that are empty", intact(0x2080, number(300, 2) + bytes(300))),
            ("no tags", intact(0x2080, number(0))),
            ("octets between fields and checksum", intact(0x2800, ID + b"\0")),
            ("NUL", intact(0x2800, string(b"f\0o"))),
            ("NUL in a tag", intact(0x2080, number(1) + string(b"\0"))),
            ("no UTF-8", intact(0x2800, string(b"f\xffo"))),
            ("a surrogate", intact(0x2800, string(b"\xed\xa0\x80"))),
            ("no UTF-8 in a tag", intact(0x2080, number(2) + ID + string(b"\xc3"))),
            ("no UTF-8 in the route code", intact(0x2C00, ID + string(b"\xc3"))),
            ("a billion nanoseconds", intact(0x2200, STAMP + number(10**9, 4))),
            ("the most nanoseconds", intact(0x2200, STAMP + number(10**9 - 1, 4))),
            ("nanoseconds in a longer form", intact(0x2200, STAMP + number(5, 4))),
            ("seconds that are cut", intact(0x2200, b"\0\0\0")),
            ("content", encode(Packet(file_name="a", file_bytes=b"\0\xff" * 5000, eof=True))),
            ("a checksum that fails", damaged(FOO_OCTETS)),
            (
                "a large packet whose checksum fails",
                damaged(intact(0x2040, ID + number(3000, 2) + bytes(3000))),
            ),
            ("texts that repeat", (FULL_OCTETS + BAR_OCTETS + b"line\n") * 3),
        ]
    ),
)
def test_it_stops_where_the_one_in_python_stops(compiled: ModuleType, stream: bytes) -> None:
    assert_same(compiled, stream)
    assert_same(compiled, FOO_OCTETS + stream + FOO_OCTETS, 12, 100)
    assert_same(compiled, FOO_OCTETS + stream + FOO_OCTETS, 0, 1 << 50, (1 << 50) + 20)


def test_large_packets_in_claimed_octets_are_the_reader_s(compiled: ModuleType) -> None:
    large = encode(Packet(file_name="a", file_bytes=bytes(3000)))
    assert_same(compiled, FOO_OCTETS + large, claimed_end=5)
    assert compiled.read_packets(large, 0, 0, [], 5) == 0
    assert compiled.read_packets(large, 0, 0, [], 0) == len(large)


@pytest.mark.parametrize(
    "arguments",
    [(), (b"", 0, 0), ("", 0, 0, []), (bytearray(), 0, 0, []), (b"", 0, 0, ()), (b"", "", 0, [])],
)
def test_it_takes_nothing_else(compiled: ModuleType, arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        compiled.read_packets(*arguments)
    with pytest.raises(TypeError):
        compiled.decode_canonical(*arguments[:2])


def test_it_does_not_look_behind_its_octets(compiled: ModuleType) -> None:
    for index in (-1, 13):
        with pytest.raises(IndexError):
            compiled.read_packets(FOO_OCTETS, index, 0, [])


# --- No leaks -------------------------------------------------------------------


def counts() -> list[int]:
    """Return the reference counts of objects that every packet refers to."""
    kept = (None, True, False, subunit2.items.ReadPacket, Timestamp, Passthrough, "success")
    return [sys.getrefcount(each) for each in kept]


def test_it_releases_its_objects(compiled: ModuleType) -> None:
    malformed = [
        intact(0x2C00, ID + string(b"\xc3")),
        intact(0x2080, number(2) + ID + string(b"\xc3")),
        intact(0x2E80, STAMP + number(3) + ID + number(1) + ID + string(b"\xff")),
    ]
    stream = (FULL_OCTETS + BAR_OCTETS + b"line\n." + FOO_OCTETS) * 10
    large = encode(
        Packet(test_id="i" * 3000, test_tags=["t" * 3000], file_name="a", file_bytes=LARGE)
    )
    large_and_malformed = intact(0x2080, number(2) + string(b"t" * 3000, 2) + string(b"\xc3"))
    malformed.append(large_and_malformed)

    def work() -> None:
        for _ in range(300):
            compiled.read_packets(stream, 0, 0, [])
            compiled.read_packets(large, 0, 0, [])
            for octets in malformed:
                compiled.read_packets(FOO_OCTETS + octets, 0, 0, [])
                compiled.decode_canonical(octets, 0, False)

    work()
    gc.collect()
    before = counts()
    tracemalloc.start()
    work()
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Each round allocates more than 10 KB, all of which is released.
    assert left < 100_000
    # pytest itself may change a few; a leak would be thousands.
    assert all(abs(now - then) < 100 for now, then in zip(counts(), before, strict=True))


CHECKED = """
import sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from support import speedups
from subunit2.conformance import corpus
compiled = speedups.load(Path({made!r}))
read = 0
for case in corpus.load().by_id.values():
    if not isinstance(case, corpus.ReaderCase):
        continue
    stream = case.stream
    indexes = range(len(stream)) if len(stream) < 600 else range(0, len(stream), len(stream) // 50)
    for index in indexes:
        items = []
        # Copies end where they end: what is read behind is seen.
        compiled.read_packets(stream[index:], 0, 0, items)
        compiled.read_packets(stream[: index + 1], 0, 0, items, 40)
        if stream[index:]:
            compiled.decode_canonical(stream[index:], 0, False)
        read += len(items)
assert read > 10_000, read
"""


@pytest.mark.slow
@pytest.mark.toolchain
def test_the_sanitizers_find_nothing(tmp_path: Path) -> None:
    """Cut every stream of the corpus at every index: no octet behind the end is read."""
    made = speedups.compile_speedups(
        speedups.SOURCES,
        tmp_path,
        *("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    )
    runtime = subprocess.run(
        ["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(runtime).is_absolute():
        pytest.skip("the compiler has no address sanitizer")
    script = tmp_path / "checked.py"
    script.write_text(CHECKED.format(tests=str(Path(__file__).parents[1]), made=str(made)), "utf-8")
    variables = {
        "LD_PRELOAD": runtime,
        # Python frees its own objects only at exit, and its own allocator hides overruns.
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONMALLOC": "malloc",
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=variables, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
