"""`subunit2 shell`, also as the SHELL of `make`: jobs that write at the same time."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from subunit2 import Item, Packet, Passthrough, decode, encode
from support.command import COMMAND, Running, assert_one_line, environment, run, run_process
from support.patience import PATIENCE
from support.sampling import sample
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, packets

SHELL = shlex.join([sys.executable, "-P", "-m", "subunit2", "shell"])

#: The number of jobs, and a small one for `make test`.
JOBS, FEW_JOBS = 200, 16
PACKETS = 1_000

#: Packets and parts of lines, in writes cut anywhere.
EMITTER = """\
import os, random, sys
job = sys.argv[1]
size = lambda: chance.choice((1, 7, 1000, 5000, 99999))
chance = random.Random(job)
with open("packets", "rb") as file:
    packets = file.read().splitlines()
out = bytearray()
for number, packet in enumerate(packets):
    if number % 100 == 0:
        out += b"half a line of job %s " % job.encode()
    if number % 150 == 0:
        out += b"a line of job %s\\n" % job.encode()
    out += bytes.fromhex(packet.decode())
while out:
    del out[:os.write(1, out[:size()])]
"""

MAKEFILE = """\
WHO := $(shell printf 'somebody\\nelse')
check: {jobs}
	@echo done by $(WHO)
job%:
	@{python} -I -S emitter.py $*
"""


@pytest.fixture(scope="module", params=sample([FEW_JOBS, JOBS], quick=[FEW_JOBS]))
def jobs(request: pytest.FixtureRequest) -> int:
    """The number of jobs of the project."""
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def project(jobs: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with jobs, each of which writes 1,000 packets."""
    folder = tmp_path_factory.mktemp("project")
    lines = [
        encode(
            Packet(
                test_id=f"test_{number}",
                test_status="success",
                file_name="log",
                file_bytes=b"x" * (number % 300),
            )
        ).hex()
        for number in range(PACKETS)
    ]
    (folder / "packets").write_text("\n".join(lines))
    (folder / "emitter.py").write_text(EMITTER)
    makefile = MAKEFILE.format(
        jobs=" ".join(f"job{number}" for number in range(jobs)),
        python=shlex.quote(sys.executable),
    )
    (folder / "Makefile").write_text(makefile)
    return folder


def make(project: Path, *words: str) -> bytes:
    """Return the output of `make`, through a pipe."""
    return subprocess.run(
        [*words],
        cwd=project,
        stdout=subprocess.PIPE,
        env=environment(),
        timeout=PATIENCE * 4,
        check=True,
    ).stdout


def output_of(items: list[Item]) -> bytes:
    return b"".join(item.data for item in items if isinstance(item, Passthrough))


def complete(items: list[Item], jobs: int) -> bool:
    """Check that each test occurs once for each job, and that nothing is damaged."""
    counts = Counter(packet.test_id for packet in packets(items) if packet.test_id)
    whole = all(isinstance(item, (Packet, Passthrough)) for item in items)
    return whole and counts == {f"test_{number}": jobs for number in range(PACKETS)}


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [JOBS], indirect=True)
def test_without_it_packets_are_damaged(project: Path, jobs: int) -> None:
    # Proves that the two tests below would detect damage.
    assert not complete(list(decode(make(project, "make", "-j8", "check"))), jobs)


def test_make_with_it_damages_none(project: Path, jobs: int) -> None:
    items = list(decode(make(project, "make", "-j8", f"SHELL={SHELL}", "check")))
    assert complete(items, jobs)
    output = output_of(items)
    assert output.endswith(b"done by somebody else\n")
    for job in range(jobs):
        assert output.count(b"a line of job %d\n" % job) == 7


def test_make_below_the_multiplexer_damages_none(project: Path, jobs: int) -> None:
    items = list(decode(make(project, *COMMAND, "mux", "--", "make", "-j8", "check")))
    assert complete(items, jobs)
    found = packets(items)
    assert len(found) == len(items)
    routes = defaultdict(list)
    outputs: dict[str | None, bytes] = defaultdict(bytes)
    for packet in found:
        if packet.test_id:
            routes[packet.route_code].append(packet.test_id)
        elif packet.file_name == "stdout":
            outputs[packet.route_code] += packet.file_bytes or b""
    # Each job is an input of its own, with its packets in order. The first is
    # $(shell ...), whose output belongs to make, and the last prints.
    assert sorted(routes, key=str) == sorted(map(str, range(1, jobs + 1)))
    for tests in routes.values():
        assert tests == [f"test_{number}" for number in range(PACKETS)]
    shown = sorted(outputs[route].split(b" line of job ")[1].split()[0] for route in routes)
    assert shown == sorted(b"%d" % number for number in range(jobs))
    assert outputs[str(jobs + 1)] == b"done by somebody else\n"


# --- One job ---------------------------------------------------------------------------------


def test_its_words_are_those_of_the_shell() -> None:
    done = run("shell", "-ec", 'echo "$0 $1"; cat; false; echo no', "a", "--help", stdin=b"in\n")
    assert done == (1, b"a --help\nin\n", b"")
    assert run("shell", "-c", "exit 7").status == 7
    assert run("shell", "-c", "kill -9 $$").status == 128 + 9
    assert run("shell", stdin=b"echo hello\n").output == b"hello\n"


def test_another_shell() -> None:
    changes = {"SUBUNIT2_SHELL": sys.executable}
    assert run("shell", "-c", "print(6 * 7)", changes=changes).output == b"42\n"
    done = run("shell", "-c", "x", changes={"SUBUNIT2_SHELL": "/missing/sh"})
    assert done.status == 2
    assert assert_one_line(done.errors, "shell") == "/missing/sh: No such file or directory"


def test_its_help() -> None:
    done = run("shell", "--help")
    assert done.status == 0
    assert "exit status:" in done.text


def test_what_a_job_writes_goes_out_in_whole_lines(tmp_path: Path) -> None:
    (tmp_path / "packets").write_bytes(FOO_OCTETS + b"starting" + BAR_OCTETS + b"b\nc")
    script = f"printf 'a'; printf 'a\\n'; cat {tmp_path / 'packets'}"
    done = run("shell", "-c", script)
    assert done.output == b"aa\n" + FOO_OCTETS + b"starting" + BAR_OCTETS + b"b\nc\n"


def test_whole_lines_and_packets_go_out_at_once() -> None:
    with Running("shell", "-c", "cat") as running:
        running.feed(b"a line\nhalf")
        assert running.expect(lambda octets: b"line" in octets) == b"a line\n"
        running.feed(b" of it\n" + FULL_OCTETS[:30])
        assert running.expect(lambda octets: b"of" in octets) == b"a line\nhalf of it\n"
        running.feed(FULL_OCTETS[30:])
        running.expect(lambda octets: octets.endswith(FULL_OCTETS))
        # A long line without an end is written in parts.
        running.feed(b"." * 10_000)
        running.expect(lambda octets: octets.count(b".") > 5_000)
        assert running.finish().output.endswith(b".\n")


def test_errors_that_go_to_the_same_place_are_whole_too() -> None:
    with Running("shell", "-c", "cat >&2", stderr=subprocess.STDOUT) as running:
        running.feed(b"half")
        running.feed(b" a line\n" + FOO_OCTETS)
        assert running.expect(lambda octets: b"foo" in octets) == b"half a line\n" + FOO_OCTETS
        running.finish()
    assert run("shell", "-c", "printf half >&2") == (0, b"", b"half")


def test_jobs_of_a_make_that_a_job_calls(tmp_path: Path) -> None:
    (tmp_path / "packets").write_bytes(FOO_OCTETS)
    (tmp_path / "Makefile").write_text(
        "all: a b\na b:\n\t@$(MAKE) -s inner NAME=$@\n"
        "inner:\n\t@printf '$(NAME)'; cat packets; echo $(shell echo ok) >&2\n"
        "\t@cat packets > copy.$(NAME); cat copy.$(NAME)\n"
    )
    for words in (
        [*COMMAND, "mux", "--", "make", "-s", "-j2"],
        ["make", "-s", "-j2", f"SHELL={SHELL}"],
    ):
        items = list(decode(make(tmp_path, *words)))
        found = packets(items)
        assert [packet.test_id for packet in found if packet.test_id] == ["foo"] * 4
        # Redirected output of a job stays redirected.
        assert (tmp_path / "copy.a").read_bytes() == FOO_OCTETS
        assert not any(packet.file_name == "exit-status" for packet in found)


def test_where_temporary_files_have_long_names(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    (tmp_path / "Makefile").write_text("all:\n\t@echo hello\n")
    makefile = str(tmp_path / "Makefile")
    done = run("mux", "--", "make", "-f", makefile, changes={"TMPDIR": str(folder)})
    assert (done.status, done.errors) == (0, b"")
    assert [packet.route_code for packet in packets(decode(done.output))] == ["1", "1"]
    assert list(folder.iterdir()) == []


def test_a_multiplexer_that_is_gone(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as output, os.fdopen(theirs, "wb") as file:
        information = os.fstat(theirs)
        changes = {
            "SUBUNIT2_JOBS": str(tmp_path / "missing"),
            "SUBUNIT2_JOB_OUTPUTS": f"{information.st_dev}:{information.st_ino}",
        }
        done = run_process("shell", "-c", "printf hello", changes=changes, stdout=file)
        file.close()
        assert (done.status, done.errors, output.read()) == (0, b"", b"hello\n")


def test_flags_of_make_stay(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n\t@echo $(A) $(B) '$(MAKEFLAGS)'\n")
    done = subprocess.run(
        [*COMMAND, "mux", "--", "make", "B=2"],
        cwd=tmp_path,
        capture_output=True,
        env=environment({"MAKEFLAGS": "k -- A=1"}),
        timeout=PATIENCE,
        check=True,
    )
    said = b"".join(packet.file_bytes or b"" for packet in packets(decode(done.stdout)))
    assert said.startswith(b"1 2 ")
    assert b"k" in said.split()[2]
