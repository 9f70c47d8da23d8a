"""Run the conformance suite against existing implementations, and write their reports.

Usage:
    python tools/implementations/measure.py              all that can run here
    python tools/implementations/measure.py NAME ...     these
    python tools/implementations/measure.py --merge      make their divergence files anew first
    python tools/implementations/measure.py --check      compare instead; write nothing
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

# Run as a script; its folder is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from implementations.causes import LeftOver, read_causes, sort_failures
from implementations.folders import ALL, Folder, InstallError, folders
from implementations.table import scores, spliced, tables
from subunit2.conformance import corpus, divergences
from subunit2.conformance.corpus import Case, Corpus
from subunit2.conformance.reports.json import Report
from subunit2.conformance.results import Result
from subunit2.conformance.run import CommandError, Settings, run

__all__ = ["disagreements", "main", "measure"]

#: The most failures without a cause that are printed.
_MOST_SHOWN = 30


def main(arguments: list[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="(default: all)")
    parser.add_argument("--merge", action="store_true", help="make the divergence files anew")
    parser.add_argument("--check", action="store_true", help="compare; write nothing")
    options = parser.parse_args(arguments)
    known = {folder.name: folder for folder in folders()}
    for name in options.names:
        if name not in known:
            parser.error(f"no such implementation: {name} (there are {', '.join(known)})")
    faults = []
    cases = corpus.load()
    for name in options.names or known:
        try:
            faults += _one(known[name], cases, options)
        except (InstallError, CommandError) as error:
            faults.append(str(error))
    faults += _tables(list(known.values()), check=options.check)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _one(folder: Folder, cases: Corpus, options: argparse.Namespace) -> list[str]:
    if folder.missing:
        print(f"{folder.name}: not run: {', '.join(folder.missing)} is not there")
        return []
    folder.prepare()
    if options.merge and not options.check:
        left_over = _merge(folder, cases)
        if left_over:
            return [f"{folder.name}: {line}" for line in _listed(left_over)]
    report = measure(folder, cases)
    document = report.document()
    text = json.dumps(document, indent=1) + "\n"
    path = folder.path / "report.json"
    print(f"{folder.name}: {', '.join(f'{n:,} {what}' for what, n in document['totals'].items())}")
    faults = [f"{folder.name}: {fault}" for fault in disagreements(report)]
    if options.check and (not path.exists() or path.read_text(encoding="utf-8") != text):
        faults.append(f"{folder.name}: report.json is not what a run gives now")
    if not options.check:
        path.write_text(text, encoding="utf-8")
    return faults


def measure(
    folder: Folder, cases: Corpus, chosen: Sequence[Case] | None = None, *, laws: bool = True
) -> Report:
    """Return the report of a run with the known divergences.

    :param chosen: the cases to run; None: all.
    :param laws: ask the laws, too.
    """
    path = folder.path / "divergences.toml"
    known = divergences.load(path) if path.exists() else divergences.Divergences(())
    report = Report(cases)
    settings = Settings(
        cases=list(cases.cases if chosen is None else chosen),
        session=folder.session,
        timeout=folder.timeout,
        laws=laws,
        divergences=known,
    )
    for event in run(settings):
        report.add(event)
    return report


def disagreements(report: Report) -> list[str]:
    """Return a line for each disagreement with the divergence file, and for an aborted run."""
    lines = [f"{each.case or 'the run'}: {each.reason}" for each in report.disagreements]
    if report.given_up is not None:
        lines.append(f"given up: {report.given_up}")
    return lines


def _merge(folder: Folder, cases: Corpus) -> list[LeftOver]:
    settings = Settings(cases=cases.cases, session=folder.session, timeout=folder.timeout)
    results = [event for event in run(settings) if isinstance(event, Result)]
    text, left_over = sort_failures(read_causes(folder.path / "causes.toml"), results)
    path = folder.path / "divergences.toml"
    if text:
        head = "# Made of causes.toml and a run by `make implementations ARGS=--merge`.\n\n"
        path.write_text(head + text, encoding="utf-8")
    else:
        path.unlink(missing_ok=True)
    return left_over


def _listed(left_over: Sequence[LeftOver]) -> list[str]:
    lines = [
        f"no cause: {each.id}: {each.clause}{f', law {each.law}' if each.law else ''}: "
        f"{each.outcome}: {each.reason}"
        for each in left_over[:_MOST_SHOWN]
    ]
    rest = len(left_over) - _MOST_SHOWN
    return lines + ([f"and {rest:,} more without a cause"] if rest > 0 else [])


def _tables(known: list[Folder], *, check: bool) -> list[str]:
    measured = [folder for folder in known if (folder.path / "report.json").exists()]
    root = ALL.parents[1]
    base = f"{ALL.relative_to(root).as_posix()}/"
    changed = []
    for readme, made in (
        (ALL / "README.md", tables(measured)),
        (root / "README.md", scores(measured, base)),
    ):
        text = readme.read_text(encoding="utf-8")
        now = spliced(text, made)
        if now != text and check:
            changed.append(f"the tables of {readme.relative_to(root)} are not those of the reports")
        elif now != text:
            readme.write_text(now, encoding="utf-8")
    return changed


if __name__ == "__main__":
    sys.exit(main())
