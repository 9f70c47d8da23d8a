"""The commands and the Python of the README work unchanged, and its links lead to files."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2.conformance.corpus import load
from support.command import environment
from support.sampling import sample

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "README.md").read_text("utf-8")

#: Indented lines that call the command, but for those that need jq or make.
LINES = [
    line.strip()
    for line in TEXT.splitlines()
    if re.match("    subunit2 ", line) and " jq " not in line and " make " not in line
]
VARIABLES = [line.strip() for line in TEXT.splitlines() if re.match(r"    \w+=\S", line)]


def bash(*lines: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", "\n".join(["set -o pipefail", *lines])],
        cwd=ROOT,
        env=environment({"PATH": path}),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_it_has_commands_to_run() -> None:
    assert len(LINES) > 9
    assert len(VARIABLES) >= 1


#: The lines that run the corpus start processes for each case.
QUICK = [line for line in LINES if "conformance run" not in line]


@pytest.mark.parametrize("line", sample(LINES, QUICK, lambda line: line.partition("  ")[0]))
def test_a_command_runs(line: str) -> None:
    done = bash(*VARIABLES, line)
    assert done.stderr == ""
    # The captured runs have failing tests, which the commands that judge a run report.
    judging = re.search(r"subunit2 (stats|failing|slowest|lint)\b", line)
    assert done.returncode == (1 if judging else 0), done.stdout
    # cmp is silent if the streams are equal.
    assert ("cmp" in line) == (done.stdout == "")


def test_the_examples_in_python_are_true() -> None:
    assert doctest.testfile(str(ROOT / "README.md"), module_relative=False).failed == 0


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_the_figures_are_right(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    (hundreds,) = re.findall(r"[Oo]ver ([\d,]+) cases", text)
    assert hundreds == f"{len(load().cases) // 100 * 100:,}"
    cards = [each for each in (ROOT / "conformance/report-cards").iterdir() if each.is_dir()]
    if name == "README.md":
        assert f"judge {len(cards)} emitters" in text


def test_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXT)
    assert len(links) > 5
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
