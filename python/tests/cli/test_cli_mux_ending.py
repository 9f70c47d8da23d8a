"""The end of `subunit2 mux`: commands killed or terminated, and outputs closed."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from subunit2 import Packet, TestStatus, decode, encode
from support.command import Done, Running, assert_one_line, interruptible, run, run_process
from support.multiplexed import by_route, damage_of, fifo, ids_of_tests, output_of, printing, stream
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, packets


def test_a_killed_worker_takes_nobody_with_it(tmp_path: Path) -> None:
    cut = FULL_OCTETS[:-20]
    (tmp_path / "killed").write_bytes(
        encode(Packet(test_id="started", test_status="inprogress")) + b"last words\n" + cut
    )
    (tmp_path / "good").write_bytes(stream("good", 200))
    with fifo(tmp_path / "hang") as never:
        # A descendant keeps its output open.
        first = f"(read x < {tmp_path / 'hang'}) & {printing(tmp_path / 'killed')}; kill -9 $$"
        second = f"read x < {tmp_path / 'hang'}; {printing(tmp_path / 'good')}"
        with Running("mux", "--run", f"W1={first}", "--run", f"W2={second}") as running:
            # The status is reported while the other command is running.
            running.expect(lambda octets: b"killed by SIGKILL" in octets)
            os.write(never, b"on\n")
            done = running.finish()
    assert done.status == 1
    assert assert_one_line(done.errors, "mux") == "W1: killed by SIGKILL"
    routes = by_route(done.output)
    killed = routes["W1"]
    assert ids_of_tests(killed) == ["started"]
    assert output_of(killed) == b"last words\n"
    assert damage_of(killed) == [cut]
    # clause test-id.absent: the route as a whole has failed.
    assert (killed[-1].test_id, killed[-1].test_status) == (None, "fail")
    assert output_of(killed, "exit-status") == b"killed by SIGKILL\n"
    assert ids_of_tests(routes["W2"]) == [f"good.{number}" for number in range(200)]


def test_a_command_that_fails(tmp_path: Path) -> None:
    worker = tmp_path / "worker"
    worker.write_bytes(FOO_OCTETS + BAR_OCTETS)
    done = run("mux", "--run", f"W1={printing(worker)}; exit 3", f"W2={worker}")
    assert done.status == 1
    assert assert_one_line(done.errors, "mux") == "W1: exit status 3"
    assert set(by_route(done.output)) == {"W1", "W1/0/3", "W2", "W2/0/3"}


def judged(stream: bytes) -> tuple[Done, Done]:
    """Return the output of the commands that judge a stream."""
    return run("stats", stdin=stream), run("failing", stdin=stream)


@pytest.mark.parametrize(
    ("line", "how"),
    [
        # The shell of the line exits with a status, or is replaced by the killed command.
        ("{ok}; sh -c 'kill -9 $$'; exit $?", "exit status 137, as if killed by SIGKILL"),
        ("{ok}; kill -9 $$", "killed by SIGKILL"),
        ("{ok}; exit 3", "exit status 3"),
        ("{failed}; exit 137", "exit status 137, as if killed by SIGKILL"),
        ("missing-command", "exit status 127"),
    ],
)
def test_a_worker_that_dies_between_tests_is_seen_below(
    tmp_path: Path, line: str, how: str
) -> None:
    statuses: dict[str, TestStatus] = {"ok": "success", "failed": "fail"}
    for name, status in statuses.items():
        (tmp_path / name).write_bytes(encode(Packet(test_id=name, test_status=status)))
    words = {name: printing(tmp_path / name) for name in ("ok", "failed")}
    line = line.replace("{ok}", words["ok"]).replace("{failed}", words["failed"])
    done = run("mux", "--run", f"W1={line}")
    assert done.status == 1
    assert assert_one_line(done.errors, "mux") == f"W1: {how}"
    assert output_of(by_route(done.output)["W1"], "exit-status") == how.encode() + b"\n"
    stats, failing = judged(done.output)
    assert (stats.status, failing.status) == (1, 1)
    assert "as a whole: fail  [route W1]" in stats.text
    assert "as a whole  [route W1]" in failing.text


@pytest.mark.parametrize("status", ["fail", "uxsuccess"])
def test_a_status_that_says_what_tests_have_said_adds_nothing(
    tmp_path: Path, status: TestStatus
) -> None:
    failed = encode(Packet(test_id="failed", test_status=status, route_code="3"))
    # More output follows, in separate writes.
    (tmp_path / "failed").write_bytes(failed + stream("more", 5_000) + b"x")
    done = run("mux", "--run", f"W1={printing(tmp_path / 'failed')}; exit 1", "--run", "W2=exit 1")
    assert done.status == 1
    routes = by_route(done.output)
    assert {None if code is None else code[:2] for code in routes} == {"W1", "W2"}
    assert output_of(routes["W1"], "exit-status") == b""
    # The failure of an input does not affect the others.
    assert output_of(routes["W2"], "exit-status") == b"exit status 1\n"
    assert judged(done.output)[0].status == 1


def test_a_make_that_fails_without_a_test_that_failed(tmp_path: Path) -> None:
    (tmp_path / "ok").write_bytes(stream("ok", 1))
    (tmp_path / "failed").write_bytes(encode(Packet(test_id="failed", test_status="fail")))
    for name, expected in (("ok", b"exit status 2\n"), ("failed", b"")):
        makefile = tmp_path / "Makefile"
        makefile.write_text(f"all:\n\t@{printing(tmp_path / name)}; exit 1\n")
        done = run("mux", "--", "make", "-f", str(makefile))
        assert done.status == 1
        assert output_of(by_route(done.output).get(None, []), "exit-status") == expected
        assert judged(done.output)[0].status == 1


def still_running(output: bytes) -> list[int]:
    """Return those of the printed process ids that still run."""
    left = []
    for word in output.split():
        try:
            state = Path(f"/proc/{int(word)}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        # A zombie remains until it is waited for.
        if state not in "XZ":
            left.append(int(word))
    return left


def test_a_signal_without_a_name() -> None:
    done = run("mux", "--run", "W1=kill -37 $$")
    assert done.status == 1
    assert assert_one_line(done.errors, "mux") == "W1: killed by signal 37"


def test_an_input_that_cannot_be_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(FOO_OCTETS)
    # Reading at this address fails.
    done = run("mux", "W1=/proc/self/mem", f"W2={tmp_path / 'good'}")
    assert done.status == 1
    assert assert_one_line(done.errors, "mux") == "W1: Input/output error"
    assert ids_of_tests(by_route(done.output)["W2"]) == ["foo"]


#: Prints its process id and that of its child, and hangs: both read an empty pipe.
HANGING = "(read x < {fifo}) & echo $! $$; read x < {fifo}"


@contextmanager
def hanging(tmp_path: Path, *words: str) -> Iterator[tuple[Running, bytes]]:
    """Run `mux` on a command that hangs; return it and the ids of the hanging processes."""
    with fifo(tmp_path / "hang"):
        command = HANGING.format(fifo=shlex.quote(str(tmp_path / "hang")))
        with (
            interruptible(),
            Running("mux", "--run", f"W1={command}", *words) as running,
        ):
            shown = running.expect(lambda octets: b"\n" in output_of(packets(decode(octets))))
            ids = output_of(packets(decode(shown)))
            assert len(still_running(ids)) == 2
            yield running, ids


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_them(tmp_path: Path, number: signal.Signals) -> None:
    with hanging(tmp_path) as (running, ids):
        running.process.send_signal(number)
        done = running.finish()
        assert (done.status, done.errors) == (128 + number, b"")
        assert still_running(ids) == []


def test_a_signal_ends_other_inputs_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "silent")
    with hanging(tmp_path, f"W2={tmp_path / 'silent'}") as (running, _):
        running.process.send_signal(signal.SIGTERM)
        assert running.finish().status == 128 + signal.SIGTERM
    with Running("mux", "W1=-", f"W2={tmp_path / 'silent'}") as running:
        running.feed(FOO_OCTETS)
        running.expect(lambda octets: b"foo" in octets)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 128 + signal.SIGTERM


def test_a_command_that_does_not_end_when_told_to_is_asked_twice(tmp_path: Path) -> None:
    with fifo(tmp_path / "hang"):
        command = f"trap : INT; echo $$; while :; do read x < {tmp_path / 'hang'}; done"
        with interruptible(), Running("mux", "--run", f"W1={command}") as running:
            ids = output_of(packets(decode(running.expect(lambda octets: b"\n" in octets))))
            running.process.send_signal(signal.SIGINT)
            running.process.send_signal(signal.SIGTERM)
            assert running.finish().status in (128 + signal.SIGINT, 128 + signal.SIGTERM)
            assert still_running(ids) == []


def test_when_nobody_reads_any_more_all_end_silently(tmp_path: Path) -> None:
    # The command prints nothing more: the signal is noticed without output.
    with hanging(tmp_path) as (running, ids):
        running.close_output()
        done = running.finish()
        assert (done.status, done.errors) == (0, b"")
        assert still_running(ids) == []


def test_a_full_disk_ends_all_of_them(tmp_path: Path) -> None:
    with fifo(tmp_path / "hang"), Path("/dev/full").open("wb") as full:
        hang = shlex.quote(str(tmp_path / "hang"))
        ids = shlex.quote(str(tmp_path / "ids"))
        command = f"(read x < {hang}) & echo $! $$ > {ids}; echo hello; read x < {hang}"
        done = run_process("mux", "--run", f"W1={command}", stdout=full)
        assert done.status == 2
        assert assert_one_line(done.errors, "mux") == "output: No space left on device"
        assert still_running((tmp_path / "ids").read_bytes()) == []
