"""Copies of the library with one seeded fault each, and the cases that find the fault.

Strategy: a fault of `conformance/seeded-faults/library.toml` is one small change to the
text of the library. The change is made in a copy, and the session harness imports the
copy in place of the library. The runner comes from the library itself, without the
fault. Only the copies for faults of `speedups.toml` have the decoder in C.

To list the cases that find a fault, by family:

    python python/tests/support/seeded_faults.py FAULT ...
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
LIBRARY_FAULTS: Final = ROOT / "conformance" / "seeded-faults" / "library.toml"
SPEEDUPS_FAULTS: Final = LIBRARY_FAULTS.with_name("speedups.toml")


class StaleFaultError(Exception):
    """A text that a fault replaces is not in the library exactly once."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A text to replace in a file of the library."""

    file: str
    replace: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A seeded fault and the cases that find it.

    :ivar caught_by: ids of cases.
    :ivar fast: whether the fault is in the fast path, in Python.
    :ivar speedups: whether the fault is in the decoder in C.
    :ivar law: the one law that fails, if the items themselves are right.
    """

    name: str
    what: str
    kind: str
    changes: tuple[Change, ...]
    caught_by: tuple[str, ...]
    law: Law | None
    fast: bool
    speedups: bool

    def finds(self, result: Result) -> bool:
        """Return whether a result shows the fault: the case failed, or only its law.

        A reader that raises shows that the fault itself is not seeded well.
        """
        if self.law is None:
            return result.outcome == "wrong"
        if result.outcome != "passed":
            return False
        return any(
            law == self.law and each.outcome != "passed" for law, each in result.laws.items()
        )


def faults() -> list[Fault]:
    """Return the faults of both files, in the order of the files."""
    return [
        _fault(form)
        for path in (LIBRARY_FAULTS, SPEEDUPS_FAULTS)
        for form in _document(path)["fault"]
    ]


def _document(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _fault(form: dict[str, Any]) -> Fault:
    return Fault(
        name=form["name"],
        what=form["what"],
        kind=form["kind"],
        changes=_changes(form),
        caught_by=tuple(form["caught_by"]),
        law=form.get("law"),
        fast=form.get("fast", False),
        speedups=form.get("speedups", False),
    )


def _changes(form: dict[str, Any]) -> tuple[Change, ...]:
    return tuple(
        Change(file=change["file"], replace=change["replace"], by=change["with"])
        for change in form["changes"]
    )


def seed(fault: Fault, folder: Path) -> Path:
    """Put a copy of the library with the fault into a folder, for PYTHONPATH.

    :raises StaleFaultError: if a text to replace is not in its file exactly once.
    """
    copy = folder / LIBRARY.name
    left_out = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    shutil.copytree(LIBRARY, copy, ignore=left_out)
    # The fast path reads nearly all packets, and would hide a fault of the slow path.
    is_slow = not (fault.fast or fault.speedups)
    slow_path = _changes(_document(LIBRARY_FAULTS)["slow_path"]) if is_slow else ()
    for change in (*slow_path, *fault.changes):
        path = copy / change.file
        text = path.read_text("utf-8")
        if text.count(change.replace) != 1:
            raise StaleFaultError(f"seeded fault {fault.name} no longer applies: update it")
        path.write_text(text.replace(change.replace, change.by), "utf-8")
    if fault.speedups:
        packets = copy / "packets"
        speedups.compile_speedups(packets / speedups.SOURCES.name, packets, "-w")
    return folder


def command(python_path: Path, *arguments: str) -> list[str]:
    """Return the command that runs Python with the library of `python_path`."""
    # Coverage measures the library, not its copies.
    unset = ["-u", "COVERAGE_PROCESS_CONFIG", "-u", "COVERAGE_PROCESS_START"]
    return ["env", *unset, f"PYTHONPATH={python_path}", sys.executable, *arguments]


def ask(python_path: Path, cases: Iterable[corpus.Case], *, laws: bool) -> list[Result]:
    """Return the results of the cases with the library of `python_path`."""
    settings = Settings(
        cases=list(cases),
        session=shlex.join(command(python_path, str(HARNESS))),
        laws=laws,
        # A fault may hang or crash the harness in every case.
        timeout=5.0,
        give_up_after=sys.maxsize,
    )
    return [event for event in run(settings) if isinstance(event, Result)]


#: For each kind of fault, the profiles of the cases that can find it.
_PROFILES: Final = {
    "reader": ("packet", "stream", "recovery"),
    "writer": ("writer",),
    "multiplexer": ("multiplexer",),
}


def finders(fault: Fault, cases: corpus.Corpus) -> dict[str, list[str]]:
    """Return the ids of the cases that find a fault, by family (the id without its last part)."""
    families = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="seeded-") as folder:
        python_path = seed(fault, Path(folder))
        asked = cases.select(_PROFILES[fault.kind])
        for result in ask(python_path, asked, laws=fault.law is not None):
            if fault.finds(result):
                families[result.case.id.rpartition("/")[0]].append(result.case.id)
    return families


def main() -> None:
    """Print the cases that find the named faults, or all faults."""
    by_name = {fault.name: fault for fault in faults()}
    parser = argparse.ArgumentParser(
        description="List the cases that find a seeded fault, by family."
    )
    parser.add_argument("names", nargs="*", metavar="FAULT", help="default: all faults")
    parser.add_argument(
        "--all", action="store_true", help="list all cases, not five of each family"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - by_name.keys():
        parser.error(f"no seeded fault is called {', '.join(sorted(unknown))}")
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
