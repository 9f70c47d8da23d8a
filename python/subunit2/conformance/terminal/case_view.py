"""The view of a case: clauses and title, the octets by field, the expected answer.

Strategy: the octets are drawn from the expected items of the case, by the view of
`subunit2 inspect`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from subunit2 import decode, item_from_dict, spec
from subunit2.cli.commands.inspect import View
from subunit2.cli.output import visible
from subunit2.cli.packet_view import Layout, draw_packet
from subunit2.cli.terminal import fit, shorten
from subunit2.conformance.corpus import (
    Case,
    Corpus,
    Feed,
    MultiplexerCase,
    ReaderCase,
    WriterCase,
    surrogate_octets,
)
from subunit2.conformance.terminal.formatting import (
    PROFILE_SUMMARIES,
    describe_own,
    describe_stops,
    format_value,
    item_rows,
    labelled,
    origin_of,
    wrapped,
)
from subunit2.conformance.terminal.mutation_view import describe_mutation, draw_mutation
from subunit2.items import Item
from subunit2.plural import count

__all__ = ["draw_case"]

_MARGIN: Final = 10

#: Items, feeds and lines of passthrough that are shown without `--full`.
_MOST: Final = 40

#: Ranges of `waits` that are shown.
_MOST_WAITS: Final = 12


def draw_case(case: Case, corpus: Corpus, layout: Layout) -> None:
    """Print a case."""
    for line in _head(case, corpus, layout):
        print(line)
    print()
    if case.mutation is not None:
        _draw_mutation(case, corpus, layout)
    if isinstance(case, ReaderCase):
        _draw_reader(case, layout)
    elif isinstance(case, WriterCase):
        _draw_writer(case, layout)
    elif isinstance(case, MultiplexerCase):
        _draw_multiplexer(case, layout)


def _head(case: Case, corpus: Corpus, layout: Layout) -> Iterator[str]:
    paint, width, _ = layout
    yield paint(case.id, "bold")
    yield from fit(case.title, width)
    yield ""
    profile = f"{case.profile}: {PROFILE_SUMMARIES[case.profile]}"
    yield from labelled("profile", [profile], width, _MARGIN)
    label = "clauses"
    for name in case.clauses:
        clause = spec.clause(name)
        origin = f", {clause.level}, {origin_of(clause)}"
        origin = shorten(origin, max(width - _MARGIN - len(name), 8))
        yield f"{label:{_MARGIN}}{paint(name, 'cyan')}{origin}"
        yield from labelled("", [clause.text], width, _MARGIN + 2)
        label = ""
    flags = [f"{flag}: {corpus.flags.get(flag, '')}" for flag in case.flags]
    yield from labelled("flags", flags, width, _MARGIN)
    if case.notes is not None:
        yield from labelled("notes", map(visible, case.notes.split("\n")), width, _MARGIN)


def _draw_mutation(case: Case, corpus: Corpus, layout: Layout) -> None:
    assert case.mutation is not None
    parent = corpus.by_id.get(case.parent or "")
    for line in fit(f"made from {case.parent} by {case.mutation}", layout.width):
        print(layout.paint(line, "bold"))
    for line in fit(describe_mutation(case.mutation), layout.width - 2):
        print(f"  {line}")
    if isinstance(parent, ReaderCase) and isinstance(case, ReaderCase):
        for line in draw_mutation(parent.stream, case.stream, layout):
            print(line)
    print()


def _draw_reader(case: ReaderCase, layout: Layout) -> None:
    stream = case.stream
    items = [item_from_dict(item) for item in case.items]
    size = f"{count(len(stream), 'octet')}, {count(len(items), 'item')}"
    _section(f"the stream and its expected items: {size}", layout)
    if case.stops:
        print("\n".join(fit(f"The caller {describe_stops(case.stops)}.", layout.width)), end="\n\n")
    _draw_items(items, layout)
    _section("octets that a live reader may hold back", layout)
    for line in _wait_rows(case.waits, case.stops):
        print(f"  {line}")
    print()


def _section(title: str, layout: Layout) -> None:
    for line in fit(title, layout.width):
        print(layout.paint(line, "underline"))
    print()


def _draw_items(items: list[Item], layout: Layout) -> None:
    most = None if layout.most is None else _MOST
    view = View(layout, only_damage=False, most=most)
    shown = items[:most]
    for index, item in enumerate(shown, 1):
        view.show(item, is_followed=index < len(items))
    view.end()
    if len(shown) < len(items):
        print(layout.paint(f"… {count(len(items) - len(shown), 'item')} more\n", "dim"))


def _wait_rows(waits: list[tuple[int, int, int]], stops: list[int]) -> Iterator[str]:
    if not waits:
        yield "None: after each octet, everything fed so far has to be delivered."
        return
    yield f"{'octets fed':<24}to be delivered, in items"
    for first, last, settled in waits[:_MOST_WAITS]:
        fed = f"{first:,}" if first == last else f"{first:,} to {last:,}"
        yield f"{fed:<24}{'none' if not settled else f'the first {settled:,}'}"
    if len(waits) > _MOST_WAITS:
        yield f"… {count(len(waits) - _MOST_WAITS, 'row')} more"
    yield f"{'any other number':<24}all"
    if stops:
        yield f"{'after a stop':<24}all"


def _draw_writer(case: WriterCase, layout: Layout) -> None:
    _section("the packet to write", layout)
    for row in item_rows(case.packet):
        for line in wrapped(f"  {row}", layout.width):
            print(line)
    print()
    _draw_surrogates(case, layout)
    octets = case.octets
    how_many = "" if octets is None or case.split else f": {count(len(octets), 'octet')}"
    _section(f"the expected output{how_many}", layout)
    note = ""
    if case.split:
        note = (
            "One or more packets with these fields, whose contents joined are this content. Only "
            "the last packet has the status, and the end of file if it is set."
        )
        note += "" if octets is None else " For example:"
    elif octets is None:
        fault = "the packet as a whole" if case.refused == "packet" else f"its {case.refused}"
        note = f"None: the packet has to be refused, for {fault}."
    if note:
        print("\n".join(f"  {line}" for line in fit(note, layout.width - 2)), end="\n\n")
    if octets is not None:
        _draw_items(list(decode(octets)), layout)


def _draw_surrogates(case: WriterCase, layout: Layout) -> None:
    """Draw the octets of strings with a lone surrogate, which is three of them."""
    found = surrogate_octets(case.packet)
    if not found:
        return
    _section("the strings that no UTF-8 has, in octets", layout)
    for key, value in found.items():
        for octets in map(bytes.fromhex, value if isinstance(value, list) else [value]):
            print(f"    {key:11}  {octets.hex(' ')}")
    print()


def _draw_multiplexer(case: MultiplexerCase, layout: Layout) -> None:
    _section("the feeds, and the output expected at once", layout)
    feeds = case.feeds
    most = len(feeds) if layout.most is None else _MOST
    offsets = [0] * len(case.routes)
    for number, feed in enumerate(feeds[:most], 1):
        route = f"input {feed.input}, route code {format_value(case.routes[feed.input])}"
        event = "its caller stops waiting" if feed.is_stop else "ends"
        size = event if feed.octets is None else count(len(feed.octets), "octet")
        print(layout.paint(f"{number}. {route}: {size}", "bold"))
        if feed.octets is not None:
            for line in _dump(feed.octets, offsets[feed.input], layout):
                print(line)
            offsets[feed.input] += len(feed.octets)
        _draw_output(feed, layout)
        print()
    if len(feeds) > most:
        print(layout.paint(f"… {count(len(feeds) - most, 'feed')} more\n", "dim"))
    wrapped = [(number, octets) for number, octets in enumerate(case.wrapped) if octets]
    if wrapped:
        title = "the expected wrapped output, as files without a test id under each route"
        _section(title, layout)
        for number, octets in wrapped:
            print(f"   input {number}: {count(len(octets), 'octet')}")
            for line in _dump(octets, 0, layout):
                print(line)
        print()


def _draw_output(feed: Feed, layout: Layout) -> None:
    if feed.packets:
        summary = count(len(feed.packets), "packet")
    else:
        summary = "its own packets" if feed.output else "nothing"
    print(f"   out: {summary}")
    for part in feed.output:
        if isinstance(part, bytes):
            lines: Iterable[str] = draw_packet(part, 0, layout)
        else:
            print(f"   {describe_own(part)}")
            lines = _dump(part.octets, 0, layout)
        for line in lines:
            print(line)


def _dump(octets: bytes, offset: int, layout: Layout) -> Iterator[str]:
    """Yield octets as rows of hex and text, with offsets."""
    per_row = 16 if layout.width >= 80 else 8
    shown = octets if layout.most is None else octets[: 4 * layout.most]
    for start in range(0, len(shown), per_row):
        row = shown[start : start + per_row]
        text = "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in row)
        position = layout.paint(f"{offset + start:8}", "dim")
        octets_shown = layout.paint(row.hex(" ").ljust(3 * per_row), "blue")
        yield f"{position}  {octets_shown} {text}"
    if len(shown) < len(octets):
        yield f"{' ' * 10}… {len(octets) - len(shown):,} more"
