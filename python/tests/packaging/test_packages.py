"""The corpus in other languages: as an npm package and as a Go module."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from subunit2.conformance.corpus import Corpus, ReaderCase, load
from support.command import environment
from support.conformance_toolchains import CONFORMANCE, needed

PACKAGE = json.loads((CONFORMANCE / "package.json").read_bytes())
LICENCES = ("LICENSE-APACHE", "LICENSE-BSD")

#: The output of the two programs below: the size of the stream of each case of a reader, by id.
Sizes = dict[str, int]


def output(*command: str | Path, folder: Path) -> bytes:
    done = subprocess.run(command, capture_output=True, cwd=folder, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return done.stdout


def sizes(corpus: Corpus) -> Sizes:
    return {case.id: len(case.stream) for case in corpus.cases if isinstance(case, ReaderCase)}


def test_its_version_is_that_of_the_corpus() -> None:
    assert PACKAGE["version"] == load().version


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package as `npm publish` would send it, unpacked."""
    needed("npm")
    folder = tmp_path_factory.mktemp("packed")
    output("npm", "pack", "--silent", "--pack-destination", folder, CONFORMANCE, folder=folder)
    [archive] = folder.iterdir()
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    return folder / "package"


@pytest.mark.toolchain
def test_the_npm_package_has_the_cases_and_not_their_streams(packed: Path) -> None:
    names = {each.relative_to(packed).as_posix() for each in packed.rglob("*") if each.is_file()}
    schemas = {f"schemas/{each.name}" for each in (CONFORMANCE / "schemas").iterdir()}
    assert names == schemas | {
        *("package.json", "index.js", "corpus/cases.json"),
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


@pytest.mark.toolchain
def test_from_javascript(packed: Path, tmp_path: Path) -> None:
    needed("node")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / PACKAGE["name"]).symlink_to(packed, target_is_directory=True)
    program = """
        const { version, flags, cases, expand } = require('subunit2-conformance');
        const sizes = {};
        for (const { id, bytes, items } of cases) {
          if (items) sizes[id] = expand(bytes).length / 2;
        }
        console.log(JSON.stringify([version, Object.keys(flags), sizes]));
    """
    version, flags, found = json.loads(output("node", "-e", program, folder=tmp_path))
    corpus = load()
    assert (version, flags) == (corpus.version, list(corpus.flags))
    assert found == sizes(corpus)


@pytest.mark.toolchain
def test_from_go(tmp_path: Path) -> None:
    needed("go")
    (tmp_path / "go.mod").write_text(
        "module example.test/reader\n\ngo 1.21\n\n"
        "require subunit2/conformance v1.0.0\n\n"
        f"replace subunit2/conformance => {CONFORMANCE}\n"
    )
    (tmp_path / "main.go").write_text(
        """\
package main

import (
	"encoding/json"
	"os"

	"subunit2/conformance"
)

func main() {
	var corpus struct {
		Cases []struct {
			ID           string
			Bytes, Items any
		}
	}
	if err := json.Unmarshal(conformance.Cases, &corpus); err != nil {
		panic(err)
	}
	sizes := map[string]int{}
	for _, each := range corpus.Cases {
		if each.Items != nil {
			sizes[each.ID] = len(conformance.Expand(each.Bytes)) / 2
		}
	}
	json.NewEncoder(os.Stdout).Encode(sizes)
}
"""
    )
    assert json.loads(output("go", "run", ".", folder=tmp_path)) == sizes(load())


def test_the_go_module_has_the_cases_and_not_their_streams() -> None:
    """Lists the files by the rules of golang.org/x/mod/zip, which makes modules."""
    inner = {each.parent for each in CONFORMANCE.rglob("go.mod")} - {CONFORMANCE}
    names = {
        each.relative_to(CONFORMANCE).as_posix()
        for each in CONFORMANCE.rglob("*")
        if each.is_file() and not inner & set(each.parents)
    }
    assert {"corpus.go", "corpus/cases.json", "clauses.toml", "item.schema.json"} <= names
    assert {*LICENCES, "schemas/case.schema.json"} <= names
    assert [name for name in names if name.startswith("corpus/streams/")] == []


@pytest.mark.toolchain
def test_the_go_package_is_formatted_and_sound() -> None:
    needed("gofmt")
    assert output("gofmt", "-l", "corpus.go", folder=CONFORMANCE) == b""
    assert output("go", "vet", ".", folder=CONFORMANCE) == b""
