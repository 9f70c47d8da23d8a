"""Statuses and feature bits: alone, all together, and in pairs.

Strategy: a packet of each status without bits and with each bit; without status, with each
pair of bits and with all of them. A bit comes with the smallest field that proves that it
was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from corpus.assemble import STATUSES
from corpus.families._packets import damaged, well_formed
from corpus.source import Source

__all__ = ["family"]

#: For each bit: its name in an id, its name in a title, and its part of a packet.
_BITS: list[tuple[str, str, dict[str, Any]]] = [
    ("test-id", "a test id", {"test_id": "foo"}),
    ("route-code", "a route code", {"route_code": "0"}),
    ("timestamp", "a timestamp", {"timestamp": {"seconds": 1_000_000_000, "nanoseconds": 0}}),
    ("runnable", "the runnable bit", {"runnable": True}),
    ("tags", "tags", {"test_tags": ["slow"]}),
    ("file", "a file", {"file_name": "log", "file_bytes": "6f6b0a"}),
    ("mime-type", "a MIME type", {"mime_type": "text/plain"}),
    ("end-of-file", "end of file", {"eof": True}),
]


def family() -> Iterator[Source]:
    """Yield cases of statuses, bits, versions and the bit that must be zero."""
    yield from _statuses()
    yield from _pairs()
    yield from _versions()
    yield from _reserved()


def _form(*parts: dict[str, Any], status: str = "none") -> dict[str, Any]:
    form: dict[str, Any] = {"runnable": False}
    if status != "none":
        form["test_status"] = status
    for part in parts:
        form |= part
    return form


def _clauses(form: dict[str, Any]) -> tuple[str, ...]:
    """A packet that reports nothing rests on a decision of ours; the rest on the README."""
    about_nothing = (
        ("test_id" not in form and ("test_status" in form or form["runnable"]))
        or ("file_name" not in form and ("mime_type" in form or "eof" in form))
    )  # fmt: skip
    rules = ("status.values", "flags.layout") if "test_status" in form else ("flags.layout",)
    return ("flags.independent", *rules) if about_nothing else (*rules, "packet.order")


def _statuses() -> Iterator[Source]:
    for status in STATUSES:
        form = _form(status=status)
        what = "no status" if status == "none" else f"status {status}"
        title = f"A packet of {what} and nothing else is read"
        yield well_formed(f"packet/status/{status}", title, _clauses(form), form)
        for name, words, part in _BITS:
            form = _form(part, status=status)
            title = f"A packet of {what} with {words} and nothing else is read"
            yield well_formed(
                f"packet/status/{status}-with-{name}", title, _clauses(form), form
            )  # fmt: skip


def _pairs() -> Iterator[Source]:
    for (one, words, part), (other, more_words, other_part) in combinations(_BITS, 2):
        form = _form(part, other_part)
        title = f"A packet with {words} and {more_words} is read"
        yield well_formed(f"packet/flags/{one}-and-{other}", title, _clauses(form), form)
    for status in STATUSES:
        form = _form(*(part for _, _, part in _BITS), status=status)
        what = "no status" if status == "none" else f"status {status}"
        yield well_formed(
            f"packet/flags/all-with-{status}",
            f"A packet with every field, every bit and {what} is read",
            ("packet.order", "flags.layout", "status.values"),
            form,
        )


def _versions() -> Iterator[Source]:
    good = well_formed(
        "packet/version/2", "A packet of version 2 is read", ("flags.version",), {"test_id": "foo"}
    )
    yield good
    for version in range(16):
        if version != 2:
            yield damaged(
                f"packet/version/{version}",
                f"A packet of version {version} is not read, though its checksum is right",
                ("flags.version", "packet.unusable-header", "recovery.unusable"),
                parent=good,
                mutation=f"write 1 {version:x}9 sealed",
                error="version",
                end=1,
            )


def _reserved() -> Iterator[Source]:
    yield _with_reserved("none", "", {})
    for name, words, part in _BITS:
        yield _with_reserved(f"none-with-{name}", f" with {words}", part)


def _with_reserved(name: str, words: str, part: dict[str, Any]) -> Source:
    """Return a packet of the statuses above, with the reserved bit set."""
    form = _form(part)
    return damaged(
        f"packet/reserved/{name}",
        f"A packet{words} in which the bit 0x0008 is set is not read",
        ("flags.reserved", "packet.unusable-header", "recovery.unusable"),
        parent=well_formed(f"packet/status/{name}", "", (), form),
        mutation="flip-bit 2.3 sealed",
        error="reserved_bit",
        end=1,
    )
