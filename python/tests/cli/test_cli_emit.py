"""`subunit2 emit`, compared with subunit-output, whose options it has."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from subunit2 import Packet, TestStatus, Timestamp, decode, encode, tests
from subunit2.items import TEST_STATUSES, replace
from support.command import Running, assert_one_line, environment, run, run_process
from support.patience import PATIENCE
from support.sampling import sample
from support.streams import packets

#: The program of python-subunit, with a fixed time and sorted tags.
REFERENCE: Final = """\
import datetime, sys
from subunit import _output
_output.create_timestamp = lambda: datetime.datetime.fromtimestamp(
    1754000000.5, datetime.timezone.utc
)
class Sorted(set):
    def __iter__(self):
        return iter(sorted(set.__iter__(self)))
_output.set = Sorted
sys.exit(_output.output_main())
"""
TIME: Final = ("--timestamp", "1754000000.5")

CHUNK: Final = 3_670_016


def reference(*words: str | Path, stdin: bytes = b"") -> bytes:
    """Return the output of subunit-output."""
    return subprocess.run(
        [sys.executable, "-c", REFERENCE, *words],
        input=stdin,
        stdout=subprocess.PIPE,
        env=environment(),
        timeout=PATIENCE,
        check=True,
    ).stdout


def emitted(*words: str | Path, stdin: bytes = b"") -> list[Packet]:
    """Return the packets that the command writes."""
    done = run("emit", *words, stdin=stdin)
    assert (done.status, done.errors) == (0, b"")
    items = list(decode(done.output))
    assert len(packets(items)) == len(items)
    return packets(items)


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of several sizes, by size."""
    folder = tmp_path_factory.mktemp("contents")
    for size in (0, 1, 70_000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 9_000_000):
        (folder / str(size)).write_bytes(bytes(range(250)) * (size // 250 + 1))
        with (folder / str(size)).open("r+b") as file:
            file.truncate(size)
    return folder


CALLS = [
    [],
    *([f"--{status}", "foo"] for status in TEST_STATUSES),
    ["--fail", "x é/ó[1]"],
    ["--tag", "b", "--tag", "a", "--tag", "b"],
    ["--inprogress", "foo", "--tag", "slow"],
    ["--attach-file", "70000"],
    ["--attach-file", "70000", "--file-name", "log", "--mimetype", "text/plain;charset=utf8"],
    ["--fail", "foo", "--attach-file", "1", "--tag", "x", "--mimetype", "text/plain"],
    *(["--skip", "foo", "--attach-file", str(size)] for size in (0, CHUNK - 1, CHUNK, CHUNK + 1)),
    ["--inprogress", "foo", "--attach-file", "9000000", "--tag", "x", "--mimetype", "a/b"],
    ["--xfail", "foo", "--attach-file", str(2 * CHUNK), "--tag", "x"],
]


@pytest.mark.parametrize(
    "words", sample(CALLS, CALLS[::3], lambda words: " ".join(words) or "nothing")
)
def test_it_writes_what_subunit_output_writes(
    words: list[str], contents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(contents)
    done = run("emit", *words, *TIME)
    assert (done.status, done.errors) == (0, b"")
    assert done.output == timed(reference(*words))


def timed(stream: bytes) -> bytes:
    """Return the stream with the one difference of `emit`: a final status has a timestamp."""
    first, *others = packets(decode(stream))
    return encode(first) + b"".join(
        encode(replace(packet, timestamp=first.timestamp) if packet.test_status else packet)
        for packet in others
    )


def test_standard_input_as_subunit_output_reads_it(tmp_path: Path) -> None:
    words = ["--fail", "foo", "--attach-file", "-"]
    # A file is read without waiting.
    (tmp_path / "in").write_bytes(b"hello\n")
    with (
        (tmp_path / "in").open("rb") as file,
        Running("emit", *words, *TIME, stdin=file.fileno()) as running,
    ):
        assert running.finish().output == reference(*words, stdin=b"hello\n")
    # Without --file-name.
    [packet] = emitted(*words, "--file-name", "log", "--no-timestamp")
    assert packet == Packet(
        test_id="foo", test_status="fail", file_name="log", file_bytes=b"", eof=True
    )


def test_a_test_id_that_begins_like_an_option() -> None:
    assert emitted("--fail=--x", "--no-timestamp") == [Packet(test_id="--x", test_status="fail")]


def test_what_subunit_output_has_not() -> None:
    [packet] = emitted("--fail", "foo", "--route", "W1/2", "--not-runnable", "--no-timestamp")
    assert packet == Packet(test_id="foo", test_status="fail", route_code="W1/2", runnable=False)


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("0", Timestamp(0)),
        ("4294967295.999999999", Timestamp(2**32 - 1, 999_999_999)),
        ("1754000000.000000063", Timestamp(1_754_000_000, 63)),
        ("1754000000.5", Timestamp(1_754_000_000, 500_000_000)),
        ("1970-01-01T05:00:01.5+05:00", Timestamp(1, 500_000_000)),
        ("1970-01-01T00:00:01Z", Timestamp(1)),
    ],
)
def test_a_time(text: str, timestamp: Timestamp) -> None:
    assert emitted("--timestamp", text) == [Packet(timestamp=timestamp)]


def test_the_time_is_now() -> None:
    before, [packet], after = emitted()[0], emitted(), emitted()[0]
    assert before.timestamp is not None
    assert packet.timestamp is not None
    assert after.timestamp is not None
    assert before.timestamp < packet.timestamp < after.timestamp


def test_an_attachment_is_live() -> None:
    with Running(
        "emit", "--success", "foo", "--attach-file", "-", *TIME, "--route", "W1"
    ) as running:
        running.feed(b"(Pdb) ")
        shown = running.expect(lambda octets: b"(Pdb) " in octets)
        when = Timestamp(1_754_000_000, 500_000_000)
        chunk = Packet(test_id="foo", file_name="stdin", file_bytes=b"(Pdb) ", route_code="W1")
        assert list(decode(shown)) == [replace(chunk, timestamp=when)]
        done = running.finish()
    last = replace(chunk, test_status="success", file_bytes=b"", eof=True, timestamp=when)
    assert done.output == shown + encode(last)


def test_the_end_of_a_test_is_when_its_attachment_has_ended() -> None:
    [start] = emitted("--inprogress", "foo")
    with Running("emit", "--success", "foo", "--attach-file", "-") as running:
        running.feed(b"a")
        shown = running.expect(lambda octets: b"stdin" in octets)
        [between] = emitted()
        running.feed(b"b")
        stream = encode(start) + running.finish().output
    begun, *chunks, ended = packets(decode(stream))
    assert stream.startswith(encode(start) + shown)
    assert (ended.test_status, ended.eof) == ("success", True)
    # A later packet without a status has no timestamp.
    assert [chunk.timestamp for chunk in chunks[1:]] == [None] * (len(chunks) - 1)
    stamped = [begun, chunks[0], between, ended]
    times = [packet.timestamp for packet in stamped if packet.timestamp is not None]
    assert times == sorted(times)
    assert len(times) == len(stamped)
    [test] = tests(io.BytesIO(stream))
    assert (test.start, test.end) == (begun.timestamp, ended.timestamp)
    done = run("slowest", stdin=stream)
    assert (done.status, done.errors) == (0, b"")
    assert "foo" in done.text


def test_a_packet_says_when_its_content_was_there() -> None:
    # As in subunit-output, which reads the file first.
    with Running("emit", "--success", "foo", "--attach-file", "-") as running:
        [before] = emitted()
        [packet] = packets(decode(running.finish().output))
    assert before.timestamp is not None
    assert packet.timestamp is not None
    assert before.timestamp < packet.timestamp


def test_an_attachment_of_any_size() -> None:
    content = bytes(range(251)) * 40_000
    found = emitted("--attach-file", "-", stdin=content)
    assert b"".join(packet.file_bytes or b"" for packet in found) == content
    assert [packet.eof for packet in found] == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--fail", "a", "--skip", "b"], "argument --skip: not allowed with argument --fail"),
        (["--mimetype", "a/b"], "--mimetype: needs --attach-file"),
        (["--file-name", "a"], "--file-name: needs --attach-file"),
        (["--route-status", "failed"], "argument --route-status: invalid choice: 'failed'"),
        (["--route-status", "fail", "--skip", "b"], "argument --skip: not allowed with argument"),
        (["--route-status", "fail", "--part", "x"], "--part: needs a test"),
        (["--attach-file", "/missing"], "/missing: No such file or directory"),
        (["--timestamp", "noon"], "--timestamp: noon is neither seconds nor ISO 8601"),
        (["--timestamp", "2026-01-01T00:00:00"], "--timestamp: timestamp: a naive datetime"),
        (["--timestamp", "1969-12-31T00:00:00Z"], "--timestamp: timestamp: 1969-12-31"),
        (["--timestamp", "9999999999"], "timestamp: 9999999999 seconds are not within"),
        (["--fail", "a", "--tag", "\udcff"], "test_tags: character 0 is a lone surrogate"),
        (["--route", "\udcff", "--attach-file", "/dev/null"], "route_code: character 0"),
    ],
)
def test_a_wrong_call(words: list[str], reason: str) -> None:
    done = run("emit", *words)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "emit").startswith(reason)


def test_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_process("emit", "--success", "foo", stdout=full)
    assert done.status == 2
    assert assert_one_line(done.errors, "emit") == "output: No space left on device"


def test_a_part_of_a_test_cannot_be_run() -> None:
    # clauses test-id.children, runnable.meaning
    done = run("emit", "--fail", "foo", "--part", "fr", "--part", "books", "--no-timestamp")
    assert done.output == encode(
        Packet(test_id="foo\ufdd0fr\ufdd0books", test_status="fail", runnable=False)
    )
    done = run("emit", "--fail", "foo\ufdd0a", "--part", "x\ufdd0y", "--no-timestamp")
    [item] = decode(done.output)
    assert isinstance(item, Packet)
    assert item.test_id == "foo\ufdd0a\ufdd0x\ufffdy"
    done = run("emit", "--part", "fr")
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "emit").startswith("--part: needs a test")


@pytest.mark.parametrize("status", TEST_STATUSES)
def test_an_empty_test_id_is_not_the_whole_route(status: TestStatus) -> None:
    # Of an unset variable, as in `subunit2 emit --fail "$id"`.
    done = run("emit", f"--{status}", "", "--route", "W1")
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "emit") == (
        f"--{status}: the test id is empty; --route-status {status} is about no test"
    )
    [packet] = emitted("--route-status", status, "--route", "W1", "--no-timestamp")
    assert packet == Packet(test_status=status, route_code="W1", runnable=False)


@pytest.mark.parametrize(
    "option", ["tag", "route", "part", "timestamp", "attach-file", "file-name", "mimetype"]
)
def test_other_empty_values_are_refused(option: str) -> None:
    words = ["--fail", "foo", "--attach-file", "/dev/null", "--tag", "a", "--part", "b"]
    done = run("emit", *words, f"--{option}", "")
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "emit") == f"--{option}: the value is empty"


def test_the_failure_of_a_route_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"no memory\n")
    words = ["--route-status", "fail", "--attach-file", str(tmp_path / "log")]
    stream = run("emit", *words, "--file-name", "reason").output
    assert run("failing", stdin=stream).status == 1
    assert "as a whole" in run("failing", stdin=stream).text
