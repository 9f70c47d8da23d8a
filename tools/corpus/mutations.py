"""The one change to the octets of a case's parent.

Strategy: a mutation is a few words (`flip-bit 11.0 sealed`), parsed once and applied to
octets. `sealed` concerns the parent's packet that contains the change; its offset comes
from the parent's items, so this module reads no packets.

    flip-bit O.B      bit B (0 is the least significant) of the octet at O
    truncate N        keep the first N octets
    remove A..B       remove octets A up to B, B not included
    insert O HEX      insert octets before the one at O
    write O HEX       overwrite octets from O on

Behind it ` sealed`, the packet's checksum is computed anew, or ` resized sealed`,
its length first. A length keeps its width as long as that can hold it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from corpus import assemble

__all__ = ["Mutation", "MutationError", "mutate", "parse"]

_FORM: Final = re.compile(
    r"(?: (?P<flip> flip-bit)\ (?P<octet>\d+)\.(?P<bit>[0-7])"
    r"  | (?P<truncate> truncate)\ (?P<kept>\d+)"
    r"  | (?P<remove> remove)\ (?P<first>\d+)\.\.(?P<last>\d+)"
    r"  | (?P<insert> insert)\ (?P<before>\d+)\ (?P<new>(?:[0-9a-f]{2})+)"
    r"  | (?P<write> write)\ (?P<at>\d+)\ (?P<over>(?:[0-9a-f]{2})+)"
    r") (?P<resized>\ resized)? (?P<sealed>\ sealed)?",
    re.VERBOSE,
)


class MutationError(ValueError):
    """The mutation is invalid, or does not apply to its parent; the text is one line."""


@dataclass(frozen=True)
class Mutation:
    """Octets from `start` up to `end` are replaced by `new`.

    :ivar end: index behind the last octet; None: the end of the stream.
    """

    text: str
    start: int
    end: int | None
    new: bytes = b""
    bit: int | None = None
    resized: bool = False
    sealed: bool = False


def parse(text: str) -> Mutation:
    """Parse a mutation.

    :raises MutationError: the words are no mutation.

    >>> parse("remove 3..5 resized sealed").end
    5
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise MutationError(
            f"{text!r} is none of: flip-bit O.B, truncate N, remove A..B, insert O HEX,"
            " write O HEX; each alone, or with ` sealed` or ` resized sealed` behind it"
        )
    resized, sealed = bool(form["resized"]), bool(form["sealed"])
    if resized and not sealed:
        raise MutationError(f"{text!r}: what is resized has to be sealed")
    if form["flip"]:
        start = int(form["octet"])
        return Mutation(
            text, start, start + 1, bit=int(form["bit"]), resized=resized, sealed=sealed
        )
    if form["truncate"]:
        if sealed:
            raise MutationError(f"{text!r}: a packet that is cut has no checksum to compute anew")
        return Mutation(text, int(form["kept"]), None)
    if form["remove"]:
        return Mutation(text, int(form["first"]), int(form["last"]), resized=resized, sealed=sealed)
    if form["insert"]:
        start = int(form["before"])
        return Mutation(
            text, start, start, bytes.fromhex(form["new"]), resized=resized, sealed=sealed
        )
    start, new = int(form["at"]), bytes.fromhex(form["over"])
    return Mutation(text, start, start + len(new), new, resized=resized, sealed=sealed)


def mutate(parent: bytes, text: str, items: Sequence[Mapping[str, Any]]) -> bytes:
    """Apply a mutation to the octets of a parent.

    :param items: the parent's items in the JSON form, with offset and length.
    :raises MutationError: the mutation is invalid, does not apply, or changes nothing.

    >>> mutate(b"abc", "write 1 42", []).decode()
    'aBc'
    """
    mutation = parse(text)
    start = mutation.start
    end = len(parent) if mutation.end is None else mutation.end
    if not start <= end <= len(parent):
        raise MutationError(f"{text!r} reaches outside the parent's {len(parent):,} octets")
    new = mutation.new
    if mutation.bit is not None:
        new = bytes([parent[start] ^ 1 << mutation.bit])
    changed = parent[:start] + new + parent[end:]
    if mutation.sealed:
        changed = _seal(parent, changed, _place(mutation, end, items), resized=mutation.resized)
    if changed == parent:
        raise MutationError(f"{text!r} changes nothing")
    return changed


def _place(mutation: Mutation, end: int, items: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return start and end of the packet that contains the change."""
    for item in items:
        first, behind = item["offset"], item["offset"] + item["length"]
        # Octets inserted before the first octet are outside.
        inside = first < mutation.start if mutation.start == end else first <= mutation.start
        if item["kind"] != "passthrough" and inside and end <= behind - 4:
            return first, behind
    raise MutationError(
        f"{mutation.text!r} does not lie inside one packet of the parent, before its checksum"
    )


def _seal(parent: bytes, changed: bytes, place: tuple[int, int], *, resized: bool) -> bytes:
    first, behind = place
    end = behind + len(changed) - len(parent)
    packet = changed[first:end]
    if resized:
        width = (parent[first + 3] >> 6) + 1
        rest = packet[3 + width :]
        while 3 + width + len(rest) >= 1 << 8 * width - 2:
            width += 1
        packet = packet[:3] + assemble.number(3 + width + len(rest), width) + rest
    if len(packet) < 4:
        raise MutationError("no octets are left that could be a checksum")
    return changed[:first] + assemble.sealed(packet) + changed[end:]
