"""Options shared by the actions: the corpus, the selection of cases, colour."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from subunit2 import spec
from subunit2.cli.exits import CallError, InputError
from subunit2.cli.packet_view import Layout
from subunit2.cli.terminal import Paint
from subunit2.conformance.corpus import PROFILES, Case, Corpus, load, path

__all__ = [
    "add_colour",
    "add_corpus",
    "add_selection",
    "layout_of",
    "number",
    "open_corpus",
    "select_cases",
    "whole_number",
]


def add_corpus(parser: argparse.ArgumentParser) -> None:
    """Add the option that names another corpus."""
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="DIR",
        help="use the cases.json in DIR, not the corpus of this version",
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the options that select cases."""
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        choices=PROFILES,
        metavar="PROFILE",
        help=f"select cases of a profile: {', '.join(PROFILES)}; repeatable",
    )
    parser.add_argument(
        "--case",
        action="append",
        default=[],
        metavar="GLOB",
        help="select cases by id, such as 'recovery/*' (* also matches /); repeatable",
    )
    parser.add_argument(
        "--clause",
        action="append",
        default=[],
        metavar="ID",
        help="select cases of this clause or chapter, such as stream.text; repeatable",
    )
    parser.add_argument(
        "--flag",
        action="append",
        default=[],
        metavar="FLAG",
        help="select cases with this flag; repeatable",
    )


def add_colour(parser: argparse.ArgumentParser) -> None:
    """Add the options that control colour."""
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="use colour (default: auto)",
    )
    colour.add_argument(
        "--no-color", dest="color", action="store_const", const="never", help="do not use colour"
    )


def layout_of(options: argparse.Namespace, most: int | None) -> Layout:
    """Return the layout: as wide as the terminal, between 52 and 140 columns; elsewhere 100."""
    columns = shutil.get_terminal_size((100, 24)).columns
    width = min(max(columns, 52), 140) if sys.stdout.isatty() else 100
    return Layout(Paint(options.color), width, most)


def open_corpus(options: argparse.Namespace) -> Corpus:
    """Load the corpus that the options name.

    :raises CallError: if it cannot be read, or is of another version.
    """
    file = (options.corpus or path()) / "cases.json"
    try:
        corpus = load(options.corpus)
    except OSError as error:
        raise CallError(f"{file}: {error.strerror}") from None
    except KeyError as error:
        raise CallError(f"{file}: no corpus: {error} is missing") from None
    except (ValueError, TypeError) as error:
        raise CallError(f"{file}: no corpus: {error}") from None
    for case in corpus.cases:
        if unknown := set(case.clauses) - set(spec.clauses()):
            # The corpus may be of a later version.
            names = ", ".join(sorted(unknown))
            raise CallError(f"{file}: {case.id}: no clause {names} in this version's specification")
    return corpus


def select_cases(
    corpus: Corpus,
    options: argparse.Namespace,
    globs: Iterable[str] | None = None,
    *,
    is_run: bool = False,
) -> list[Case]:
    """Return the cases that the options select; at least one.

    :param globs: patterns of ids; None: those of `--case`.
    :param is_run: whether the cases are to be run. A run without cases has failed, so
        an unknown id is then an InputError.
    :raises CallError: for an unknown clause, flag or case.
    :raises InputError: if no case is left.
    """
    globs = list(options.case if globs is None else globs)
    clauses = set(spec.clauses())
    chapters = {clause.partition(".")[0] for clause in clauses}
    for clause in options.clause:
        _check_known("clause", clause, clauses | chapters)
    for flag in options.flag:
        _check_known("flag", flag, corpus.flags)
    for glob in globs:
        if not corpus.select(globs=[glob]):
            reason = f"no case {glob}{_suggestion(glob, corpus.by_id)}"
            raise InputError(f"no case was run: {reason}") if is_run else CallError(reason)
    cases = [
        case
        for case in corpus.select(options.profile, globs)
        if _is_about(case, options.clause)
        and (not options.flag or not set(options.flag).isdisjoint(case.flags))
    ]
    if not cases:
        prefix = "no case was run: " if is_run else ""
        raise InputError(f"{prefix}no case matches all of the options")
    return cases


def _is_about(case: Case, clauses: list[str]) -> bool:
    return not clauses or any(
        clause in (own, own.partition(".")[0]) for clause in clauses for own in case.clauses
    )


def _check_known(kind: str, name: str, names: Iterable[str]) -> None:
    if name not in set(names):
        raise CallError(f"no {kind} {name}{_suggestion(name, names)}")


def _suggestion(name: str, names: Iterable[str]) -> str:
    """Return the names that an unknown name resembles, as the end of a message."""
    names = sorted(names)
    close = get_close_matches(name, names, 3, 0.5)
    # A part of an id suggests the whole id.
    close += [each for each in names if name in each and each not in close][: 3 - len(close)]
    return f"; is it {' or '.join(close)}?" if close else ""


def number(text: str) -> int:
    """Read the argument of an option: a whole number from 0 on."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number")
    return value


def whole_number(text: str) -> int:
    """Read the argument of an option: a whole number from 1 on."""
    value = number(text)
    if not value:
        raise argparse.ArgumentTypeError("it has to be 1 or more")
    return value
