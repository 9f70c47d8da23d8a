"""Change the Perl port by rules, and list the changes that no case of the corpus finds."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants import equivalents, report
from mutants.rules import RULES, Mutant, mutants_of
from mutants.trial import PORT, ROOT, Survey, Trial
from subunit2.conformance import corpus

#: The files of the port that are not its library: the harness.
_HARNESS: Final = frozenset({"JSON.pm", "Session.pm"})
#: The killers of the last run.
MEMORY: Final = ROOT / "build" / "mutants" / "killers.json"

_EPILOG: Final = """\
A mutant is killed if a case that the port passes fails with it, or takes ten
times as long. Killers are kept in build/mutants, and come first the next time.

examples:
  make mutants
  make mutants ARGS='--only Reader.pm --operator comparison'
  make mutants ARGS='--sample 100 --seed 7 --jobs 1'
  make mutants ARGS='--longest 0.02'
  make mutants ARGS='--list --operator mask'
  make mutants ARGS='--id Reader.pm:59:61:comparison/<='
  make mutants ARGS='--json survivors.json'

exit status:
  0  all mutants are killed, or listed in tools/mutants/equivalent.toml
  1  a mutant survives, or an entry of that file is wrong
  2  usage error
  130  interrupted: the results so far are shown
"""


def all_mutants(port: Path = PORT) -> list[Mutant]:
    """Return the mutants of all files of the library."""
    found: list[Mutant] = []
    for path in sorted((port / "lib" / "Subunit").glob("*.pm")):
        if path.name not in _HARNESS:
            found += mutants_of(path.name, path.read_text(encoding="utf-8"))
    return found


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
    mutants = all_mutants()
    chosen = selected(mutants, options)
    if not chosen:
        print("mutants: no mutant is selected", file=sys.stderr)
        return 2
    if options.list:
        for mutant in chosen:
            print(f"{mutant.id}\n  - {mutant.before}\n  + {mutant.after}")
        return 0
    entries = equivalents.load()
    cases = corpus.load().select(globs=options.case)
    trials: list[Trial] = []
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    is_interrupted = False
    with Survey(_with_unicode(cases), memory=MEMORY, longest=options.longest) as survey:
        try:
            with closing(survey.run(chosen, options.jobs)) as found:
                for trial in found:
                    trials.append(trial)
                    _show_progress(trials, len(chosen), is_quiet=options.quiet)
        except KeyboardInterrupt:
            is_interrupted = True
            print(f"\nstopped: {len(trials)} of {len(chosen)} mutants", file=sys.stderr)
    trials.sort(key=lambda trial: (trial.mutant.file, trial.mutant.line, trial.mutant.column))
    equivalent = {
        trial.mutant.id: reason
        for trial in trials
        if trial.outcome == "survived"
        and (reason := equivalents.reason_of(trial.mutant, entries)) is not None
    }
    print("\n".join(report.lines(trials, equivalent)))
    if options.json is not None:
        text = json.dumps(report.document(trials, equivalent), indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    wrong = equivalents.faults(entries, mutants, trials)
    for line in wrong:
        print(f"equivalent.toml: {line}", file=sys.stderr)
    if is_interrupted:
        return 130
    survivors = [trial for trial in trials if trial.outcome == "survived"]
    return 1 if wrong or len(survivors) > len(equivalent) else 0


def _with_unicode(cases: list[corpus.Case]) -> list[corpus.Case]:
    """Leave out the cases with lone surrogates: the harness refuses them, not the library."""
    kept = []
    for case in cases:
        try:
            json.dumps(case.form, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            continue
        kept.append(case)
    return kept


def _show_progress(trials: list[Trial], total: int, *, is_quiet: bool) -> None:
    trial = trials[-1]
    if trial.outcome == "survived" and not is_quiet:
        print(f"survived: {trial.mutant.id}", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(f"\r{len(trials)} of {total} ", end="", file=sys.stderr, flush=True)
    elif len(trials) % 50 == 0 and not is_quiet:
        print(f"{len(trials)} of {total} mutants", file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mutants",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", action="append", metavar="FILE", help="change this file, such as Reader.pm")
    add("--operator", action="append", choices=list(RULES), help="use this rule")
    add("--id", action="append", metavar="ID", help="try this mutant")
    add("--sample", type=int, metavar="N", help="try N mutants, drawn by chance")
    add("--seed", type=int, default=0, metavar="N", help="draw the sample by this seed (0)")
    add("--case", action="append", default=[], metavar="GLOB", help="use only these cases")
    add("--longest", type=float, default=float("inf"), metavar="S", help="leave out longer cases")
    add("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="try N at once")
    add("--list", action="store_true", help="print the mutants, and try none")
    add("--quiet", action="store_true", help="print no progress")
    add("--json", type=Path, metavar="FILE", help="write the results as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
