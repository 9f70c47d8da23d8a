"""Tests that run the pseudocode and the commands of the guides to porting and emitting.

The pseudocode is a subset of Python that every language has. Its blocks, joined in the order of
the steps, are a reader, a writer and a multiplexer that do not use this library. The commands on
each page run against the code of the steps up to that page.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subunit2 import Reader
from subunit2.conformance.corpus import ReaderCase, load
from subunit2.items import Item
from subunit2.spec import clauses
from support.command import environment
from support.pseudocode import FAST, GIVEN, write_harness
from support.sampling import sample

ROOT: Final = Path(__file__).resolve().parents[3]
DOCS: Final = ROOT / "docs"

#: The steps of the porting guide that have pseudocode.
STEPS: Final = ("writer", "packet", "stream", "recovery", "live", "bounded", "multiplexer")

PAGES: Final = sorted((DOCS / "porting").glob("*.md")) + sorted((DOCS / "emitting").glob("*.md"))

_BLOCK: Final = re.compile(
    r"^```\{code-block\} \w+\n:(name|caption): (\S+)\n\n(.*?)^```$", re.M | re.S
)
_CONSOLE: Final = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)

#: The fault whose failure the page on the writer shows.
_FAULT: Final = ('    if "test_id" in packet:', '    if packet.get("test_id"):')


def blocks(page: Path, kind: str) -> dict[str, str]:
    """Return the code blocks of a page by their names, or by their captions if they are files."""
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return {name: code for key, name, code in found if key == kind}


@cache
def pseudocode(last: str) -> str:
    """Return the pseudocode of all steps up to one."""
    steps = STEPS[: STEPS.index(last) + 1]
    return "".join(
        code for step in steps for code in blocks(DOCS / "porting" / f"{step}.md", "name").values()
    )


def executed(last: str, *, fast: bool = True) -> dict[str, Any]:
    """Return the names that the pseudocode up to a step defines."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "guide.py"
        path.write_text(GIVEN + pseudocode(last) + (FAST if fast else ""), encoding="utf-8")
        spec = spec_from_file_location("guide", path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return vars(module)


guide = cache(executed)


def transcripts(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page with the output that the page shows."""
    found = []
    for block in _CONSOLE.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def prepare(page: Path, folder: Path) -> None:
    """Put the files of a page into a folder, and the harness of its step."""
    for name, text in blocks(page, "caption").items():
        (folder / name).write_text(text.lstrip("\n"), encoding="utf-8")
    if page.stem in STEPS and page.parent.name == "porting":
        code = pseudocode(page.stem)
        write_harness(folder / "my-harness", code)
        write_harness(folder / "my-harness-with-a-fault", code.replace(*_FAULT))


def shell(command: str, folder: Path) -> str:
    """Return the output of a command, on both streams."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment({"PATH": path, "TZ": "UTC"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
        check=False,
    )
    return done.stdout.decode()


def without_counts(output: str) -> str:
    """Return the output of a run without the numbers of cases, which grow with the corpus."""
    return re.sub(r"─+", "─", re.sub(r" +", " ", re.sub(r"\d[\d,]*", "0", output)))


#: Pages whose commands run the corpus on pseudocode, in seconds or more.
SLOW: Final = {
    *("bounded", "consumers", "index", "live", "multiplexer", "recovery", "stream", "writer"),
}


@pytest.mark.parametrize(
    "page",
    sample(
        PAGES,
        [page for page in PAGES if page.stem not in SLOW],
        lambda page: f"{page.parent.name}/{page.stem}",
    ),
)
def test_its_commands_print_the_output_of_the_page(page: Path, tmp_path: Path) -> None:
    prepare(page, tmp_path)
    plain: Callable[[str], str] = without_counts if page.parent.name == "porting" else str
    for command, said in transcripts(page):
        assert plain(shell(command, tmp_path)) == plain(said), command


def test_each_step_asks_the_corpus() -> None:
    for step in STEPS:
        commands = [command for command, _ in transcripts(DOCS / "porting" / f"{step}.md")]
        assert any("conformance run --session ./my-harness " in command for command in commands)


def test_the_steps_have_the_lengths_of_the_table() -> None:
    steps = (DOCS / "porting/index.md").read_text(encoding="utf-8")
    for step in STEPS:
        code = "".join(blocks(DOCS / "porting" / f"{step}.md", "name").values())
        lines = sum(bool(line.strip()) for line in code.splitlines())
        (said,) = re.findall(rf"\]\({step}\.md\) \|[^|]+\| (\d+) \|", steps)
        assert abs(int(said) - lines) <= 5, step


#: Constructs of Python that other languages may not have.
_PYTHONIC: Final = (
    *(ast.Lambda, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Yield),
    *(ast.With, ast.Import, ast.ImportFrom, ast.keyword, ast.Starred, ast.Tuple, ast.JoinedStr),
    *(ast.IfExp, ast.NamedExpr, ast.Match, ast.Global, ast.Nonlocal, ast.AsyncFunctionDef),
)

#: Functions that the guide calls and does not define: of the language, or of `GIVEN`.
_CALLED: Final = {
    *("octet", "join", "utf8_of", "text_of", "decimal", "hex_of", "octets_of", "json_of"),
    *("line_of", "read_line", "write_line", "len", "range", "min", "max", "dict"),
}


def test_it_uses_only_features_of_every_language() -> None:
    tree = ast.parse(pseudocode(STEPS[-1]))
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, _PYTHONIC)] == []
    # 0 is true in some of them, and so is an empty string.
    tests = [node.test for node in ast.walk(tree) if isinstance(node, (ast.If, ast.While))]
    bare = {ast.unparse(test) for test in tests if isinstance(test, (ast.BinOp, ast.Name))}
    assert bare == {"ended"}
    methods = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert methods == {"append", "args"}
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called - set(guide(STEPS[-1])) - _CALLED <= {"len", "range", "min", "max", "dict"}
    assert all(f"`{name}" in (DOCS / "porting/index.md").read_text() for name in _CALLED)


#: Octets that make up characters, well-formed or not.
_TEXT: Final = st.lists(
    st.sampled_from(
        [*"aé³я€한𝄞".encode(), 0, 0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xA0, 0xF0, 0xF4, 0x90, 0xF8]
    )
).map(bytes)


def error_of(check: Callable[[bytes], object], names: dict[str, Any], octets: bytes) -> str | None:
    try:
        check(octets)
    except names["Malformed"] as malformed:
        return str(malformed)
    return None


@given(_TEXT | st.binary() | st.text().map(str.encode))
@example(b"\0\xff")
def test_its_text_is_utf8(octets: bytes) -> None:
    slow, fast = guide("packet", fast=False), guide("packet")
    assert error_of(slow["check_text"], slow, octets) == error_of(fast["check_text"], fast, octets)


@given(st.binary(), st.binary())
@example(b"1234", b"56789")
def test_its_checksum_is_that_of_zlib(first: bytes, second: bytes) -> None:
    names = guide("writer", fast=False)
    before = names["crc32"](first)
    assert names["crc32_more"](before, second) == zlib.crc32(first + second)
    assert before == zlib.crc32(first)


def test_its_checksum_of_the_check_value_is_on_the_page() -> None:
    found = f"{zlib.crc32(b'123456789'):08x}"
    assert f"`{found}`" in (DOCS / "porting/writer.md").read_text()


@given(st.binary(max_size=8), st.sampled_from([0, 1, 0xB3]), st.integers(0, 8), st.integers(0, 8))
def test_it_finds_the_first(octets: bytes, value: int, start: int, end: int) -> None:
    end = min(end, len(octets))
    slow, fast = (guide("packet", fast=fast)["find"] for fast in (False, True))
    if start <= end:
        assert slow(octets, value, start, end) == fast(octets, value, start, end)


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(13_101, 30_000)), max_size=6))
@example([(5, 20_000), (2048, 20_000), (2049, 30_000)])
def test_the_checksum_of_a_range_is_that_of_its_octets(ranges: list[tuple[int, int]]) -> None:
    names = guide("bounded")
    octets = bytes(index * index % 251 for index in range(30_000))
    reader = names["new_reader"]()
    reader["offset"] = 7
    reader["buffer"] = octets
    # Ranges as a reader asks for them: of more than two steps, in ascending order.
    for start, end in sorted(ranges):
        assert names["crc32_of_range"](reader, start, end) == zlib.crc32(octets[start:end])


def checked(last: str, stream: bytes) -> float:
    """Return the number of octets that go through the checksum for each octet of a stream."""
    names = executed(last)
    counted = [0]

    def crc32_more(before: int, octets: bytes) -> int:
        counted[0] += len(octets)
        return zlib.crc32(octets, before)

    names["crc32_more"] = crc32_more
    reader = names["new_reader"]()
    items = names["feed"](reader, stream) + names["close"](reader)
    assert sum(item["length"] for item in items) == len(stream)
    return counted[0] / len(stream)


def test_its_time_is_bounded() -> None:
    # Headers that each claim 16 KiB of others: with the step, at most two marks' worth each.
    headers = bytes.fromhex("b32000804000")
    short, long = headers * 6_000, headers * 12_000
    assert checked("live", short) > 1_000
    assert checked("bounded", short) < 700
    assert checked("bounded", long) == pytest.approx(checked("bounded", short), rel=0.5)
    # The claimed length makes no difference any more.
    wider = bytes.fromhex("b32000808000") * 12_000
    assert checked("bounded", wider) < 1.2 * checked("bounded", long)


def joined(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with neighbouring passthrough joined."""
    found: list[dict[str, Any]] = []
    for item in items:
        if found and item["kind"] == found[-1]["kind"] == "passthrough":
            found[-1]["bytes"] += item["bytes"]
            found[-1]["length"] += item["length"]
        else:
            found.append(dict(item))
    return found


def forms(items: list[Item]) -> list[dict[str, Any]]:
    return [{key: value for key, value in item.to_dict().items() if key != "raw"} for item in items]


def test_it_stops_waiting_as_the_reader_does() -> None:
    names = guide(STEPS[-1])
    streams = [
        case.stream
        for case in load().cases
        if isinstance(case, ReaderCase) and "large" not in case.flags
    ]
    assert len(streams) > 1_000
    for stream in streams:
        ours, theirs = names["new_reader"](), Reader()
        half = len(stream) // 2
        items = names["feed"](ours, stream[:half]) + names["stop_waiting"](ours)
        items += names["feed"](ours, stream[half:]) + names["close"](ours)
        expected = theirs.feed(stream[:half]) + theirs.stop_waiting()
        expected += theirs.feed(stream[half:]) + theirs.close()
        assert joined(items) == joined(forms(expected))


def test_the_clauses_of_its_checks_exist_and_are_linked() -> None:
    linked: set[str] = set()
    for step in STEPS:
        page = DOCS / "porting" / f"{step}.md"
        linked |= set(re.findall(r"\{clause\}`([^`]+)`", page.read_text(encoding="utf-8")))
        cited = re.findall(r"^ *# ((?:[a-z]+\.[a-z0-9-]+(?:, )?)+)$", pseudocode(step), re.M)
        ids = {each for line in cited for each in line.split(", ")}
        assert len(ids) > 5
        assert ids <= set(clauses()), step
        assert ids <= linked, step


def test_the_description_to_copy_has_the_keys_of_a_description() -> None:
    (described,) = blocks(DOCS / "porting/enter.md", "caption").items()
    name, text = described
    assert name == "implementation.toml"
    folders = (ROOT / "conformance/implementations").glob("*/implementation.toml")
    known = [set(tomllib.loads(path.read_text(encoding="utf-8"))) for path in folders]
    keys = set(tomllib.loads(text))
    assert set.intersection(*known) <= keys <= set.union(*known)
