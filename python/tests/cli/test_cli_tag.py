"""`subunit2 tag`: add or remove tags."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subunit2 import Packet, decode, encode
from subunit2.items import replace
from support.command import CAPTURES, Done, assert_one_line, run
from support.sampling import examples
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL_OCTETS, octets_of

STREAM = FOO_OCTETS + b"ok\n" + BAR_OCTETS + FULL_OCTETS


def tags_of(stream: bytes) -> list[tuple[str, ...] | None]:
    return [item.test_tags for item in decode(stream) if isinstance(item, Packet)]


@pytest.mark.parametrize(
    ("call", "tags"),
    [
        (["+slow"], [("slow",), ("linux", "slow"), ("a", "", "a", "slow")]),
        (["--add", "slow"], [("slow",), ("linux", "slow"), ("a", "", "a", "slow")]),
        (["--add=slow"], [("slow",), ("linux", "slow"), ("a", "", "a", "slow")]),
        (["-a"], [None, ("linux", "slow"), ("",)]),
        (["--remove", "a"], [None, ("linux", "slow"), ("",)]),
        (["+b", "-slow", "+a"], [("b", "a"), ("linux", "b", "a"), ("a", "", "a", "b")]),
        (["--add", "-x"], [("-x",), ("linux", "slow", "-x"), ("a", "", "a", "-x")]),
        (["--add", "+x"], [("+x",), ("linux", "slow", "+x"), ("a", "", "a", "+x")]),
        (["--add", "--remove", "-slow"], None),
        (["--", "-slow", "+é"], [("é",), ("linux", "é"), ("a", "", "a", "é")]),
        (["--remove="], [None, ("linux", "slow"), ("a", "a")]),
        (["-linux", "-slow"], [None, None, ("a", "", "a")]),
        (["-help"], [None, ("linux", "slow"), ("a", "", "a")]),
    ],
)
def test_tags(call: list[str], tags: list[tuple[str, ...] | None] | None, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(STREAM)
    done = run("tag", *call, stdin=STREAM)
    if tags is None:
        assert done.status == 2
        assert "expected one argument" in assert_one_line(done.errors, "tag")
        return
    assert (done.status, done.errors) == (0, b"")
    assert tags_of(done.output) == tags
    assert b"ok\n" in done.output
    # FILE can be anywhere among the arguments.
    assert run("tag", *call, source) == done
    assert run("tag", source, *call) == done
    # The other fields of a packet stay.
    untagged = [replace(item, test_tags=None) for item in (FOO, BAR)]
    out = [item for item in decode(done.output) if isinstance(item, Packet)]
    assert [replace(item, test_tags=None) for item in out[:2]] == untagged


def test_what_has_the_tags_already_stays_octet_for_octet() -> None:
    assert run("tag", "+linux", "-none", stdin=BAR_OCTETS) == Done(0, BAR_OCTETS, b"")


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ([], "no tags to add or remove"),
        (["+a", "-a"], "a: cannot be both added and removed"),
        (["--frob"], "unrecognized arguments: --frob"),
    ],
)
def test_a_call_that_is_wrong(call: list[str], reason: str) -> None:
    done = run("tag", *call)
    assert (done.status, done.output) == (2, b"")
    assert reason in assert_one_line(done.errors, "tag")


def test_a_tag_that_is_not_utf8() -> None:
    done = run("tag", "+a\udcff")
    assert done.status == 2
    assert "lone surrogate" in assert_one_line(done.errors, "tag")


# --- As python-subunit's subunit-tags ------------------------------------------------------------


def tagged_by_python_subunit(stream: bytes, *words: str) -> bytes:
    return subprocess.run(
        [Path(sys.executable).parent / "subunit-tags", *words],
        input=stream,
        capture_output=True,
        check=True,
    ).stdout


def sets_of(stream: bytes) -> list[set[str]]:
    return [set(tags or ()) for tags in tags_of(stream)]


TAG = st.sampled_from(["a", "b", "slow", "worker-0"])


@settings(max_examples=examples(10))
@given(
    st.lists(st.none() | st.lists(TAG, max_size=3), min_size=1, max_size=8),
    st.sets(TAG, min_size=1, max_size=2),
    st.sets(TAG, max_size=2),
)
def test_the_same_sets_of_tags(
    before: list[list[str] | None], add: set[str], remove: set[str]
) -> None:
    remove -= add
    stream = octets_of(Packet(test_id="t", test_status="exists", test_tags=tags) for tags in before)
    ours = run("tag", *(f"+{tag}" for tag in add), *(f"-{tag}" for tag in remove), stdin=stream)
    theirs = tagged_by_python_subunit(stream, *add, *(f"-{tag}" for tag in remove))
    assert sets_of(ours.output) == sets_of(theirs)


def test_a_stream_of_several_workers() -> None:
    [capture] = [path for path in CAPTURES if path.stem == "stestr-two-workers"]
    stream = capture.read_bytes()
    ours = run("tag", "+x", "-worker-1", capture).output
    theirs = tagged_by_python_subunit(stream, "x", "-worker-1")
    about = [item.test_id is not None for item in decode(stream) if isinstance(item, Packet)]
    # They tag the output of a worker, which does not belong to a test.
    assert [each for each, is_test in zip(sets_of(ours), about, strict=True) if is_test] == [
        each for each, is_test in zip(sets_of(theirs), about, strict=True) if is_test
    ]
    was = [item for item in decode(stream) if isinstance(item, Packet)]
    out = [item for item in decode(ours) if isinstance(item, Packet)]
    assert [encode(replace(item, test_tags=None)) for item in was] == [
        encode(replace(item, test_tags=None)) for item in out
    ]
