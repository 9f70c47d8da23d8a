"""`subunit2 mux -- make`: Makefiles that set SHELL and .ONESHELL themselves."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from support.command import COMMAND, Done, assert_one_line, environment, run
from support.multiplexed import by_route, ids_of_tests, output_of
from support.patience import PATIENCE

EMIT: Final = shlex.join([*COMMAND, "emit"])
BASH: Final = shutil.which("bash") or "bash"

#: Not valid in sh: prints 1 2 in bash.
BRACES: Final = "{1..2}"


def mux(folder: Path, makefile: str, *words: str) -> Done:
    """Run a Makefile under the multiplexer."""
    (folder / "Makefile").write_text(makefile)
    return run("mux", "--", "make", "-s", "-C", str(folder), "--no-print-directory", *words)


def plainly(folder: Path, *words: str) -> bytes:
    """Return the output of its jobs without the multiplexer."""
    return subprocess.run(
        ["make", "-s", "-C", str(folder), "--no-print-directory", *words],
        stdout=subprocess.PIPE,
        env=environment(),
        timeout=PATIENCE,
        check=True,
    ).stdout


def said(done: Done) -> list[bytes]:
    """Return the output of the jobs, in order of number; `make` itself has no route."""
    assert (done.status, done.errors) == (0, b"")
    routes = by_route(done.output)
    assert None not in routes
    numbers = sorted(int(code) for code in routes if code)
    return [output_of(routes[str(number)]) for number in numbers]


@pytest.mark.parametrize(
    ("makefile", "words"),
    [
        pytest.param(f"SHELL := {BASH}\nall:\n\techo {BRACES}\n", [], id="named"),
        pytest.param(f"SHELL = /usr/bin/env bash\nall:\n\techo {BRACES}\n", [], id="two-words"),
        pytest.param(
            f"SHELL := $(shell command -v bash)\nall:\n\techo {BRACES}\n", [], id="found-by-make"
        ),
        pytest.param(f"all:\n\techo {BRACES}\n", [f"SHELL={BASH}"], id="in-the-call"),
        pytest.param(f"all:\n\techo {BRACES}\n", [], id="none"),
        pytest.param(
            f"SHELL := {BASH}\n.SHELLFLAGS := -eu -o pipefail -c\n"
            f"all:\n\tfalse | true || echo {BRACES}\n",
            [],
            id="flags",
        ),
        pytest.param(
            f"SHELL := {BASH}\nX := $(shell echo {BRACES})\nall:\n\techo $(X)\n",
            [],
            id="what-make-reads",
        ),
        pytest.param(
            f"SHELL := {BASH}\nall:\n\t$(SHELL) -c 'echo {BRACES}'\n", [], id="in-a-recipe"
        ),
        pytest.param(
            "ME := $(firstword $(MAKEFILE_LIST))\nall:\n\techo $(ME) $(MAKEFILE_LIST)\n",
            [],
            id="names-of-makefiles",
        ),
        pytest.param("all:\n\techo first\nother:\n\techo second\n", [], id="first-goal"),
    ],
)
def test_lines_are_run_as_without_us(tmp_path: Path, makefile: str, words: list[str]) -> None:
    ours = said(mux(tmp_path, makefile, *words))
    assert b"".join(ours) == plainly(tmp_path, *words)


@pytest.mark.parametrize(
    "shell", ["", f"SHELL := {BASH}\n", f"SHELL := {BASH}\n.SHELLFLAGS := -eu -c\n"]
)
def test_all_lines_in_one_shell(tmp_path: Path, shell: str) -> None:
    # `.ONESHELL` requires a SHELL that is one file, and strips @ only for sh.
    makefile = f"{shell}.ONESHELL:\nall:\n\t@x=1\n\t@{EMIT} --success a\n\t-@echo $$x\n"
    done = mux(tmp_path, makefile)
    assert said(done) == [b"1\n"]
    assert ids_of_tests(by_route(done.output)["1"]) == ["a"]


def test_a_shell_that_is_no_sh(tmp_path: Path) -> None:
    makefile = f"SHELL := {COMMAND[0]}\nall:\n\tprint(6 * 7)\n"
    assert said(mux(tmp_path, makefile)) == [b"42\n"]


def test_each_make_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "inner").write_text(f"all:\n\techo '{BRACES}' {BRACES}\n")
    makefile = f"SHELL := {BASH}\nall:\n\techo {BRACES}\n\t$(MAKE) -f inner\n"
    ours = said(mux(tmp_path, makefile))
    assert ours[0] == b"1 2\n"
    assert b"".join(ours) == plainly(tmp_path)


def test_what_is_named_by_us_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(f"SHELL := {BASH}\nall:\n\t@print(6 * 7)\n")
    makefile = str(tmp_path / "Makefile")
    done = run("mux", "--", "make", "-f", makefile, changes={"SUBUNIT2_SHELL": COMMAND[0]})
    assert said(done) == [b"42\n"]


@pytest.mark.parametrize("shell", ["", f"SHELL := {BASH}\n"])
def test_a_shell_that_is_exported_is_not_ours(tmp_path: Path, shell: str) -> None:
    [ours] = said(mux(tmp_path, f"{shell}export SHELL\nall:\n\techo $$SHELL\n"))
    assert ours == plainly(tmp_path)


def test_the_shell_of_the_environment_stays(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n\t@echo $$SHELL\n")
    makefile = str(tmp_path / "Makefile")
    done = run("mux", "--", "make", "-f", makefile, changes={"SHELL": "/bin/other"})
    assert said(done) == [b"/bin/other\n"]


def test_makefiles_of_the_environment_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("A := 1\n")
    (tmp_path / "Makefile").write_text("all:\n\t@echo $(A)\n")
    makefile = str(tmp_path / "Makefile")
    done = run("mux", "--", "make", "-f", makefile, changes={"MAKEFILES": str(tmp_path / "first")})
    assert said(done) == [b"1\n"]


def test_a_folder_whose_name_has_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "a $b"
    folder.mkdir()
    (tmp_path / "Makefile").write_text(".ONESHELL:\nall:\n\t@echo hello\n")
    makefile = str(tmp_path / "Makefile")
    done = run("mux", "--", "make", "-f", makefile, changes={"TMPDIR": str(folder)})
    assert said(done) == [b"hello\n"]
    assert list(folder.iterdir()) == []


# --- More jobs than files can be open --------------------------------------------------------

CROWD: Final = f"""\
all: {" ".join(f"job{number}" for number in range(24))}
job%:
\t@touch running.$@; until [ $$(ls running.* | wc -l) -ge 8 ]; do sleep 0.01; done; \\
\tprintf 'this is %s\\n' $@; cat start >&2; echo of $@ >&2
"""


def crowded(folder: Path, limit: str) -> Done:
    """Run eight jobs at a time, each with two pipes, under a low limit of open files."""
    (folder / "Makefile").write_text(CROWD)
    # The first jobs wait for each other. Each writes more than a pipe holds, so it runs
    # until its output has been read.
    (folder / "start").write_bytes(bytes(200_000))
    call = shlex.join([*COMMAND, "mux", "--", "make", "-s", "-j8"])
    done = subprocess.run(
        ["bash", "-c", f"ulimit {limit} 18 && exec {call}"],
        cwd=folder,
        capture_output=True,
        env=environment(),
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def assert_all_jobs(done: Done) -> None:
    routes = by_route(done.output)
    jobs = {f"job{number}" for number in range(24)}
    assert {output_of(found).decode().split()[-1] for found in routes.values()} == jobs
    for found in routes.values():
        errors = output_of(found, "stderr")
        assert errors.startswith(bytes(200_000))
        assert errors[200_000:] == b"of " + output_of(found).split()[-1] + b"\n"


@pytest.mark.slow
def test_jobs_for_which_no_file_can_be_opened_wait(tmp_path: Path) -> None:
    done = crowded(tmp_path, "-n")
    assert done.status == 0
    line = "too many open files (see ulimit -n): jobs wait until others have ended"
    assert assert_one_line(done.errors, "mux") == line
    assert_all_jobs(done)


@pytest.mark.slow
def test_as_many_files_are_opened_as_are_allowed(tmp_path: Path) -> None:
    done = crowded(tmp_path, "-S -n")
    assert (done.status, done.errors) == (0, b"")
    assert_all_jobs(done)
