"""The rules of the linter: a table, which is also their help.

A rule is about a requirement on writers whose violation no reader can repair, or about a
well-formed construct that consumers interpret in different ways.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

__all__ = ["RULES", "Level", "Rule"]

#: The severity of a finding.
Level: TypeAlias = Literal["error", "warning", "note"]


class Rule(NamedTuple):
    """A rule of the linter.

    :ivar name: its name in findings and for `--rule`.
    :ivar level: the level of its findings.
    :ivar purpose: the defect that it finds.
    :ivar clause: the clause of the specification; empty if there is none.
    """

    name: str
    level: Level
    purpose: str
    clause: str = ""


_TABLE: Final[tuple[tuple[str, Level, str, str], ...]] = (
    ("damage", "error", "octets that start as a packet, and are damaged or malformed, unless they "
     "look like output", "recovery.region"),
    ("file-name-reused", "error", "a file name is used again after the end of the file",
     "file.names-unique"),
    ("ended-twice", "error", "a test ends again without a start: two tests with one id?",
     "test-id.unique"),
    ("never-ended", "error", "a test started and never ended", "status.inprogress"),
    ("never-started", "error", "a test is listed, others ran, and it never started",
     "status.exists"),
    ("route-never-ended", "error", "a route as a whole started and never ended",
     "status.route-end"),
    ("damage-reported", "warning", "a multiplexer or a reader reported damage before",
     "damage.parser"),
    ("damage-suspected", "warning", "output that looks like a damaged packet", "damage.suspect"),
    ("recovered", "warning", "a packet inside the length that damage claims: of the stream, or "
     "of an attachment?", "recovery.recovered"),
    ("started-twice", "warning", "a test starts again before it ended: two tests with one id?",
     "test-id.unique"),
    ("time-backwards", "warning", "a timestamp earlier than the previous one on its route",
     "timestamp.clock"),
    ("after-end", "warning", "files or tags of a test after its end", "status.final"),
    ("no-status", "warning", "files or tags of a test without a status", "status.none"),
    ("status-with-chunk", "warning", "a final status with a chunk that is not the last of its file",
     "file.eof"),
    ("file-never-ended", "warning", "a file without an end: it may be cut short",
     "file.never-ended"),
    ("mime-changed", "warning", "the MIME type of a file changes", "mime.scope"),
    ("child-runnable", "warning", "a part of a test, such as a subtest, that can be run by its id",
     "test-id.children"),
    ("child-unnamed", "warning", "a part of a test without a name, or a test without an id before "
     "its parts", "test-id.children"),
    ("mime-without-file", "warning", "a MIME type without a file, which is ignored",
     "mime.without-file"),
    ("eof-without-file", "warning", "an end of file without a file, which is ignored",
     "file.eof-without-file"),
    ("mid-line", "note", "output without a line end right before a packet; some readers "
     "lose such packets", "stream.sync-point"),
    ("run-again", "note", "a test that ended starts again", "test-id.identity"),
    ("ended-without-start", "note", "a test ends without a start", "status.final"),
    ("runnable-output", "note", "a file stdout or stderr of a route that is runnable or has a "
     "status", "wrap.output"),
    ("status-without-test", "note", "a status of a route as a whole", "test-id.absent"),
    ("long-number", "note", "a number is not in its shortest form", "number.shortest"),
)  # fmt: skip

#: All rules by name, errors first.
RULES: Final[dict[str, Rule]] = {row[0]: Rule(*row) for row in _TABLE}
