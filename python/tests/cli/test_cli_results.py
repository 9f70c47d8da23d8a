"""Properties of all commands that report results of a stream."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subunit2 import TEST_STATUSES, Packet, Timestamp, encode
from subunit2.cli import main
from support.command import (
    CAPTURES,
    Done,
    Running,
    assert_one_line,
    controls,
    interruptible,
    run,
    run_process,
)
from support.sampling import examples
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, named

COMMANDS = ("stats", "ls", "failing", "slowest", "info", "extract", "lint")

#: The arguments of each command with which it prints the items in question.
CALLS = {name: (name,) for name in COMMANDS} | {"extract": ("extract", "--list")}

PASSED = encode(Packet(test_id="foo", test_status="success"))
LAYER = encode(Packet(test_id="layer", test_status="fail", runnable=False))
#: An id, a name and a route with control characters.
HOSTILE = "\x1b[2J\u202e\r\n"
HOSTILE_OCTETS = b"".join(
    encode(packet)
    for packet in (
        Packet(file_name="version-info", file_bytes=b'{"a": "\\u001b[2J"}', route_code=HOSTILE),
        Packet(test_status="inprogress", route_code=HOSTILE),
        Packet(
            test_id=HOSTILE,
            test_status="inprogress",
            timestamp=Timestamp(1),
            file_name=HOSTILE,
            file_bytes=f"{HOSTILE}\x9b2J".encode(),
            mime_type=f"text/plain;{HOSTILE}",
            route_code=HOSTILE,
        ),
        Packet(
            test_id=HOSTILE,
            test_status="fail",
            timestamp=Timestamp(2),
            test_tags=[HOSTILE],
            route_code=HOSTILE,
        ),
    )
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str) -> None:
    done = run(command, "--help")
    assert (done.status, done.errors) == (0, b"")
    assert f"usage: subunit2 {command} " in done.text
    assert re.search(rf"\nexamples:\n(  .*\n)*  .*subunit2 {command} ", done.text)
    assert "\nexit status:\n  0  success" in done.text or "\nexit status:\n  0  no err" in done.text


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing(command: str) -> None:
    done = run(*CALLS[command], stdin=b"")
    assert done.output == b""
    reason = assert_one_line(done.errors, command)
    says = {
        "stats": (2, "nothing ran: the stream is empty"),
        "failing": (2, "nothing ran: the stream is empty"),
        "slowest": (2, "nothing ran: the stream is empty"),
        "ls": (2, "no such test in the stream"),
        "lint": (2, "no packet in the stream"),
        "info": (1, "no version-info in the stream"),
        "extract": (1, "no such attachment in the stream"),
    }
    assert (done.status, reason) == says[command]


@pytest.mark.parametrize("command", ["stats", "failing", "slowest"])
@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"building\n", "nothing ran: no subunit v2 packets"),
        (FOO_OCTETS, "nothing ran: 1 test listed, none started"),
        (encode(Packet(file_name="f", file_bytes=b"x")), "nothing ran: no packet is about a test"),
        (b"test: foo\nfailure: foo [\n]\n", "nothing ran: no subunit v2 packets; it looks like "),
    ],
    ids=["output", "listed", "a file", "version 1"],
)
def test_nothing_ran(command: str, octets: bytes, reason: str) -> None:
    done = run(command, stdin=octets)
    assert done.status == 2
    assert assert_one_line(done.errors, command).startswith(reason)


@pytest.mark.parametrize("command", ["stats", "failing", "slowest"])
@pytest.mark.parametrize(
    ("octets", "status", "strict"),
    named(
        [
            ("passed", PASSED, 0, 0),
            ("failed", FULL_OCTETS, 1, 1),
            ("uxsuccess", encode(Packet(test_id="foo", test_status="uxsuccess")), 1, 1),
            ("never ended", encode(Packet(test_id="foo", test_status="inprogress")), 1, 1),
            ("a layer failed", PASSED + LAYER, 1, 1),
            ("a route failed", PASSED + encode(Packet(test_status="fail")), 1, 1),
            ("damaged", PASSED + damaged(FOO_OCTETS), 3, 1),
            ("failed and damaged", FULL_OCTETS + damaged(FOO_OCTETS), 1, 1),
            ("nothing and damaged", damaged(FOO_OCTETS), 3, 1),
        ]
    ),
)
def test_a_run_is_judged(command: str, octets: bytes, status: int, strict: int) -> None:
    assert run(command, stdin=octets).status == status
    assert run(command, "--strict", stdin=octets).status == strict
    assert run(command, "--json", stdin=octets).status == status


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_not_there(command: str, tmp_path: Path) -> None:
    done = run(command, tmp_path / "missing")
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, command).endswith("missing: No such file or directory")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_output(command: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    # Much more than a pipe holds.
    packets = (
        encode(
            Packet(
                test_id=f"test_{number}",
                test_status="fail",
                file_name="version-info",
                file_bytes=b"x" * 100,
                route_code=str(number),
                mime_type="text/plain",
            )
        )
        for number in range(3_000)
    )
    infos = encode(Packet(file_name="version-info", file_bytes=b"x\n" * 200_000))
    source.write_bytes(b"".join(packets) + infos)
    more = ("-n", "3000") if command == "slowest" else ()
    theirs, ours = os.pipe()
    os.close(theirs)
    try:
        done = run_process(*CALLS[command], *more, source, stdout=ours)
    finally:
        os.close(ours)
    assert done.errors == b""


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_object(command: str) -> None:
    stream = FULL_OCTETS + BAR_OCTETS + encode(Packet(file_name="version-info", file_bytes=b"{}"))
    done = run(*CALLS[command], "--json", stdin=stream)
    assert done.output.count(b"\n") == 1
    form = json.loads(done.output)
    assert type(form) is dict
    # The help lists the keys.
    said = run(command, "--help").text
    for key in form:
        assert re.search(rf"\b{key}\b", said), key


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_shown_of_a_hostile_stream(command: str) -> None:
    for more in ((), ("--json",)):
        done = run(*CALLS[command], *more, stdin=HOSTILE_OCTETS)
        assert set(controls(done.text)) <= {"\n"}
        assert set(controls(done.errors.decode())) <= {"\n"}
    done = run(*CALLS[command], stdin=HOSTILE_OCTETS)
    # An id that no line can hold is on standard error.
    assert re.search(r"\\(x|u00)1b\[2J", done.text + done.errors.decode())


@pytest.mark.parametrize("command", COMMANDS)
def test_interrupted(command: str) -> None:
    with interruptible(), Running(*CALLS[command], "-") as running:
        running.feed(PASSED * 2)
        # The command has started when it reads; before that, the pipe would be full.
        running.feed(b"x" * (1 << 17))
        running.process.send_signal(signal.SIGINT)
        running.process.wait(60)
        done = running.finish()
    assert (done.status, done.errors) == (128 + signal.SIGINT, b"")


# --- Any octets --------------------------------------------------------------------------


@contextmanager
def redirected() -> Iterator[tuple[io.BytesIO, io.StringIO]]:
    output, errors = io.BytesIO(), io.StringIO()
    before = sys.stdout, sys.stderr
    text = io.TextIOWrapper(output, "utf-8", errors="backslashreplace")
    sys.stdout, sys.stderr = text, errors
    try:
        yield output, errors
        text.flush()
    finally:
        sys.stdout, sys.stderr = before


def called(*arguments: str) -> Done:
    """Run the command in this process, where a traceback fails the test."""
    with redirected() as (output, errors):
        status = main(list(arguments))
        sys.stdout.flush()
        return Done(status, output.getvalue(), errors.getvalue().encode())


_TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)
_FILES = st.fixed_dictionaries(
    {"file_name": _TEXTS | st.just("version-info"), "file_bytes": st.binary(max_size=20)}
)
_PACKETS = st.builds(
    lambda fields, files: Packet(**fields, **files),
    st.fixed_dictionaries(
        {},
        optional={
            "test_id": _TEXTS,
            "test_status": st.sampled_from(TEST_STATUSES),
            "test_tags": st.lists(_TEXTS, max_size=2),
            "runnable": st.booleans(),
            "mime_type": _TEXTS | st.just("text/plain"),
            "eof": st.booleans(),
            "route_code": _TEXTS,
        },
    ),
    st.just({}) | _FILES,
)
_STREAMS = st.lists(_PACKETS.map(encode) | st.binary(max_size=20), max_size=8).map(b"".join)


@settings(max_examples=examples(60))
@given(_STREAMS)
@example(HOSTILE_OCTETS)
@example(FULL_OCTETS * 2 + damaged(FOO_OCTETS) + b"\r\nok\r\n")
def test_any_octets(stream: bytes) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.write_bytes(stream)
        written = Path(folder, "a", "b")
        for call in (
            *((*call, *more) for call in CALLS.values() for more in ((), ("--json",))),
            ("ls", "--routes", "--null", "--all"),
            ("ls", "--load-list", str(source)),
            ("failing", "--list", "--all"),
            ("slowest", "--all"),
            ("info", "--test", "foo"),
            ("lint", "--strict"),
            ("extract", "--to", "-"),
            ("extract", "--to", str(written)),
        ):
            done = called(*call, "--", str(source))
            assert done.status in (0, 1, 2, 3), (call, done)
            # Beside them, `ls` names ids that no line can hold.
            lines = [line for line in done.errors.splitlines() if b": left out: " not in line]
            assert len(lines) <= 2, (call, done)
            if "--json" in call and done.output:
                assert type(json.loads(done.output)) is dict
        # Under some name, it is in the output.
        assert {path.name for path in Path(folder).iterdir()} <= {"a", "source"}


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_captures(capture: Path) -> None:
    for call in CALLS.values():
        done = called(*call, str(capture))
        assert done.status in (0, 1, 2, 3)
        assert set(controls(done.text)) <= {"\n"}
