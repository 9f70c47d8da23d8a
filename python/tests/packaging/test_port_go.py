"""The port in Go: formatted, sound, its own tests, and the corpus with the laws."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from support.command import environment, run
from support.conformance_toolchains import needed

PORT: Final = Path(__file__).resolve().parents[3] / "ports" / "go"


def output(*command: str) -> str:
    done = subprocess.run(
        command, cwd=PORT, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


@pytest.mark.toolchain
def test_it_is_formatted() -> None:
    needed("gofmt")
    assert output("gofmt", "-l", ".") == ""


@pytest.mark.slow
@pytest.mark.toolchain
def test_it_is_sound_and_its_own_tests_pass() -> None:
    needed("go")
    assert output("go", "vet", "./...") == ""
    assert len(re.findall(r"^ok ", output("go", "test", "./..."), re.M)) == 2


@pytest.mark.slow
@pytest.mark.toolchain
def test_it_needs_the_standard_library_only() -> None:
    needed("go")
    standard = '{{if not .Standard}}{{.ImportPath}}{{"\\n"}}{{end}}'
    found = output("go", "list", "-deps", "-f", standard, "./...").splitlines()
    assert {each.partition("/internal")[0].partition("/cmd")[0] for each in found} == {
        "subunit2/go"
    }


@pytest.mark.slow
@pytest.mark.toolchain
def test_all_cases_pass() -> None:
    needed("go")
    done = run("conformance", "run", "--session", PORT / "harness", "--no-laws", "--timeout", "60")
    assert (done.status, done.errors) == (0, b""), done.text


@pytest.mark.slow
@pytest.mark.toolchain
def test_the_laws_hold() -> None:
    needed("go")
    patterns = ("packet/first-error/*", "recovery/mid-line/*", "stream/stop/*")
    cases = [word for pattern in patterns for word in ("--case", pattern)]
    done = run("conformance", "run", "--session", PORT / "harness", "--timeout", "60", *cases)
    assert (done.status, done.errors) == (0, b""), done.text
    # The harness says what it holds, so that no law is skipped.
    assert b"skipped" not in done.output


@pytest.mark.slow
@pytest.mark.toolchain
def test_the_code_of_its_page_is_sound(tmp_path: Path) -> None:
    needed("go")
    page = (PORT / "README.md").read_text(encoding="utf-8")
    [required] = re.findall(r"^```\n(require.*?)^```$", page, re.M | re.S)
    (tmp_path / "go.mod").write_text(
        "module example.test/page\n\ngo 1.23\n\n"
        + required.replace("../subunit2/ports/go", str(PORT))
    )
    blocks = re.findall(r"^```go\n(.*?)^```$", page, re.M | re.S)
    assert len(blocks) == 3
    imports = {"fmt": "Print", "log": "Fatal", "os": "Exit", "time": "Now"}
    for number, block in enumerate(blocks):
        folder = tmp_path / f"block{number}"
        folder.mkdir()
        (folder / "main.go").write_text(
            'package main\n\nimport subunit "subunit2/go"\n'
            + "".join(f'import "{name}"\n' for name in imports)
            + "".join(f"var _ = {name}.{used}\n" for name, used in imports.items())
            + f"func main() {{\n{block}}}\n"
        )
    assert output("go", "vet", "-C", str(tmp_path), "./...") == ""


@pytest.mark.slow
@pytest.mark.toolchain
def test_another_folder_can_hold_the_build(tmp_path: Path) -> None:
    needed("go")
    done = subprocess.run(
        [PORT / "harness"],
        env=environment({"SUBUNIT2_GO_BUILD": str(tmp_path / "made")}),
        input=b'{"id":1,"op":"bye"}\n',
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b'{"id":1}\n', b"")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["subunit-session"]
