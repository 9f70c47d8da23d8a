"""A list of test ids on standard output, for runners or for a person.

Strategy: a runner takes each line as an id, so an id is written as it is, in UTF-8. An id
that no line can hold is left out and named on standard error: half of it would be the id
of another test, or of none. A terminal is for a person, and gets every id escaped.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from subunit2.cli.output import print_data, visible
from subunit2.cli.run_status import format_id
from subunit2.plural import count
from subunit2.streams.listing import fits_a_line, is_plain_line

__all__ = ["FORMS", "IdList"]

#: The forms of a list, for the help texts.
FORMS: Final = """\
An id is printed as it is, in UTF-8, since runners take the line for the id; a
terminal gets it escaped. An id with a line feed, and an empty one, fit no line:
they are left out and named on standard error, and the exit status is 1. With
--null, ids end with NUL, and all are written. --load-list and `filter --list`
read both forms, and streams."""

#: The number of ids left out that are named.
_NAMED: Final = 20


class IdList:
    """Writes ids, one a line.

    Holds nothing but ids that a reader would take for something else at the start of a list,
    until another line is before them.

    :param command: the name of the command, for messages.
    :param null: whether each id ends with NUL, so that all ids are written.
    """

    def __init__(self, command: str, *, null: bool = False) -> None:
        self._command = command
        self._is_null = null
        self._is_shown = sys.stdout.isatty()
        self._lines: list[str] = []
        self._has_begun = False
        self._held: list[tuple[str, str]] = []
        self._named: list[str] = []
        self._left_out = 0

    def add(self, test_id: str, route: str | None = None) -> None:
        """Add an id; `flush` writes it.

        :param route: a column before the id; None: there is none.
        """
        if self._is_shown:
            column = "" if route is None else f"{visible(route)}\t"
            self._lines.append(f"{column}{format_id(test_id)}\n")
            return
        line = test_id if route is None else f"{route}\t{test_id}"
        if self._is_null:
            self._lines.append(f"{line}\0")
        elif not fits_a_line(line) or (route is not None and "\t" in route):
            self._leave_out(test_id)
        elif self._has_begun or is_plain_line(line):
            self._lines.append(f"{line}\n")
            self._has_begun = True
            self._lines += [f"{held}\n" for held, _ in self._held]
            self._held.clear()
        else:
            self._held.append((line, test_id))

    def flush(self) -> None:
        """Write the ids added so far."""
        if not self._lines:
            return
        text = "".join(self._lines)
        self._lines.clear()
        if self._is_shown:
            sys.stdout.write(text)
        else:
            print_data(text)
        sys.stdout.flush()

    def close(self) -> bool:
        """Write the rest, and name the ids left out; return whether all were written."""
        for _, test_id in self._held:
            self._leave_out(test_id)
        self._held.clear()
        self.flush()
        if not self._left_out:
            return True
        before = f"subunit2 {self._command}:"
        for test_id in self._named:
            # In ASCII, so that each character can be told.
            print(f"{before} left out: {json.dumps(test_id)}", file=sys.stderr)
        print(
            f"{before} {count(self._left_out, 'id')} left out, which a line cannot hold; "
            "-0 and a stream can",
            file=sys.stderr,
        )
        return False

    def _leave_out(self, test_id: str) -> None:
        self._left_out += 1
        if len(self._named) < _NAMED:
            self._named.append(test_id)
