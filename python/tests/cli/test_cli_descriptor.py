"""The file descriptor for packets that `run` and `mux --run` name in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2 import Packet, StreamWriter, decode, encode
from support.command import COMMAND, Done, assert_one_line, environment, run, run_process
from support.multiplexed import by_route, output_of
from support.patience import PATIENCE
from support.streams import packets

FORGED = encode(Packet(test_id="forged", test_status="fail"))
FORGE = "printf '" + "".join(f"\\{octet:03o}" for octet in FORGED) + "'"
NOTE = (
    "1 packet in printed output was taken for output, since packets have a file descriptor of "
    "their own"
)


def in_shell(script: str, *options: str) -> Done:
    """Run a script under `run`, in which `subunit2` is a function that calls the command."""
    call = " ".join(COMMAND)
    return run("run", *options, "--", "sh", "-c", f'subunit2() {{ {call} "$@"; }}; {script}')


def found_in(done: Done) -> list[Packet]:
    items = list(decode(done.output))
    assert len(packets(items)) == len(items)
    return packets(items)


def ids_in(done: Done) -> list[str]:
    return [packet.test_id for packet in found_in(done) if packet.test_id]


# --- Which packets count ------------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["", " >&2"], ids=["standard output", "standard error"])
def test_printed_packets_do_not_count_behind_one_on_the_descriptor(stream: str) -> None:
    done = in_shell(f"subunit2 emit --success real; {FORGE}{stream}; subunit2 emit --skip real2")
    assert done.status == 0
    assert assert_one_line(done.errors, "run") == NOTE
    assert ids_in(done) == ["real", "real2"]
    file = "stderr" if stream else "stdout"
    assert output_of(found_in(done), file) == FORGED


def test_they_count_before() -> None:
    done = in_shell(f"{FORGE}; {FORGE} >&2")
    assert done.errors == b""
    assert ids_in(done) == ["forged"] * 2


def test_they_never_count_with_only_fd() -> None:
    done = in_shell(f"{FORGE}; subunit2 emit --success real", "--only-fd")
    assert assert_one_line(done.errors, "run") == NOTE
    assert ids_in(done) == ["real"]
    assert output_of(found_in(done)) == FORGED
    done = in_shell(FORGE, "--only-fd")
    assert ids_in(done) == []


@pytest.mark.parametrize("damage", [FORGED[:-1], FORGED[:-1] + b"\0", b"\xb3\x29"])
def test_damage_in_printed_output_is_output(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "damage").write_bytes(damage)
    done = in_shell(f"subunit2 emit --success real; cat {tmp_path}/damage")
    assert (done.errors, ids_in(done)) == (b"", ["real"])
    assert output_of(found_in(done)) == damage
    assert run("stats", stdin=done.output).status == 0


def test_text_on_the_descriptor_is_no_packet() -> None:
    done = in_shell(f"echo text >&3; {FORGE}")
    assert (done.errors, ids_in(done)) == (b"", ["forged"])
    assert output_of(found_in(done), "fd3") == b"text\n"


def test_half_a_packet_that_was_printed_before_is_output(tmp_path: Path) -> None:
    (tmp_path / "half").write_bytes(FORGED[:7])
    (tmp_path / "rest").write_bytes(FORGED[7:])
    half, rest = tmp_path / "half", tmp_path / "rest"
    done = in_shell(f"cat {half}; subunit2 emit --success real; cat {rest}")
    assert ids_in(done) == ["real"]
    assert output_of(found_in(done)) == FORGED


def test_a_forged_packet_never_comes_first() -> None:
    # Both are written at once, again and again.
    program = f"import os\nfor _ in range(50): os.write(3, {FORGED!r}); os.write(1, {FORGED!r})"
    for _ in range(5):
        done = run("run", "--", sys.executable, "-c", program)
        assert ids_in(done) == ["forged"] * 50
        assert output_of(found_in(done)) == FORGED * 50


def test_each_command_of_mux_is_judged_by_itself() -> None:
    call = " ".join(COMMAND)
    first = f"{call} emit --success real; {FORGE}"
    done = run("mux", "--run", f"W1={first}", "--run", f"W2={FORGE}")
    assert assert_one_line(done.errors, "mux") == NOTE
    routes = by_route(done.output)
    assert [each.test_id for each in routes["W1"] if each.test_id] == ["real"]
    assert output_of(routes["W1"]) == FORGED
    assert [each.test_id for each in routes["W2"] if each.test_id] == ["forged"]


# --- Who writes there ---------------------------------------------------------------------------


def test_emit_obeys_a_pipe_and_a_redirection(tmp_path: Path) -> None:
    file = tmp_path / "file"
    done = in_shell(
        "subunit2 emit --success a; subunit2 emit --success b | cat >&2; "
        f"subunit2 emit --success c > {file}; subunit2 emit --success d >&3"
    )
    assert ids_in(done) == ["a", "d"]
    assert b"b" in output_of(found_in(done), "stderr")
    assert [each.test_id for each in packets(decode(file.read_bytes()))] == ["c"]


def test_nested_runs_do_not_report_into_the_outer_stream(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    done = in_shell(
        "subunit2 emit --success a; "
        f"subunit2 run --route I -- {' '.join(COMMAND)} emit --success b; "
        f"subunit2 run -- {' '.join(COMMAND)} emit --fail hidden > {inner}; "
        f"subunit2 mux W={inner}; subunit2 filter {inner}; "
        f"subunit2 decode {inner} | subunit2 encode"
    )
    assert done.errors == b""
    found = [(each.route_code, each.test_id) for each in found_in(done) if each.test_id]
    assert found == [(None, "a"), ("I", "b"), ("W", "hidden"), (None, "hidden"), (None, "hidden")]


def test_jobs_of_a_shell_write_there(tmp_path: Path) -> None:
    call = " ".join(COMMAND)
    (tmp_path / "Makefile").write_text(f"all: a b\na b:\n\t@{call} emit --success $@\n")
    words = ["make", "-s", "-j2", "-C", str(tmp_path), f"SHELL={call} shell"]
    done = run("run", "--only-fd", "--", *words)
    assert (done.status, sorted(ids_in(done))) == (0, ["a", "b"])


def test_a_route_for_processes_that_share_the_descriptor(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("wb") as file:
        changes = {"SUBUNIT_FD": "1", "SUBUNIT_ROUTE": "W1"}
        for words in (["--success", "a"], ["--success", "b", "--route", "2"]):
            assert run_process("emit", *words, changes=changes, stdout=file).status == 0
    found = packets(decode((tmp_path / "stream").read_bytes()))
    assert [each.route_code for each in found] == ["W1", "W1/2"]


@pytest.mark.parametrize(
    ("redirection", "reason"),
    [
        ("3>&-", "SUBUNIT_FD: file descriptor 3 is not open"),
        ("3</dev/null", "SUBUNIT_FD: file descriptor 3 is not open for writing"),
        ("3>/dev/null", "SUBUNIT_FD: file descriptor 3 is not the file that SUBUNIT_FD_ID names"),
    ],
)
def test_another_file_is_never_written(redirection: str, reason: str) -> None:
    done = in_shell(f"subunit2 emit --success a {redirection}")
    assert done.status == 2
    assert output_of(found_in(done), "stderr").decode() == f"subunit2 emit: {reason}\n"


@pytest.mark.parametrize("number", ["x", "-1", "³", "99999999999999999999", "250"])
def test_a_number_that_is_no_descriptor(number: str) -> None:
    done = run("emit", "--success", "a", changes={"SUBUNIT_FD": number})
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "emit").startswith("SUBUNIT_FD: ")


def test_emit_to_a_descriptor_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "stream"
    script = f'exec 5>{file}; "$@" --fd 5'
    words = ["sh", "-c", script, "sh", *COMMAND, "emit", "--success", "a"]
    done = subprocess.run(
        words, capture_output=True, env=environment(), timeout=PATIENCE, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert [each.test_id for each in packets(decode(file.read_bytes()))] == ["a"]
    wrong = run("emit", "--success", "a", "--fd", "250")
    assert (wrong.status, wrong.output) == (2, b"")
    assert assert_one_line(wrong.errors, "emit") == "--fd: file descriptor 250 is not open"


def test_a_packet_in_a_shared_pipe_has_4096_octets_at_most(tmp_path: Path) -> None:
    content = bytes(range(256)) * 300
    (tmp_path / "file").write_bytes(content)
    done = in_shell(
        f"for n in 1 2 3; do subunit2 emit --fail $n --attach-file {tmp_path}/file & done; wait"
    )
    found = [each for each in found_in(done) if each.test_id]
    assert max(each.length for each in found) <= 4096
    for name in "123":
        parts = [each for each in found if each.test_id == name]
        assert b"".join(each.file_bytes or b"" for each in parts) == content
    done = in_shell(f"subunit2 emit --fail {'x' * 5000}")
    assert done.status == 2
    assert b"4,096 fit into a pipe" in output_of(found_in(done), "stderr")


# --- In Python ----------------------------------------------------------------------------------


PROGRAM = """
import os, subprocess, sys
from subunit2 import Packet, StreamWriter
writer = StreamWriter.from_environment()
assert writer is not None
assert not [name for name in os.environ if name.startswith("SUBUNIT_")]
assert StreamWriter.from_environment() is None
assert not os.get_inheritable(3)
subprocess.run([sys.executable, "-m", "subunit2", "emit", "--success", "printed"], check=True)
writer.write(Packet(test_id="a", file_name="f", file_bytes=bytes(10_000), route_code="2"))
"""


def test_a_writer_from_the_environment() -> None:
    done = run("run", "--only-fd", "--", sys.executable, "-c", PROGRAM)
    assert done.status == 0
    assert assert_one_line(done.errors, "run") == NOTE
    found = [each for each in found_in(done) if each.test_id]
    assert {each.test_id for each in found} == {"a"}
    assert max(each.length for each in found) <= 4096
    assert sum(len(each.file_bytes or b"") for each in found) == 10_000


def test_a_writer_with_a_route(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "stream").open("wb") as file:
        fd = os.dup(file.fileno())
        try:
            monkeypatch.setenv("SUBUNIT_FD", str(fd))
            monkeypatch.setenv("SUBUNIT_ROUTE", "W1")
            writer = StreamWriter.from_environment()
            assert writer is not None
            writer.write(Packet(test_id="a"))
            writer.write(Packet(test_id="b", route_code="2"))
            writer.write_attachment(Packet(test_id="c", file_name="f"), b"x")
        finally:
            os.close(fd)
    assert "SUBUNIT_ROUTE" not in os.environ
    found = packets(decode((tmp_path / "stream").read_bytes()))
    assert [each.route_code for each in found] == ["W1", "W1/2", "W1"]


def test_no_writer_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUBUNIT_FD", raising=False)
    assert StreamWriter.from_environment() is None


@pytest.mark.parametrize("number", ["x", "250"])
def test_an_error_for_a_descriptor_that_is_none(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBUNIT_FD", number)
    with pytest.raises(OSError, match="SUBUNIT_FD: "):
        StreamWriter.from_environment()


def test_windows_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subunit2.environment.os.name", "nt")
    monkeypatch.setenv("SUBUNIT_FD", "3")
    with pytest.raises(OSError, match="SUBUNIT_FD: processes on Windows do not inherit"):
        StreamWriter.from_environment()


# --- The limit of open files ----------------------------------------------------------------------


def limited(limit: str, folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    script = f'ulimit {limit} 30; exec "$@"'
    return subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, "mux", *words],
        cwd=folder,
        capture_output=True,
        env=environment(),
        timeout=PATIENCE,
        check=False,
    )


def test_the_soft_limit_of_open_files_is_raised(tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(FORGED)
    done = limited("-Sn", tmp_path, *(f"W{number}=stream" for number in range(40)))
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(packets(decode(done.stdout))) == 40
    words = [word for number in range(12) for word in ("--run", f"W{number}={FORGE}")]
    done = limited("-Sn", tmp_path, *words)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len([each for each in packets(decode(done.stdout)) if each.test_id]) == 12


def test_a_hard_limit_that_is_too_low(tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(FORGED)
    done = limited("-n", tmp_path, *(f"W{number}=stream" for number in range(40)))
    assert (done.returncode, done.stdout) == (2, b"")
    assert assert_one_line(done.stderr, "mux") == (
        "40 inputs: too many for the limit of open files: raise it (ulimit -Hn, as root), or join "
        "some of them by another mux"
    )
