"""`subunit2 inspect`: show a stream to a person, octet by octet."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from subunit2 import spec
from subunit2.cli.damage import DamageCounts, describe_suspects, fails_strictly
from subunit2.cli.exits import DONE, FAILED
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.output import visible, visible_id
from subunit2.cli.packet_view import Layout, draw_packet
from subunit2.cli.passthrough_view import PassthroughView
from subunit2.cli.terminal import Paint, fit, shorten
from subunit2.damage.claims import claimed_end
from subunit2.damage.counting import is_report
from subunit2.damage.output import RegionJudge
from subunit2.items import TEST_STATUSES, Corrupt, ErrorCode, Item, Packet, Passthrough
from subunit2.packets.header import INCOMPLETE, Header, read_header
from subunit2.plural import count
from subunit2.writer import encode

__all__ = ["View", "configure", "run"]

_EPILOG: Final = """\
Shows the octets of each packet by field, the output between packets as text,
and each damaged region with its cause and the clause of the specification that
it breaks (`subunit2 spec CLAUSE` prints it), with a summary at the end. A
damaged region that is output of a program, such as ³ in Latin-1, is shown as
output. A live pipe is followed.

examples:
  subunit2 inspect run.subunit | less -R
  subunit2 inspect --damage run.subunit
  subunit2 inspect --summary run.subunit
  make check 2>&1 | subunit2 inspect
"""

#: The explanation of each error.
_REASONS: Final[dict[ErrorCode, str]] = {
    "version": "A packet was expected here, but no version 2 follows 0xB3. It may be text "
    "that is not UTF-8, such as ³ in Latin-1. The next octets are shown as output.",
    "reserved_bit": "A packet was expected here, but a reserved bit of the flags is not zero. "
    "It may be text that is not UTF-8. The next octets are shown as output.",
    "length_encoding": "A packet was expected here, but its length is a number of four octets, "
    "which no packet has. The next octets are shown as output.",
    "length_too_short": "A packet was expected here, but its length is less than that of a packet "
    "without fields. The next octets are shown as output.",
    "truncated": "The stream ends before the packet does. Its writer may have been killed, or the "
    "stream cut.",
    "checksum": "The checksum does not match: octets were changed, lost or added.",
    "field_overrun": "A field extends past the end of the packet. The checksum matches, so the "
    "error is the writer's.",
    "nanoseconds": "The nanoseconds are a second or more. The checksum matches, so the error is "
    "the writer's.",
    "utf8": "A string is not UTF-8. The checksum matches, so the error is the writer's.",
    "nul": "A string contains NUL. The checksum matches, so the error is the writer's.",
    "trailing_bytes": "Octets are left between the last field and the checksum. The checksum "
    "matches, so the error is the writer's.",
}


#: Between words that stay in one line.
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"

#: The most characters of a name in a heading; more than any line has.
_LONG: Final = 200


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--damage",
        action="store_true",
        help="show only damaged and recovered packets, and reports of damage",
    )
    shown.add_argument("--summary", action="store_true", help="show only the summary")
    shown.add_argument("--json", action="store_true", help="print only the summary, as JSON")
    parser.add_argument(
        "--full", action="store_true", help="show all octets of fields and all lines of output"
    )
    colour = parser.add_mutually_exclusive_group()
    colour.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="when to use colour; default: auto",
    )
    colour.add_argument(
        "--no-color", dest="color", action="store_const", const="never", help="never use colour"
    )


def run(options: argparse.Namespace) -> int:
    """Show a stream, and return the exit status."""
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 52), 120)
    paint = Paint(options.color)
    layout = Layout(paint, width if sys.stdout.isatty() else 80, None if options.full else 32)
    summary = _Summary()
    judge = RegionJudge()
    view = View(layout, only_damage=options.damage, most=None if options.full else 40)
    interrupted = False
    # The regions that are not shown yet.
    regions: deque[Corrupt] = deque()

    def show(items: list[Item]) -> None:
        for index, item in enumerate(items, 1):
            if regions and item.offset == regions[0].offset:
                region = regions.popleft()
                if isinstance(item, Passthrough):
                    view.note_claim(region, is_damage=False)
            if not (options.summary or options.json):
                view.show(item, is_followed=index < len(items))
        if items:
            sys.stdout.flush()

    try:
        for items in read_items(
            options,
            stopped=lambda: show(judge.stop_waiting()),
            held=lambda: (judge.pending, 0),
        ):
            summary.note(items)
            regions.extend(item for item in items if isinstance(item, Corrupt))
            # Regions that are output of a program are shown as output.
            show(judge.feed(items))
    except KeyboardInterrupt:
        # The usual end of following a pipe: the summary is still shown.
        interrupted = True
    show(judge.close())
    view.end()
    summary.close()
    if options.json:
        print(json.dumps(summary.to_dict()))
    else:
        print("\n".join(summary.lines(paint, layout.width)))
    if interrupted:
        return 130
    return FAILED if fails_strictly(summary.damage, options) else DONE


class View:
    """Shows items as they arrive.

    :param most: lines shown of passthrough between two packets; None: all.
    """

    def __init__(self, layout: Layout, *, only_damage: bool, most: int | None) -> None:
        self._layout = layout
        self._only_damage = only_damage
        self._passthrough = PassthroughView(layout.paint, layout.width, most)
        # The start of each region, the end of the octets that it claims, and whether it is
        # damage.
        self._claims: list[tuple[int, int, bool]] = []
        # The damaged region for which 'recovered' was explained last.
        self._explained = -1

    def show(self, item: Item, *, is_followed: bool) -> None:
        """Show an item.

        :param is_followed: True if another item was settled together with it.
        """
        if isinstance(item, Passthrough):
            if not self._only_damage:
                self._passthrough.show(item)
            return
        self._passthrough.end()
        if isinstance(item, Corrupt):
            self._show_corrupt(item, is_followed)
        elif not self._only_damage or self._is_about_damage(item):
            self._show_packet(item)

    def end(self) -> None:
        """Finish the output, at the end of the stream."""
        self._passthrough.end()

    def _is_about_damage(self, packet: Packet) -> bool:
        # clause damage.parser
        return is_report(packet) or (packet.recovered and self._claim_of(packet.offset)[1])

    def _show_packet(self, packet: Packet) -> None:
        paint = self._layout.paint
        heading = f"packet at {packet.offset:,}, {count(packet.length, 'octet')}"
        about = shorten(_describe(packet), self._layout.width - len(heading))
        print(f"{paint(heading, 'bold')}{about}")
        if packet.recovered:
            self._explain_recovered(*self._claim_of(packet.offset))
        for line in draw_packet(encode(packet), packet.offset, self._layout):
            print(line)
        print()

    def _show_corrupt(self, region: Corrupt, is_followed: bool) -> None:
        octets = count(region.length, "octet")
        heading = f"damaged at {region.offset:,}, {octets}: {region.error}"
        print(self._layout.paint(heading, "bold red"))
        self._explain("red", _reason(region, is_followed), spec.clause_of_error(region.error).id)
        for line in draw_packet(region.data, region.offset, self._layout):
            print(line)
        print()
        self.note_claim(region)

    def note_claim(self, region: Corrupt, *, is_damage: bool = True) -> None:
        """Note the octets that a region claims, also if it is shown as output."""
        # Claims that end before it can contain no later packet.
        self._claims = [claim for claim in self._claims if claim[1] > region.offset]
        self._claims.append((region.offset, claimed_end(region), is_damage))

    def _claim_of(self, offset: int) -> tuple[int, bool]:
        """Return the start of the last region that claims an octet, and whether it is damage.

        Damage takes precedence.
        """
        claims = [claim for claim in reversed(self._claims) if offset < claim[1]]
        start, _, is_damage = next((claim for claim in claims if claim[2]), claims[0])
        return start, is_damage

    def _explain_recovered(self, damage: int, is_damage: bool) -> None:
        if not is_damage:
            reason = f"The text at {damage:,} would be the header of a longer packet."
            self._explain("dim", reason, "damage.output")
            return
        reason = f"Recovered: it starts inside the length that the damage at {damage:,} claims."
        if self._explained != damage:
            reason += (
                " It may be a packet of the stream, or a part of the damaged one's attachment."
            )
            self._explained = damage
        self._explain("yellow", reason, "recovery.recovered")

    def _explain(self, style: str, reason: str, clause: str) -> None:
        for line in fit(f"{reason} [{clause}]", self._layout.width - 2):
            print(self._layout.paint(f"  {line}", style))


def _describe(packet: Packet) -> str:
    """Summarise a packet for its heading."""
    parts = []
    if packet.test_id is not None:
        parts.append(visible_id(packet.test_id[:_LONG]))
    if packet.test_status is not None:
        parts.append(packet.test_status)
    if packet.file_name is not None:
        parts.append(f"file {visible(packet.file_name[:_LONG])}")
    return f": {', '.join(parts)}" if parts else ""


def _reason(region: Corrupt, is_followed: bool) -> str:
    """Explain the damage of a region."""
    header = read_header(region.data, 0, region.length)
    missing = header.length - region.length if isinstance(header, Header) else 0
    is_cut = missing > 0 or (header == INCOMPLETE and region.error in ("checksum", "truncated"))
    if is_followed and is_cut:
        claims = count(missing, "octet") if missing else "octets"
        return (
            f"Its header claims {claims} more, and another packet starts inside them: it was cut, "
            "two writers wrote at once, or it is text that is not UTF-8."
        )
    if missing > 0:
        return f"{_REASONS[region.error]} Its header claims {count(missing, 'octet')} more."
    return _REASONS[region.error]


class _Summary:
    """Counts the items and octets of a stream."""

    def __init__(self) -> None:
        self._packets = 0
        self._statuses: Counter[str] = Counter()
        self._recovered = 0
        self._octets = 0
        self.damage = DamageCounts()

    def note(self, items: list[Item]) -> None:
        self.damage.feed(items)
        for item in items:
            self._octets += item.length
            if isinstance(item, Packet):
                self._packets += 1
                self._recovered += item.recovered
                if item.test_status is not None:
                    self._statuses[item.test_status] += 1

    def close(self) -> None:
        self.damage.close()

    def to_dict(self) -> dict[str, Any]:
        return {
            "octets": self._octets,
            "packets": self._packets,
            "recovered": self._recovered,
            "statuses": dict(self._statuses),
            "passthrough_octets": self.damage.output_octets,
            "output_regions": self.damage.output_regions,
            "damaged_regions": self.damage.errors.total(),
            "damaged_octets": self.damage.octets,
            "errors": dict(self.damage.errors),
            "damage_reports": self.damage.reports.total(),
            "suspects": self.damage.suspects,
        }

    def lines(self, paint: Paint, width: int) -> Iterator[str]:
        yield paint("summary", "bold") + f"  {count(self._octets, 'octet')}"
        damage = self.damage
        regions = count(damage.errors.total(), "damaged region")
        statuses: dict[str, int] = {
            name: self._statuses[name] for name in TEST_STATUSES if self._statuses[name]
        }
        if without := self._packets - self._statuses.total():
            statuses["without a status"] = without
        rows = [
            (f"{count(self._packets, 'packet')}{_list(statuses)}", ""),
            (f"{count(damage.output_octets, 'octet')} of passthrough", ""),
            (regions, "green"),
        ]
        if damage.errors:
            octets = count(damage.octets, "octet")
            rows[-1] = (f"{regions}, {octets}{_list(damage.errors)}", "bold red")
        if reports := damage.reports.total():
            rows.append((f"{count(reports, 'report')} of damage in packets", "bold red"))
        if suspects := describe_suspects(damage):
            rows.append((suspects, "yellow"))
        if self._recovered:
            rows.append((f"{count(self._recovered, 'packet')} recovered", "yellow"))
        for text, style in rows:
            for line in fit(text, width - 2):
                yield paint(f"  {line}".replace(_NO_BREAK, " "), style)


def _list(counts: Mapping[Any, int]) -> str:
    if not counts:
        return ""
    return ": " + ", ".join(f"{number:,}{_NO_BREAK}{name}" for name, number in counts.items())
