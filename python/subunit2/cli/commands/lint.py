"""`subunit2 lint`: what is odd in a stream, though it can be read."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import DONE, FAILED, NO_VERDICT, CallError
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.output import visible
from subunit2.cli.run_status import say_id, say_route
from subunit2.items import Packet
from subunit2.plural import count
from subunit2.streams.linting import RULES, Linter

if TYPE_CHECKING:
    from typing import Any

    from subunit2.streams.linting import Finding

__all__ = ["configure", "run"]

_STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "cyan"}

_RULES: Final = "\n".join(
    f"  {rule.level:8} {rule.name:20} {rule.purpose}" for rule in RULES.values()
)

_EPILOG: Final = f"""\
A finding is a line: where in the stream (octets), its level, what it is, the test and
route that it is about, and the rule.

rules (--list-rules prints them with the clause of the specification that each is about):
{_RULES}

--json prints one object: findings, each with rule, level, offset, message, test_id
and route_code; and counts, by level. With --list-rules: rules.

examples:
  subunit2 lint run.subunit
  subunit2 lint --rule never-ended --rule damage run.subunit
  subunit2 lint --strict run.subunit > /dev/null || echo not as it should be

exit status:
  0  no errors; under --strict, no warnings either
  1  errors; under --strict, warnings
  2  there is no packet in the stream; the call's fault
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser, strict="exit with 1 for warnings, too")
    parser.add_argument(
        "--rule",
        action="append",
        metavar="RULE",
        help="only what this rule finds; can be repeated",
    )
    parser.add_argument("--list-rules", action="store_true", help="print the rules, and exit")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Say what is odd in a stream; the exit status."""
    if options.list_rules:
        _list_rules(as_json=options.json)
        return DONE
    for name in options.rule or ():
        if name not in RULES:
            raise CallError(f"{name}: no such rule; see `subunit2 lint --list-rules`")
    linter = Linter(rules=options.rule)
    report = _Report(options.file, as_json=options.json)
    has_packets = False
    for items in read_items(options):
        has_packets = has_packets or any(isinstance(item, Packet) for item in items)
        report.add(linter.feed(items))
    report.add(linter.close())
    report.end()
    if report.levels["error"] or (options.strict and report.levels["warning"]):
        return FAILED
    if not has_packets:
        print("subunit2 lint: no packet in the stream", file=sys.stderr)
        return NO_VERDICT
    return DONE


def _list_rules(*, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps({"rules": [rule._asdict() for rule in RULES.values()]}))
        return
    for rule in RULES.values():
        print(f"{rule.level:8} {rule.name:20} {rule.purpose} [{rule.clause}]")


class _Report:
    """Shows findings as they come, or all of them as JSON at the end.

    :ivar levels: how many there are of each level.
    """

    def __init__(self, file: str, *, as_json: bool) -> None:
        from subunit2.cli.terminal import Paint

        self._paint = Paint("never" if as_json else "auto")
        self._file = "" if file == "-" else f"{visible(file)}:"
        self._forms: list[dict[str, Any]] | None = [] if as_json else None
        self.levels: Counter[str] = Counter()

    def add(self, findings: list[Finding]) -> None:
        for finding in findings:
            self.levels[finding.level] += 1
            if self._forms is not None:
                self._forms.append(
                    {name: getattr(finding, name) for name in finding.__struct_fields__}
                )
            else:
                print(self._line(finding))
        if findings:
            sys.stdout.flush()

    def _line(self, finding: Finding) -> str:
        level = self._paint(f"{finding.level}:", _STYLES[finding.level])
        about = ""
        if finding.test_id is not None:
            about = f"  {say_id(finding.test_id)}"
        about += say_route(finding.route_code)
        rule = self._paint(f"[{finding.rule}]", "dim")
        message = visible(finding.message)
        return f"{self._file}{finding.offset}: {level} {message}{about}  {rule}"

    def end(self) -> None:
        counts = {level: self.levels[level] for level in _STYLES}
        if self._forms is not None:
            import json

            print(json.dumps({"findings": self._forms, "counts": counts}))
        elif self.levels:
            print(", ".join(count(number, level) for level, number in counts.items()))
