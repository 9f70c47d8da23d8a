"""A case as a person would draw it: the question, its octets by field, the answer.

Strategy: octets are drawn by what draws them for `subunit2 inspect`, from the
items that the case has, so that what is shown is what has to come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from subunit2 import decode, item_from_dict, spec
from subunit2.cli.commands.inspect import View
from subunit2.cli.output import visible
from subunit2.cli.packet_view import Layout, draw_packet
from subunit2.cli.terminal import fit, shorten
from subunit2.conformance.corpus import Case, Corpus, MultiplexerCase, ReaderCase, WriterCase
from subunit2.conformance.terminal.formatting import (
    PROFILE_SAYS,
    count,
    item_rows,
    labelled,
    origin_of,
    say_value,
    wrapped,
)
from subunit2.conformance.terminal.mutation_view import draw_mutation, say_mutation
from subunit2.items import Item

__all__ = ["draw_case"]

_MARGIN: Final = 10

#: Items, feeds and lines of passthrough that are shown, where not all are asked for.
_MOST: Final = 40

#: Rows of a reader's waits.
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
    profile = f"{case.profile}: {PROFILE_SAYS[case.profile]}"
    yield from labelled("profile", [profile], width, _MARGIN)
    label = "clauses"
    for name in case.clauses:
        clause = spec.clause(name)
        said = f", {clause.level}, {origin_of(clause)}"
        said = shorten(said, max(width - _MARGIN - len(name), 8))
        yield f"{label:{_MARGIN}}{paint(name, 'cyan')}{said}"
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
    for line in fit(say_mutation(case.mutation), layout.width - 2):
        print(f"  {line}")
    if isinstance(parent, ReaderCase) and isinstance(case, ReaderCase):
        for line in draw_mutation(parent.stream, case.stream, layout):
            print(line)
    print()


def _draw_reader(case: ReaderCase, layout: Layout) -> None:
    stream = case.stream
    items = [item_from_dict(item) for item in case.items]
    what = f"{count(len(stream), 'octet')}, {count(len(items), 'item')}"
    _section(f"the stream, and what a reader makes of it: {what}", layout)
    _draw_items(items, layout)
    _section("what a live reader may hold", layout)
    for line in _say_waits(case.waits):
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


def _say_waits(waits: list[tuple[int, int, int]]) -> Iterator[str]:
    if not waits:
        yield "Nothing: after each octet, all that was fed has to be out."
        return
    yield f"{'octets fed':<24}have to be out, in items"
    for first, last, settled in waits[:_MOST_WAITS]:
        fed = f"{first:,}" if first == last else f"{first:,} to {last:,}"
        yield f"{fed:<24}{'none' if not settled else f'the first {settled:,}'}"
    if len(waits) > _MOST_WAITS:
        yield f"… {count(len(waits) - _MOST_WAITS, 'row')} more"
    yield f"{'any other number':<24}all"


def _draw_writer(case: WriterCase, layout: Layout) -> None:
    _section("what is to be written", layout)
    for row in item_rows(case.packet):
        for line in wrapped(f"  {row}", layout.width):
            print(line)
    print()
    octets = case.octets
    how_many = "" if octets is None or case.split else f": {count(len(octets), 'octet')}"
    _section(f"what has to come out{how_many}", layout)
    said = ""
    if case.split:
        said = (
            "Several packets with these fields, whose contents joined are this content. The end "
            "of file, where it is asked for, and the status are on the last alone."
        )
        said += "" if octets is None else " Such as:"
    elif octets is None:
        what = "the packet as a whole" if case.refused == "packet" else f"its {case.refused}"
        said = f"Nothing: it has to be refused, for {what}."
    if said:
        print("\n".join(f"  {line}" for line in fit(said, layout.width - 2)), end="\n\n")
    if octets is not None:
        _draw_items(list(decode(octets)), layout)


def _draw_multiplexer(case: MultiplexerCase, layout: Layout) -> None:
    _section("what is fed, and what has to come out at once", layout)
    feeds = case.feeds
    most = len(feeds) if layout.most is None else _MOST
    places = [0] * len(case.routes)
    for number, feed in enumerate(feeds[:most], 1):
        route = f"input {feed.input}, route code {say_value(case.routes[feed.input])}"
        what = "ends" if feed.octets is None else count(len(feed.octets), "octet")
        print(layout.paint(f"{number}. {route}: {what}", "bold"))
        if feed.octets is not None:
            for line in _dump(feed.octets, places[feed.input], layout):
                print(line)
            places[feed.input] += len(feed.octets)
        print(f"   out: {count(len(feed.packets), 'packet') if feed.packets else 'nothing'}")
        for packet in feed.packets:
            for line in draw_packet(packet, 0, layout):
                print(line)
        print()
    if len(feeds) > most:
        print(layout.paint(f"… {count(len(feeds) - most, 'feed')} more\n", "dim"))
    wrapped = [(number, octets) for number, octets in enumerate(case.wrapped) if octets]
    if wrapped:
        _section("what comes out wrapped, as a file of no test under the input's route", layout)
        for number, octets in wrapped:
            print(f"   input {number}: {count(len(octets), 'octet')}")
            for line in _dump(octets, 0, layout):
                print(line)
        print()


def _dump(octets: bytes, offset: int, layout: Layout) -> Iterator[str]:
    """Octets in rows of hex and text."""
    per_row = 16 if layout.width >= 80 else 8
    shown = octets if layout.most is None else octets[: 4 * layout.most]
    for start in range(0, len(shown), per_row):
        here = shown[start : start + per_row]
        text = "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in here)
        place = layout.paint(f"{offset + start:8}", "dim")
        octets_shown = layout.paint(here.hex(" ").ljust(3 * per_row), "blue")
        yield f"{place}  {octets_shown} {text}"
    if len(shown) < len(octets):
        yield f"{' ' * 10}… {len(octets) - len(shown):,} more"
