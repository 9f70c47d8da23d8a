"""Build the conformance corpus; with --check, fail where it differs from its source.

Usage:
    python tools/corpus/build.py                        build all of it
    python tools/corpus/build.py --check                compare instead; write nothing
    python tools/corpus/build.py --only 'packet/*'      check these cases only
    python tools/corpus/build.py --draft STREAM_FILE    draft a case, to be finished by hand
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

# Run as a script; its folder is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus.collect import CONFORMANCE, Collection, collect
from corpus.draft import draft
from corpus.files import corpus_files, differences, write
from corpus.lint import Problem, uncovered
from corpus.lock import LOCK, extend_lock
from corpus.pipeline import Built, build_all

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Build, check or draft; return the exit status."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="Cases are conformance/cases/ID.toml; conformance/FORMAT.md says how to write one.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="compare; write nothing")
    what.add_argument("--only", metavar="GLOB", action="append", help="only check these cases")
    what.add_argument("--draft", metavar="STREAM_FILE", help="print a case with this stream")
    options = parser.parse_args(arguments)
    if options.draft:
        return _draft(options.draft)
    if options.only:
        return _only(options.only)
    return _build(check=options.check)


def _draft(name: str) -> int:
    try:
        stream = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        print(f"{name}: {error.strerror}", file=sys.stderr)
        return 1
    print(draft(stream), end="")
    return 0


def _only(globs: Sequence[str]) -> int:
    collection = collect()

    def is_asked_for(id: str) -> bool:
        return any(fnmatchcase(id, glob) for glob in globs)

    # The case asked for may belong to a family that fails to run.
    found = [each for each in collection.problems if not each.id or is_asked_for(each.id)]
    ids = list(filter(is_asked_for, collection.sources))
    for case in build_all(collection, ids):
        found += case.problems
    if not ids and not found:
        print(f"no case is called {' or '.join(globs)}", file=sys.stderr)
        return 1
    return _report(found, f"{len(ids):,} cases are well")


def _build(*, check: bool) -> int:
    collection = collect()
    cases = list(build_all(collection, collection.sources))
    found = collection.problems + [each for case in cases for each in case.problems]
    if check:
        found += uncovered(collection.sources.values(), collection.reasons)
    files, faults = _files(collection, cases, whole=not found)
    found += faults
    if found:
        return _report(found, "")
    if not check:
        for line in _summed(list(write(CONFORMANCE, files))):
            print(line)
        return _report([], f"{len(cases):,} cases are built")
    stale = list(differences(CONFORMANCE, files))
    for line in _summed(stale):
        print(line)
    if stale:
        print("run `make corpus`", file=sys.stderr)
        return 1
    return _report([], f"{len(cases):,} cases are as they are built")


def _files(
    collection: Collection, cases: list[Built], *, whole: bool
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the files due in `conformance/`, and the faults of the ids."""
    if not whole:
        return {}, []
    path = CONFORMANCE / Path(LOCK).name
    locked = path.read_text(encoding="utf-8") if path.exists() else ""
    lock, faults = extend_lock(locked, {case.id: case.question for case in cases})
    return corpus_files(collection, cases) | {path.name: lock.encode()}, faults


#: The most lines of one kind that are printed.
_MOST_LINES = 20


def _summed(lines: list[str]) -> list[str]:
    rest = len(lines) - _MOST_LINES
    return lines[:_MOST_LINES] + ([f"and {rest:,} more files"] if rest > 0 else [])


def _report(found: Sequence[Problem], well: str) -> int:
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print(f"{len(found):,} problem{'s' if len(found) > 1 else ''}", file=sys.stderr)
        return 1
    print(well)
    return 0


if __name__ == "__main__":
    sys.exit(main())
