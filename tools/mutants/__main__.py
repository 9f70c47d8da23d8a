"""Change a port by rules, and list the changes that no case of the corpus finds."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants import equivalents, page, report
from mutants.mutant import OPERATORS, Mutant
from mutants.ports import PORTS, ROOT, Port, PortError, port_in
from mutants.survey import LARGEST, Survey, Trial
from subunit2.conformance import corpus

#: The killers of the last run of a port.
_MEMORY: Final = ROOT / "build" / "mutants"

_EPILOG: Final = """\
A mutant is killed if a case that the port passes fails with it, or breaks a law,
or takes ten times as long. Killers are kept in build/mutants, and come first the
next time. Survivors then get the large cases; what is left is looked at closely,
one at a time: the whole corpus with all laws, and the laws of time and memory on
streams of megabytes.

A port in Go is a module with one program that answers the runner (HARNESS.md).
Mutants are equal to a port if no input tells them apart: they are listed, with
the reason, in tools/mutants/equivalent, or in DIR/equivalent.toml of a port
elsewhere.

examples:
  make mutants
  make mutants ARGS='--port ports/go --only reader.go --operator comparison'
  make mutants ARGS='--port ../my-reader --json survivors.json'
  make mutants ARGS='--sample 100 --seed 7 --jobs 1 --quick'
  make mutants ARGS='--list --operator mask'
  make mutants ARGS='--id Reader.pm:59:61:comparison/<='

exit status:
  0  all mutants are killed, or listed: as equal to the port, or as a known gap
  1  a mutant survives that is not listed, or an entry of the list is wrong
  2  usage error, or a port that cannot be changed
  130  interrupted: the results so far are shown
"""


def selected(mutants: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants that the options choose; a sample is in the order of the draw."""
    chosen = [
        mutant
        for mutant in mutants
        if (not options.only or mutant.file in options.only)
        and (not options.operator or mutant.operator in options.operator)
        and (not options.id or mutant.id in options.id)
    ]
    if options.sample is not None and options.sample < len(chosen):
        return random.Random(options.seed).sample(chosen, options.sample)  # noqa: S311 - not a secret
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants; return the exit status."""
    options = _options(arguments)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        ports = [port_in(folder) for folder in options.port or PORTS]
        chosen = [(port, selected(port.mutants(), options)) for port in ports]
        if not any(mutants for _, mutants in chosen):
            print("mutants: no mutant is selected", file=sys.stderr)
            return 2
        if options.list:
            for port, mutants in chosen:
                print("\n".join(report.listed(port, mutants)))
            return 0
        return _try_all(chosen, options)
    except (PortError, equivalents.EquivalentsError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2


def _try_all(chosen: list[tuple[Port, list[Mutant]]], options: argparse.Namespace) -> int:
    documents: list[dict[str, Any]] = []
    status = 0
    for port, mutants in chosen:
        if not mutants:
            continue
        path = options.equivalent or equivalents.path_of(port)
        entries = equivalents.load(path)
        trials, is_interrupted = _tried(port, mutants, entries, options)
        trials.sort(key=lambda trial: (trial.mutant.file, trial.mutant.line, trial.mutant.column))
        equivalent = equivalents.reasons(trials, entries)
        print("\n".join(report.lines(port, trials, equivalent)), flush=True)
        documents.append(report.document(port, trials, equivalent))
        wrong = equivalents.faults(entries, port.mutants(), trials)
        for line in wrong:
            print(f"{path.name}: {line}", file=sys.stderr)
        new = [
            trial
            for trial in trials
            if trial.outcome == "survived"
            and trial.mutant.id not in equivalent
            and not equivalents.is_gap(trial.mutant, entries)
        ]
        if wrong or new:
            status = 1
        if is_interrupted:
            status = 130
            break
    if options.json is not None:
        text = json.dumps({"ports": documents}, indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    if options.update and status != 130:
        page.update(documents)
    return status


def _tried(
    port: Port,
    mutants: list[Mutant],
    entries: list[equivalents.Equivalent],
    options: argparse.Namespace,
) -> tuple[list[Trial], bool]:
    """Return the results, and whether the user stopped the run."""
    trials: dict[str, Trial] = {}
    shown = _Progress(port.name, is_quiet=options.quiet)
    shown.start("building, and answering all cases")
    cases = corpus.load().select(globs=options.case)
    memory = _MEMORY / f"{port.name}.json"
    with Survey(port, cases, memory=memory, largest=options.largest) as survey:

        def follow(found: Generator[Trial], total: int, action: str) -> None:
            with closing(found):
                for number, trial in enumerate(found, 1):
                    trials[trial.mutant.id] = trial
                    shown.advance(number, total, action, trial)

        def is_listed(mutant: Mutant) -> bool:
            is_equal = equivalents.reason_of(mutant, entries) is not None
            return is_equal or equivalents.is_gap(mutant, entries)

        def survivors() -> list[Mutant]:
            return [
                trial.mutant
                for trial in trials.values()
                if trial.outcome == "survived" and (options.recheck or not is_listed(trial.mutant))
            ]

        try:
            follow(survey.run(mutants, options.jobs), len(mutants), "tried")
            if left := [each for each in survivors() if not equivalents.law_of(each, entries)]:
                shown.start(f"large cases for {len(left):,}")
                follow(survey.run_large(left, options.jobs), len(left), "tried with large cases")
            if not options.quick and (left := survivors()):
                shown.start(f"laws and hostile streams for {len(left):,}")
                follow(survey.closely(left), len(left), "looked at closely")
            if options.quick:
                for mutant in survivors():
                    if law := equivalents.law_of(mutant, entries):
                        trials[mutant.id] = Trial(mutant, "killed", "", f"law {law}, as listed")
        except KeyboardInterrupt:
            shown.start(f"stopped: {len(trials):,} of {len(mutants):,} mutants")
            return list(trials.values()), True
    shown.end()
    return list(trials.values()), False


class _Progress:
    """Lines on standard error: one that is drawn anew on a terminal, some few elsewhere."""

    def __init__(self, name: str, *, is_quiet: bool) -> None:
        self._name = name
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty()
        self._survived = 0

    def start(self, text: str) -> None:
        self._survived = 0
        self._show(text, is_rare=True)

    def advance(self, number: int, total: int, action: str, trial: Trial) -> None:
        self._survived += trial.outcome == "survived"
        text = f"{number:,} of {total:,} {action}, {self._survived:,} survived"
        self._show(text, is_rare=number % 100 == 0)

    def end(self) -> None:
        if self._is_terminal and not self._is_quiet:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self, text: str, *, is_rare: bool) -> None:
        if self._is_quiet:
            return
        if self._is_terminal:
            print(f"\r\x1b[K{self._name}: {text}", end="", file=sys.stderr, flush=True)
        elif is_rare:
            print(f"{self._name}: {text}", file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mutants",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=Path, action="append", metavar="DIR", help="change the port in DIR")
    add("--only", action="append", metavar="FILE", help="change this file, such as Reader.pm")
    add("--operator", action="append", choices=list(OPERATORS), help="use this rule")
    add("--id", action="append", metavar="ID", help="try this mutant")
    add("--sample", type=_count, metavar="N", help="try N mutants, drawn by chance")
    add("--seed", type=int, default=0, metavar="N", help="draw the sample by this seed (0)")
    add("--case", action="append", default=[], metavar="GLOB", help="use only these cases")
    add(
        "--largest",
        type=_count,
        default=LARGEST,
        metavar="N",
        help=f"put cases of more than N octets to survivors only ({LARGEST:,})",
    )
    add("--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="try N at once")
    add("--quick", action="store_true", help="look at no survivor closely")
    add("--recheck", action="store_true", help="look closely at the listed ones, too")
    add("--equivalent", type=Path, metavar="FILE", help="read the list of equal mutants from FILE")
    add("--list", action="store_true", help="print the mutants, and try none")
    add("--quiet", action="store_true", help="print no progress")
    add("--json", type=Path, metavar="FILE", help="write the results as JSON")
    add("--update", action="store_true", help="write docs/mutants.json and the table of its page")
    options = parser.parse_args(arguments)
    is_part = options.only or options.operator or options.id or options.sample or options.case
    if options.update and (is_part or options.port or options.quick):
        parser.error("--update needs all mutants of both ports, and all cases")
    return options


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
