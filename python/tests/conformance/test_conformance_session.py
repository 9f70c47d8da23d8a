"""The lock-step protocol, with harnesses that follow it and harnesses that violate it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from jsonschema import Draft202012Validator

from subunit2.conformance.drivers.process import CommandError, NoAnswerError
from subunit2.conformance.drivers.schemas import schema
from subunit2.conformance.drivers.session import Session, check_item
from subunit2.conformance.results import Implementation
from support.conformance_cases import harness
from support.streams import FOO_OCTETS

PATIENCE = 60.0


@contextmanager
def session(*fault: str, timeout: float = PATIENCE, validate: bool = False) -> Iterator[Session]:
    asked = Session(harness(*fault), timeout=timeout, validate=validate)
    try:
        yield asked
    finally:
        asked.kill()


@pytest.mark.parametrize("validate", [False, True])
def test_what_a_good_harness_answers(validate: bool) -> None:
    with session(validate=validate) as asked:
        assert asked.start() == Implementation(
            name="ours",
            version="1.0",
            language="Python",
            profiles=("packet", "stream", "recovery", "writer", "multiplexer"),
        )
        asked.open()
        assert asked.feed(FOO_OCTETS[:5]) == []
        [item] = asked.feed(FOO_OCTETS[5:])
        assert item["test_id"] == "foo"
        assert asked.close() == []
        packet = {"test_id": "foo", "test_status": "exists"}
        assert asked.encode(packet) == FOO_OCTETS
        assert asked.encode({"test_id": "a\0"}) == "test_id"
        asked.open_multiplexer(["0", "1"])
        assert len(asked.feed_input(1, FOO_OCTETS)) == len(FOO_OCTETS) + 2
        assert asked.close_input(1) == b""
        asked.bye()
        assert asked.is_down


def test_the_lines_that_are_sent_and_received() -> None:
    lines: list[str] = []
    asked = Session(harness(), timeout=PATIENCE, transcript=lines.append)
    asked.start()
    asked.open()
    asked.feed(b"\xb3")
    asked.encode({"test_id": "ñ\ud800"}, split=False)
    asked.bye()
    assert [line for line in lines if line.startswith("-> ")] == [
        '-> {"id":1,"op":"hello","protocol":1}',
        '-> {"id":2,"op":"open"}',
        '-> {"id":3,"op":"feed","bytes":"b3"}',
        '-> {"id":4,"op":"encode","octets":{"test_id":"c3b1eda080"},'
        '"packet":{"test_id":"\\u00f1\\ud800"}}',
        '-> {"id":5,"op":"bye"}',
    ]
    assert [line for line in lines if line.startswith("<- ")][1:3] == [
        '<- {"id": 2}',
        '<- {"id": 3, "items": []}',
    ]
    assert len(lines) == 10


def test_keys_come_in_the_order_of_the_protocol() -> None:
    lines: list[str] = []
    asked = Session(harness(), timeout=PATIENCE, transcript=lines.append)
    asked.open_multiplexer(["0"])
    asked.feed_input(0, b"x")
    asked.close_input(0)
    content = {"file_name": "a", "file_bytes": "62", "eof": True}
    asked.encode(content, split=True)
    asked.encode({"test_tags": ["\ud800", "b"]})
    asked.kill()
    assert [line for line in lines if line.startswith("-> ")][1:] == [
        '-> {"id":2,"op":"open","routes":["0"]}',
        '-> {"id":3,"op":"feed","input":0,"bytes":"78"}',
        '-> {"id":4,"op":"close","input":0}',
        '-> {"id":5,"op":"encode","packet":'
        '{"file_name":"a","file_bytes":"62","eof":true},"split":true}',
        '-> {"id":6,"op":"encode","octets":{"test_tags":["eda080","62"]},'
        '"packet":{"test_tags":["\\ud800","b"]}}',
    ]
    requests = Draft202012Validator(
        {"$ref": "#/$defs/request", "$defs": schema("harness")["$defs"]}
    )
    for line in lines:
        if line.startswith("-> "):
            requests.validate(json.loads(line[3:]))


#: Fault, reason, and whether the two are out of step behind it.
MALFORMED = [
    ("noise", "not JSON: 'debug: here'", True),
    ("binary-noise", "not JSON: '\\xb3)'", True),
    ("wrong-id", "answered with id 4 to request 3", True),
    ("no-id", "answered without an id to request 3", True),
    ("list", 'not a JSON object: \'[{"id": 3, "items": []}]\'', True),
    ("no-items", "`items` is missing", False),
    ("object-items", "`items` is no array", False),
    ("bad-items", "item 1 of the answer: test_id: a string, not a number", False),
]


@pytest.mark.parametrize(("fault", "reason", "out_of_step"), MALFORMED)
def test_nonsense(fault: str, reason: str, out_of_step: bool) -> None:
    with session(fault, "feed") as asked:
        asked.open()
        with pytest.raises(NoAnswerError) as caught:
            asked.feed(b"\xb3")
        assert (caught.value.outcome, caught.value.reason) == ("malformed", reason)
        assert asked.is_down is out_of_step
        # The next request is answered.
        asked.open()


def test_a_line_without_an_end() -> None:
    with session("floods", "feed") as asked:
        asked.open()
        with pytest.raises(NoAnswerError, match="more than 67,108,864 octets") as caught:
            asked.feed(b"\xb3")
        assert caught.value.outcome == "malformed"
        assert asked.is_down


def test_an_answer_too_many() -> None:
    with session("answers-twice", "encode") as asked:
        # The extra line is read with the first answer or with the second, by chance.
        asked.encode({})
        with pytest.raises(NoAnswerError) as caught:
            asked.encode({})
        assert caught.value.outcome == "malformed"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("exits", "exit status 3: Segmentation... no"),
        ("kills-itself", "killed by SIGKILL"),
        ("half-a-line", "exit status 0 (in the middle of an answer: '{\"id\":')"),
        ("closes-output", "closed its standard output"),
    ],
)
def test_it_died(fault: str, reason: str) -> None:
    with session(fault, "feed") as asked:
        asked.open()
        with pytest.raises(NoAnswerError) as caught:
            asked.feed(b"\xb3")
        assert (caught.value.outcome, caught.value.reason) == ("crashed", reason)
        asked.open()
        assert not asked.is_down


def test_it_hangs() -> None:
    with session("hangs", "feed", timeout=2) as asked:
        asked.open()
        with pytest.raises(NoAnswerError) as caught:
            asked.feed(b"\xb3")
        assert (caught.value.outcome, caught.value.reason) == (
            "timed out",
            "no answer within 2 s",
        )
        assert asked.is_down


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [("error", "rejected", "ValueError: bad"), ("unsupported", "unsupported", "no tags")],
)
def test_it_says_that_it_cannot(fault: str, outcome: str, reason: str) -> None:
    with session(fault, "feed") as asked:
        asked.open()
        with pytest.raises(NoAnswerError) as caught:
            asked.feed(b"\xb3")
        assert (caught.value.outcome, caught.value.reason) == (outcome, reason)
        assert not asked.is_down


def test_standard_error_is_free() -> None:
    with session("floods-stderr", "feed") as asked:
        asked.open()
        assert asked.feed(b"\xb3") == []


def test_octets_have_one_form() -> None:
    with session("upper-hex", "encode") as asked:
        with pytest.raises(NoAnswerError, match="`bytes` is not hex"):
            asked.encode({"test_id": "foo"})
        with pytest.raises(NoAnswerError, match="`bytes` and `refused` in one answer"):
            asked.encode({"test_id": "\0"})


def test_keys_that_are_not_known_are_seen_where_asked_for() -> None:
    with session("more-keys", "feed") as asked:
        asked.open()
        assert asked.feed(b"\xb3") == []
    with session("more-keys", "feed", validate=True) as asked:
        asked.open()
        with pytest.raises(NoAnswerError, match=r"answer-feed.*colour") as caught:
            asked.feed(b"\xb3")
        assert caught.value.outcome == "malformed"


def test_it_has_to_end_with_0() -> None:
    with session("bad-farewell") as asked:
        asked.start()
        with pytest.raises(NoAnswerError, match="ended with exit status 4, not with 0"):
            asked.bye()
        # The harness has ended already.
        asked.bye()


def test_it_has_to_end_by_itself() -> None:
    with session("stays") as asked:
        asked.start()
        with pytest.raises(NoAnswerError, match=r"it had not ended after 2 s$") as caught:
            asked.bye()
        assert caught.value.outcome == "timed out"


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(CommandError, match=r"^my-harness: not found$"):
        Session("my-harness --fast", timeout=1)


PACKET = {"kind": "packet", "runnable": True, "eof": False}


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (PACKET, None),
        (PACKET | {"offset": 3, "test_id": "a\0"}, None),
        ({"kind": "passthrough", "bytes": ""}, None),
        (3, "not an object"),
        ({"runnable": True, "eof": False}, "kind: missing"),
        ({"kind": "packet", "eof": False}, "runnable: missing; it is required"),
        (PACKET | {"recovered": False}, "recovered: allowed only when true"),
        (PACKET | {"file_name": "a"}, "file_name, file_bytes: one without the other"),
        ({"kind": "passthrough", "bytes": "0"}, "bytes: not hex"),
        ({"kind": "corrupt", "bytes": "b3", "error": "odd"}, "error: 'odd' is not one of"),
    ],
)
def test_items_of_answers(item: object, fault: str | None) -> None:
    found = check_item(item)
    assert found is None if fault is None else (found or "").startswith(fault)
