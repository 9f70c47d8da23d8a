"""The wheel and the source distribution, built, installed and used."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest
import readme_renderer.markdown
from packaging.requirements import Requirement

import subunit2
from subunit2 import spec
from subunit2.conformance import corpus
from support import speedups
from support.command import environment
from support.streams import FOO_OCTETS

# The distributions are built once for all of these, which takes ten seconds.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
NAME = f"subunit2-{subunit2.__version__}"
LICENCES = ("LICENSE-APACHE", "LICENSE-BSD")


class Built(NamedTuple):
    """The distributions, and where the wheel is installed."""

    wheel: Path
    source: Path
    installed: Path

    def run(self, *command: str | Path, stdin: bytes = b"") -> bytes:
        """Return the output of a command that imports the installed package, not the sources."""
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            cwd=self.installed.parent,
            env=environment({"PYTHONPATH": str(self.installed)}),
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    directory = tmp_path_factory.mktemp("distribution")
    # Where the build backend is at hand, nothing has to be fetched.
    offline = importlib.util.find_spec("hatchling") is not None
    isolation = ["--no-isolation"] if offline else []
    _succeeds("build", *isolation, "--outdir", directory / "dist", ROOT)
    wheel, source = sorted((directory / "dist").iterdir(), key=lambda path: path.suffix != ".whl")
    installed = directory / "installed"
    _succeeds("pip", "install", "--no-deps", "--no-index", "--target", installed, wheel)
    return Built(wheel, source, installed)


def _succeeds(module: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")


def names_in_wheel(built: Built) -> set[str]:
    with zipfile.ZipFile(built.wheel) as archive:
        return set(archive.namelist())


def names_in_source(built: Built) -> set[str]:
    with tarfile.open(built.source) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


def metadata(built: Built) -> Message:
    with zipfile.ZipFile(built.wheel) as archive:
        return message_from_bytes(archive.read(f"{NAME}.dist-info/METADATA"))


def compiled_names(built: Built) -> list[str]:
    """Return the names of the compiled reader in the wheel."""
    return [name for name in names_in_wheel(built) if name.endswith((".so", ".pyd"))]


def test_names(built: Built) -> None:
    assert built.source.name == f"{NAME}.tar.gz"
    if has_compiler():
        version = f"cp{sys.version_info.major}{sys.version_info.minor}"
        assert built.wheel.name.startswith(f"{NAME}-{version}-{version}-")
        assert compiled_names(built) == [f"subunit2/packets/{speedups.NAME}"]
    else:
        assert built.wheel.name == f"{NAME}-py3-none-any.whl"
        assert compiled_names(built) == []


def has_compiler() -> bool:
    return shutil.which("cc") is not None


@pytest.fixture
def wheel_of(built: Built, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Build a wheel from the source distribution into a folder, with some variables set."""

    def make(**variables: str) -> subprocess.CompletedProcess[str]:
        with tarfile.open(built.source) as archive:
            archive.extractall(tmp_path, filter="data")
        return subprocess.run(
            [
                *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
                *("--outdir", tmp_path / "dist", tmp_path / NAME),
            ],
            capture_output=True,
            text=True,
            env=environment({"SUBUNIT2_COMPILED": "0"} | variables),
            check=False,
        )

    return make


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CC": "no-such-compiler"}, r"\nwithout the compiled reader: .*no-such-compiler"),
        ({"CC": "false"}, r"\nwithout the compiled reader: .*false"),
        ({"SUBUNIT2_PURE": "1"}, r"Building wheel\.\.\.\n(?!without)"),
    ],
)
def test_where_it_cannot_be_compiled_the_package_is_built_without(
    wheel_of: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    variables: dict[str, str],
    said: str,
) -> None:
    done = wheel_of(**variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(said, done.stdout + done.stderr)
    [wheel] = (tmp_path / "dist").iterdir()
    assert wheel.name == f"{NAME}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        assert "subunit2/packets/fast.py" in archive.namelist()


def test_where_it_has_to_be_compiled_the_build_fails_without(
    wheel_of: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = wheel_of(CC="no-such-compiler", SUBUNIT2_COMPILED="1")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert re.search("the compiled reader cannot be built: .*no-such-compiler", said), said
    assert not (tmp_path / "dist").exists() or not list((tmp_path / "dist").iterdir())


def test_the_wheel_holds_the_specification(built: Built) -> None:
    held = {name for name in names_in_wheel(built) if name.startswith("subunit2/spec_files/")}
    assert held == {f"subunit2/spec_files/{name}" for name in spec.FILES}
    assert set(spec.FILES) == {
        "subunit2.ksy",
        "grammar.ebnf",
        "clauses.toml",
        "item.schema.json",
    }


def test_the_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    package = "python/subunit2/"
    expected = {
        name.removeprefix("python/") for name in names_in_source(built) if name.startswith(package)
    }
    names = names_in_wheel(built)
    files = {name for name in names if not name.startswith(f"{NAME}.dist-info/")}
    specification = {f"subunit2/spec_files/{name}" for name in spec.FILES}
    conformance = {
        name.replace("conformance/", "subunit2/", 1)
        for name in names_in_source(built)
        if name.startswith("conformance/schemas/")
        or name.removeprefix("conformance/") in ("corpus/cases.json", "FORMAT.md", "HARNESS.md")
    }
    assert "subunit2/corpus/cases.json" in conformance
    # The compiled reader is there, and its sources are not.
    sources = "subunit2/packets/speedups/"
    assert f"{sources}speedups.c" in expected
    expected = {name for name in expected if not name.startswith(sources)}
    assert files == expected | specification | conformance | set(compiled_names(built))
    assert {
        "subunit2/py.typed",
        "subunit2/__main__.py",
        "subunit2/cli/commands/inspect.py",
        "subunit2/packets/kaitai_generated.py",
    } <= files
    assert [name for name in files if name.endswith(".lark")]
    assert [name for name in names if {"tests", "conftest.py"} & set(Path(name).parts)] == []


def test_the_wheel_is_small(built: Built) -> None:
    assert len(names_in_wheel(built)) < 220
    assert built.wheel.stat().st_size < 900_000


def test_the_wheel_holds_both_licences(built: Built) -> None:
    licences = {f"{NAME}.dist-info/licenses/{name}" for name in LICENCES}
    assert licences <= names_in_wheel(built)
    assert metadata(built)["License-Expression"] == "Apache-2.0 OR BSD-3-Clause"
    assert metadata(built).get_all("License-File") == list(LICENCES)


def test_what_the_wheel_says_of_itself(built: Built) -> None:
    said = metadata(built)
    assert said["Name"] == "subunit2"
    assert said["Version"] == subunit2.__version__
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert needed_for(said, None) == {"isal", "kaitaistruct", "msgspec"}
    cli, grammar = {"rich", "shtab"}, {"hypothesis", "lark"}
    conformance = {"jsonschema", "junitparser"} | cli | grammar
    extras = {name: needed_for(said, name) for name in said.get_all("Provides-Extra", [])}
    assert extras == {
        "all": conformance,
        "cli": cli,
        "conformance": conformance,
        "grammar": grammar,
    }
    versions = {f"Programming Language :: Python :: 3.{minor}" for minor in range(11, 15)}
    assert versions <= set(said.get_all("Classifier", []))
    urls = dict(each.split(", ") for each in said.get_all("Project-URL", []))
    assert set(urls) == {"Homepage", "Documentation", "Source", "Changelog", "Issues"}


def needed_for(said: Message, extra: str | None) -> set[str]:
    """Return the names of the distributions that an extra needs; None for no extra."""
    needed = map(Requirement, said.get_all("Requires-Dist", []))
    return {
        each.name
        for each in needed
        if (extra is None and "extra ==" not in str(each.marker))
        or (extra is not None and f'extra == "{extra}"' in str(each.marker))
    }


def test_the_package_page_is_rendered_and_its_links_are_absolute(built: Built) -> None:
    page = metadata(built).get_payload()
    assert isinstance(page, str)
    rendered = readme_renderer.markdown.render(page)
    assert rendered is not None
    # Not the anchors of headings, which the renderer makes.
    targets = re.findall(r'(?:href|src)="(?!#user-content-)([^"]*)"', rendered)
    assert len(targets) > 10
    assert [each for each in targets if not each.startswith("https://")] == []
    # Each link leads to a file of the repository.
    source = metadata_url(built, "Source")
    ours = [each.removeprefix(source) for each in targets if each.startswith(source)]
    places = [re.fullmatch(rf"/(blob|raw)/v{subunit2.__version__}/([^#]+)(#.*)?", e) for e in ours]
    assert None not in places
    paths = {place[2] for place in places if place}
    assert [path for path in paths if not (ROOT / path).is_file()] == []
    assert "docs/inspect.svg" in paths


def metadata_url(built: Built, label: str) -> str:
    urls = dict(each.split(", ") for each in metadata(built).get_all("Project-URL", []))
    return urls[label]


def test_the_source_holds_what_it_is_built_and_tested_from(built: Built) -> None:
    names = names_in_source(built)
    assert {"pyproject.toml", "README.md", *LICENCES} <= names
    assert {f"spec/{name}" for name in spec.FILES} <= names
    assert {"python/tests/conftest.py", "conformance/captures/captures.toml"} <= names
    made = {"__pycache__", ".venv", "node_modules", "dist", ".git", ".hypothesis", ".mypy_cache"}
    assert [name for name in names if made & set(Path(name).parts)] == []


def test_the_installed_specification_is_found(built: Built) -> None:
    paths = json.loads(built.run(sys.executable, "-m", "subunit2", "spec", "--json"))
    package = built.installed / "subunit2"
    assert paths == {name: str(package / "spec_files" / name) for name in spec.FILES}
    for name, path in paths.items():
        assert Path(path).read_bytes() == spec.path(name).read_bytes()


def test_the_installed_clauses_are_read(built: Built) -> None:
    said = built.run(sys.executable, "-m", "subunit2", "spec", "length.least").decode()
    assert said.startswith("length.least  (MUST, ")


@pytest.mark.parametrize("call", ["module", "script"])
def test_the_installed_command(built: Built, call: str) -> None:
    command = (
        [sys.executable, "-m", "subunit2"]
        if call == "module"
        else [str(built.installed / "bin/subunit2")]
    )
    line = (
        b'{"kind":"packet","offset":0,"length":12,"test_id":"foo","test_status":"exists",'
        b'"runnable":true,"eof":false}\n'
    )
    assert built.run(*command, "decode", stdin=FOO_OCTETS) == line
    assert built.run(*command, "encode", stdin=line) == FOO_OCTETS
    assert b"\nsummary  12 octets\n" in built.run(*command, "inspect", stdin=FOO_OCTETS)
    way = "compiled" if has_compiler() else "pure Python"
    version = f"subunit2 {subunit2.__version__} (reader: {way}, ".encode()
    assert built.run(*command, "--version").startswith(version)


def test_the_installed_corpus_is_found(built: Built) -> None:
    listed = built.run(sys.executable, "-m", "subunit2", "conformance", "list").decode()
    ids = [line.split()[0] for line in listed.splitlines()]
    assert ids == [case.id for case in corpus.load().cases]
    shown = built.run(sys.executable, "-m", "subunit2", "conformance", "show", ids[0])
    assert shown.startswith(ids[0].encode())


def test_the_installed_corpus_is_exported(built: Built, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    built.run(sys.executable, "-m", "subunit2", "conformance", "export", folder)
    assert (folder / "cases.json").read_bytes() == (corpus.path() / "cases.json").read_bytes()
    assert {"FORMAT.md", "HARNESS.md", "schemas", "streams", "SHA256SUMS"} <= {
        each.name for each in folder.iterdir()
    }
    # The wheel has no raw streams: they are made of cases.json, octet for octet.
    kept = ROOT / "conformance" / "corpus" / "streams"
    streams = {each.relative_to(kept) for each in kept.rglob("*.subunit")}
    assert len(streams) > 2000
    written = {
        each.relative_to(folder / "streams") for each in (folder / "streams").rglob("*.subunit")
    }
    assert written >= streams
    assert [
        each
        for each in sorted(streams)
        if (folder / "streams" / each).read_bytes() != (kept / each).read_bytes()
    ] == []


def test_the_installed_grammar_is_read(built: Built) -> None:
    pytest.importorskip("lark")
    script = (
        "from subunit2.grammar import recogniser\n"
        "print(recogniser.__file__, *recogniser.recognise(bytes.fromhex(input())), sep='\\n')"
    )
    said = built.run(sys.executable, "-c", script, stdin=FOO_OCTETS.hex().encode()).decode()
    where, item = said.splitlines()
    assert Path(where).is_relative_to(built.installed)
    assert item == "Packet(test_id='foo', test_status='exists', length=12)"
