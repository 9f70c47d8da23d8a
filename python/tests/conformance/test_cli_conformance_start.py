"""The actions of `subunit2 conformance`: the modules they import, and their help."""

from __future__ import annotations

import subprocess
import sys

import pytest

from subunit2.conformance.command import ACTIONS
from support.command import environment

# Prints the imported modules after the command has ended.
_PROGRAM = """
import sys
from subunit2.cli import main
status = main(sys.argv[1:])
print(*sorted(sys.modules), file=sys.stderr)
sys.exit(status)
"""


def call(*arguments: str, status: int = 0, columns: int = 80) -> tuple[str, set[str]]:
    """Return the output of a call of the command, and the names of the modules it imports."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "conformance", *arguments],
        # Coverage, if it measures the tests, imports modules of its own.
        env={
            name: value
            for name, value in environment().items()
            if not name.startswith(("COV_", "COVERAGE_"))
        }
        | {"COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout, set(done.stderr.split())


def actions_in(modules: set[str]) -> set[str]:
    """Return the actions whose modules are imported."""
    return {name for name in ACTIONS if f"subunit2.conformance.cli.{name}" in modules}


def test_a_run_imports_no_other_action() -> None:
    # `cat` answers with malformed lines, so the case fails and the exit status is 1.
    run = ("run", "--decoder", "cat", "--case", "packet/exists")
    _, modules = call(*run, status=1)
    assert actions_in(modules) == {"run"}
    assert modules.isdisjoint(
        {
            "hypothesis",
            "jsonschema",
            "junitparser",
            "subunit2.conformance.terminal.case_view",
            "subunit2.conformance.terminal.mutation_view",
        }
    )


def test_list_imports_no_runner() -> None:
    _, modules = call("list", "--case", "packet/exists")
    assert actions_in(modules) == {"list"}
    assert modules.isdisjoint({"subprocess", "subunit2.conformance.run", "subunit2.reader"})


def test_the_help_of_the_command_imports_no_action() -> None:
    text, modules = call("--help")
    assert actions_in(modules) == set()
    assert all(f"    {name:8}  {purpose}" in text for name, purpose in ACTIONS.items())


@pytest.mark.parametrize("name", ACTIONS)
def test_the_help_of_an_action_is_complete_and_fits(name: str) -> None:
    text, modules = call(name, "--help")
    assert actions_in(modules) == {name}
    assert ACTIONS[name][1:] in " ".join(text.split())
    assert "examples:" in text
    assert [line for line in text.splitlines() if len(line) > 80] == []
