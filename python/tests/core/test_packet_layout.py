"""The generator of decoders refuses unknown constructs of a .ksy by name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generate import ROOT, make_decoder
from packet_decoder import LayoutError, generate
from support.layouts import Document, changed, swap, update, update_top
from support.streams import named


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
                update("tags", 1, type="any_number"),
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
                "a text that is valid",
                update("text", 1, valid="octets"),
                r"types/text/seq/1: `valid` is not known",
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
                update("any_number", 1, if_="width == 3"),
                r"types/any_number/seq/1: value_6 is not that of",
            ),
            (
                "a number without condition",
                update("any_number", 1, if_=None),
                r"types/any_number/seq/1: value_6 is not that of",
            ),
            (
                "a number of a wide width",
                update("any_number", 0, type="b3"),
                r"types/any_number: the width of a number is two bits",
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
            (
                "a length that is a number",
                update_top(2, type="any_number"),
                r"seq: flags and length",
            ),
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
def test_unknown_constructs_are_refused_by_name(
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
