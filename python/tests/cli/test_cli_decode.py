"""`subunit2 decode`: convert a stream to JSON Lines, live, and back with `encode`."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subunit2 import Item, Packet, decode, encode, item_from_dict
from support.command import (
    CAPTURES,
    COMMAND,
    Done,
    Running,
    environment,
    interruptible,
    json_lines,
    run,
    run_on_terminal,
)
from support.patience import PATIENCE
from support.sampling import examples
from support.streams import (
    BAR_OCTETS,
    FOO_OCTETS,
    FULL_OCTETS,
    TEXTLIKE_OCTETS,
    damaged,
    header,
    intact,
    joined,
    read_in_chunks,
    schema_faults,
)

DAMAGED = FOO_OCTETS + b"building\n" + damaged(BAR_OCTETS) + FULL_OCTETS


@cache
def decoded(capture: Path) -> Done:
    """Decode a capture."""
    return run("decode", capture)


def items_of(output: bytes) -> list[Item]:
    """Return the items in the output of `decode`, adjacent passthrough joined."""
    return joined(item_from_dict(form) for form in json_lines(output))


def forms_of(stream: bytes) -> list[dict[str, object]]:
    """Return the expected items of a stream, adjacent passthrough joined."""
    return [item.to_dict() for item in read_in_chunks([stream])]


# --- Output ---------------------------------------------------------------------


def test_the_packet_of_the_description() -> None:
    line = (
        b'{"kind":"packet","offset":0,"length":12,"test_id":"foo","test_status":"exists",'
        b'"runnable":true,"eof":false}\n'
    )
    octets = bytes.fromhex("b329010c03666f6f08555f1b")
    assert run("decode", stdin=octets) == Done(0, line, b"")


def test_an_item_a_line_in_the_order_of_the_stream() -> None:
    stream = FOO_OCTETS + b"ok\n" + damaged(FOO_OCTETS)
    lines = (
        '{"kind":"packet","offset":0,"length":12,"test_id":"foo","test_status":"exists",'
        '"runnable":true,"eof":false}\n'
        '{"kind":"passthrough","offset":12,"length":3,"bytes":"6f6b0a"}\n'
        '{"kind":"corrupt","offset":15,"length":12,"error":"checksum",'
        f'"bytes":"{stream[15:].hex()}"}}\n'
    )
    assert run("decode", stdin=stream) == Done(0, lines.encode(), b"")


def test_text_is_utf8_whatever_the_locale() -> None:
    octets = encode(Packet(test_id="prueba_ñ_漢\u2028\x85"))
    plain = run("decode", stdin=octets)
    assert '"test_id":"prueba_ñ_漢' in plain.text
    assert len(json_lines(plain.output)) == 1
    for changes in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX"}):
        assert run("decode", stdin=octets, changes=changes) == plain


#: All characters below U+0100 except NUL, and others that a JSON encoder may escape.
CHARACTERS = "".join(map(chr, range(1, 256))) + "\u2028\u2029\ufeff\ufffe\U0001f600\U0010ffff"


@pytest.mark.parametrize("on_terminal", [False, True])
def test_what_is_escaped(on_terminal: bool) -> None:
    octets = encode(Packet(test_id=CHARACTERS, file_name="f", file_bytes=b"\xff", test_tags=("ó",)))
    [packet] = decode(octets)
    line = json.dumps(packet.to_dict(), ensure_ascii=on_terminal, separators=(",", ":"))
    if not on_terminal:
        assert run("decode", stdin=octets).text == f"{line}\n"
        return
    done = run_on_terminal("decode", stdin=octets)
    assert (done.status, done.output) == (0, f"{line}\r\n".encode())


def test_empty_input() -> None:
    assert run("decode") == Done(0, b"", b"")


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_capture(capture: Path) -> None:
    done = decoded(capture)
    assert (done.status, done.errors) == (0, b"")
    forms = json_lines(done.output)
    assert [fault for form in forms for fault in schema_faults(form)] == []
    assert items_of(done.output) == joined(decode(capture.read_bytes()))
    assert run("encode", stdin=done.output) == Done(0, capture.read_bytes(), b"")


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_capture_by_the_reference_reader(capture: Path) -> None:
    assert run("decode", "--reference", capture) == decoded(capture)


def test_strict() -> None:
    sound = FOO_OCTETS + b"building\n" + BAR_OCTETS
    assert run("decode", "--strict", stdin=sound).status == 0
    assert run("decode", stdin=DAMAGED).status == 0
    strict = run("decode", "--strict", stdin=DAMAGED)
    assert (strict.status, strict.errors) == (1, b"")
    # The output is complete and the same.
    assert strict.output == run("decode", stdin=DAMAGED).output


def test_strict_tells_of_malformed_fields() -> None:
    assert run("decode", "--strict", stdin=intact(0x2800, b"\x01\0")).status == 1


# --- Round trip --------------------------------------------------------------------------


def round_trip(stream: bytes) -> bytes:
    """Run `subunit2 decode < FILE | subunit2 encode`."""
    with tempfile.TemporaryFile() as file:
        file.write(stream)
        file.seek(0)
        with (
            subprocess.Popen(
                [*COMMAND, "decode"], stdin=file, stdout=subprocess.PIPE, env=environment()
            ) as decoding,
            subprocess.Popen(
                [*COMMAND, "encode"],
                stdin=decoding.stdout,
                stdout=subprocess.PIPE,
                env=environment(),
            ) as encoding,
        ):
            assert decoding.stdout is not None
            decoding.stdout.close()
            again, _ = encoding.communicate(timeout=PATIENCE)
            assert (decoding.wait(PATIENCE), encoding.wait(PATIENCE)) == (0, 0)
    return again


_WHOLE = st.sampled_from(
    [
        FOO_OCTETS,
        BAR_OCTETS,
        FULL_OCTETS,
        TEXTLIKE_OCTETS,
        intact(0x2800, b"\x40\x03foo"),
        intact(0x2800, b"\x01\xff"),
        encode(Packet(file_name="f", file_bytes=b"\n" + FOO_OCTETS + b"\xb3" * 70)),
    ]
)
_CHUNK = st.one_of(
    _WHOLE,
    st.builds(damaged, _WHOLE, st.integers(-8, 7), st.integers(1, 255)),
    st.builds(lambda octets, end: octets[:end], _WHOLE, st.integers(1, 20)),
    st.builds(header, st.integers(0x2000, 0x2FFF), st.integers(0, 63)),
    st.text("a ó³\n", max_size=10).map(str.encode),
    st.binary(max_size=20),
)


@settings(max_examples=examples(20))
@given(st.lists(_CHUNK, max_size=40).map(b"".join))
def test_round_trip_of_any_stream(stream: bytes) -> None:
    assert round_trip(stream) == stream


def test_round_trip_of_5_mb_of_random_octets() -> None:
    stream = random.Random(2).randbytes(5_000_000)  # noqa: S311
    assert round_trip(stream) == stream


def test_round_trip_of_the_largest_packet() -> None:
    stream = encode(Packet(file_name="f", file_bytes=b"\xb3" * 4_194_000)) + FOO_OCTETS
    assert round_trip(stream) == stream


def test_round_trip_of_a_line_of_5_mb() -> None:
    stream = b"x" * 5_000_000
    assert round_trip(stream) == stream


# --- Live --------------------------------------------------------------------------------


def test_what_has_come_is_shown_at_once_and_all_of_it() -> None:
    stream = "adiós\n".encode() + FOO_OCTETS + BAR_OCTETS + FULL_OCTETS
    with Running("decode") as running:
        running.feed(stream)
        shown = running.expect_count(b'"kind":"packet"', 3)
        assert [item.to_dict() for item in items_of(shown)] == forms_of(stream)
        assert running.finish() == Done(0, shown, b"")


def test_a_prompt_without_line_end_is_shown_at_once() -> None:
    with Running("decode") as running:
        running.feed(b"(Pdb) ")
        shown = running.expect(lambda output: output.endswith(b"\n"))
        assert json_lines(shown) == [
            {"kind": "passthrough", "offset": 0, "length": 6, "bytes": b"(Pdb) ".hex()}
        ]


def test_a_packet_is_out_with_its_last_octet() -> None:
    with Running("decode") as running:
        for number, octets in enumerate([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS] * 2, 1):
            for octet in octets:
                running.feed(bytes([octet]))
            running.expect_count(b"\n", number)
        done = running.finish()
    assert [encode(item) for item in items_of(done.output)] == [
        FOO_OCTETS,
        BAR_OCTETS,
        FULL_OCTETS,
    ] * 2


def test_a_character_that_is_cut_is_shown_when_the_packet_behind_it_is() -> None:
    # The café of the README, without its last octet.
    with Running("decode") as running:
        running.feed(b"caf\xc3" + FOO_OCTETS)
        shown = running.expect(lambda output: b'"kind":"packet"' in output)
        assert items_of(shown)[1:] == list(decode(FOO_OCTETS))


def test_stop_waiting() -> None:
    claims = header(0x2800, 4_000_000, 3) + b"(Pdb) "
    with Running("decode", "--stop-waiting", "0.05") as running:
        running.feed(claims)
        shown = running.expect(lambda output: output.endswith(b"\n"))
        assert json_lines(shown)[0]["error"] == "truncated"
        # The stream continues.
        running.feed(b"\n" + FOO_OCTETS)
        shown = running.expect(lambda output: b'"kind":"packet"' in output)
        assert b"".join(map(encode, items_of(shown))) == claims + b"\n" + FOO_OCTETS
        assert running.finish().status == 0


def test_stop_waiting_changes_nothing_where_nothing_is_waited_for() -> None:
    for stream in (DAMAGED, b""):
        assert run("decode", "--stop-waiting", "30", stdin=stream) == run("decode", stdin=stream)


def test_a_fifo_is_followed(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Running("decode", fifo) as running, fifo.open("wb", buffering=0) as writer:
        writer.write(FOO_OCTETS)
        running.expect_count(b"\n", 1)
        writer.write(BAR_OCTETS)
        running.expect_count(b"\n", 2)
        writer.close()
        assert running.process.wait(PATIENCE) == 0


def test_an_input_that_does_not_block_is_followed() -> None:
    theirs, ours = os.pipe()
    os.set_blocking(theirs, False)
    with Running("decode", stdin=theirs) as running, os.fdopen(ours, "wb", 0) as writer:
        os.close(theirs)
        for number in range(1, 4):
            writer.write(FOO_OCTETS)
            running.expect_count(b"\n", number)
        writer.close()
        assert running.finish()[::2] == (0, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "command", ["decode", "inspect --full", "encode"], ids=["decode", "inspect", "encode"]
)
def test_an_output_that_does_not_block_loses_nothing(
    command: str, unbuffered: str, tmp_path: Path
) -> None:
    # Another process that shares the pipe can set it to non-blocking, as Node does.
    source = tmp_path / "source"
    source.write_bytes(b'{"kind":"passthrough","bytes":"6162636465666768"}\n' * 10_000)
    whole = run(*command.split(), source)
    assert len(whole.output) > 1 << 16
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    changes = {"PYTHONUNBUFFERED": unbuffered}
    with (
        os.fdopen(ours, "rb") as output,
        Running(*command.split(), source, changes=changes, stdout=theirs) as running,
    ):
        # Reading starts when the pipe is full.
        while select.select([], [theirs], [], 0)[1] and running.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(0.01)
        os.close(theirs)
        read = output.read()
        done = running.finish()
    assert (done.status, done.errors) == (0, b"")
    assert len(read) == len(whole.output)
    assert read == whole.output


# --- Interrupted -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "octets"), [("decode", b"(Pdb) "), ("inspect", b"(Pdb) "), ("encode", b"{}\n")]
)
def test_interrupted(command: str, octets: bytes) -> None:
    with interruptible(), Running(command) as running:
        running.feed(octets)
        shown = running.expect(len)
        running.process.send_signal(signal.SIGINT)
        running.process.wait(PATIENCE)
        done = running.finish()
    assert done.status == 128 + signal.SIGINT
    assert done.output.startswith(shown)
    assert done.errors == b""


def test_killed_in_the_middle_leaves_whole_lines_and_one_that_is_not(tmp_path: Path) -> None:
    # Another command reads all lines but the last.
    with Running("decode") as running:
        running.feed(FOO_OCTETS * 3)
        shown = running.expect_count(b"\n", 3)
        running.process.kill()
        assert running.finish().status == -signal.SIGKILL
    cut = shown[:-20]
    done = run("encode", stdin=cut)
    assert (done.status, done.output) == (1, FOO_OCTETS * 2)
    assert json.loads(cut.split(b"\n")[0])["test_id"] == "foo"
    assert b"line 3" in done.errors


def test_a_stream_that_goes_on_does_not_make_it_wait() -> None:
    # clause reader.stop-waiting: the octets that arrive meanwhile settle nothing
    with Running("decode", "--stop-waiting", "0.3") as running:
        assert running.process.stdout is not None
        output = running.process.stdout.fileno()
        shown = b""
        running.feed(b"x" + header(0x2000, 4_000_000, 3))
        while b'"kind":"packet"' not in shown:
            assert shown.count(b"\n") < 2, shown
            running.feed(FOO_OCTETS)
            if select.select([output], [], [], 0.02)[0]:
                shown += os.read(output, 1 << 16)
        running.finish()
