"""`subunit2 slowest`: show the tests that took longest, or hang."""

from __future__ import annotations

import json

import pytest

from subunit2 import Packet, Timestamp, encode, replace
from support.command import assert_one_line, run


def ran(test_id: str, seconds: float, *, route: str | None = None, runnable: bool = True) -> bytes:
    start = Timestamp(1_754_000_000)
    end = Timestamp(start.seconds + int(seconds), round(seconds % 1 * 1_000_000_000))
    begun = Packet(
        test_id=test_id,
        test_status="inprogress",
        timestamp=start,
        route_code=route,
        runnable=runnable,
    )
    return encode(begun) + encode(replace(begun, test_status="success", timestamp=end))


STREAM = (
    ran("fast", 0.25)
    + ran("same", 2, route="0")
    + ran("same", 75.5, route="1")
    + ran("layer", 9000, runnable=False)
    + ran("again", 1)
    + ran("again", 3)
    + encode(Packet(test_id="timeless", test_status="success"))
)


def test_by_id_and_route() -> None:
    done = run("slowest", stdin=STREAM)
    assert (done.status, done.errors) == (0, b"")
    assert done.text == (
        "      1:16  same  [route 1]\n"
        "   3.000 s  again\n"
        "   2.000 s  same  [route 0]\n"
        "   1.000 s  again\n"
        "   0.250 s  fast\n"
    )


def test_so_many() -> None:
    form = json.loads(run("slowest", "-n", "2", "--all", "--json", stdin=STREAM).output)
    assert form == {
        "slowest": [
            {
                "test_id": "layer",
                "route_code": None,
                "duration": 9000.0,
                "status": "success",
                "runnable": False,
            },
            {
                "test_id": "same",
                "route_code": "1",
                "duration": 75.5,
                "status": "success",
                "runnable": True,
            },
        ]
    }
    assert "   2:30:00  layer\n" in run("slowest", "--all", stdin=STREAM).text


def test_of_two_that_took_as_long_the_earlier_is_first() -> None:
    stream = b"".join(ran(f"t{number}", 1) for number in range(20))
    done = run("slowest", "-n", "3", stdin=stream)
    assert [line.split()[-1] for line in done.text.splitlines()] == ["t0", "t1", "t2"]


def test_what_hangs_has_taken_until_the_end() -> None:
    hangs = Packet(test_id="hangs", test_status="inprogress", timestamp=Timestamp(1_754_000_000))
    done = run("slowest", "-n", "1", stdin=ran("fast", 0.5) + encode(hangs) + ran("slow", 4))
    assert done.status == 1
    assert done.text == "   4.000 s  hangs  never ended\n"


def test_without_times() -> None:
    done = run("slowest", stdin=encode(Packet(test_id="foo", test_status="success")))
    assert (done.status, done.text) == (
        0,
        "no test has timestamps at both its start and its end\n",
    )


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "٣"])
def test_not_a_number(number: str) -> None:
    done = run("slowest", f"--number={number}", stdin=b"")
    assert done.status == 2
    assert f"{number} is not a number of tests" in assert_one_line(done.errors, "slowest")
