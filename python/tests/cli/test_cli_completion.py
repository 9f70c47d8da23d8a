"""`subunit2 completion`: bash runs the script, and every shell gets every command."""

from __future__ import annotations

import subprocess

import pytest

from subunit2.cli.commands import COMMANDS, GROUPS
from support.command import COMMAND, environment, run

SHELLS = ["bash", "zsh", "tcsh", "fish"]

#: Prints the completions of the last of these words in bash.
ASK = """
eval "$(cat)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
[[ $(complete -p subunit2) =~ -F\\ ([^ ]+) ]]
"${BASH_REMATCH[1]}" subunit2 "${@: -1}" "${@: -2:1}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words: str) -> list[str]:
    """Return the completions of the last word in bash."""
    script = run("completion", "bash").output
    done = subprocess.run(
        ["bash", "-c", ASK, "bash", *words], input=script, capture_output=True, check=True
    )
    return sorted(set(done.stdout.decode().split()))


def test_commands_are_completed() -> None:
    assert completed("subunit2", "sta") == ["stats"]
    assert set(completed("subunit2", "")) >= set(COMMANDS)


def test_options_and_actions_are_completed() -> None:
    assert completed("subunit2", "decode", "--str") == ["--strict"]
    assert completed("subunit2", "conformance", "la") == ["laws"]
    assert completed("subunit2", "completion", "f") == ["fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_told_every_command(shell: str) -> None:
    done = run("completion", shell)
    assert (done.status, done.errors) == (0, b"")
    assert [name for name in COMMANDS if name not in done.text] == []


@pytest.mark.parametrize("words", [(), ("ksh",)])
def test_a_wrong_call_is_one_line(words: tuple[str, ...]) -> None:
    done = run("completion", *words)
    assert done.status == 2
    assert done.errors.count(b"\n") == 1


def test_the_help_shows_every_command_under_its_group() -> None:
    text = run("--help").text
    for title, group in GROUPS.items():
        part = text.partition(f"\n{title}:\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in part.splitlines()] == list(group)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_examples_and_its_purpose(name: str) -> None:
    done = subprocess.run(
        [*COMMAND, name, "--help"],
        capture_output=True,
        text=True,
        env=environment({"COLUMNS": "200"}),
        check=True,
    )
    purpose = COMMANDS[name]
    assert f"\n{purpose[0].upper()}{purpose[1:]}.\n" in done.stdout
    assert "\nexamples:\n" in done.stdout
