"""The comparison of formats: the page has the tables of the figures, and the figures hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import format_kinds, formats, formats_page


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(formats.DOCUMENT.read_text("utf-8"))
    return found


def test_the_page_has_the_tables_of_the_document(document: dict[str, Any]) -> None:
    assert formats_page.page_with(formats_page.tables(document)) == formats_page.PAGE.read_text(
        "utf-8"
    )


@pytest.mark.slow
def test_the_figures_are_measured_again(document: dict[str, Any]) -> None:
    assert formats.measure() == document


@pytest.mark.parametrize("one", format_kinds.FORMATS, ids=lambda one: one.name)
def test_each_format_reads_back_the_events(one: format_kinds.Format) -> None:
    events = format_kinds.events()
    stream = b"".join(map(one.write, events))
    assert list(one.read(stream)) == list(one.retry(stream)) == events


def test_subunit_reads_each_undamaged_event_and_no_other(document: dict[str, Any]) -> None:
    for found in document["noise"].values():
        assert (found["subunit"]["first"]["read"], found["subunit"]["first"]["false"]) == (100, 0)


def test_an_octet_lost_costs_libraries_the_events_behind(document: dict[str, Any]) -> None:
    lost = document["noise"]["an octet of an event lost"]
    assert all(lost[name]["first"]["read"] < 60 for name in ("protobuf", "MessagePack", "bencode"))
    assert lost["JSON lines"]["first"]["read"] == 100
    assert 35 < lost["JSON lines"]["first"]["false"] < 45


def test_how_late_events_are(document: dict[str, Any]) -> None:
    late = document["late"]
    assert all(found == {"share": 0, "worst": 0} for found in late["nothing"].values())
    # The events of the page: few are late in subunit, and some are where noise claims a length.
    assert all(found["subunit"]["share"] < 5 for found in late.values())
    assert late["a bit of an event flipped"]["subunit"]["worst"] is None
    assert late["text in between"]["JSON lines"]["share"] > 50


def test_the_flipped_bits_of_the_page(document: dict[str, Any]) -> None:
    flipped = document["noise"]["a bit of an event flipped"]
    assert 75 < flipped["protobuf"]["first"]["false"] < 85
    others = [found for name, found in flipped.items() if name != "subunit"]
    assert all(found["first"]["false"] > 25 for found in others)
