"""Printed output becomes file events: live, in order, with its route (R45)."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import threading
from collections import defaultdict
from typing import Any

import pytest

from subunit2 import StreamResultWriter, StreamWriter, capture_stdio
from support.events import Event, Recorder, event_of, replayed
from support.streams import FOO, FOO_OCTETS

TEXT = "text/plain;charset=utf8"


def printed(name: str, content: str | bytes, *, route: str | None = "W1") -> Event:
    octets = content.encode() if isinstance(content, str) else content
    return Event(file_name=name, file_bytes=octets, route_code=route)


def first(name: str, content: str | bytes, *, route: str | None = "W1") -> Event:
    # clause mime.scope
    return printed(name, content, route=route)._replace(mime_type=TEXT)


def end(name: str, *, route: str | None = "W1") -> Event:
    # clause file.eof
    return printed(name, b"", route=route)._replace(eof=True)


def test_each_write_is_an_event_at_once() -> None:
    result = Recorder()
    with capture_stdio(result, route_code="W1"):
        assert result.calls == []
        sys.stdout.write("(Pdb) ")
        assert result.calls == [first("stdout", "(Pdb) ")]
        sys.stdout.write("é\n")
        sys.stderr.write("oh")
        assert result.calls[1:] == [printed("stdout", "é\n"), first("stderr", "oh")]
        print("x", "y", end="!")
        assert b"".join(event.file_bytes or b"" for event in result.events[3:]) == b"x y!"
    # clause file.eof
    assert result.calls[-2:] == [end("stdout"), end("stderr")]


def test_a_file_to_which_nothing_is_written_is_none() -> None:
    result = Recorder()
    with capture_stdio(result):
        sys.stdout.flush()
        sys.stderr.write("")
    assert result.calls == []


def test_a_test_can_be_what_prints() -> None:
    result = Recorder()
    with capture_stdio(result, test_id="t"):
        sys.stdout.write("x")
    assert {(event.test_id, event.test_status) for event in result.events} == {("t", None)}


@pytest.mark.parametrize("make", [StreamWriter, StreamResultWriter])
def test_what_is_printed_is_written_into_the_stream(make: Any) -> None:
    file = io.BytesIO()
    writer = make(file)
    with capture_stdio(writer, route_code="W1"):
        print("x", end="")
        StreamResultWriter(writer if make is StreamWriter else file).status("foo", "exists")
        print("y", end="")
    assert replayed(file.getvalue()) == [
        first("stdout", "x"),
        event_of(FOO),
        printed("stdout", "y"),
        end("stdout"),
    ]
    assert FOO_OCTETS in file.getvalue()


def test_octets_and_text_that_utf8_does_not_have() -> None:
    result = Recorder()
    with capture_stdio(result):
        sys.stdout.buffer.write(b"\xff\r\n")
        sys.stdout.write("\ud800\n")
    assert [event.file_bytes for event in result.events] == [b"\xff\r\n", b"\\ud800\n", b""]


def test_they_are_files_of_text_and_no_terminal() -> None:
    with capture_stdio(Recorder()):
        assert sys.stdout.writable()
        assert not sys.stdout.isatty()
        assert not sys.stdout.readable()
        assert sys.stdout.encoding == "utf-8"
        with pytest.raises(io.UnsupportedOperation):
            sys.stdout.fileno()


def test_what_a_process_prints_is_printed_for_it() -> None:
    result = Recorder()
    command = [sys.executable, "-c", "print('from a process', flush=True)"]
    with capture_stdio(result):
        with pytest.raises(io.UnsupportedOperation):
            subprocess.run(command, stdout=sys.stdout, check=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(done.stdout, end="")
    assert result.calls == [
        first("stdout", "from a process\n", route=None),
        end("stdout", route=None),
    ]


def test_what_was_there_is_put_back_when_the_block_is_left_by_an_exception() -> None:
    before = sys.stdout, sys.stderr
    result = Recorder()
    with pytest.raises(KeyError), capture_stdio(result):  # noqa: PT012 - both are looked at
        print("x", end="")
        raise KeyError
    assert (sys.stdout, sys.stderr) == before
    assert result.calls == [first("stdout", "x", route=None), end("stdout", route=None)]


def test_a_result_that_raises_leaves_nothing_replaced() -> None:
    class Refusing(Recorder):
        def status(self, *arguments: Any, **fields: Any) -> None:
            raise KeyError

    before = sys.stdout, sys.stderr
    with pytest.raises(KeyError), capture_stdio(Refusing()):
        sys.stdout.write("x")
    assert (sys.stdout, sys.stderr) == before


def test_the_innermost_of_several_blocks_takes_what_is_printed() -> None:
    outer, inner = Recorder(), Recorder()
    with capture_stdio(outer, route_code="W1"):
        sys.stdout.write("a")
        with capture_stdio(inner, route_code="W1/0"):
            sys.stdout.write("b")
        sys.stdout.write("c")
    assert outer.calls == [first("stdout", "a"), printed("stdout", "c"), end("stdout")]
    assert inner.calls == [first("stdout", "b", route="W1/0"), end("stdout", route="W1/0")]


def test_blocks_that_end_in_another_order_lose_nothing() -> None:
    outer, inner = Recorder(), Recorder()
    before = sys.stdout
    one, other = capture_stdio(outer), capture_stdio(inner)
    one.__enter__()
    kept = sys.stdout
    other.__enter__()
    one.__exit__(None, None, None)
    other.__exit__(None, None, None)
    # The second block restores the file of the first, which has ended and passes output on.
    assert sys.stdout is kept
    sys.stdout = before
    assert outer.calls == inner.calls == []


def test_what_the_result_prints_goes_where_it_went_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Showing(Recorder):
        def status(self, *arguments: Any, **fields: Any) -> None:
            super().status(*arguments, **fields)
            print(f"shown: {fields['file_bytes']!r}")

    result = Showing()
    with capture_stdio(result):
        sys.stdout.write("x")
    assert [event.file_bytes for event in result.events] == [b"x", b""]
    assert capsys.readouterr().out == "shown: b'x'\nshown: b''\n"


def test_a_file_that_was_kept_writes_to_what_was_there_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = Recorder()
    with capture_stdio(result):
        handler = logging.StreamHandler()
        sys.stdout.write("x")
        kept = sys.stdout
    handler.emit(logging.makeLogRecord({"msg": "é later"}))
    kept.write("y")
    kept.buffer.write(b"z")
    assert result.calls == [first("stdout", "x", route=None), end("stdout", route=None)]
    assert capsys.readouterr() == ("yz", "é later\n")


def test_where_nothing_was_there_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python without a console has no such files.
    monkeypatch.setattr(sys, "stdout", None)
    result = Recorder()
    with capture_stdio(result):
        print("x", end="")
        kept: Any = sys.stdout
    assert sys.stdout is None
    assert kept.write("lost") == 4
    assert result.calls == [first("stdout", "x", route=None), end("stdout", route=None)]


def test_before_can_be_text_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    before = io.StringIO()
    monkeypatch.setattr(sys, "stdout", before)
    with capture_stdio(Recorder()):
        kept = sys.stdout
    kept.write("é")
    kept.buffer.write(b"\xff")
    assert before.getvalue() == "é\\xff"


def test_threads_print_one_at_a_time() -> None:
    delivering: list[int] = []

    class Alone(Recorder):
        def status(self, *arguments: Any, **fields: Any) -> None:
            delivering.append(threading.get_ident())
            os.sched_yield()
            super().status(*arguments, **fields)
            assert delivering == [threading.get_ident()]
            delivering.clear()

    result = Alone()

    def run(thread: int) -> None:
        for number in range(200):
            file = sys.stdout if number % 2 else sys.stderr
            file.write(f"{thread}.{number}\n")

    with capture_stdio(result, route_code="W1"):
        threads = [threading.Thread(target=run, args=(at,)) for at in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    numbers: dict[str, list[int]] = defaultdict(list)
    assert len(result.events) == 8 * 200 + 2
    for event in result.events[:-2]:
        assert event.route_code == "W1"
        thread_of, _, number = (event.file_bytes or b"").decode().partition(".")
        assert event.file_name == ("stdout" if int(number) % 2 else "stderr")
        numbers[thread_of].append(int(number))
    # The events of each thread are in order, over both files.
    assert numbers == {str(thread): list(range(200)) for thread in range(8)}
