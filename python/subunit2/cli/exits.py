"""The exit statuses of all commands, and the exceptions that end a command early.

A command that judges a run (`stats`, `failing`, `slowest`) exits with 0 if the run is
good, 1 if it failed, 2 if nothing ran, and 3 if nothing failed but the stream was
damaged. A failure takes precedence over the other statuses, so that no caller mistakes
a failed run for a passed one.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "DAMAGED",
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "NO_VERDICT",
    "TABLE",
    "USAGE_ERROR",
    "CallError",
    "InputError",
]

DONE: Final = 0
FAILED: Final = 1
NO_VERDICT: Final = 2
USAGE_ERROR: Final = 2
DAMAGED: Final = 3
#: As a shell reports a process that SIGINT ended.
INTERRUPTED: Final = 130

#: The exit statuses, for the help texts.
TABLE: Final = """\
exit status:
  0  success; for a run: every test finished, and none failed
  1  a test failed, never finished or never started; invalid input; damage, with
     --strict
  2  no test ran; usage error, or a file cannot be read
  3  no test failed, but the stream was damaged, or a report in it says so
"""


class InputError(Exception):
    """The input is not in the form that the command reads. Ends the command with 1."""

    status = FAILED


class CallError(Exception):
    """The command cannot run as called. Ends the command with 2.

    The arguments are wrong, a file cannot be read or written, or a package is missing.
    """

    status = USAGE_ERROR
