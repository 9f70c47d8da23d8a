"""`subunit2 lint`: report errors and oddities in a stream."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Final

from subunit2.cli.damage import DamageCounts
from subunit2.cli.exits import DAMAGED, DONE, FAILED, NO_VERDICT, CallError
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.output import visible
from subunit2.cli.run_status import all_damaged, format_id, format_route
from subunit2.items import Packet
from subunit2.plural import count
from subunit2.streams.lint_rules import RULES
from subunit2.streams.linting import Linter

if TYPE_CHECKING:
    from typing import Any

    from subunit2.streams.linting import Finding

__all__ = ["configure", "run"]

_STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "cyan"}

#: The rules for the help, in lines of at most 80 columns.
_RULES: Final = "\n".join(
    textwrap.fill(
        rule.purpose,
        80,
        initial_indent=f"  {rule.level:8} {rule.name:20} ",
        subsequent_indent=" " * 32,
    )
    for rule in RULES.values()
)

_EPILOG: Final = f"""\
Prints one finding a line: its offset in the stream in octets, its level and
message, the test and route that it concerns, and its rule.

rules (--list-rules prints them with the clauses of the specification):
{_RULES}

--json prints one object: findings, each with rule, level, offset, message,
test_id and route_code; and counts, by level. With --list-rules: rules.

examples:
  subunit2 lint run.subunit
  subunit2 lint --rule never-ended --rule damage run.subunit
  subunit2 lint --strict run.subunit > /dev/null || echo faulty

exit status:
  0  no errors; with --strict, no warnings either
  1  errors; with --strict, warnings
  2  no packet in the stream; usage error, or a file cannot be read
  3  no finding of the named rules, but all packets are damaged
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser, strict="exit with 1 for warnings, too")
    parser.add_argument(
        "--rule",
        action="append",
        metavar="RULE",
        help="report only findings of this rule; can be repeated",
    )
    parser.add_argument("--list-rules", action="store_true", help="print the rules, and exit")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Check a stream, and return the exit status."""
    if options.list_rules:
        _list_rules(as_json=options.json)
        return DONE
    for name in options.rule or ():
        if name not in RULES:
            raise CallError(f"{name}: no such rule; see `subunit2 lint --list-rules`")
    linter = Linter(rules=options.rule)
    report = _Report(options.file, as_json=options.json)
    has_packets = False
    damage = DamageCounts()
    for items in read_items(options):
        has_packets = has_packets or any(isinstance(item, Packet) for item in items)
        if not has_packets:
            damage.feed(items)
        report.add(linter.feed(items))
    report.add(linter.close())
    damage.close()
    report.end()
    if not has_packets and damage.errors:
        print(f"subunit2 lint: {all_damaged(damage)}", file=sys.stderr)
    if report.levels["error"] or (options.strict and report.levels["warning"]):
        return FAILED
    if not has_packets and damage.errors:
        return DAMAGED
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
    """Shows findings as they arrive, or all of them as JSON at the end.

    :ivar levels: the number of findings of each level.
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
            about = f"  {format_id(finding.test_id)}"
        about += format_route(finding.route_code)
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
