"""Version 1 in grammar.ebnf and in python-subunit.

The tree of the grammar is converted into events here (a test started, it ended with an
outcome, a line did not belong to subunit), and python-subunit's parser records the same
events. On well-formed streams they have to be equal, line by line. `LOOSE` lists the lines
that its parser accepts beyond the grammar, and the lines on which it fails.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from importlib.metadata import metadata
from textwrap import dedent
from typing import Any

import pytest
import subunit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subunit2 import spec
from subunit2.grammar.matching import Part, match
from subunit2.grammar.notation import load, parse
from subunit2.grammar.strategies import Instead, octets_of
from support.sampling import examples

Event = tuple[Any, ...]

STATUSES = ["success", "successful", "failure", "error", "skip", "xfail", "uxsuccess"]

#: The method that python-subunit calls for each outcome.
OUTCOMES = {
    "success": "addSuccess",
    "successful": "addSuccess",
    "failure": "addFailure",
    "error": "addError",
    "skip": "addSkip",
    "xfail": "addExpectedFailure",
    "uxsuccess": "addUnexpectedSuccess",
}


# ---- By the grammar --------------------------------------------------------------


def events(stream: bytes) -> list[Event]:
    tree = match(load(), "v1_stream", stream)
    assert tree.end == len(stream)
    return list(_events(tree, stream))


def _events(part: Part, stream: bytes) -> Iterator[Event]:
    match part.production:
        case "v1_line":
            yield "line", stream.count(b"\n", 0, part.start)
        case "v1_test":
            yield from _test_events(part, stream)
        case "v1_tags":
            yield "tags", *_tags(_octets(part, stream))
        case "v1_time":
            yield ("time",)
        case "v1_progress":
            yield ("progress",)
        case _:
            for inner in part.parts:
                yield from _events(inner, stream)


def _octets(part: Part | None, stream: bytes) -> bytes:
    assert part is not None
    return stream[part.start : part.end]


def _tags(line: bytes) -> tuple[set[str], set[str]]:
    tags = line.decode().split()[1:]
    gone = {tag[1:] for tag in tags if tag.startswith("-")}
    return {tag for tag in tags if not tag.startswith("-")}, gone


def _test_events(test: Part, stream: bytes) -> Iterator[Event]:
    label = _octets(test.find("v1_label"), stream).decode()
    yield "start", label
    for part in test.parts:
        if part.production == "v1_within":
            yield from _events(part, stream)
    status, details = test.find("v1_status"), test.find("v1_details")
    if status is None or details is None:
        yield "interrupted", label
        return
    is_bare = _octets(details, stream) == b"\n"
    if not is_bare and details.find("v1_end") is None:
        yield "interrupted", label
        return
    name = _octets(status, stream).decode().rstrip(":")
    # python-subunit's name for the text between brackets.
    bracketed = {"skip": "reason", "success": "message", "successful": "message"}
    found = _details(details, stream, bracketed.get(name, "traceback"))
    yield OUTCOMES[name], label, {} if is_bare else found


def _details(details: Part, stream: bytes, bracketed: str) -> dict[str, bytes]:
    if not _octets(details, stream).startswith(b" [ multipart"):
        lines = (_octets(part, stream) for part in details.parts if part.production == "v1_line")
        # A line that starts with a space and `]` is escaped: the space is removed.
        return {bracketed: b"".join(line[line.startswith(b" ]") :] for line in lines)}
    return {
        _octets(part.find("v1_name"), stream).decode(): b"".join(
            stream[chunk.end - chunk.values["size"] : chunk.end]
            for chunk in part.parts
            if chunk.production == "v1_chunk"
        )
        for part in details.parts
        if part.production == "v1_part"
    }


# ---- By python-subunit ------------------------------------------------------------


class _Client:
    """Records the calls of python-subunit's parser as events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def startTest(self, test: Any) -> None:  # noqa: N802  (unittest's names)
        self.events.append(("start", test.id()))

    def stopTest(self, test: Any) -> None:  # noqa: N802
        pass

    def tags(self, new: set[str], gone: set[str]) -> None:
        self.events.append(("tags", new, gone))

    def time(self, when: Any) -> None:
        self.events.append(("time",))

    def progress(self, offset: int | None, whence: int) -> None:
        self.events.append(("progress",))

    def __getattr__(self, name: str) -> Any:
        if name not in OUTCOMES.values():
            raise AttributeError(name)

        def add(test: Any, error: Any = None, details: Any = None) -> None:
            if error is not None:
                self.events.append(("interrupted", test.id()))
                return
            joined = {key: b"".join(value.iter_bytes()) for key, value in (details or {}).items()}
            self.events.append((name, test.id(), joined))

        return add


def events_by_python_subunit(stream: bytes) -> list[Event]:
    client = _Client()
    passed = io.BytesIO()
    server = subunit.TestProtocolServer(client, passed)
    for number, line in enumerate(io.BytesIO(stream)):
        before = passed.tell()
        server.lineReceived(line)
        if passed.tell() > before:
            client.events.append(("line", number))
    server.lostConnection()
    return client.events


# ---- Streams ----------------------------------------------------------------------


def _text(least: int = 0) -> st.SearchStrategy[bytes]:
    """Text of one line."""
    return st.text(
        st.characters(exclude_characters="\n", codec="utf-8"), min_size=least, max_size=8
    ).map(str.encode)


def _word() -> st.SearchStrategy[bytes]:
    return _text(1).filter(
        lambda word: word.decode().split() == [word.decode()] and not word.startswith(b"-")
    )


#: Freedoms of the grammar that python-subunit's parser does not have.
WELL_FORMED: Instead = {
    "v1_label": lambda _: _text(1).filter(bytes.strip),
    "v1_tag": lambda _: _word(),
    "v1_type": lambda _: st.sampled_from([b"text/plain", b"text/plain;charset=utf8"]),
    "v1_name": lambda _: _text(),
    "v1_date": lambda _: st.dates().map(lambda date: date.isoformat().encode()),
    "v1_clock": lambda _: st.times().map(lambda time: time.isoformat().encode()),
    "v1_zone": lambda _: st.sampled_from([b"Z", b"+01:00", b"-0330"]),
    "v1_line": lambda _: (
        _text().map(lambda line: line + b"\n")
        | st.sampled_from([b"]\n", b" ]\n", b"ok\n", b"success: other\n", b"test\n", b" test: a\n"])
    ),
}

#: The grammar of streams without unfinished details.
WHOLE = parse(
    spec.path("grammar.ebnf")
    .read_text(encoding="utf-8")
    .replace("v1_part* v1_end?", "v1_part* v1_end")
)


@settings(
    max_examples=examples(200),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(octets_of(WHOLE, "v1_stream", instead=WELL_FORMED))
def test_python_subunit_reads_the_same_events(stream: bytes) -> None:
    assert events(stream) == events_by_python_subunit(stream)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(octets_of(load(), "v1_stream"))
def test_streams_drawn_from_the_grammar_match_it(stream: bytes) -> None:
    assert match(load(), "v1_stream", stream).end == len(stream)


@settings(max_examples=examples(200))
@given(st.binary(max_size=60) | st.text("tes: ag[]\n-+0", max_size=40).map(str.encode))
def test_any_octets_are_a_stream_of_version_1(stream: bytes) -> None:
    assert match(load(), "v1_stream", stream).end == len(stream)


# ---- By hand -----------------------------------------------------------------------


def test_the_sample_of_the_readme() -> None:
    """A test that passes, one that fails with three lines of details, and a line of output."""
    readme = metadata("python-subunit")["Description"]
    found = re.search(r"^```subunit\n\n(.*?\n)\n", readme, re.MULTILINE | re.DOTALL)
    assert found
    sample = dedent(found[1]).encode()
    lines = sample.splitlines(keepends=True)
    passed, failed = (lines[at].decode().strip().removeprefix("test: ") for at in (0, 2))
    # The space in front of a bracket is not part of the details.
    details = b"".join(line.removeprefix(b" ") for line in lines[4:7])
    assert details.startswith(b"..\n]..")
    assert events(sample) == [
        ("start", passed),
        ("addSuccess", passed, {}),
        ("start", failed),
        ("addFailure", failed, {"traceback": details}),
        ("line", 8),
    ]


@pytest.mark.parametrize("start", ["test", "test:", "testing", "testing:"])
@pytest.mark.parametrize("blank", [" ", "\t"])
@pytest.mark.parametrize("status", [status + colon for status in STATUSES for colon in ("", ":")])
def test_every_spelling_of_a_start_and_an_outcome(start: str, blank: str, status: str) -> None:
    stream = f"{start}{blank}a b\n{status}{blank}a b\n".encode()
    expected: list[Event] = [("start", "a b"), (OUTCOMES[status.rstrip(":")], "a b", {})]
    assert events(stream) == expected
    assert events_by_python_subunit(stream) == expected


MULTIPART = b"""\
test: a
skip: a [ multipart
Content-Type: text/plain;charset=utf8
reason
3\r
not0A\r
 here yet
0\r
Content-Type: application/octet-stream
empty
000\r
]
"""

ONE = {
    "details between brackets": (
        b"test: a\nerror: a [\nx\n]\n",
        [("start", "a"), ("addError", "a", {"traceback": b"x\n"})],
    ),
    "no details between brackets": (
        b"test: a\nerror: a [\n]\n",
        [("start", "a"), ("addError", "a", {"traceback": b""})],
    ),
    "a quoted bracket": (
        b"test: a\nerror: a [\n ]\n ]x\n  ]\n]\n",
        [("start", "a"), ("addError", "a", {"traceback": b"]\n]x\n  ]\n"})],
    ),
    "directives between brackets are content": (
        b"test: a\nerror: a [\ntest: b\nsuccess: a\n]\n",
        [("start", "a"), ("addError", "a", {"traceback": b"test: b\nsuccess: a\n"})],
    ),
    "details in parts": (
        MULTIPART,
        [("start", "a"), ("addSkip", "a", {"reason": b"not here yet\n", "empty": b""})],
    ),
    "parts, and none of them": (
        b"test: a\nsuccess: a [ multipart\n]\n",
        [("start", "a"), ("addSuccess", "a", {})],
    ),
    "a label that looks like details": (
        b"test: a [\nsuccess: a [\nok\n",
        [("start", "a ["), ("addSuccess", "a [", {}), ("line", 2)],
    ),
    "a test without an outcome": (
        b"test: a\nok\n",
        [("start", "a"), ("line", 1), ("interrupted", "a")],
    ),
    "details without an end": (
        b"test: a\nerror: a [\nx\n",
        [("start", "a"), ("interrupted", "a")],
    ),
    "the outcome of another test": (
        b"test: a\nsuccess: b\nsuccess: a\n",
        [("start", "a"), ("line", 1), ("addSuccess", "a", {})],
    ),
    "the start of another test": (
        b"test: a\ntest: b\nsuccess: b\nsuccess: a\n",
        [("start", "a"), ("line", 1), ("line", 2), ("addSuccess", "a", {})],
    ),
    "an outcome outside a test": (b"success: a\n", [("line", 0)]),
    "tags of all, and of one test": (
        b"tags: a -b\ntest: a\ntags c\t-d \nsuccess: a\n",
        [
            ("tags", {"a"}, {"b"}),
            ("start", "a"),
            ("tags", {"c"}, {"d"}),
            ("addSuccess", "a", {}),
        ],
    ),
    "times": (
        b"time: 2013-02-28 23:59:59Z\ntime\t2013-02-28T23:59:59.5+01:00\n",
        [("time",), ("time",)],
    ),
    "progress": (
        b"progress: 3\nprogress: +2\nprogress -1\nprogress:  push \nprogress: pop\n",
        [("progress",)] * 5,
    ),
    "directives without what they need": (
        b"test\ntest:\nsuccess\ntags:\ntime:\nprogress:\n\n",
        [("line", number) for number in range(7)],
    ),
    "a directive that is not at the start of its line": (b" test: a\n", [("line", 0)]),
    "words that begin as a directive does": (
        b"tests: a\nprogression 3\n",
        [("line", 0), ("line", 1)],
    ),
}


@pytest.mark.parametrize(("stream", "expected"), ONE.values(), ids=ONE.keys())
def test_a_stream_of_version_1(stream: bytes, expected: list[Event]) -> None:
    assert events(stream) == expected
    assert events_by_python_subunit(stream) == expected


#: Lines that the published description does not have and python-subunit's parser accepts, or
#: fails on: its events, or its exception.
LOOSE: dict[str, tuple[bytes, list[Event] | type[Exception]]] = {
    "a label of blanks is none": (b"test:  \n", [("line", 0)]),
    "a last line without its end loses a letter": (
        b"test: ab",
        [("start", "a"), ("interrupted", "a")],
    ),
    "any part of the word is skip": (b"test: a\nki a\n", [("start", "a"), ("addSkip", "a", {})]),
    "colons may be many": (b"test::: a\n", [("start", "a"), ("interrupted", "a")]),
    "carriage returns are blanks": (b"test:\ra\n", [("start", "a"), ("interrupted", "a")]),
    "a tag may be of no letters": (b"tags: -\n", [("tags", set(), {""})]),
    "tags may end in a carriage return": (b"tags: a\r\n", [("tags", {"a"}, set())]),
    "a time may be a date": (b"time: 2013-02-28\n", [("time",)]),
    "a time that is none raises": (b"time: soon\n", ValueError),
    "a progress that is none raises": (b"progress: much\n", ValueError),
    "an unexpected success outside a test raises": (b"uxsuccess: a\n", AttributeError),
    "a label that is not UTF-8 raises": (b"test: \xff\n", UnicodeDecodeError),
    "parts without a type raise": (b"test: a\nerror: a [ multipart\nx\n]\n", ValueError),
}


@pytest.mark.parametrize(("stream", "theirs"), LOOSE.values(), ids=LOOSE.keys())
def test_python_subunit_still_reads_otherwise(
    stream: bytes, theirs: list[Event] | type[Exception]
) -> None:
    if isinstance(theirs, list):
        assert events_by_python_subunit(stream) == theirs
        assert events(stream) != theirs
    else:
        with pytest.raises(theirs):
            events_by_python_subunit(stream)
        assert match(load(), "v1_stream", stream).end == len(stream)
