"""The corpus in other languages: as an npm package and as a Go module."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from corpus import package_sizes
from subunit2.conformance.corpus import (
    Case,
    MultiplexerCase,
    ReaderCase,
    Report,
    Wrapped,
    WriterCase,
    Written,
    load,
)
from support.command import environment
from support.conformance_toolchains import CONFORMANCE, needed

PACKAGE = json.loads((CONFORMANCE / "package.json").read_bytes())
LICENCES = ("LICENSE-APACHE", "LICENSE-BSD")

#: The source files of the Go package.
GO = tuple(each.name for each in sorted(CONFORMANCE.glob("*.go")))

#: Programs that read the packages.
PROGRAMS = Path(__file__).resolve().parents[1] / "support" / "package_programs"

TYPESCRIPT = CONFORMANCE.parent / "tools" / "typescript"


def output(*command: str | Path, folder: Path) -> bytes:
    done = subprocess.run(command, capture_output=True, cwd=folder, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return done.stdout


def test_its_version_is_that_of_the_corpus() -> None:
    assert PACKAGE["version"] == load().version


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package as `npm publish` would send it, unpacked."""
    needed("npm")
    folder = tmp_path_factory.mktemp("packed")
    output("npm", "pack", "--silent", "--pack-destination", folder, CONFORMANCE, folder=folder)
    [archive] = folder.glob("*.tgz")
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    return folder / "package"


@pytest.mark.toolchain
def test_the_npm_package_has_the_cases_and_not_their_streams(packed: Path) -> None:
    names = {each.relative_to(packed).as_posix() for each in packed.rglob("*") if each.is_file()}
    schemas = {f"schemas/{each.name}" for each in (CONFORMANCE / "schemas").iterdir()}
    assert names == schemas | {
        *("package.json", "index.js", "index.d.ts", "corpus/cases.json"),
        *("corpus/writer-questions.txt", "corpus/writer-answers.txt"),
        *("clauses.toml", "item.schema.json", *LICENCES),
        *("README.md", "CHANGELOG.md", "FORMAT.md", "HARNESS.md"),
    }


@pytest.mark.parametrize("name", [*LICENCES, "spec/clauses.toml", "spec/item.schema.json"])
def test_copies_are_those_of_the_repository(name: str) -> None:
    original = CONFORMANCE.parent / name
    assert (CONFORMANCE / original.name).read_bytes() == original.read_bytes()


def test_the_readme_says_what_each_file_is_for() -> None:
    readme = (CONFORMANCE / "README.md").read_text(encoding="utf-8")
    tree = readme.partition("## What is here\n")[2].partition("\n## ")[0]
    made = {"README.md", "__pycache__", "node_modules"}
    names = {path.name for path in CONFORMANCE.iterdir()} - made
    assert [name for name in sorted(names) if f" {name}" not in tree] == []


# --- A case as all languages have it ----------------------------------------------------


def digest(*octets: bytes) -> str:
    return sha256(b"\0".join(octets)).hexdigest()


def octets_of(text: str | None) -> bytes:
    return b"-" if text is None else text.encode("utf-8", "surrogatepass")


def digest_of_item(item: dict[str, Any]) -> str:
    """Return the digest of all values of an item. `-` stands for an absent key."""
    time = item.get("timestamp", {})
    return digest(
        *(octets_of(item.get(key)) for key in ("kind", "error", "test_id", "test_status")),
        *(octets_of(tag) for tag in item.get("test_tags", ["-"])),
        *(octets_of(item.get(key)) for key in ("mime_type", "file_name", "route_code")),
        *(octets_of(item.get(key)) for key in ("file_bytes", "raw", "bytes")),
        f"{item.get('offset', 0)} {item.get('length', 0)}".encode(),
        f"{item.get('runnable', True)} {item.get('eof', False)}".lower().encode(),
        f"{time.get('seconds', '-')} {time.get('nanoseconds', '-')}".encode(),
    )


def strings_of(case: WriterCase) -> dict[str, str | list[str]]:
    """Return the digests of the strings of a packet to write."""
    return {
        key: [digest(octets_of(tag)) for tag in value]
        if key == "test_tags"
        else digest(octets_of(value))
        for key, value in case.packet.items()
        if key in STRINGS
    }


STRINGS = ("test_id", "test_tags", "mime_type", "file_name", "route_code")


def summary_of(case: Case) -> Any:
    """Return the summary of a case that the programs below print."""
    match case:
        case ReaderCase():
            return [digest(case.stream), list(map(digest_of_item, case.items)), case.stops]
        case WriterCase():
            written = None if case.octets is None else digest(case.octets)
            return [strings_of(case), written, case.refused, case.split]
        case MultiplexerCase():
            feeds = [
                [feed.input, digest(feed.octets or b""), *map(digest_of_output, feed.output)]
                for feed in case.feeds
            ]
            return [case.routes, feeds, list(map(digest, case.wrapped))]
    raise TypeError(case.id)


def digest_of_output(part: Written) -> str:
    match part:
        case Report(octets, ends):
            return f"report {digest(octets)} {ends}".lower()
        case Wrapped(octets):
            return f"wrapped {digest(octets)} false"
    return f"packet {digest(part)} false"


@pytest.fixture(scope="module")
def summaries() -> dict[str, Any]:
    return {case.id: summary_of(case) for case in load().cases}


# --- JavaScript -------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["folder", "archive"])
def installed(
    request: pytest.FixtureRequest, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An empty project in which the npm package is installed."""
    needed("node")
    folder = tmp_path_factory.mktemp("project")
    source = CONFORMANCE if request.param == "folder" else next(packed.parent.glob("*.tgz"))
    output("npm", "install", "--silent", "--no-audit", "--no-fund", source, folder=folder)
    return folder


@pytest.mark.toolchain
def test_from_javascript(installed: Path, summaries: dict[str, Any]) -> None:
    copyfile(PROGRAMS / "summaries.js", installed / "program.js")
    version, flags, found = json.loads(output("node", "program.js", folder=installed))
    corpus = load()
    assert (version, flags) == (corpus.version, corpus.flags)
    assert found == summaries


@pytest.mark.toolchain
def test_it_is_an_es_module_too(installed: Path) -> None:
    (installed / "program.mjs").write_text(
        "import { cases, expand } from 'subunit2-conformance';\n"
        "console.log(cases.length, expand([['ab', 2], ['c', 1]]));\n"
    )
    expected = f"{len(load().cases)} ababc\n"
    assert output("node", "program.mjs", folder=installed).decode() == expected


@pytest.mark.toolchain
@pytest.mark.parametrize(
    ("call", "printed"),
    [
        ("expand(undefined)", ""),
        ("expand(null)", ""),
        ("expand('')", ""),
        ("expand([])", ""),
        ("expand(5)", "TypeError: expand: a number is neither a string nor a list of pairs"),
        ("expand(['a'])", 'TypeError: expand: "a" is no [string, times] pair'),
        ("expand([['a', -1]])", 'TypeError: expand: ["a",-1] is no [string, times] pair'),
        ("strings({})", "TypeError: strings: only cases of writers have a packet"),
    ],
)
def test_other_values_in_javascript(call: str, printed: str) -> None:
    needed("node")
    program = (
        f"const {{ expand, strings }} = require({json.dumps(str(CONFORMANCE))});"
        f"try {{ console.log({call}); }} catch (error) {{ console.log(String(error)); }}"
    )
    assert output("node", "-e", program, folder=CONFORMANCE).decode() == printed + "\n"


def test_the_types_for_typescript_have_the_keys_of_the_schema() -> None:
    schema = json.loads((CONFORMANCE / "schemas" / "case.schema.json").read_bytes())
    types = (CONFORMANCE / "index.d.ts").read_text(encoding="utf-8")
    definitions = schema["$defs"]
    for name, keys in {
        "Item": definitions["item"]["properties"],
        "AnyCase": schema["properties"].keys() - {"profile"},
        "ReaderCase": definitions["reader"]["properties"],
        "WriterCase": definitions["writer"]["properties"],
        "MultiplexerCase": definitions["multiplexer"]["properties"],
        "Feed": definitions["feed"]["properties"],
    }.items():
        body = types.partition(f"interface {name} ")[2].partition("\n}")[0]
        assert set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) == set(keys), name


@pytest.mark.toolchain
@pytest.mark.slow
@pytest.mark.parametrize("installed", ["archive"], indirect=True)
def test_a_program_in_typescript_passes_strict_checks(installed: Path) -> None:
    compiler = TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        output("npm", "ci", "--silent", "--no-fund", "--no-audit", folder=TYPESCRIPT)
    copyfile(PROGRAMS / "typed.ts", installed / "program.ts")
    options = ("--noEmit", "--strict", "--module", "nodenext", "--target", "es2022")
    assert output("node", compiler, *options, "program.ts", folder=installed) == b""


# --- Go ---------------------------------------------------------------------------------


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """An empty Go module that requires the package by its path."""
    needed("go")
    (tmp_path / "go.mod").write_text(
        "module example.test/reader\n\ngo 1.21\n\n"
        "require subunit2/conformance v1.0.0\n\n"
        f"replace subunit2/conformance => {CONFORMANCE}\n"
    )
    return tmp_path


@pytest.mark.toolchain
def test_from_go(module: Path, summaries: dict[str, Any]) -> None:
    copyfile(PROGRAMS / "summaries.go", module / "main.go")
    version, flags, clauses, found = json.loads(output("go", "run", ".", folder=module))
    corpus = load()
    assert (version, flags) == (corpus.version, corpus.flags)
    assert clauses == digest((CONFORMANCE / "clauses.toml").read_bytes())
    assert found == summaries


@pytest.mark.toolchain
def test_other_values_in_go(module: Path) -> None:
    copyfile(PROGRAMS / "expanded.go", module / "main.go")
    assert output("go", "run", ".", folder=module).decode().splitlines() == [
        '""',
        '"ab"',
        '""',
        '"ababc"',
        "conformance.Expand: a float64 is neither a string nor a list of pairs",
        'conformance.Expand: "a" is no [string, times] pair',
        'conformance.Expand: []interface {}{"a", -1} is no [string, times] pair',
    ]


@pytest.mark.toolchain
def test_an_item_in_go_is_printed_by_its_keys(module: Path) -> None:
    copyfile(PROGRAMS / "printed.go", module / "main.go")
    assert output("go", "run", ".", folder=module).decode().splitlines() == [
        'packet offset=0 length=75 test_id="pkg.test_one" test_status="fail" '
        'test_tags=["db" "slow"] runnable=true eof=true file_name="traceback" '
        'file_bytes=54726163656261636b0a mime_type="text/plain" route_code="0/3" '
        "timestamp=1754000001+999000000ns",
        "corrupt offset=0 length=12 error=checksum bytes=b329010c03666f6f08555f1a",
        'packet offset=12 length=12 test_id="foo" test_status="exists" runnable=true eof=false',
        r'packet test_id="a\xed\xa0\x80c" test_status="exists" runnable=true eof=false',
        r'packet test_id="foo\x00" runnable=true eof=false',
    ]


def test_the_go_module_has_the_cases_and_not_their_streams() -> None:
    names = {each.relative_to(CONFORMANCE).as_posix() for each in package_sizes.go_files()}
    assert {"corpus.go", "corpus/cases.json", "clauses.toml", "item.schema.json"} <= names
    assert {*LICENCES, "schemas/case.schema.json"} <= names
    left_out = ("corpus/streams/", "implementations/")
    assert [name for name in names if name.startswith(left_out)] == []


@pytest.mark.toolchain
def test_the_go_package_is_formatted_and_sound() -> None:
    needed("gofmt")
    assert output("gofmt", "-l", *GO, folder=CONFORMANCE) == b""
    assert output("go", "vet", ".", folder=CONFORMANCE) == b""


# --- How large they are -----------------------------------------------------------------


def test_the_page_has_the_sizes() -> None:
    page = package_sizes.PAGE.read_text(encoding="utf-8")
    [stated] = package_sizes.BLOCK.findall(page)
    figures = [float(figure) for figure in re.findall(r"(\d+\.\d) MB", stated)]
    measured = [octets / 1e6 for size in package_sizes.measure().values() for octets in size]
    # A case that was added since need not change the page.
    assert figures == pytest.approx(measured, rel=0.1, abs=0.06)
    assert package_sizes.page_with(stated, page) == page


@pytest.mark.toolchain
def test_the_sizes_are_those_of_npm(packed: Path) -> None:
    [archive] = packed.parent.glob("*.tgz")
    size = package_sizes.measure()["npm package"]
    assert archive.stat().st_size == pytest.approx(size.packed, rel=0.05)
    assert size.unpacked == sum(each.stat().st_size for each in packed.rglob("*") if each.is_file())
