"""`subunit2 conformance run --validate`: does a harness speak the protocol?

Strategy: a few small cases of what it claims are asked, with answers compared
with the schema to the last key, and each step is shown. What its implementation
makes of a case is not the question: `wrong` is a good answer here.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from typing import Final

from subunit2.cli.exits import CallError
from subunit2.cli.output import visible
from subunit2.cli.packet_view import Layout
from subunit2.cli.terminal import fit, shorten
from subunit2.conformance.corpus import PROFILES, Case, Corpus
from subunit2.conformance.results import Outcome, Result
from subunit2.conformance.run import CommandError, Event, Settings, Started
from subunit2.conformance.run import run as ask
from subunit2.conformance.selection import choose, layout_of
from subunit2.conformance.terminal.formatting import count

__all__ = ["validate"]

#: Cases of each profile that are asked.
_MOST: Final = 4

#: What to do about each.
_HINTS: Final[dict[Outcome, str]] = {
    "malformed": "Each request is answered with one line: a JSON object with the request's id, and "
    "the keys that HARNESS.md gives for it. Nothing else may be written to standard output; "
    "standard error is free.",
    "timed out": "Is each answer flushed? Does it wait for the next request before it answers? "
    "Does it read a line at a time, without filling a buffer first?",
    "crashed": "What it wrote to standard error may say why. It has to go on until it is told bye, "
    'also where its implementation fails: that is {"id":N,"error":"what was raised"}.',
}


def validate(corpus: Corpus, options: argparse.Namespace) -> int:
    """Show how a session answers; the exit status."""
    shown = _Steps(layout_of(options, None))
    settings = Settings(
        cases=_few(choose(corpus, options, is_run=True)),
        session=options.session,
        timeout=options.timeout,
        give_up_after=1,
        laws=False,
        transcript=shown.line,
        validate=True,
    )
    try:
        with closing(ask(settings)) as events:
            for event in events:
                shown.take(event)
    except CommandError as error:
        shown.fail()
        raise CallError(str(error)) from None
    return shown.end()


def _few(cases: list[Case]) -> list[Case]:
    """Some small cases of each profile, evenly out of all."""
    few: list[Case] = []
    for profile in PROFILES:
        own = [case for case in cases if case.profile == profile and "large" not in case.flags]
        few += own[:: max(len(own) // _MOST, 1)][:_MOST]
    return few


class _Steps:
    """Shows requests and what became of them."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._asked = ""
        self._answered = ""
        self._steps: list[str] = []
        self._bad = 0
        self._good = 0

    def line(self, line: str) -> None:
        """Take a line that was said."""
        line = line.rstrip("\n")
        if line.startswith("-> "):
            self._asked, self._answered = line[3:], ""
            try:
                self._steps.append(str(json.loads(self._asked)["op"]))
            except (ValueError, KeyError, TypeError):
                self._steps.append("?")
        else:
            self._answered = line[3:]

    def take(self, event: Event) -> None:
        """Show what became of a case."""
        paint, width, _ = self._layout
        if isinstance(event, Started):
            own = event.implementation
            claims = ", ".join(own.profiles) or "no profile"
            about = f"{own.name} {own.version} {own.language}".strip()
            print(f"{paint('ok', 'green')}  hello: {visible(about)}; claims {visible(claims)}")
            self._steps.clear()
        if not isinstance(event, Result):
            return
        if event.outcome == "skipped":
            return
        if event.outcome not in _HINTS:
            steps = ", ".join(_folded(self._steps))
            said = f"{event.case.id}: {steps}"
            note = "" if event.outcome == "passed" else f" (answered as it should; {event.outcome})"
            print(f"{paint('ok', 'green')}  {said}{paint(note, 'dim')}")
            self._good += 1
        else:
            self._bad += 1
            print(f"{paint('NO', 'bold red')}  {event.case.id}: {event.outcome}")
            for line in fit(visible(event.reason), width - 4):
                print(f"    {paint(line, 'yellow')}")
            self.fail(_HINTS[event.outcome])
        self._steps.clear()

    def fail(self, hint: str = "") -> None:
        """Show the request that was not answered as it should be."""
        paint, width, _ = self._layout
        for label, text in (("asked", self._asked), ("answered", self._answered or "(nothing)")):
            if self._asked:
                print(f"    {label:9}{shorten(visible(text[:1000]), width - 13)}")
        for line in fit(hint, width - 4) if hint else ():
            print(f"    {paint(line, 'dim')}")

    def end(self) -> int:
        """Show what came of it; the exit status."""
        paint = self._layout.paint
        if self._bad:
            print(
                paint(f"{count(self._bad, 'case')} not answered as the protocol has it", "bold red")
            )
            return 1
        if not self._good:
            print(paint("it was not asked anything: it claims none of the profiles", "bold red"))
            return 1
        print(paint(f"{count(self._good, 'case')} answered as the protocol has it", "bold green"))
        return 0


def _folded(steps: list[str]) -> list[str]:
    """Steps, with those in a row counted."""
    folded: list[tuple[str, int]] = []
    for step in steps:
        if folded and folded[-1][0] == step:
            folded[-1] = (step, folded[-1][1] + 1)
        else:
            folded.append((step, 1))
    return [step if times == 1 else f"{step} x {times}" for step, times in folded]
