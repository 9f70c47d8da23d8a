"""Copies of the library with a fault planted into each, and which cases find it.

Strategy: a defect of `conformance/seeded-faults/library.toml` is one small change to the
text of the library. It is made in a copy, which the session harness then imports in
place of the library, and the runner, which is the library's own and without the fault,
asks the cases. A copy is without the compiled reader, but for a defect of that.

To choose the cases that a defect names:

    python python/tests/support/seeded_faults.py DEFECT ...    which cases find it, by family
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from subunit2.conformance import corpus
from subunit2.conformance.results import Law, Result
from subunit2.conformance.run import Settings, run
from support import speedups

ROOT: Final = Path(__file__).parents[3]
LIBRARY: Final = ROOT / "python" / "subunit2"
HARNESS: Final = ROOT / "conformance" / "implementations" / "subunit2" / "harness.py"
DEFECTS: Final = ROOT / "conformance" / "seeded-faults" / "library.toml"
COMPILED: Final = DEFECTS.with_name("speedups.toml")


class StaleDefectError(Exception):
    """The library's text has changed under a defect."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is replaced in a file of the library."""

    file: str
    replace: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A fault, and who finds it.

    :ivar caught_by: ids of cases.
    :ivar fast: whether it is in the fast ways of Python.
    :ivar compiled: whether it is in the compiled reader.
    :ivar law: the one law that shows it, where the items themselves are right.
    """

    name: str
    what: str
    kind: str
    changes: tuple[Change, ...]
    caught_by: tuple[str, ...]
    law: Law | None
    fast: bool
    compiled: bool

    def finds(self, result: Result) -> bool:
        """Whether a result shows the defect, in the way that is said of it."""
        if self.law is None:
            return result.outcome != "passed"
        if result.outcome != "passed":
            return False
        return any(
            law == self.law and each.outcome != "passed" for law, each in result.laws.items()
        )


def defects() -> list[Defect]:
    """All of the files, in their order."""
    return [_defect(form) for path in (DEFECTS, COMPILED) for form in _document(path)["defect"]]


def _document(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _defect(form: dict[str, Any]) -> Defect:
    return Defect(
        name=form["name"],
        what=form["what"],
        kind=form["kind"],
        changes=_changes(form),
        caught_by=tuple(form["caught_by"]),
        law=form.get("law"),
        fast=form.get("fast", False),
        compiled=form.get("compiled", False),
    )


def _changes(form: dict[str, Any]) -> tuple[Change, ...]:
    return tuple(
        Change(file=change["file"], replace=change["replace"], by=change["with"])
        for change in form["changes"]
    )


def plant(defect: Defect, folder: Path) -> Path:
    """Put a copy of the library with the defect into a folder, for PYTHONPATH.

    :raises StaleDefectError: where the text to be replaced is not there exactly once.
    """
    copy = folder / LIBRARY.name
    left_out = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    shutil.copytree(LIBRARY, copy, ignore=left_out)
    # Else the fast ways, which see nearly all packets, would not see the fault.
    careful = () if defect.fast or defect.compiled else _changes(_document(DEFECTS)["careful"])
    for change in (*careful, *defect.changes):
        path = copy / change.file
        text = path.read_text("utf-8")
        if text.count(change.replace) != 1:
            raise StaleDefectError(f"defect {defect.name} no longer applies: update it")
        path.write_text(text.replace(change.replace, change.by), "utf-8")
    if defect.compiled:
        packets = copy / "packets"
        speedups.compile_speedups(packets / speedups.SOURCES.name, packets, "-w")
    return folder


def command(python_path: Path, *arguments: str) -> list[str]:
    """The words that run Python with the library of `python_path`."""
    # What is measured is how much of the library the tests run, not of its copies.
    unset = ["-u", "COVERAGE_PROCESS_CONFIG", "-u", "COVERAGE_PROCESS_START"]
    return ["env", *unset, f"PYTHONPATH={python_path}", sys.executable, *arguments]


def ask(python_path: Path, cases: Iterable[corpus.Case], *, laws: bool) -> list[Result]:
    """What became of the cases with the library of `python_path`."""
    settings = Settings(
        cases=list(cases),
        session=shlex.join(command(python_path, str(HARNESS))),
        laws=laws,
        # A defect may well hang or end it in every case.
        timeout=5.0,
        give_up_after=sys.maxsize,
    )
    return [event for event in run(settings) if isinstance(event, Result)]


#: The profiles of the cases that a kind of defect can show in.
_PROFILES: Final = {
    "reader": ("packet", "stream", "recovery"),
    "writer": ("writer",),
    "multiplexer": ("multiplexer",),
}


def finders(defect: Defect, cases: corpus.Corpus) -> dict[str, list[str]]:
    """The ids of all cases that find a defect, by family: all but the last part of the id."""
    families = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        python_path = plant(defect, Path(folder))
        asked = cases.select(_PROFILES[defect.kind])
        for result in ask(python_path, asked, laws=defect.law is not None):
            if defect.finds(result):
                families[result.case.id.rpartition("/")[0]].append(result.case.id)
    return families


def main() -> None:
    """Print which cases find the defects named, or all."""
    by_name = {defect.name: defect for defect in defects()}
    parser = argparse.ArgumentParser(description="Which cases find a planted defect, by family.")
    parser.add_argument("names", nargs="*", metavar="DEFECT", help="all if none is named")
    parser.add_argument("--all", action="store_true", help="every case, not five of each family")
    options = parser.parse_args()
    if unknown := set(options.names) - by_name.keys():
        parser.error(f"no defect is called {', '.join(sorted(unknown))}")
    cases = corpus.load()
    for name in options.names or by_name:
        families = finders(by_name[name], cases)
        total = sum(map(len, families.values()))
        print(f"{name}: {total} cases", flush=True)
        for family, ids in families.items():
            shown = ids if options.all else ids[:5]
            print(f"  {family} ({len(ids)})", *shown, sep="\n    ", flush=True)


if __name__ == "__main__":
    main()
