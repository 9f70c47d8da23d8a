"""Which cases a command is about, and how it is told so."""

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
    "choose",
    "layout_of",
    "number",
    "open_corpus",
    "whole_number",
]


def add_corpus(parser: argparse.ArgumentParser) -> None:
    """Give a command another corpus than the package's."""
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="DIR",
        help="the folder of another cases.json; default: the one of this version",
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Let a command be about some of the cases."""
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        choices=PROFILES,
        help="only cases of this profile; can be given several times",
    )
    parser.add_argument(
        "--case",
        action="append",
        default=[],
        metavar="GLOB",
        help="only cases whose id matches, such as 'recovery/*'; * also stands for /; "
        "can be given several times",
    )
    parser.add_argument(
        "--clause",
        action="append",
        default=[],
        metavar="ID",
        help="only cases about this clause or chapter of the specification, such as stream.text",
    )
    parser.add_argument(
        "--flag", action="append", default=[], metavar="FLAG", help="only cases with this flag"
    )


def add_colour(parser: argparse.ArgumentParser) -> None:
    """Let a command's colour be chosen."""
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )
    colour.add_argument(
        "--no-color", dest="color", action="store_const", const="never", help="never use colour"
    )


def layout_of(options: argparse.Namespace, most: int | None) -> Layout:
    """How wide a terminal is, at most 140 columns of it; elsewhere 100."""
    columns = shutil.get_terminal_size((100, 24)).columns
    width = min(max(columns, 52), 140) if sys.stdout.isatty() else 100
    return Layout(Paint(options.color), width, most)


def open_corpus(options: argparse.Namespace) -> Corpus:
    """The corpus that a command was called for.

    :raises CallError: where it cannot be read.
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
            # Of a later version, say.
            names = ", ".join(sorted(unknown))
            raise CallError(f"{file}: {case.id}: no clause {names} in this version's specification")
    return corpus


def choose(
    corpus: Corpus,
    options: argparse.Namespace,
    globs: Iterable[str] | None = None,
    *,
    is_run: bool = False,
) -> list[Case]:
    """The cases that a command was called for; at least one.

    :param globs: what their ids match; `--case` if None.
    :param is_run: a run that asks nothing has failed, whatever the reason.
    :raises CallError: where it names a clause, flag or case that there is not.
    :raises InputError: where no case is left.
    """
    globs = list(options.case if globs is None else globs)
    clauses = set(spec.clauses())
    chapters = {clause.partition(".")[0] for clause in clauses}
    for clause in options.clause:
        _known("clause", clause, clauses | chapters)
    for flag in options.flag:
        _known("flag", flag, corpus.flags)
    for glob in globs:
        if not corpus.select(globs=[glob]):
            reason = f"no case {glob}{_meant(glob, corpus.by_id)}"
            raise InputError(f"nothing was asked: {reason}") if is_run else CallError(reason)
    cases = [
        case
        for case in corpus.select(options.profile, globs)
        if _is_about(case, options.clause)
        and (not options.flag or not set(options.flag).isdisjoint(case.flags))
    ]
    if not cases:
        asked = "nothing was asked: " if is_run else ""
        raise InputError(f"{asked}no case is all of that: so called, of this profile, and the rest")
    return cases


def _is_about(case: Case, clauses: list[str]) -> bool:
    return not clauses or any(
        clause in (own, own.partition(".")[0]) for clause in clauses for own in case.clauses
    )


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name not in set(names):
        raise CallError(f"no {what} {name}{_meant(name, names)}")


def _meant(name: str, names: Iterable[str]) -> str:
    """What a name that there is not may have been meant for."""
    names = sorted(names)
    close = get_close_matches(name, names, 3, 0.5)
    # Whoever gives a part of an id has not to guess the rest.
    close += [each for each in names if name in each and each not in close][: 3 - len(close)]
    return f"; is it {' or '.join(close)}?" if close else ""


def number(text: str) -> int:
    """A number that an option takes: 0 or more."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number")
    return value


def whole_number(text: str) -> int:
    """A number that an option takes: 1 or more."""
    value = number(text)
    if not value:
        raise argparse.ArgumentTypeError("it has to be 1 or more")
    return value
