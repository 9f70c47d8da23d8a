"""The implementations: a run gives the committed reports, and the bug reports are true.

`make implementations ARGS=--check` runs the large cases: a reader that takes octets one by
one needs minutes for them.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from implementations.causes import Cause, read_causes, sort_failures
from implementations.folders import ALL, Folder, folders
from implementations.measure import disagreements, measure
from implementations.table import scores, spliced, tables
from subunit2 import spec
from subunit2.conformance import corpus, divergences
from subunit2.conformance.corpus import ReaderCase, WriterCase
from subunit2.conformance.results import Result

FOLDERS = {folder.name: folder for folder in folders()}
CORPUS = corpus.load()

BUGS = sorted(ALL.glob("*/bugs/*.md"))
BUG_IDS = [f"{path.parts[-3]}/{path.stem}" for path in BUGS]

RUST = FOLDERS["subunit-rust"]
PROGRAMS = [path for path in BUGS if path.parents[1] == RUST.path]
SCRIPTS = [path for path in BUGS if path not in PROGRAMS]

_CASE = re.compile(r"^- `([^`]+)`: `(.+)`$", re.MULTILINE)
_SCRIPT = re.compile(
    r"```(python|javascript|rust)\n(.*?)```\n\nprints\n\n```text\n(.*?)```", re.DOTALL
)

#: The message of a panic, without the number of the thread and the folder of the crate.
_PANIC = re.compile(
    r"^(thread '.*?') (?:\(\d+\) )?(panicked at )(?:.*/)?([^/]+/src/.*\n.*\n)", re.M
)


@contextmanager
def _alone(folder: Folder) -> Iterator[None]:
    """Lock the builds of a folder: tests may run in several processes."""
    folder.build.parent.mkdir(parents=True, exist_ok=True)
    with folder.build.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ready(name: str) -> Folder:
    folder = FOLDERS[name]
    if folder.missing:
        pytest.skip(f"{', '.join(folder.missing)} is not there")
    with _alone(folder):
        folder.prepare()
    return folder


def _causes(folder: Folder) -> list[Cause]:
    return read_causes(folder.path / "causes.toml")


def _report(folder: Folder) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder.path / "report.json").read_text())
    return report


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.parametrize("name", FOLDERS)
def test_a_report_is_what_a_run_gives_now(name: str) -> None:
    folder = _ready(name)
    chosen = [case for case in CORPUS.cases if "large" not in case.flags]
    large = {case.id for case in CORPUS.cases if "large" in case.flags}
    # Laws take most of the time. The divergence file has an entry for each that fails.
    has_laws = name == "subunit2" or any(cause.entry.law for cause in _causes(folder))
    measured = measure(folder, CORPUS, chosen, laws=has_laws)
    assert [each for each in disagreements(measured) if each.partition(": ")[0] not in large] == []
    now, was = measured.document(), _report(folder)
    assert now["corpus"] == was["corpus"], "run `make implementations`"
    assert now["implementation"] == was["implementation"]
    assert now["cases"] == [case for case in was["cases"] if case["id"] not in large]


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_what_a_folder_says_is_what_the_harness_says(folder: Folder) -> None:
    said = _report(folder)["implementation"]
    assert said["name"] == folder.name
    assert said["version"] == folder.version
    assert said["language"] == folder.language
    assert tuple(said["profiles"]) == folder.profiles


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_nothing_fails_that_is_not_foreseen(folder: Folder) -> None:
    report = _report(folder)
    assert report["disagreements"] == []
    assert "given_up" not in report
    assert report["passed"]


def test_the_table_is_that_of_the_reports() -> None:
    readme = (ALL / "README.md").read_text()
    assert spliced(readme, tables(FOLDERS.values())) == readme
    readme = (ALL.parents[1] / "README.md").read_text("utf-8")
    assert spliced(readme, scores(FOLDERS.values(), "conformance/implementations/")) == readme


def test_the_library_has_no_divergences() -> None:
    for name in ("subunit2", "subunit2-reference", "subunit2-grammar"):
        assert not (FOLDERS[name].path / "divergences.toml").exists()


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_each_bug_has_its_report_and_each_report_its_bug(folder: Folder) -> None:
    path = folder.path / "divergences.toml"
    entries = divergences.load(path).entries if path.exists() else ()
    named = {entry.report for entry in entries if entry.kind == "bug"}
    there = {f"bugs/{each.name}" for each in (folder.path / "bugs").glob("*.md")}
    assert named == there


@pytest.mark.parametrize("path", BUGS, ids=BUG_IDS)
def test_a_bug_report_names_cases_as_they_are(path: Path) -> None:
    found = _CASE.findall(path.read_text())
    assert found
    known = divergences.load(path.parents[1] / "divergences.toml").entries
    entries = [entry for entry in known if entry.report == f"bugs/{path.name}"]
    named = {case_id for entry in entries for case_id in entry.cases}
    for case_id, shown in found:
        case = CORPUS.by_id[case_id]
        if isinstance(case, ReaderCase):
            assert shown == case.stream.hex()
        else:
            assert isinstance(case, WriterCase)
            assert json.loads(shown) == case.packet
        assert case_id in named


@pytest.mark.parametrize("path", BUGS, ids=BUG_IDS)
def test_a_bug_report_has_clauses_as_they_are(path: Path) -> None:
    text = " ".join(path.read_text().split())
    quoted = re.findall(r"- `([a-z0-9-]+\.[a-z0-9-]+)`:", text)
    assert quoted
    for clause_id in quoted:
        clause = spec.clause(clause_id)
        for words in (clause.text, clause.readme, clause.fact, clause.decision):
            assert words is None or " ".join(words.split()) in text


def _script(path: Path) -> tuple[str, str, str]:
    """Return the language of a bug report's script, the script, and its output."""
    found = _SCRIPT.search(path.read_text())
    assert found is not None
    language, text, printed = found.groups()
    return language, text, printed


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_the_script_of_a_bug_report_prints_what_it_says(path: Path) -> None:
    language, text, printed = _script(path)
    command = {
        "python": ["{build}/bin/python", "-c", text],
        "javascript": ["node", "-e", text],
    }[language]
    folder = _ready(next(each.name for each in FOLDERS.values() if each.path == path.parents[1]))
    done = subprocess.run(
        [word.replace("{build}", str(folder.build)) for word in command],
        env=os.environ | {"NODE_PATH": str(folder.build / "node_modules")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout
    if done.returncode:
        # The last line of a traceback.
        said += next(
            line for line in reversed(done.stderr.splitlines()) if re.match(r"\S*rror: ", line)
        )
    assert said.strip() == printed.strip()


@pytest.fixture(scope="module")
def programs() -> Path:
    """Return the folder of the compiled programs of the crate's bug reports.

    They are examples of the harness' own package, so they use the versions of its lock file
    and the crates that were compiled for it.
    """
    folder = _ready(RUST.name)
    package = folder.build / "bugs"
    sources = {name: (RUST.path / name).read_text() for name in ("Cargo.toml", "Cargo.lock")}
    sources["harness.rs"] = (RUST.path / "harness.rs").read_text()
    for path in PROGRAMS:
        language, sources[f"examples/{path.stem}.rs"], _ = _script(path)
        assert language == "rust"
    with _alone(folder):
        (package / "examples").mkdir(parents=True, exist_ok=True)
        for name, text in sources.items():
            # Cargo compiles a file again if its time is newer.
            if not (package / name).exists() or (package / name).read_text() != text:
                (package / name).write_text(text)
        done = subprocess.run(
            [
                *("cargo", "build", "--quiet", "--release", "--locked"),
                *("--target-dir", str(folder.build)),
                *(word for path in PROGRAMS for word in ("--example", path.stem)),
            ],
            cwd=package,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    return folder.build / "release" / "examples"


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_program_of_a_bug_report_prints_what_it_says(programs: Path, path: Path) -> None:
    _, _, printed = _script(path)
    done = subprocess.run(
        [programs / path.stem],
        env=os.environ | {"RUST_BACKTRACE": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout
    if done.returncode:
        panic = _PANIC.search(done.stderr)
        assert panic is not None, done.stderr
        said += panic.expand(r"\1 \2\3")
    assert said.strip() == printed.strip()


def test_a_failure_goes_to_the_first_cause_that_fits_or_is_left_over(tmp_path: Path) -> None:
    one, other = [case for case in CORPUS.cases if isinstance(case, ReaderCase)][:2]
    file = tmp_path / "causes.toml"
    file.write_text(f"""
        [[cause]]
        name = "loses"
        kind = "by design"
        clauses = ["stream.partition"]
        reason = "It loses octets."
        known_by = {{ ids = ["{one.id}"], says = "is missing" }}
        """)
    results = [
        Result(case=one, outcome="wrong", reason="octet 3 is missing", expected=[], actual=[]),
        Result(case=other, outcome="rejected", reason="it raised"),
    ]
    text, left_over = sort_failures(read_causes(file), results)
    loses, todo = tomllib.loads(text)["divergence"]
    assert loses["name"] == "loses"
    assert list(loses["cases"]) == [one.id]
    assert [each.id for each in left_over] == [other.id] == list(todo["cases"])
    (tmp_path / "divergences.toml").write_text(text)
    with pytest.raises(divergences.DivergenceFileError):
        divergences.load(tmp_path / "divergences.toml")
