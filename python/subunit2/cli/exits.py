"""The exit statuses: one table for all commands.

A command that judges a run (`stats`, `failing`, `slowest` and their like) says in
its exit status what can be decided by: 0 is good, 1 is bad, 2 says that there is
nothing to judge, 3 that what is left of a damaged stream is good. Where several
hold, a failure comes first: nobody may take it for less.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DAMAGED", "DONE", "FAILED", "NO_VERDICT", "TABLE"]

DONE: Final = 0
FAILED: Final = 1
NO_VERDICT: Final = 2
DAMAGED: Final = 3

#: What the help says of them.
TABLE: Final = """\
exit status:
  0  done; of a run: every test finished, and none failed
  1  a test failed or never finished; the input's fault; damage, under --strict
  2  no verdict: nothing ran; the call's fault, such as its words or its files
  3  of a run: nothing failed, but the stream was damaged
"""
