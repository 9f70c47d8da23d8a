"""`subunit2 info`: show the version of the software under test, by route."""

from __future__ import annotations

import json

import pytest

from subunit2 import Packet, decode, encode, replace
from subunit2.multiplexer import Multiplexer
from support.command import assert_one_line, run
from support.streams import FOO_OCTETS, damaged, named


def info(content: str, route: str | None = None) -> bytes:
    return encode(
        Packet(
            file_name="version-info",
            file_bytes=content.encode(),
            mime_type="application/json",
            eof=True,
            route_code=route,
        )
    )


def ran(test_id: str, route: str | None = None) -> bytes:
    return encode(Packet(test_id=test_id, test_status="success", route_code=route))


def test_of_each_route() -> None:
    stream = info('{"commit": "aé"}', "0") + ran("foo", "0") + info("not JSON\x1b", "1")
    done = run("info", stdin=stream)
    assert (done.status, done.errors) == (0, b"")
    assert done.text == (
        "version-info  [route 0]\n"
        "  {\n"
        '    "commit": "aé"\n'
        "  }\n"
        "version-info  [route 1]\n"
        "  not JSON\\x1b\n"
    )
    form = json.loads(run("info", "--json", stdin=stream).output)["version_info"]
    assert form == [
        {
            "route_code": "0",
            "mime_type": "application/json",
            "complete": True,
            "text": '{"commit": "aé"}',
            "value": {"commit": "aé"},
        },
        {
            "route_code": "1",
            "mime_type": "application/json",
            "complete": True,
            "text": "not JSON\x1b",
        },
    ]


def test_of_a_test_behind_a_multiplexer() -> None:
    multiplexer = Multiplexer(["A", "B"])
    stream = b"".join(
        [
            multiplexer.feed(0, info('"of A"') + ran("foo")),
            multiplexer.feed(1, info('"of B"') + info('"of B/1"', "1")),
            multiplexer.feed(1, ran("foo", "1/2") + ran("foo", "3") + ran("bar", "1")),
            multiplexer.close(0),
            multiplexer.close(1),
        ]
    )

    def told(test_id: str) -> dict[str, object]:
        form = json.loads(run("info", "--json", "--test", test_id, stdin=stream).output)
        assert form["test_id"] == test_id
        return {each["route_code"]: each["version_info"]["value"] for each in form["routes"]}

    assert told("foo") == {"A": "of A", "B/1/2": "of B/1", "B/3": "of B"}
    assert told("bar") == {"B/1": "of B/1"}
    assert run("info", "--test", "bar", stdin=stream).text == (
        'bar  [route B/1]\nversion-info  [route B/1]\n  "of B/1"\n'
    )


@pytest.mark.parametrize(
    ("infos", "route", "expected"),
    named(
        [
            ("its own", ["0/1", "0", None], "0/1", "0/1"),
            ("above", ["0", None], "0/1", "0"),
            ("of all", [None], "0/1", None),
            ("without a route", ["0", None], None, None),
            ("steps, not characters", ["1", None], "10", None),
            ("an empty step", ["", None], "/1", ""),
            ("an empty route", ["", None], "", ""),
        ]
    ),
)
def test_the_nearest_route(
    infos: list[str | None], route: str | None, expected: str | None
) -> None:
    stream = b"".join(info(json.dumps(each), each) for each in infos) + ran("foo", route)
    form = json.loads(run("info", "--json", "--test", "foo", stdin=stream).output)
    [of] = form["routes"]
    assert of["version_info"]["route_code"] == expected


def test_none_is_about_it() -> None:
    stream = info("1", "0") + ran("foo", "1")
    done = run("info", "--test", "foo", stdin=stream)
    assert (done.status, done.text) == (
        1,
        "foo  [route 1]\n  no version-info for this route\n",
    )
    assert json.loads(run("info", "--json", "--test", "foo", stdin=stream).output)["routes"] == [
        {"route_code": "1", "version_info": None}
    ]


def test_no_such_test() -> None:
    done = run("info", "--test", "bar\x1b", stdin=info("1") + FOO_OCTETS)
    assert (done.status, done.output) == (1, b"")
    assert assert_one_line(done.errors, "info") == "bar\\x1b: no such test in the stream"


def test_json_where_there_is_nothing() -> None:
    for call, stream, form in (
        ([], FOO_OCTETS, {"version_info": []}),
        ([], b"", {"version_info": []}),
        (
            ["--test", "foo"],
            FOO_OCTETS,
            {"test_id": "foo", "routes": [{"route_code": None, "version_info": None}]},
        ),
        (["--test", "bar"], info("1"), {"test_id": "bar", "routes": []}),
    ):
        done = run("info", "--json", *call, stdin=stream)
        assert (done.status, json.loads(done.output)) == (1, form)
        assert assert_one_line(done.errors, "info").endswith("in the stream")


def test_the_last_of_a_route_and_one_without_its_end() -> None:
    [packet] = decode(info('"half'))
    assert isinstance(packet, Packet)
    stream = info('"first"') + encode(replace(packet, eof=False))
    assert run("info", stdin=stream).text == 'version-info  (without its end)\n  "half\n'


def test_a_file_of_a_test_is_none() -> None:
    [packet] = decode(info("1"))
    assert isinstance(packet, Packet)
    assert run("info", stdin=encode(replace(packet, test_id="foo"))).status == 1


@pytest.mark.parametrize("text", ["NaN", "[" * 100_000, "1" * 5_000, '"\\ud800"'])
def test_odd_json(text: str) -> None:
    done = run("info", "--json", stdin=info(text))
    assert (done.status, done.errors) == (0, b"")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    form = json.loads(done.output, parse_constant=refuse)
    assert form["version_info"][0]["text"] == text
    assert run("info", stdin=info(text)).errors == b""


def test_strict() -> None:
    stream = info("1") + damaged(FOO_OCTETS)
    assert run("info", stdin=stream).status == 0
    assert run("info", "--strict", stdin=stream).status == 1
