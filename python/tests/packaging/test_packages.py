"""The corpus for those who do not use Python: as a package of npm and as a Go module, by path."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from subunit2.conformance.corpus import Corpus, ReaderCase, load
from support.command import environment
from support.conformance_toolchains import CONFORMANCE, needed

PACKAGE = json.loads((CONFORMANCE / "package.json").read_bytes())

#: What the two programs below print: of each case of a reader, its id and the size of its stream.
Sizes = dict[str, int]


def output(*command: str | Path, folder: Path) -> bytes:
    done = subprocess.run(command, capture_output=True, cwd=folder, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return done.stdout


def sizes(corpus: Corpus) -> Sizes:
    return {case.id: len(case.stream) for case in corpus.cases if isinstance(case, ReaderCase)}


def test_its_version_is_that_of_the_corpus() -> None:
    assert PACKAGE["version"] == load().version


def test_it_lists_files_that_are_there() -> None:
    assert [name for name in PACKAGE["files"] if not (CONFORMANCE / name).exists()] == []
    assert {"corpus", PACKAGE["main"]} <= set(PACKAGE["files"])


def test_the_readme_says_what_each_file_is_for() -> None:
    readme = (CONFORMANCE / "README.md").read_text(encoding="utf-8")
    tree = readme.partition("## What is here\n")[2].partition("\n## ")[0]
    made = {"README.md", "__pycache__", "node_modules"}
    names = {path.name for path in CONFORMANCE.iterdir()} - made
    assert [name for name in sorted(names) if f" {name}" not in tree] == []


def test_from_javascript(tmp_path: Path) -> None:
    needed("node")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / PACKAGE["name"]).symlink_to(CONFORMANCE, target_is_directory=True)
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


def test_the_go_package_is_formatted_and_sound() -> None:
    needed("gofmt")
    assert output("gofmt", "-l", "corpus.go", folder=CONFORMANCE) == b""
    assert output("go", "vet", ".", folder=CONFORMANCE) == b""
