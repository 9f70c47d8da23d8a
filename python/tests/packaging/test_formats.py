"""The comparison of formats: the page has the tables of the figures, and the figures hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import formats, formats_page


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


@pytest.mark.parametrize("one", formats.FORMATS, ids=lambda one: one.name)
def test_each_format_reads_back_the_events(one: formats.Format) -> None:
    events = formats.events()
    stream = b"".join(map(one.write, events))
    assert list(one.read(stream)) == list(one.retry(stream)) == events


def test_subunit_reads_each_undamaged_event_and_no_other(document: dict[str, Any]) -> None:
    for found in document["noise"].values():
        assert (found["subunit"]["first"]["read"], found["subunit"]["first"]["false"]) == (100, 0)


def test_the_flipped_bits_of_the_page(document: dict[str, Any]) -> None:
    flipped = document["noise"]["a bit of an event flipped"]
    assert 75 < flipped["protobuf"]["first"]["false"] < 85
    others = [found for name, found in flipped.items() if name != "subunit"]
    assert all(found["first"]["false"] > 25 for found in others)
