"""The pictures of the specification's pages agree with the reader and the library."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from docs.markup import Element, rendered
from docs.octets import Row, octet_rows
from docs.packet_picture import (
    draw_flags,
    draw_packet,
    say_flags,
    say_packet,
    write_flags,
    write_packet,
)
from docs.railroad_pictures import draw_production
from docs.reader_picture import Step, draw_reader, say_reader, table
from docs.route_picture import draw_routes, hops
from docs.rows import field_rows
from docs.sources import corpus, productions
from subunit2 import Packet, Reader, decode, encode, item_from_dict, spec
from subunit2.conformance.corpus import ReaderCase
from subunit2.grammar.notation import Name, load, walk
from subunit2.items import Corrupt, Passthrough
from subunit2.multiplexer import add_route
from subunit2.packets import header

#: Octets that begin no readable packet: the kind of their item tells the reader's state.
PROBE = b"\xb3" + b"A" * 10


def reader_case(id_: str) -> ReaderCase:
    case = corpus().by_id[id_]
    assert isinstance(case, ReaderCase)
    return case


def words(tree: Element) -> list[str]:
    return [part.text or "" for part in tree.iter("text")]


# ---- The packet ------------------------------------------------------------------


def test_the_fields_are_drawn_in_the_order_of_a_packet() -> None:
    order = [row[0] for row in field_rows() if not row[0].startswith("–")]
    rows = [row.field for row in _rows("packet/everything")]
    parts = [
        {"seconds": "timestamp", "tag count": "tags", "file name": "file"}.get(name, name)
        for name in rows
    ]
    assert [name for name in dict.fromkeys(parts) if name in order] == order
    drawn = words(draw_packet())
    assert [word for word in drawn if word in order] == order
    said = say_packet()
    assert [
        name for name in re.findall(r"[:;] ([^:;(]+?)(?= \(|:|;)", said) if name in order
    ] == order
    written = [line.split("  ")[0] for line in write_packet() if line[0] not in " +"]
    assert written == order


def test_a_size_and_its_string_are_drawn_once_for_each_tag() -> None:
    assert "once for each tag" in words(draw_packet())
    assert "tag count (1–4), and once for each tag: size (1–4), tag: UTF-8 (size);" in say_packet()
    [index] = [n for n, line in enumerate(write_packet()) if line.startswith("tags")]
    names, sizes, _, under = write_packet()[index : index + 4]
    left, right = under.index("\\"), under.index("/") + 1
    assert names[left:right].split() == ["|", "size", "|", "tag:", "UTF-8", "|"]
    assert sizes[left:right].split() == ["|", "1–4", "|", "size", "|"]
    assert under.endswith("once for each tag")


def test_the_flags_in_text_point_to_their_masks() -> None:
    lines = write_flags()
    for name in ("test id", "runnable", "end of file"):
        [line] = [line for line in lines if f" {name}, 0x" in line]
        mask = int(line[-4:], 16)
        assert lines[0][line.index("+") - 1 :].split()[0] == str(mask.bit_length() - 1)


def _rows(id_: str) -> list[Row]:
    case = reader_case(id_)
    return list(octet_rows([item_from_dict(item) for item in case.items], case.stream))


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("test id", header.FLAG_TEST_ID),
        ("route code", header.FLAG_ROUTE_CODE),
        ("timestamp", header.FLAG_TIMESTAMP),
        ("runnable", header.FLAG_RUNNABLE),
        ("tags", header.FLAG_TAGS),
        ("file", header.FLAG_FILE),
        ("MIME type", header.FLAG_MIME_TYPE),
        ("end of file", header.FLAG_EOF),
    ],
)
def test_the_masks_of_the_flags_are_those_of_the_reader(name: str, mask: int) -> None:
    assert f"{name}, mask 0x{mask:04x};" in say_flags()
    drawn = words(draw_flags())
    assert drawn[drawn.index(name) + 1] == f"0x{mask:04x}"


def test_the_bits_of_the_flags_are_drawn_once_each() -> None:
    drawn = words(draw_flags())
    numbers = [int(word) for word in drawn if word.isdecimal() and len(word) < 3]
    version = [int(bit) for bit in "00100"]
    assert sorted(numbers) == sorted([*range(16), *version])


# ---- Octets ----------------------------------------------------------------------


def test_the_rows_of_every_case_are_its_stream() -> None:
    asked = 0
    for case in corpus().cases:
        if isinstance(case, ReaderCase) and "large" not in case.flags:
            rows = list(octet_rows([item_from_dict(item) for item in case.items], case.stream))
            assert b"".join(row.octets for row in rows) == case.stream, case.id
            ends = [0, *(row.offset + len(row.octets) for row in rows)]
            assert [row.offset for row in rows] == ends[:-1], case.id
            asked += 1
    assert asked > 1000


# ---- The reader ------------------------------------------------------------------


def state_at(stream: bytes, offset: int) -> set[str]:
    """Return the states that describe a reader before the octet at an offset."""
    reader = Reader()
    reader.feed(stream[:offset])
    found = {"claim"} if reader.pending else set()
    reader.stop_waiting()
    [first, *_] = reader.feed(PROBE)
    return found | ({"sync"} if isinstance(first, Corrupt) else {"line"})


@pytest.mark.parametrize("step", table()[1], ids=lambda step: f"{step.from_}-{step.when}")
def test_the_reader_takes_every_step(step: Step) -> None:
    case = reader_case(step.case)
    assert step.from_ in state_at(case.stream, step.at)
    assert step.to in state_at(case.stream, step.then)
    delivered = [
        item["kind"]
        for item in case.items
        if item["offset"] < step.then and item["offset"] + item["length"] > step.at
    ]
    # Inside a claim nothing is delivered yet.
    assert list(step.gives) == ([] if step.to == "claim" else delivered)


def test_the_steps_have_existing_states_and_clauses() -> None:
    states, steps = table()
    ids = {state.id for state in states}
    assert {step.from_ for step in steps} | {step.to for step in steps} == ids
    assert {step.clause for step in steps} <= spec.clauses().keys()
    assert all(step.when in say_reader() for step in steps)
    assert {step.when for step in steps} <= set(words(draw_reader()))


def test_no_case_shows_a_step_that_the_table_lacks() -> None:
    """In mid-line a region has a wrong checksum; other octets, but intact packets, pass through."""
    steps = [step for step in table()[1] if step.from_ == "line" and "corrupt" in step.gives]
    assert [step.when for step in steps] == [
        "intact, fields malformed",
        "B3, form of a packet, wrong checksum",
    ]
    found = 0
    for case in corpus().cases:
        if not isinstance(case, ReaderCase) or "large" in case.flags:
            continue
        items = [item_from_dict(item) for item in case.items]
        for before, item in pairwise(items):
            is_in_line = isinstance(before, Passthrough) and not before.data.endswith(b"\n")
            if is_in_line and isinstance(item, Corrupt):
                order = spec.clause_of_error(item.error).order or 0
                assert item.error == "checksum" or order >= 7, case.id
                found += 1
    assert found


# ---- Routes ----------------------------------------------------------------------


def test_the_codes_in_the_tree_are_those_of_the_packets() -> None:
    for multiplexer, worker, sent, joined, arrived in hops():
        assert sent == "none"
        inner, outer = worker.split()[1], multiplexer.split()[1]
        [packet] = decode(add_route(add_route(encode(Packet(test_id="t")), inner), outer))
        assert isinstance(packet, Packet)
        assert (joined, arrived) == (inner, packet.route_code)
        assert f"arrives: {arrived}" in words(draw_routes())


# ---- The grammar -----------------------------------------------------------------


@pytest.mark.parametrize("name", load())
def test_every_production_is_drawn_with_its_parts(name: str) -> None:
    tree = draw_production(name, lambda other: f"#{other}")
    links = {part.get("href") for part in tree.iter("a")}
    names = {f"#{part.name}" for part in walk(load()[name]) if isinstance(part, Name)}
    assert links == names
    assert names <= {f"#{other}" for other in productions()}
    assert "xmlns:" not in rendered(tree)


@pytest.mark.parametrize("draw", [draw_packet, draw_flags, draw_reader, draw_routes])
def test_every_picture_has_a_description_in_words(draw: Callable[[], Element]) -> None:
    [svg] = draw().iter("svg")
    [says] = svg.iter("desc")
    assert svg.get("role") == "img"
    assert says.text is not None
    # The words of the drawing are in its text.
    assert len(says.text) > 100
    assert says.text in str(svg.get("aria-label"))
