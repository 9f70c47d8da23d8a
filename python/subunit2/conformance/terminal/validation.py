"""`subunit2 conformance run --validate`: check that a harness speaks the protocol.

Strategy: run a few small cases of each profile that the harness claims, check each
answer against the schema, and show each step. Only the protocol is checked: the
outcome `wrong` is a valid answer.
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
from subunit2.conformance.run import run as run_cases
from subunit2.conformance.selection import layout_of, select_cases
from subunit2.plural import count

__all__ = ["validate"]

#: Cases of each profile to run.
_MOST: Final = 4

#: Advice for the author of the harness, by outcome.
_HINTS: Final[dict[Outcome, str]] = {
    "malformed": "The answer to each request is one line: a JSON object with the id of the request "
    "and the keys listed in HARNESS.md. Nothing else may be written to standard output; "
    "standard error is free.",
    "timed out": "Is each answer flushed? Does it wait for the next request before it answers? "
    "Does it read a line at a time, without filling a buffer first?",
    "crashed": "Standard error may show the cause. The harness has to run until `bye`. If its "
    'implementation fails, it answers {"id":N,"error":"the reason"} and goes on.',
}


def validate(corpus: Corpus, options: argparse.Namespace) -> int:
    """Show the answers of a session; return the exit status."""
    steps = _Steps(layout_of(options, None))
    settings = Settings(
        cases=_few(select_cases(corpus, options, is_run=True)),
        session=options.session,
        timeout=options.timeout,
        give_up_after=1,
        laws=False,
        transcript=steps.line,
        validate=True,
    )
    try:
        with closing(run_cases(settings)) as events:
            for event in events:
                steps.take(event)
    except CommandError as error:
        steps.fail()
        raise CallError(str(error)) from None
    return steps.end()


def _few(cases: list[Case]) -> list[Case]:
    """Return a few small cases of each profile, evenly spread."""
    few: list[Case] = []
    for profile in PROFILES:
        own = [case for case in cases if case.profile == profile and "large" not in case.flags]
        few += own[:: max(len(own) // _MOST, 1)][:_MOST]
    return few


class _Steps:
    """Shows the requests and the results."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._request = ""
        self._answer = ""
        self._steps: list[str] = []
        self._bad = 0
        self._good = 0

    def line(self, line: str) -> None:
        """Take a line of the transcript."""
        line = line.rstrip("\n")
        if line.startswith("-> "):
            self._request, self._answer = line[3:], ""
            try:
                self._steps.append(str(json.loads(self._request)["op"]))
            except (ValueError, KeyError, TypeError):
                self._steps.append("?")
        else:
            self._answer = line[3:]

    def take(self, event: Event) -> None:
        """Show the result of a case."""
        paint, width, _ = self._layout
        if isinstance(event, Started):
            own = event.implementation
            claims = ", ".join(own.profiles) or "no profile"
            name = f"{own.name} {own.version} {own.language}".strip()
            print(f"{paint('ok', 'green')}  hello: {visible(name)}; claims {visible(claims)}")
            self._steps.clear()
        if not isinstance(event, Result):
            return
        if event.outcome == "skipped":
            return
        if event.outcome not in _HINTS:
            steps = ", ".join(_folded(self._steps))
            step = f"{event.case.id}: {steps}"
            note = "" if event.outcome == "passed" else f" (valid answer; {event.outcome})"
            print(f"{paint('ok', 'green')}  {step}{paint(note, 'dim')}")
            self._good += 1
        else:
            self._bad += 1
            print(f"{paint('NO', 'bold red')}  {event.case.id}: {event.outcome}")
            for line in fit(visible(event.reason), width - 4):
                print(f"    {paint(line, 'yellow')}")
            self.fail(_HINTS[event.outcome])
        self._steps.clear()

    def fail(self, hint: str = "") -> None:
        """Show the request without a valid answer."""
        paint, width, _ = self._layout
        for label, text in (("request", self._request), ("answer", self._answer or "(nothing)")):
            if self._request:
                print(f"    {label:9}{shorten(visible(text[:1000]), width - 13)}")
        for line in fit(hint, width - 4) if hint else ():
            print(f"    {paint(line, 'dim')}")

    def end(self) -> int:
        """Show the conclusion; return the exit status."""
        paint = self._layout.paint
        if self._bad:
            print(paint(f"{count(self._bad, 'case')} without a valid answer", "bold red"))
            return 1
        if not self._good:
            print(paint("no case was run: the harness claims none of the profiles", "bold red"))
            return 1
        print(
            paint(f"{count(self._good, 'case')} answered according to the protocol", "bold green")
        )
        return 0


def _folded(steps: list[str]) -> list[str]:
    """Return the steps, with repeated ones counted."""
    folded: list[tuple[str, int]] = []
    for step in steps:
        if folded and folded[-1][0] == step:
            folded[-1] = (step, folded[-1][1] + 1)
        else:
            folded.append((step, 1))
    return [step if times == 1 else f"{step} x {times}" for step, times in folded]
