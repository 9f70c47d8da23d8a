"""The generator of the fast decoder: it follows the .ksy, or says what it does not know."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import accelerator
from streams import BAR, BAR_OCTETS, FULL, FULL_OCTETS, authentic, named, number, string
from subunit2 import Packet, Timestamp

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from generate import KSY, make_decoder  # noqa: E402
from packet_decoder import LayoutError, generate, generate_c  # noqa: E402

TEXT = KSY.read_text(encoding="utf-8")

Document = dict[str, Any]


def changed(change: Callable[[Document], object]) -> str:
    """The .ksy with a change to what it says."""
    document = yaml.safe_load(TEXT)
    change(document)
    return yaml.safe_dump(document, sort_keys=False)


def seq(document: Document, name: str) -> list[Document]:
    """What a type is made of."""
    entries: list[Document] = document["types"][name]["seq"]
    return entries


def swap(name: str, one: int, other: int) -> Callable[[Document], None]:
    """Two parts of a type swapped."""

    def change(document: Document) -> None:
        entries = seq(document, name)
        entries[one], entries[other] = entries[other], entries[one]

    return change


def update(name: str, index: int, **values: object) -> Callable[[Document], None]:
    """Other values in a part of a type; None takes one out."""

    def change(document: Document) -> None:
        entry = seq(document, name)[index]
        for key, value in values.items():
            if value is None:
                del entry[key.rstrip("_").replace("_", "-")]
            else:
                entry[key.rstrip("_").replace("_", "-")] = value

    return change


def update_top(index: int, **values: object) -> Callable[[Document], None]:
    """Other values in a part of the packet itself."""
    return lambda document: document["seq"][index].update(values)


Decode = Callable[[str, bytes], Packet | None]


def decode_in_python(ksy: str, octets: bytes) -> Packet | None:
    """What a decoder generated from a .ksy makes of a packet of up to 63 octets."""
    module: dict[str, Any] = {}
    exec(compile(generate(ksy), "generated", "exec"), module)  # noqa: S102 - it is ours
    entry = module["DECODERS"].get(octets[:3])
    if entry is None:
        return None
    function, status, runnable, eof = entry
    packet: Packet | None = function(
        octets, 4, len(octets) - 4, status, runnable, eof, 0, len(octets)
    )
    return packet


@pytest.fixture(params=["python", "c"])
def decode(request: pytest.FixtureRequest, tmp_path: Path) -> Decode:
    """What a decoder generated from a .ksy makes of a packet, in each language."""
    if request.param == "python":
        return decode_in_python

    def decode_in_c(ksy: str, octets: bytes) -> Packet | None:
        # A shared object is loaded once by its name.
        folder = tmp_path / hashlib.sha256(ksy.encode()).hexdigest()
        if not folder.exists():
            shutil.copytree(accelerator.SOURCES, folder)
            (folder / "layout_generated.h").write_text(generate_c(ksy), "utf-8")
            accelerator.compile_accelerator(folder, folder, "-O0")
        packet: Packet | None = accelerator.load(folder / accelerator.NAME).decode_usual(
            octets, 0, False
        )
        return packet

    return decode_in_c


# --- What the .ksy says is what is read ---------------------------------------------------


def test_the_ksy_as_it_is(decode: Decode) -> None:
    assert decode(TEXT, BAR_OCTETS) == BAR
    assert decode(TEXT, b"\xb3\x28\x09" + BAR_OCTETS[3:]) is None


def test_comments_change_nothing() -> None:
    commented = changed(update("fields", 0, doc="Another.", doc_ref="x"))
    assert generate(commented) == generate(TEXT)
    assert generate_c(commented) == generate_c(TEXT)


def test_fields_that_are_swapped_are_read_swapped(decode: Decode) -> None:
    swapped = changed(swap("fields", 1, 5))
    octets = authentic(0x2C00, string(b"route") + string(b"test"))
    assert decode(swapped, octets) == Packet(test_id="test", route_code="route", runnable=False)
    assert decode(TEXT, octets) == Packet(test_id="route", route_code="test", runnable=False)


def test_parts_of_a_field_that_are_swapped_are_read_swapped(decode: Decode) -> None:
    # The size of the content, then the name, whose own size is another variable.
    octets = authentic(0x2040, number(3) + string(b"ab") + b"xyz")
    packet = Packet(file_name="ab", file_bytes=b"xyz", runnable=False)
    assert decode(changed(swap("attachment", 0, 1)), octets) == packet
    octets = authentic(0x2200, number(7) + b"\0\0\0\5")
    packet = Packet(timestamp=Timestamp(5, 7), runnable=False)
    assert decode(changed(swap("timestamp", 0, 1)), octets) == packet


def test_flags_that_are_swapped_have_each_other_s_masks(decode: Decode) -> None:
    swapped = changed(swap("flags", 1, 2))
    octets = authentic(0x2400, string(b"test"))
    assert decode(swapped, octets) == Packet(test_id="test", runnable=False)
    swapped = changed(swap("flags", 4, 8))
    assert decode(swapped, authentic(0x2110)) == Packet(runnable=True, eof=True)
    assert decode(swapped, authentic(0x2010)) == Packet(runnable=True)


def test_another_version_is_the_one_that_is_read(decode: Decode) -> None:
    third = changed(update("flags", 0, valid=3))
    assert decode(third, authentic(0x3000)) == Packet(runnable=False)
    assert decode(third, authentic(0x2000)) is None


def test_another_signature_is_the_one_that_is_read(decode: Decode) -> None:
    other = changed(lambda document: document["seq"][0].update(contents=[0xB4]))
    assert decode(other, b"\xb4" + authentic(0x2000)[1:]) == Packet(runnable=False)
    assert decode(other, authentic(0x2000)) is None


def test_statuses_are_those_of_their_numbers(decode: Decode) -> None:
    def change(document: Document) -> None:
        statuses = document["enums"]["status"]
        statuses[1], statuses[6] = statuses[6], statuses[1]

    packet = decode(changed(change), authentic(0x2001))
    assert packet is not None
    assert packet.test_status == "fail"


@pytest.mark.parametrize("limit", [5_000_000, 999_999_999, (1 << 30) - 1])
def test_the_limit_of_nanoseconds_is_that_of_the_ksy(decode: Decode, limit: int) -> None:
    ksy = changed(update("nanoseconds", 4, valid={"max": limit}))
    packet = decode(ksy, authentic(0x2200, bytes(4) + number(limit, 4)))
    assert packet == Packet(timestamp=Timestamp(0, limit), runnable=False)
    if limit + 1 < 1 << 30:
        assert decode(ksy, authentic(0x2200, bytes(4) + number(limit + 1, 4))) is None


def test_a_field_less_is_refused_and_so_is_one_more() -> None:
    less = changed(lambda document: seq(document, "fields").pop(3))
    with pytest.raises(LayoutError, match=r"the \.ksy differ in mime_type/mime_type"):
        generate(less)
    with pytest.raises(LayoutError, match=r"the \.ksy differ in mime_type/mime_type"):
        generate_c(less)
    more = changed(lambda document: seq(document, "timestamp").append({"id": "zone", "type": "u4"}))
    with pytest.raises(LayoutError, match=r"the \.ksy differ in timestamp/zone"):
        generate(more)


def test_a_signature_of_two_octets_is_refused_in_c() -> None:
    two = changed(lambda document: document["seq"][0].update(contents=[0xB3, 0xB4]))
    with pytest.raises(LayoutError, match=r"seq/0: the compiled reader knows signatures of one"):
        generate_c(two)


def test_every_set_of_fields_has_a_function_and_a_name() -> None:
    text = generate(TEXT)
    assert text.count("\ndef _") == 64 + 1


def test_all_fields_are_read_into_variables_of_their_own() -> None:
    octets = FULL_OCTETS
    module: dict[str, Any] = {}
    exec(compile(generate(TEXT), "generated", "exec"), module)  # noqa: S102 - it is ours
    function, *said = module["DECODERS"][octets[:3]]
    assert function(octets, 5, len(octets) - 4, *said, 0, len(octets)) == FULL


# --- What it does not know is refused by name ---------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    named(
        [
            (
                "unknown type of a field",
                update("fields", 1, type="utf16"),
                r"types/fields/seq/1: type utf16 is not known",
            ),
            (
                "unknown type of a part",
                update("timestamp", 0, type="stamp"),
                r"types/timestamp/seq/0: type stamp is not known",
            ),
            (
                "an integer of another size",
                update("timestamp", 0, type="u8"),
                r"timestamp/seconds: no decoder reads Fixed\(octets=8\)",
            ),
            (
                "an integer with a sign",
                update("timestamp", 0, type="s4"),
                r"types/timestamp/seq/0: type s4 is not known",
            ),
            (
                "process",
                update("attachment", 2, process="zlib"),
                r"types/attachment/seq/2: `process` is not known",
            ),
            (
                "repeat eos",
                update("tags", 1, repeat="eos"),
                r"types/tags/seq/1: only texts are repeated",
            ),
            (
                "repeat of what is no text",
                update("tags", 1, type="number"),
                r"types/tags/seq/1: only texts are repeated",
            ),
            (
                "repeat by an expression",
                update("tags", 1, repeat_expr="num_tags.value + 1"),
                r"types/tags/seq/1: `num_tags.value \+ 1` is not a part's value",
            ),
            (
                "size by an expression",
                update("attachment", 2, size="size.value * 2"),
                r"types/attachment/seq/2: `size.value \* 2` is not a part's value",
            ),
            (
                "size by what is not there",
                update("attachment", 2, size="sighs.value"),
                r"types/attachment/seq/2: `sighs` is no number before it",
            ),
            (
                "size by what comes later",
                swap("attachment", 1, 2),
                r"types/attachment/seq/1: `size` is no number before it",
            ),
            (
                "size by a text",
                update("attachment", 2, size="name.value"),
                r"types/attachment/seq/2: `name` is no number before it",
            ),
            (
                "a field without if",
                update("fields", 2, if_=None),
                r"types/fields/seq/2: a field is there where",
            ),
            (
                "a field by two flags",
                update("fields", 2, if_="_root.flags.has_tags and _root.flags.eof"),
                r"types/fields/seq/2: a field is there where",
            ),
            (
                "a field of what is no flag",
                update("fields", 2, if_="_root.flags.status"),
                r"types/fields/seq/2: a field is there where",
            ),
            (
                "a field that is valid",
                update("fields", 1, valid="1"),
                r"types/fields/seq/1: `valid` is not known",
            ),
            (
                "a text that may hold NUL",
                update("text", 1, valid=None),
                r"types/text: a text holds no NUL",
            ),
            (
                "a text of another valid",
                update("text", 1, valid="octets"),
                r"types/text: a text holds no NUL",
            ),
            (
                "a text with a terminator",
                update("text", 1, terminator=0),
                r"types/text/seq/1: `terminator` is not known",
            ),
            (
                "nanoseconds of another valid",
                update("nanoseconds", 4, valid={"min": 1}),
                r"types/nanoseconds/seq/4: a number is `valid` up",
            ),
            (
                "nanoseconds of one value",
                update("nanoseconds", 4, valid=3),
                r"types/nanoseconds/seq/4: a number is `valid` up",
            ),
            (
                "a limit of a shorter form",
                update("nanoseconds", 3, valid={"max": 99}),
                r"types/nanoseconds/seq/3: `valid` is not known",
            ),
            (
                "a number in another order",
                update("number", 1, if_="width == 3"),
                r"types/number/seq/1: value_6 is not that of",
            ),
            (
                "a number without condition",
                update("number", 1, if_=None),
                r"types/number/seq/1: value_6 is not that of",
            ),
            (
                "a number of a wide width",
                update("number", 0, type="b3"),
                r"types/number: the width of a number is two bits",
            ),
            (
                "a length of four octets",
                update("packet_length", 0, valid={"max": 3}),
                r"types/packet_length: a number of 1 to 3 octets",
            ),
            (
                "flags of octets",
                update("flags", 1, type="u1"),
                r"types/flags/seq/1: type u1 is not one of bits",
            ),
            (
                "flags of two bits",
                update("flags", 1, type="b2"),
                r"types/flags/seq/1: a flag is one bit",
            ),
            (
                "flags of fewer bits",
                update("flags", 0, type="b3"),
                r"types/flags/seq/10: the status is expected",
            ),
            (
                "a flag that is valid in another way",
                update("flags", 1, valid={"any-of": [True]}),
                r"types/flags/seq/1: a `valid` like this",
            ),
            (
                "the status in other bits",
                swap("flags", 9, 10),
                r"types/flags/seq/9: the status is expected",
            ),
            (
                "octets at the end",
                update("fields", 6, valid=None),
                r"types/fields: the last is expected to be",
            ),
            ("no signature", update_top(0, contents=None), r"seq/0: a signature of known octets"),
            ("a checksum of two octets", update_top(4, type="u2"), r"seq/4: a checksum of type u4"),
            ("a body of one size", update_top(3, size=9), r"seq/3: a body of length\.value - "),
            ("a length that is a number", update_top(2, type="number"), r"seq: flags and length"),
            ("a body that is repeated", update_top(3, repeat="eos"), r"seq/3: `repeat` is not"),
            (
                "nothing behind the body",
                lambda document: document["seq"].pop(),
                r"seq: signature, flags, length",
            ),
            (
                "a status without a number",
                lambda document: document["enums"]["status"].pop(7),
                r"enums/status: 0 to 7 are expected, each once",
            ),
            (
                "a part without a type",
                update("timestamp", 0, type=None),
                r"subunit2\.ksy: not of a shape .* KeyError\('type'\)",
            ),
            (
                "no types",
                lambda document: document.pop("types"),
                r"subunit2\.ksy: not of a shape .* KeyError\('types'\)",
            ),
        ]
    ),
)
def test_what_it_does_not_know_it_refuses_by_name(
    change: Callable[[Document], None], message: str
) -> None:
    with pytest.raises(LayoutError, match=rf"^{message}"):
        generate(changed(change))


def test_a_failure_is_one_line_with_the_file_and_the_path(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ksy"
    wrong.write_text(changed(update("fields", 1, type="utf16")), encoding="utf-8")
    with pytest.raises(SystemExit) as failure:
        make_decoder(wrong)
    assert failure.value.code == "wrong.ksy: types/fields/seq/1: type utf16 is not known"
    script = "import pathlib, sys, generate; generate.make_decoder(pathlib.Path(sys.argv[1]))"
    ran = subprocess.run(
        [sys.executable, "-c", script, str(wrong)],
        cwd=ROOT / "tools",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"{failure.value.code}\n"
