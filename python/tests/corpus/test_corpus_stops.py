"""Cases in which the caller stops waiting, from their source to the built form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.assemble import exists
from corpus.cases import CaseError, case_of_toml, complaint, validator
from corpus.collect import Collection
from corpus.pipeline import build_case
from corpus.reading import disagreements, find_items, waits
from corpus.serialise import question
from corpus.source import FeedSource, Source, runs

FOO = exists("foo")
BAR = exists("bar")
STREAM = FOO[:5] + b"\n" + BAR

HAND = f"""
title = "A packet is cut short by a stop"
clauses = ["reader.stop-waiting"]
profile = "stream"
bytes = '''
{FOO[:5].hex()}
0a {BAR.hex()}
'''
stops = [5]
items = [
  {{ corrupt = 5, error = "truncated" }},
  {{ passthrough = 1 }},
  {{ packet = 12, test_id = "bar", test_status = "exists", recovered = true }},
]
"""


def build(source: Source) -> tuple[dict[str, object] | None, list[str]]:
    collection = Collection(version="1.0.0", flags={"large": "x"}, reasons={})
    collection.sources[source.id] = source
    made = build_case(source.id, collection)
    assert made.stream is None
    return made.form, [problem.message for problem in made.problems]


def test_a_hand_written_case() -> None:
    form, problems = build(case_of_toml(HAND, "stream/stopped"))
    assert problems == []
    assert form is not None
    assert complaint(validator("case.schema.json"), form) is None
    assert form["stops"] == [5]
    assert form["waits"] == [[1, 5, 0], [7, 17, 6]]
    assert list(form)[-3:] == ["items", "stops", "waits"]


def test_the_items_of_a_family_are_found_with_its_stops() -> None:
    source = replace(case_of_toml(HAND, "stream/stopped"), items=None)
    form, problems = build(source)
    assert problems == []
    assert form is not None
    assert form["items"] == find_items(STREAM, [5])
    assert form["items"] != find_items(STREAM)


def test_items_that_are_wrong_are_found() -> None:
    said = list(disagreements(STREAM, find_items(STREAM), [5]))
    assert [line.partition(" finds")[0].partition(" does")[0] for line in said] == [
        "the reader",
        "the Kaitai reader",
        "the reader, octet by octet,",
        "the grammar's recogniser",
    ]


def test_a_wait_ends_with_the_stop() -> None:
    assert waits(FOO + FOO[:4]) == [[1, 11, 0], [13, 16, 12]]
    assert waits(FOO + FOO[:4], [14]) == [[1, 11, 0], [13, 14, 12]]
    assert waits(FOO[:6], [2, 4]) == [[1, 2, 0]]


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ([5, 5], "non-unique"),
        ([0], "less than the minimum"),
        ([], "should be non-empty"),
    ],
)
def test_stops_that_are_none(stops: list[int], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        case_of_toml(HAND.replace("[5]", str(stops)), "stream/stopped")


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ((6, 5), "stops[1]: 5 is not behind 6"),
        ((5, 19), "stops[1]: 19 is behind the stream, which has 18 octets"),
    ],
)
def test_stops_out_of_order_or_place(stops: tuple[int, ...], message: str) -> None:
    _, problems = build(replace(case_of_toml(HAND, "stream/stopped"), stops=stops))
    assert problems == [message]


def test_stops_are_part_of_the_question() -> None:
    source = case_of_toml(HAND, "stream/stopped")
    asked = {question(replace(source, stops=stops)) for stops in ((), (5,), (6,), (5, 6))}
    assert len(asked) == 4


# --- Multiplexers ---------------------------------------------------------------------------


def test_a_feed_that_stops() -> None:
    source = case_of_toml(
        """
title = "An input is cut short by a stop"
clauses = ["reader.stop-waiting"]
profile = "multiplexer"
routes = ["0"]
wrapped = ['"ok"']
[[feeds]]
input = 0
bytes = '"ok"'
[[feeds]]
input = 0
stop = true
[[feeds]]
input = 0
end = true
""",
        "multiplexer/stopped",
    )
    assert source.feeds[1:] == (
        FeedSource(input=0, octets=None, is_stop=True),
        FeedSource(input=0, octets=None),
    )
    form, problems = build(source)
    assert problems == []
    assert form is not None
    assert form["feeds"] == [
        {"input": 0, "bytes": "6f6b", "packets": []},
        {"input": 0, "stop": True, "packets": []},
        {"input": 0, "end": True, "packets": []},
    ]
    ended = replace(source, feeds=(source.feeds[0], source.feeds[2]))
    assert question(source) != question(ended)
    assert question(ended) != question(replace(source, feeds=source.feeds[:2]))


def test_a_case_of_a_writer_has_no_stops() -> None:
    source = Source(
        id="writer/x",
        title="A test exists",
        clauses=("packet.order",),
        octets=runs(FOO),
        packet={"test_id": "foo", "test_status": "exists"},
        stops=(1,),
    )
    assert "this case of the profile writer cannot have stops" in build(source)[1]
