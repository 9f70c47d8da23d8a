"""The files of the specification agree, and each check of it can fail.

The checks are those of `tools/drift`. A check that cannot fail proves nothing,
so each test here changes one word of one file, and the check has to report it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drift.__main__ import main
from drift.sources import CHECKS, Specification, found_by, read_texts
from subunit2 import items, spec
from subunit2.framing import form
from subunit2.packets import header, numbers

ROOT = Path(__file__).resolve().parents[3]
TEXTS = read_texts()
KSY, GRAMMAR, CLAUSES, SCHEMA = "subunit2.ksy", "grammar.ebnf", "clauses.toml", "item.schema.json"


@pytest.mark.parametrize("name", CHECKS)
def test_no_two_files_differ(name: str) -> None:
    assert found_by(name, Specification.of(TEXTS)) == []


def test_the_command_prints_a_line_for_each_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"ok       {name}" for name in CHECKS]


def test_the_command_fails_and_names_the_difference(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(header, "FLAG_EOF", 0x0008)
    assert main() == 1
    assert "DIFFERS  flags and masks" in capsys.readouterr().out


def _check(start: str) -> str:
    [name] = [name for name in CHECKS if name.startswith(start)]
    return name


#: Changes that a check has to report, by the first words of its name and by file: pairs of
#: old and new text.
CHANGES: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("the parts", KSY): [
        ("- id: crc32\n", "- id: crc\n"),
    ],
    ("the parts", GRAMMAR): [
        ("signature flags", "flags signature"),
    ],
    ("optional", GRAMMAR): [
        (
            "test_id?{has_test_id}\n                  tags?{has_tags}",
            "tags?{has_tags}\n                  test_id?{has_test_id}",
        ),
        ("?{has_tags}", "?{has_file}"),
    ],
    ("optional", KSY): [
        ("_root.flags.has_tags", "_root.flags.has_file"),
        ("        if: _root.flags.has_tags\n", ""),
    ],
    ("optional", CLAUSES): [
        ("tags, MIME type", "MIME type, tags"),
    ],
    ("what each", GRAMMAR): [
        ("seconds      ::= octet{4}", "seconds ::= octet{8}"),
        ("crc32        ::= octet{4}", "crc32 ::= octet{2}"),
        ("string{count}", "string*"),
        (
            "file_name size:number content{size octets}",
            "size:number content{size octets} file_name",
        ),
        ("mime_type    ::= string", "mime_type ::= number"),
    ],
    ("what each", KSY): [
        ("id: seconds\n        type: u4", "id: seconds\n        type: u8"),
        ("repeat-expr: num_tags.value", "repeat-expr: 2"),
    ],
    ("what each", SCHEMA): [
        ("4294967295", "2147483647"),
    ],
    ("the signature", KSY): [
        ("[0xb3]", "[0xb4]"),
    ],
    ("the signature", GRAMMAR): [
        ("signature    ::= #xB3", "signature ::= #xB4"),
    ],
    ("flags and masks", GRAMMAR): [
        ("has_file has_mime_type", "has_mime_type has_file"),
        ("has_test_id has_route_code", "has_route_code has_test_id"),
    ],
    ("flags and masks", KSY): [
        ("-orig-id: FLAG_EOF\n        type: b1", "-orig-id: FLAG_EOF\n        type: b2"),
        ("Mask 0x0040", "Mask 0x0020"),
        ("Mask 0x0007", "Mask 0x000F"),
        ("-orig-id: FLAG_TAGS", "-orig-id: FLAG_EOF"),
    ],
    ("flags and masks", CLAUSES): [
        ("runnable 0x0100", "runnable 0x1000"),
    ],
    ("version", KSY): [
        ("valid: 2\n", "valid: 3\n"),
    ],
    ("version", GRAMMAR): [
        ("::= <0010", "::= <0011"),
        ("eof 0 status:3", "eof 1 status:3"),
    ],
    ("version", CLAUSES): [
        ("The version is 2.", "The version is 3."),
    ],
    ("statuses", KSY): [
        ("id: skip\n", "id: fail\n"),
    ],
    ("statuses", CLAUSES): [
        ("5 skip, 6 fail", "6 skip, 5 fail"),
    ],
    ("statuses", SCHEMA): [
        ('"skip", "fail"', '"fail", "skip"'),
    ],
    ("statuses", "README"): [
        ("* 006 - Failed", "* 006 - Broken"),
    ],
    ("numbers", GRAMMAR): [
        ("               | [#xC0-#xFF] octet{3}\n", ""),
        ("| [#x80-#xBF] octet{2}\n\ntimestamp", "\ntimestamp"),
        ("<=999999999", "<=1000000000"),
    ],
    ("numbers", KSY): [
        (
            "value_22\n        type: b22\n        if: width == 2\n",
            "value_22\n        type: b20\n        if: width == 2\n",
        ),
        ("valid:\n          max: 2\n", "valid:\n          max: 3\n"),
        ("max: 4194303", "max: 4194304"),
        ("max: 999999999", "max: 1000000000"),
    ],
    ("numbers", SCHEMA): [
        ('"maximum": 4194303', '"maximum": 4194304'),
        ('"maximum": 999999999', '"maximum": 1000000000'),
    ],
    ("numbers", CLAUSES): [
        ("longer than 4,194,303", "longer than 4,194,304"),
        ("from 0 to 999,999,999.", "from 0 to 1,000,000,000."),
    ],
    ("least", KSY): [
        ("min: 9", "min: 8"),
    ],
    ("least", CLAUSES): [
        ("at least 8, 9 or 10", "at least 8, 9 or 11"),
    ],
    ("least", GRAMMAR): [
        ("crc32        ::= octet{4}", "crc32        ::= octet{5}"),
    ],
    ("the form", GRAMMAR): [
        ("file_form    ::= sized sized", "file_form    ::= sized"),
        ("tags_form?{has_tags}", "sized?{has_tags}"),
        ("count:number<=63 sized", "count:number<=64 sized"),
        ("content{size octets}", "octet content{size octets}"),
    ],
    ("the form", CLAUSES): [
        ("more than 63 tags", "more than 64 tags"),
    ],
    ("least", SCHEMA): [
        ('"minimum": 8', '"minimum": 7'),
    ],
    ("error", CLAUSES): [
        ('error = "nul"', 'error = "zero"'),
        ('error = "version"\norder = 1', 'error = "version"\norder = 2'),
        ('error = "trailing_bytes"\norder = 8', 'error = "trailing_bytes"\norder = 9'),
        ('error = "checksum"\norder = 6\n', 'error = "checksum"\n'),
        ("`truncated`, `checksum`", "`checksum`, `truncated`"),
    ],
    ("error", SCHEMA): [
        ('"truncated", "checksum"', '"checksum", "truncated"'),
    ],
    ("the keys", SCHEMA): [
        ('"route_code": {', '"route": {'),
        ('"error": {', '"why": {}, "error": {'),
    ],
    ("clauses: ids", CLAUSES): [
        ('id = "number.any-width"', 'id = "number.encoding"'),
        ('id = "number.any-width"', 'id = "any-width"'),
        ('level = "MAY"', 'level = "CAN"'),
        ('who = "consumer"', 'who = "nobody"'),
        (
            'readme = "The protocol / Version 2"\nfact = "The table of flags has the bit `0x0008`,'
            ' which is always zero."\n',
            "",
        ),
        ('error = "nul"', 'outside = true\nerror = "nul"'),
        ('outside = true\nerror = "truncated"', 'error = "truncated"'),
        ('error = "nul"', 'eror = "nul"'),
    ],
    ("clauses name", CLAUSES): [
        ('field = "flags/eof"', 'field = "flags/end"'),
    ],
    ("clauses name", KSY): [
        ("- id: num_tags", "- id: count"),
    ],
    ("clauses name", GRAMMAR): [
        ("plain_character ::=", "plainer_character ::="),
    ],
    ("every field", CLAUSES): [
        ('field = "fields/trailing"\n', ""),
        ('field = "flags/reserved"\n', ""),
        ('production = "crc32"\n', ""),
    ],
    ("clauses: no sentence", CLAUSES): [
        (
            "A packet starts with the octet 0xB3.",
            "A packet starts with the octet 0xB3, which is never the first octet of a character in"
            " UTF-8, and which a reader therefore takes for the start of a packet wherever it is"
            " found, except inside a character of text.",
        ),
        (
            "One part of a stream: a packet, passthrough, or a corrupt region.",
            "One part of a stream" + ", and one more" * 12 + ".",
        ),
        ("No character of UTF-8 begins with it", "No character" + " and no other one" * 9),
    ],
    ("published facts", CLAUSES): [
        ('readme = "The protocol / Version 2"\n', 'readme = "Version 2"\n'),
        ('readme = "The protocol / Version 2"\n', ""),
        ("The signature is one octet, `0xB3`", "The signature is one octet, `0xB4`"),
        ("packet is the CRC-32 of", "packet is the CRC-64 of"),
        ("Text that is not UTF-8 should", "Text that is not UTF-16 should"),
        ("length is `4194303`", "length is `4194304`"),
        ("the `stdout` and `stderr`", "the `stdlog` and `stderr`"),
    ],
    ("published facts", "README"): [
        ("### Version 2\n", "### Version two\n"),
        ("### Version 2\n", "```\n### Version 2\n```\n"),
        ("as TCP. As such", "as UDP. As such"),
    ],
    ("published parts", KSY): [
        ("-orig-id: TESTID", "-orig-id: TEST_ID"),
        ("-orig-id: SIGNATURE", "-orig-id: MAGIC"),
        ("- id: content\n", "- id: octets\n"),
    ],
    ("published parts", CLAUSES): [
        ("file, route code, checksum.", "file, route code, padding, checksum."),
    ],
    ("published parts", "README"): [
        ("ROUTING_CODE?", "ROUTE?"),
        ("SIGNATURE FLAGS", "FLAGS SIGNATURE"),
        ("TESTID? TAGS?", "TAGS? TESTID?"),
        ("TIMESTAMP?", "TIMESTAMP"),
        ("the name followed by the length", "the length followed by the name"),
    ],
    ("published signature", KSY): [
        ("type: u4", "type: u8"),
        ("-orig-id: CRC32\n    type: u4", "-orig-id: CRC32\n    type: u2"),
    ],
    ("published signature", "README"): [
        ("single byte signature - 0xB3", "single byte signature - 0xB4"),
        ("16-bit flags", "24-bit flags"),
        ("4-bit version", "3-bit version"),
        ("`0x2` - version 2", "`0x3` - version 3"),
        ("32 bit unsigned", "64 bit unsigned"),
        ("a CRC-32 checksum", "a CRC-16 checksum"),
    ],
    ("published example", "README"): [
        ("b3 2901 0c 03666f6f 08555f1b", "b3 2901 0c 03666f6f 08555f1a"),
        ("b3 2901 0c 03666f6f 08555f1b", "b3 2901 0d 03666f6f 08555f1b"),
        ('Trivial test "foo"', 'Trivial test "bar"'),
    ],
    ("published widths", GRAMMAR): [
        ("               | [#xC0-#xFF] octet{3}\n", ""),
    ],
    ("published widths", "README"): [
        ("| 10     |      3 |", "| 10     |      4 |"),
        ("2**22-1 |    4194303", "2**21-1 |    4194303"),
        ("2**14-1 |      16383", "2**14-1 |      16384"),
        ("from 0 to 2**30-1", "from 0 to 2**31-1"),
        ("4MiB - 4194303 bytes", "4MiB - 4194304 bytes"),
    ],
    ("published bits", KSY): [
        ("-orig-id: FLAG_EOF\n        type: b1", "-orig-id: FLAG_EOF\n        type: b2"),
    ],
    ("published bits", "README"): [
        ("`0x0080`", "`0x0040`"),
        ("Bit  7  |", "Bit  6  |"),
        ("Tags are present", "Labels are present"),
        ("Test id present.          |", "Routing code present.     |"),
        ("mask 0x0007", "mask 0x000F"),
        ("| Bit  3  |", "| Bit  3."),
    ],
    ("published names", CLAUSES): [
        ("is treated as application/octet-stream", "is treated as text/plain"),
        ("are sent as files named `stdout`", "are sent as files named `output`"),
        ("Route code, test id and name together", "Test id, route code and name together"),
        ("in front of `3` gives `0/3`", "in front of `3` gives `0.3`"),
        ("the octet after 0x0A in passthrough", "the octet after 0x0D in passthrough"),
    ],
    ("published names", "README"): [
        ("treated as application/octet-stream", "treated as text/plain"),
        ("encapsulate stdout and stderr", "encapsulate output and stderr"),
        ("route stdin to", "route input to"),
        ("(routing code + testid + name", "(testid + name"),
        ("('/' separated)", "('.' separated)"),
        ("to be '0/3'.", "to be '3/0'."),
        ("after any 0x0A byte", "after any 0x0D byte"),
    ],
    ("the .ksy", KSY): [
        ("    doc: Sixteen bits, the most significant first.\n", ""),
        ("        doc: The content.\n", ""),
        ("        doc: The packet's length in octets.\n", ""),
        ("      doc: The test passed.\n", ""),
        ("        -orig-id: TAGS\n", ""),
        ("-orig-id: PACKET_LENGTH", "-orig-id: LENGTH_OF_ALL"),
        (
            "doc: The content.",
            "doc: The content. xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ),
        ("  endian: be\n  bit-endian: be\n", "  bit-endian: be\n  endian: be\n"),
        ("value: octets.to_s('UTF-8')", "pos: 0\n        size: 1"),
        ("  tags:\n    doc:", "  string:\n    doc:"),
    ],
}


@pytest.mark.parametrize(
    ("check", "file", "old", "new"),
    [(*key, *pair) for key, pairs in CHANGES.items() for pair in pairs],
)
def test_a_check_notices_a_change(check: str, file: str, old: str, new: str) -> None:
    assert old in TEXTS[file]
    changed = TEXTS[file].replace(old, new, 1)
    assert found_by(_check(check), Specification.of(TEXTS | {file: changed}))


def test_two_fields_swapped_in_the_ksy_are_noticed() -> None:
    head, *fields, tail = re.split(
        r"(?=^      - id: (?:tags|mime_type|file)$)", TEXTS[KSY], flags=re.M
    )
    swapped = head + fields[1] + fields[0] + tail
    assert found_by(_check("optional"), Specification.of(TEXTS | {KSY: swapped}))


@pytest.mark.parametrize(
    ("check", "module", "name", "value"),
    [
        ("the signature", header, "SIGNATURE", 0xB4),
        ("flags and masks", header, "FLAG_TAGS", 0x0040),
        ("flags and masks", header, "FLAG_RESERVED", 0x0010),
        ("flags and masks", header, "STATUS_MASK", 0x000F),
        ("version", header, "VERSION", 3),
        ("statuses", items, "TEST_STATUSES", ("inprogress", "exists")),
        ("numbers", header, "MAX_PACKET", 1 << 22),
        ("numbers", numbers, "LIMITS", (64, 16_384, 1 << 22)),
        ("least", header, "_FRAME", 6),
        ("published signature", header, "SIGNATURE", 0xB4),
        ("published widths", header, "MAX_PACKET", 1 << 22),
        ("published widths", numbers, "LIMITS", (64, 16_384, 1 << 22)),
        ("least", header, "LEAST_PACKET", 7),
        ("the form", form, "MOST_TAGS", 64),
        ("error", items, "ERROR_CODES", tuple(reversed(items.ERROR_CODES))),
        ("the files", spec, "FILES", {"subunit2.ksy": "a packet"}),
    ],
)
def test_a_check_notices_another_constant(
    check: str, module: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Specification.of(TEXTS)
    monkeypatch.setattr(module, name, value)
    assert found_by(_check(check), found)


def test_every_check_is_seen_to_fail() -> None:
    assert {_check(check) for check, _ in CHANGES} == set(CHECKS) - {_check("the files")}
