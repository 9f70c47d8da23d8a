r"""Questions for writers as lines, for emitters without a JSON library.

Strategy: a field is a line, `KEY VALUE`, in the order of the octets of a packet; nothing is
nested, and an empty line ends the question. Values are percent-encoded octets, so a line of a
shell, awk or C decodes them, and strings that no UTF-8 has need no second form.
`conformance/HARNESS.md` describes the keys.

>>> print(question({"test_id": "a b", "test_tags": ["x"]}), end="")
runnable true
eof false
test_id a%20b
test_tags 1
test_tag x
<BLANKLINE>
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, Literal, TypeAlias

from subunit2.conformance.corpus import Case, WriterCase

__all__ = ["Questions", "answer", "files", "named_question", "question"]

#: The form of the questions to writers.
Questions: TypeAlias = Literal["json", "lines"]

#: Runs of octets that are encoded: all but letters, digits, and these, which mean nothing in
#: the middle of a word of a shell.
_ENCODED: Final = re.compile(rb"[^-A-Za-z0-9._~/:;=+,]+")


def question(packet: dict[str, Any], *, split: bool = False) -> str:
    """Return a packet to write as lines, with the empty line behind them.

    :param packet: in the JSON form; its values may be invalid, to be refused.
    :param split: whether the content may be larger than a packet.
    """
    lines = ["split true"] if split else []
    if "test_status" in packet:
        lines.append(f"test_status {_text(packet['test_status'])}")
    lines.append(f"runnable {_flag(packet.get('runnable', True))}")
    lines.append(f"eof {_flag(packet.get('eof', False))}")
    if (time := packet.get("timestamp")) is not None:
        lines.append(f"timestamp {time['seconds']} {time['nanoseconds']}")
    if "test_id" in packet:
        lines.append(f"test_id {_text(packet['test_id'])}")
    if (tags := packet.get("test_tags")) is not None:
        lines.append(f"test_tags {len(tags)}")
        lines += [f"test_tag {_text(tag)}" for tag in tags]
    for key in ("mime_type", "file_name"):
        if key in packet:
            lines.append(f"{key} {_text(packet[key])}")
    if "file_bytes" in packet:
        lines.append(f"file_bytes {_encoded(bytes.fromhex(packet['file_bytes']))}")
    if "route_code" in packet:
        lines.append(f"route_code {_text(packet['route_code'])}")
    return "".join(f"{line}\n" for line in lines) + "\n"


def answer(case: WriterCase) -> str:
    """Return the line of the expected answer: hex, or the refusal of a key."""
    octets = case.octets
    return f"refused {case.refused}\n" if octets is None else f"{octets.hex()}\n"


def files(cases: Iterable[Case]) -> dict[str, bytes]:
    """Return the files of the corpus for writers without the runner, by name.

    The n-th line of the one is the answer to the n-th question of the other, so the two and
    `diff` test a writer. Large cases, and those to be split, are left out.
    """
    asked = [
        case
        for case in cases
        if isinstance(case, WriterCase) and not case.split and "large" not in case.flags
    ]
    return {
        "writer-questions.txt": "".join(map(named_question, asked)).encode(),
        "writer-answers.txt": "".join(map(answer, asked)).encode(),
    }


def named_question(case: WriterCase) -> str:
    """Return the question of a case, with its id in front, a key to be ignored."""
    return f"case {case.id}\n{question(case.packet, split=case.split)}"


def _text(text: str) -> str:
    return _encoded(text.encode("utf-8", "surrogatepass"))


def _encoded(octets: bytes) -> str:
    # A run at a time: `urllib.parse.quote` takes a second for 4 MiB.
    return _ENCODED.sub(lambda run: b"%" + run[0].hex("%").upper().encode(), octets).decode()


def _flag(value: bool) -> str:
    return "true" if value else "false"
