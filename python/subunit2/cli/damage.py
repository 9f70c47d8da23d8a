"""The damage of a stream, as commands report it and judge by it.

Strategy: one count for all commands (`subunit2.damage.counting`). Corrupt regions that are
output of a program alarm nobody. Output that looks like a damaged packet is mentioned, and
makes a difference only with `--strict`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from subunit2.damage.counting import DamageCounts

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = [
    "DamageCounts",
    "describe_suspects",
    "fails_strictly",
    "regions_line",
    "report_damage",
    "report_lines",
]

#: The most offsets, and the most routes, that are named.
_MOST: Final = 5


def fails_strictly(damage: DamageCounts, options: argparse.Namespace, source: str = "") -> bool:
    """Return whether `--strict` makes the damage of a stream a failure, at its end.

    Suspects are reported on standard error then, since nothing else shows them.

    :param source: the beginning of the report.
    """
    if not options.strict:
        return False
    if damage.suspects:
        reason = f"{source}{describe_suspects(damage)}"
        print(f"subunit2 {options.command}: {reason}", file=sys.stderr)
    return damage.is_suspect


def report_damage(damage: DamageCounts, command: str, *, suspects: bool = True) -> None:
    """Report the damage of a stream on standard error, at its end.

    :param suspects: whether output that looks like a damaged packet is reported.
    """
    from subunit2.plural import count

    parts = [line] if (line := regions_line(damage)) else []
    if number := damage.reports.total():
        parts.append(f"{count(number, 'report')} of damage")
    lines = [f"damaged: {'; '.join(parts)}"] if parts else []
    if suspects and (line := describe_suspects(damage)):
        lines.append(line)
    for line in lines:
        print(f"subunit2 {command}: {line}", file=sys.stderr)


def describe_suspects(damage: DamageCounts) -> str:
    """Name the offsets of the first suspects; an empty string if there is none.

    >>> counts = DamageCounts()
    >>> describe_suspects(counts)
    ''
    >>> counts.suspects, counts.suspect_offsets = 1, [1200]
    >>> describe_suspects(counts)
    'output at 1,200 looks like a damaged packet'
    """
    offsets = [f"{offset:,}" for offset in damage.suspect_offsets[:_MOST]]
    if damage.suspects < 2:
        return "".join(f"output at {offset} looks like a damaged packet" for offset in offsets)
    more = damage.suspects - len(offsets)
    named = f"{', '.join(offsets)} and {more:,} more" if more else " and ".join(offsets)
    if not more and len(offsets) > 2:
        named = f"{', '.join(offsets[:-1])} and {offsets[-1]}"
    return f"output at {named} looks like damaged packets"


def regions_line(damage: DamageCounts) -> str:
    """Count the damaged regions; an empty string if there is none."""
    from subunit2.plural import count

    if not damage.errors:
        return ""
    errors = ", ".join(f"{number:,} {error}" for error, number in damage.errors.items())
    regions = count(damage.errors.total(), "region")
    return f"{regions}, {count(damage.octets, 'octet')}: {errors}"


def report_lines(damage: DamageCounts) -> Iterator[str]:
    """Count the reports of damage, by route."""
    from subunit2.cli.run_status import format_route
    from subunit2.plural import count

    shown = list(damage.reports.items())[:_MOST]
    for route, number in shown:
        octets = count(damage.reported_octets[route], "octet")
        yield f"{count(number, 'report')}, {octets}{format_route(route)}"
    if more := len(damage.reports) - len(shown):
        yield f"… {count(more, 'more route')}, see --json"
