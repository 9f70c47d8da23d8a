"""Attachments: joined from packets, and read as text."""

from __future__ import annotations

import encodings.aliases
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Attachment, Packet, tests
from subunit2.streams.attachments import AttachmentParts, is_text
from support.streams import named

_ADIOS = "adiós\n"


@pytest.mark.parametrize(
    ("mime_type", "encoding"),
    named(
        [
            ("none", None, "utf-8"),
            ("without a charset", "text/plain", "utf-8"),
            ("unittest", "text/plain;charset=utf8", "utf-8"),
            ("quoted", 'text/plain; charset="UTF-8"', "utf-8"),
            (
                "quoted, and a language",
                'text/x-traceback; charset="utf8"; language="python"',
                "utf-8",
            ),
            ("python-subunit's comma", "text/x-traceback;charset=utf8,language=python", "utf-8"),
            ("upper case and spaces", "TEXT/PLAIN ; Charset = ISO-8859-1 ", "latin-1"),
            ("single quotes", "text/plain;charset='latin1'", "latin-1"),
            ("two octets", "text/plain;charset=utf-16-le", "utf-16-le"),
            ("unknown", "text/plain;charset=klingon", "utf-8"),
            ("empty", "text/plain;charset=", "utf-8"),
            ("no text", "text/plain;charset=hex", "utf-8"),
            ("compressed", "text/plain;charset=zlib", "utf-8"),
            ("Python's own", "text/plain;charset=unicode_escape", "utf-8"),
            ("refuses everything", "text/plain;charset=undefined", "utf-8"),
        ]
    ),
)
def test_text_by_its_charset(mime_type: str | None, encoding: str) -> None:
    assert Attachment("log", mime_type, _ADIOS.encode(encoding)).text == _ADIOS


def test_what_cannot_be_decoded_is_replaced() -> None:
    assert Attachment("log", "text/plain;charset=utf8", b"caf\xe9").text == "caf\ufffd"


_CHARSETS = st.sampled_from(sorted({*encodings.aliases.aliases.values(), "idna", "punycode"}))


@given(st.binary(), _CHARSETS.map("text/plain;charset={}".format) | st.text() | st.none())
def test_text_never_fails(data: bytes, mime_type: str | None) -> None:
    assert isinstance(Attachment("log", mime_type, data).text, str)
    assert is_text(mime_type) in (True, False)


def test_behind_its_end_a_name_is_another_file() -> None:
    # clause file.identity
    parts = AttachmentParts()
    for content, eof in ((b"1", False), (b"2", True), (b"3", False)):
        parts.add(Packet(file_name="f", file_bytes=content, eof=eof))
    assert [(each.data, each.is_complete) for each in parts.attachments()] == [
        (b"12", True),
        (b"3", False),
    ]


def test_a_mime_type_is_that_of_all_packets_wherever_it_stands() -> None:
    # clause mime.scope
    parts = AttachmentParts()
    parts.add(Packet(file_name="f", file_bytes=b"1"))
    parts.add(Packet(file_name="f", file_bytes=b"2", mime_type="text/plain"))
    parts.add(Packet(mime_type="image/png", eof=True))
    assert parts.attachments() == (Attachment("f", "text/plain", b"12", is_complete=False),)


def test_files_keep_the_order_in_which_they_began() -> None:
    parts = AttachmentParts()
    for name, eof in (("b", False), ("a", True), ("b", True), ("c", True)):
        parts.add(Packet(file_name=name, file_bytes=b"", eof=eof))
    assert [each.name for each in parts.attachments()] == ["b", "a", "c"]


def test_files_so_far_stay_as_they_are_when_more_arrives() -> None:
    parts = AttachmentParts()
    seen: list[Attachment] = []
    for content in (b"1", b"", b"2", b"3"):
        parts.add(Packet(file_name="f", file_bytes=content))
        seen += parts.attachments()
    assert [each.data for each in seen] == [b"1", b"1", b"12", b"123"]


def test_a_large_file_is_held_once() -> None:
    size, number = 1 << 20, 24

    def packets() -> Iterator[Packet]:
        for each in range(number):
            yield Packet(test_id="t", file_name="f", file_bytes=bytes(size), eof=each == number - 1)
        yield Packet(test_id="t", test_status="fail")

    tracemalloc.start()
    try:
        [test] = tests(packets())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(test.attachments[0].data) == number * size
    assert peak < 1.3 * number * size
