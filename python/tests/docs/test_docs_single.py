"""`docs/SPECIFICATION.md` is complete, plain Markdown, and its program passes the corpus.

Its links and headings are read by a parser of Markdown, and not by the code that makes them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs.rows import field_rows, flag_rows
from docs.single import specification
from docs.single.anchors import anchors, slug
from docs.single.code import program
from docs.single.plain import filled
from docs.sources import corpus, ksy, productions
from subunit2 import spec
from subunit2.cli.packet_view import packet_rows
from subunit2.conformance.corpus import ReaderCase
from subunit2.packets.names import FLAGS, name_flag
from support.command import environment
from support.pseudocode import write_harness

ROOT: Final = Path(__file__).resolve().parents[3]
FILE: Final = ROOT / "docs" / "SPECIFICATION.md"
TEXT: Final = FILE.read_text(encoding="utf-8")
LINES: Final = TEXT.splitlines()
TOKENS: Final = MarkdownIt("commonmark").enable("table").parse(TEXT)


def text_of(token: Token) -> str:
    """Return the text of an inline token as a viewer shows it."""
    return "".join(child.content for child in token.children or ())


HEADINGS: Final = [
    text_of(TOKENS[index + 1]) for index, token in enumerate(TOKENS) if token.type == "heading_open"
]
LINKS: Final = [
    str(child.attrGet("href"))
    for token in TOKENS
    for child in token.children or ()
    if child.type == "link_open"
]
#: The text outside of code and links.
SAID: Final = "\n".join(token.content for token in TOKENS if token.type == "inline")
CODE: Final = [token for token in TOKENS if token.type == "fence"]


def test_it_is_what_is_generated_now() -> None:
    assert specification() == TEXT, "run `make generate`"


# ---- The file --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("1.1 A packet in 12 octets", "11-a-packet-in-12-octets"),
        ("12.4 Damage, or output?", "124-damage-or-output"),
        ("The decision at a 0xB3", "the-decision-at-a-0xb3"),
        ("test-id.no_nul", "test-idno_nul"),
        ("`code` and [a link](#there)", "code-and-a-link"),
        ("Größe – 3", "größe--3"),
    ],
)
def test_an_anchor_is_the_one_of_a_viewer(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_headings_in_code_have_no_anchor_and_doubles_get_a_number() -> None:
    lines = ["# A", "```text", "# no", "```", "## A", "````", "```", "# no", "````", "# B"]
    assert anchors(lines) == ["a", "a-1", "b"]


def test_every_anchor_is_there_once() -> None:
    found = anchors(LINES)
    assert [slug(heading) for heading in HEADINGS] == found
    assert len(set(found)) == len(found)
    inside = [link[1:] for link in LINKS if link.startswith("#")]
    assert len(inside) > 250
    assert set(inside) <= set(found)


def test_the_contents_link_every_chapter_and_part() -> None:
    chapters = [line for line in LINES if re.match(r"###? \d", line)]
    listed = [line for line in LINES if re.match(r" *- [\d.]+ \[.*\]\(#", line)]
    assert len(listed) == len(chapters) > 60
    numbers = [line.split()[1] for line in chapters if line.startswith("## ")]
    assert numbers == [f"{number}." for number in range(1, len(numbers) + 1)]


def test_other_links_lead_to_files_that_any_viewer_shows() -> None:
    others = {link.partition("#")[0] for link in LINKS if not link.startswith("#")}
    assert others
    for link in others:
        path = FILE.parent / link
        assert path.exists(), link
        # A page whose content only the site makes is of no use here.
        assert (
            not re.search(r"^```\{(?!include)", path.read_text("utf-8"), re.M) or "porting" in link
        )


def test_no_markup_of_the_site_is_left() -> None:
    assert re.findall(r"\{[a-z-]+\}`|^:{3,}|^\([\w-]+\)=$|%%", SAID, re.M) == []
    assert {token.info for token in CODE} == {"text", "json", "python", "ebnf"}
    assert not [
        token for token in TOKENS if token.type == "html_block" and "<!--" not in token.content
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a", "b"], ["a b"]),
        (["- a", "  b", "- c"], ["- a b", "- c"]),
        (["> a", ">", "> b"], ["> a", ">", "> b"]),
        (["```text", "a", "b", "```"], ["```text", "a", "b", "```"]),
        (["| a |", "| b |"], ["| a |", "| b |"]),
        (["1. a", "   b"], ["1. a b"]),
        (["    a", "    b"], ["    a", "    b"]),
    ],
)
def test_text_is_filled_and_nothing_else(lines: list[str], expected: list[str]) -> None:
    assert list(filled(lines))[:-1] == expected


def test_no_line_of_text_begins_like_an_item_of_a_list() -> None:
    for length in range(90, 120):
        text = f"{'a ' * (length // 2)}12. A table and more"
        made = list(filled([text]))
        assert " ".join(made).split() == text.split()
        assert not any(line.startswith("12.") for line in made)


# ---- Its sources -----------------------------------------------------------------


def test_every_clause_is_defined_once_with_all_that_it_says() -> None:
    clauses = spec.clauses()
    defined = Counter(heading for heading in HEADINGS if heading in clauses)
    assert defined == dict.fromkeys(clauses, 1)
    plain = re.sub(r"\[([^\]]+)\]\(#[^)]*\)", r"\1", TEXT)
    for clause in clauses.values():
        part = plain.partition(f"# {clause.id}\n")[2].partition("\n#")[0]
        part = " ".join(part.replace("\n> ", " ").split())
        assert f"**{clause.level}**, {clause.who}. {clause.text}" in part
        for said in (clause.fact, clause.decision, clause.error, clause.field, clause.production):
            assert said is None or said in part, clause.id


def test_the_cases_that_it_cites_exist() -> None:
    cited = re.findall(r"`([a-z]+/[\w/-]+)`", SAID)
    cases = {name for name in cited if name.partition("/")[0] not in {*ksy()["types"], "subunit2"}}
    cases -= {"application/json", "application/octet-stream", "text/plain"}
    assert len(cases) > 150
    assert cases <= corpus().by_id.keys()
    examples = re.findall(r"^\*Case\* `([^`]+)`", TEXT, re.M)
    assert len(examples) > 50
    assert set(examples) <= corpus().by_id.keys()


def test_the_octets_of_an_example_are_those_of_its_case() -> None:
    compared = 0
    for id_, shown in re.findall(
        r"^\*Case\* `([^`]+)`(?:[^\n]+\n)+\n```text\n(.*?)^```$", TEXT, re.M | re.S
    ):
        case = corpus().by_id[id_]
        if isinstance(case, ReaderCase) and "more\n" not in shown:
            octets = "".join(re.findall(r"^ *[\d,]*  ((?:[0-9a-f]{2} ?)+)", shown, re.M))
            assert bytes.fromhex(octets) == case.stream, id_
            compared += 1
    assert compared > 40


def test_the_grammar_and_the_schema_are_whole() -> None:
    fences = [token.content for token in CODE]
    for name in ("grammar.ebnf", "item.schema.json"):
        assert spec.path(name).read_text(encoding="utf-8") in fences


def test_the_terms_are_all_explained() -> None:
    said = " ".join(TEXT.split())
    for name, text in spec.glossary().items():
        assert f"- **{name}**: {text.partition('(')[0]}" in said


def test_the_polynomial_and_the_check_value_of_the_checksum_are_there() -> None:
    polynomial = zlib.crc32(bytes.fromhex("00000000")) ^ zlib.crc32(bytes.fromhex("00000001"))
    # The CRC of the last bit of an octet, shifted by its eight zeros, comes out of the polynomial.
    register = 1
    for _ in range(8):
        register = (register >> 1) ^ (0xEDB88320 if register & 1 else 0)
    assert polynomial == register
    assert f"0x{0xEDB88320:08X}" in TEXT
    assert f"0x{zlib.crc32(b'123456789'):08X}" in TEXT


# ---- The names of the fields -----------------------------------------------------

#: The fields of the .ksy that a packet's table names; the others are parts of numbers and strings.
_WITH_A_NAME: Final = ("subunit2", "fields", "timestamp", "tags", "attachment")


def test_every_field_of_the_ksy_has_its_word() -> None:
    rows = list(field_rows())
    ids = [row[3].strip("`") for row in rows]
    types = {"subunit2": ksy(), **ksy()["types"]}
    expected = [entry["id"] for name in _WITH_A_NAME for entry in types[name]["seq"]]
    assert sorted(ids) == sorted(set(expected) - {"body", "trailing"} | {"size"})
    names = [row[0] for row in rows]
    assert len(set(names)) == len(names)
    assert {row[4].strip("`") for row in rows} - {"–"} <= set(productions())
    schema = spec.path("item.schema.json").read_text(encoding="utf-8")
    assert all(f'"{row[5].strip("`")}"' in schema for row in rows if row[5] != "–")


def test_every_flag_of_the_ksy_has_its_word() -> None:
    ids = [entry["id"] for entry in ksy()["types"]["flags"]["seq"]]
    assert ids == [row[3].strip("`") for row in flag_rows()]
    assert set(FLAGS) == {*ids} - {"version", "status"}
    names = {row[0].removeprefix("– ") for row in field_rows()}
    for id_ in ids:
        assert not id_.startswith("has_") or name_flag(id_) in names


def test_the_order_of_the_fields_is_that_of_its_clause() -> None:
    said = spec.clause("packet.order").text.partition(": ")[2].partition(".")[0].split(", ")
    assert [row[0] for row in field_rows() if not row[0].startswith("–")] == said


def test_the_flags_are_named_as_in_their_clause() -> None:
    said = spec.clause("flags.layout").text
    for _, mask, name, id_, *_ in flag_rows():
        if id_ not in {"`version`", "`status`", "`reserved`"}:
            assert f"{name} {mask}" in said


def test_inspect_uses_these_words() -> None:
    case = corpus().by_id["packet/everything"]
    assert isinstance(case, ReaderCase)
    labels = {row.label for row in packet_rows(case.stream)}
    names = {row[0].removeprefix("– ") for row in field_rows()}
    assert {re.sub(r" \d+$", "", label) for label in labels} <= names


#: Names of the .ksy that are no words of this specification.
_IDS: Final = re.compile(r"\b(?:has_\w+|num_tags|tags_list|crc32)\b")


@pytest.mark.parametrize("folder", ["specification", "commands", "emitting", "conformance"])
def test_no_page_names_a_field_in_another_way(folder: str) -> None:
    for page in (ROOT / "docs" / folder).glob("*.md"):
        text = re.sub(
            r"^```.*?^```$|^(?: {4}|\t).*$", "", page.read_text("utf-8"), flags=re.M | re.S
        )
        for line in text.splitlines():
            # zlib's function has the name of the .ksy's field.
            if "zlib" not in line and "gzip" not in line:
                assert _IDS.findall(line) == [], f"{page.name}: {line}"


# ---- The program -----------------------------------------------------------------


def written_program() -> str:
    """Return the code of the chapter that has the rules as code."""
    _, _, chapter = TEXT.partition("The rules as code\n\nThis is")
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", chapter, re.M | re.S))


def test_the_program_has_every_function_of_the_guide_once() -> None:
    assert written_program() == program()
    names = re.findall(r"^def (\w+)", program(), re.M)
    assert len(names) == len(set(names)) > 50
    guide = set()
    for page in (ROOT / "docs" / "porting").glob("*.md"):
        guide |= set(re.findall(r"^def (\w+)", page.read_text("utf-8"), re.M))
    # Two functions keep an earlier form under another name.
    assert set(names) == guide | {"settle_next_item", "answer_others"}


@pytest.mark.slow
def test_the_program_passes_the_corpus(tmp_path: Path) -> None:
    write_harness(tmp_path / "harness", written_program())
    run = [sys.executable, "-m", "subunit2", "conformance", "run", "--session"]
    done = subprocess.run(
        [*run, tmp_path / "harness", "--no-laws", "--timeout", "120"],
        capture_output=True,
        text=True,
        env=environment({}),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"all {len(corpus().cases):,}" in " ".join(done.stdout.split())
