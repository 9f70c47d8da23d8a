"""Attachments: contents, and files in several packets.

Strategy: a consumer joins the packets of a file. A reader has to return each packet
unchanged and in order, regardless of the packets before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.assemble import exists, written
from corpus.families._packets import well_formed
from corpus.source import Source

__all__ = ["family", "room"]

_CONTENTS = [
    ("empty", "A file of no content is kept apart from no file", b""),
    ("one-octet", "A file of one octet is read", b"x"),
    ("nul", "Content may hold NUL", b"a\0b"),
    ("no-text", "Content need not be UTF-8", bytes(range(0x80, 0x100))),
    ("every-octet", "Content may hold every octet", bytes(range(0x100))),
    ("signatures", "Content may be nothing but 0xB3", b"\xb3" * 16),
    ("line-ends", "Line ends in content are not changed", b"a\r\nb\rc\n\n"),
    ("packet-inside", "A packet in an attachment is content, and not delivered on its own",
     exists("foo")),
    ("packet-on-a-line-inside", "A packet on a line of an attachment is content",
     b"log\n" + exists("foo") + b"\n"),
    ("damaged-packet-inside", "A damaged packet in an attachment is content, and not reported",
     exists("foo")[:-1] + b"\0"),
    ("half-a-packet-inside", "Half a packet in an attachment is content",
     b"log\n" + exists("foo")[:6]),
    ("63-octets", "Content of 63 octets, whose size takes one octet, is read", b"c" * 63),
    ("64-octets", "Content of 64 octets, whose size takes two, is read", b"c" * 64),
    ("16383-octets", "Content of 16,383 octets, whose size takes two, is read", b"c" * 16_383),
    ("16384-octets", "Content of 16,384 octets, whose size takes three, is read", b"c" * 16_384),
]  # fmt: skip


def family() -> Iterator[Source]:
    """Yield cases of contents, and of streams of attachments."""
    for name, title, content in _CONTENTS:
        inside = "packet" in name or name == "signatures"
        yield well_formed(
            f"packet/file/{name}",
            title,
            ("stream.intact-whole", "file.field") if inside else ("file.field",),
            {"test_id": "foo"} | _file("log", content),
        )
    yield from _large()
    yield from _streams()


def _file(name: str, content: bytes = b"") -> dict[str, Any]:
    return {"file_name": name, "file_bytes": content.hex()}


def _large() -> Iterator[Source]:
    yield well_formed(
        "packet/file/largest",
        "A packet of 4,194,303 octets, the largest that there is, is read",
        ("length.limit", "reader.memory"),
        {"file_name": "", "file_bytes": [["ff", room(4_194_303)]]},
    )


def room(total: int) -> int:
    """Return the content of a nameless file that makes a packet of this length."""
    return next(
        size
        for size in range(total - 14, total)
        if len(written(_file("", b"\xff" * size))) == total
    )


_FOO: dict[str, Any] = {"test_id": "foo"}
_ONE = _FOO | _file("log", b"one\n")
_TWO = _FOO | _file("log", b"two\n")
_EOF = {"eof": True}
_TEXT = {"mime_type": "text/plain"}
_STDOUT = _file("stdout", b"up\n") | {"runnable": False}
_VERSION = _file("version-info", b'{"commit":"1a2b3c"}') | {"runnable": False}
_ROUTES = [{"route_code": "0"}, {"route_code": "1"}]

#: Name, title, the clause in addition to those of the octets, and packets.
_STREAMS: list[tuple[str, str, str, list[dict[str, Any]]]] = [
    ("over-packets", "The packets of a file come out one by one, as they are",
     "file.identity", [_ONE, _TWO, _FOO | _file("log", b"three\n") | _EOF]),
    ("end-alone", "An end of file may come in a packet of no content",
     "file.eof", [_ONE, _FOO | _file("log") | _EOF]),
    ("never-ended", "A file without an end of file is read", "file.never-ended", [_ONE, _TWO]),
    ("empty-and-ended", "A file of no content that ends at once is read",
     "file.eof", [_FOO | _file("log") | _EOF]),
    ("end-without-file", "An end of file without a file is read",
     "file.eof-without-file", [_FOO | _EOF]),
    ("end-with-status", "An end of file with a final status and no file is read",
     "file.eof-without-file", [_FOO | {"test_status": "success"} | _EOF]),
    ("mime-type-without-file", "A MIME type without a file is read",
     "mime.without-file", [_FOO | _TEXT]),
    ("mime-type-nowhere", "A file without a MIME type is read without one",
     "mime.default", [_ONE | _EOF]),
    ("mime-type-in-the-first", "A MIME type in the first packet of a file only is read there",
     "mime.scope", [_ONE | _TEXT, _TWO | _EOF]),
    ("mime-type-in-the-last", "A MIME type in the last packet of a file only is read there",
     "mime.scope", [_ONE, _TWO | _TEXT | _EOF]),
    ("mime-type-in-each", "A MIME type in each packet of a file is read in each",
     "mime.scope", [_ONE | _TEXT, _TWO | _TEXT | _EOF]),
    ("name-again", "A file of a name that came to its end before is read",
     "file.names-unique", [_ONE | _EOF, _TWO | _EOF]),
    ("two-at-a-time", "Two files of a test whose packets alternate are read in their order",
     "file.identity",
     [_ONE, _FOO | _file("err", b"1"), _TWO, _FOO | _file("err", b"2") | _EOF]),
    ("two-tests", "Files of one name of two tests are read in their order",
     "file.identity", [_ONE, {"test_id": "bar"} | _file("log", b"bar\n"), _TWO]),
    ("two-routes", "A file of one name on two routes is read in the order of the stream",
     "file.identity", [_ONE | _ROUTES[0], _ONE | _ROUTES[1], _TWO | _ROUTES[0] | _EOF]),
    ("whole-stream", "A file without a test id is read", "test-id.absent", [_STDOUT]),
    ("whole-stream-between", "A file without a test id between a test's packets is read",
     "test-id.absent",
     [_FOO | {"test_status": "inprogress"}, _STDOUT, _FOO | {"test_status": "success"}]),
    ("with-status", "A file and a final status in one packet are read",
     "status.final", [_ONE | {"test_status": "fail"} | _EOF]),
    ("before-status", "A traceback and then the failure that it is about are read",
     "status.none", [_FOO | _file("traceback", b"Traceback\n") | _TEXT | _EOF,
                     _FOO | {"test_status": "fail"}]),
    ("name-empty", "A file without a name is a file",
     "flags.empty-is-not-absent", [_FOO | _file("", b"ok\n")]),
    ("name-of-a-path", "A file name that is a path is read as it is",
     "string.size", [_FOO | _file("../var/log", b"ok\n")]),
    ("stdin", "Input for a worker is read as a file called stdin on its route",
     "file.well-known", [_file("stdin", b"continue\n") | {"runnable": False, "route_code": "0"}]),
    ("version-info", "What is tested may be said in a file called version-info",
     "file.version-info", [_VERSION | {"mime_type": "application/json"} | _EOF]),
]  # fmt: skip


def _streams() -> Iterator[Source]:
    for name, title, clause, forms in _STREAMS:
        if any("file_name" not in form and {"eof", "mime_type"} & form.keys() for form in forms):
            first = "flags.independent"
        else:
            first = "packet.order" if clause.startswith("mime") else "file.field"
        clauses = (clause, first) if clause.startswith("flags") else (first, clause)
        yield well_formed(f"packet/file/{name}", title, clauses, *forms)
