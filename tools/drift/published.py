"""Checks against the README of python-subunit, the published description of version 2.

Strategy: the README is read as installed, and no part of it is stored here. Headings divide it
into sections; a few patterns find its tables, limits and names. A clause that comes from the
README names a section and states a fact in words of its own. Numbers, abbreviations and
quoted names of that fact have to stand in that section.
"""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Iterator
from typing import Final

from drift.packet import ksy_masks, widths
from drift.sources import Specification, check, differences
from subunit2.items import Packet
from subunit2.packets import header, numbers
from subunit2.packets.rewrite import add_route
from subunit2.reader import Reader
from subunit2.writer import encode

VERSION_2: Final = "The protocol / Version 2"
EXAMPLE: Final = "The protocol / Version 2 / Example packets"

#: A number, an abbreviation such as CRC-32, or a name in backquotes.
_VALUE: Final = re.compile(
    r"`([^`]+)`|\b(0x[0-9A-Fa-f]+|\d+(?:\.\d+)?|[A-Z][A-Z0-9]*[A-Z](?:-\d+)?)"
)

#: The words by which the README's table of flags describes each.
_DESCRIBED: Final = {
    "has_test_id": "test id",
    "has_route_code": "routing code",
    "has_timestamp": "timestamp",
    "runnable": "runnable",
    "has_tags": "tags",
    "has_file": "file content",
    "has_mime_type": "mime type",
    "eof": "eof",
    "reserved": "zero",
}


def sections(readme: str) -> dict[str, str]:
    r"""Return the text of each section, by its heading behind those above it.

    The heading of the first level is the title, and is left out.

    >>> sections("# A\n## B\nb\n```\n## no heading\n```\n### C\nc\n")
    {'B': 'b\n```\n## no heading\n```', 'B / C': 'c'}
    """
    found: dict[str, list[str]] = {}
    path: list[str] = []
    is_code = False
    for line in readme.splitlines():
        is_code ^= line.startswith("```")
        heading = None if is_code else re.fullmatch(r"##(#*) +(.*\S) *", line)
        if heading:
            path[len(heading[1]) :] = [heading[2]]
            found[" / ".join(path)] = []
        elif path:
            found[" / ".join(path)].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def _found(pattern: str, text: str) -> tuple[str, ...]:
    """Return the groups of a pattern in text whose line breaks do not matter."""
    match = re.search(pattern, " ".join(text.split()))
    if match is None:
        raise LookupError(f"nothing like {pattern}")
    return match.groups()


def _version_2(found: Specification) -> str:
    return sections(found.readme)[VERSION_2]


# ---- The facts of the clauses ---------------------------------------------------


@check("published facts: the clauses' sections and values, README")
def facts(found: Specification) -> Iterator[str]:
    """Each section exists, and has the values that the fact beside it names."""
    known = sections(found.readme)
    for clause in found.clauses:
        name = clause["id"]
        if ("readme" in clause) != ("fact" in clause):
            yield f"{name}: readme and fact go together"
        elif "readme" in clause and clause["readme"] not in known:
            yield f"{name}: the README has no section {clause['readme']}"
        elif "readme" in clause:
            section: str = clause["readme"]
            text = " ".join(f"{section} {known[section]}".lower().split())
            for quoted, value in _VALUE.findall(clause["fact"]):
                named = re.escape((quoted or value).lower())
                if not re.search(rf"(?<![0-9a-z]){named}(?![0-9a-z])", text):
                    yield f"{name}: {quoted or value} is not in {section}"


# ---- The packet -----------------------------------------------------------------


@check("published parts of a packet and of a file: .ksy, clauses, README")
def published_parts(found: Specification) -> Iterator[str]:
    """Compare the README's production with the .ksy, and its count with the clause."""
    [line] = _found(r"PACKET := ([A-Z0-9_? ]+) In", found.readme)
    ksy: list[str] = []
    for field in found.seq("subunit2"):
        if field["id"] == "body":
            ksy += [f"{each['-orig-id']}?" for each in found.seq("fields") if "if" in each]
        else:
            ksy.append(field["-orig-id"])
    yield from differences("parts", ksy=ksy, readme=line.split())
    listed = re.search(r"in this order: (.*?)\.", found.clause("packet.order"))
    yield from differences(
        "number of parts",
        readme=len(line.split()),
        clauses=len(listed[1].split(", ")) if listed else 0,
    )
    text = _version_2(found)
    order = sorted(("name", "length", "octets"), key=text.partition("File content when")[2].find)
    yield from differences(
        "parts of a file",
        readme=[{"length": "size", "octets": "content"}.get(each, each) for each in order],
        ksy=[field["id"] for field in found.seq("attachment")],
    )


@check("published signature, version and fixed widths: .ksy, Python, README")
def published_widths(found: Specification) -> Iterator[str]:
    """Compare the signature, and the widths of flags, version, seconds and checksum."""
    text = _version_2(found)
    [signature] = _found(r"signature - (0x\w\w)", text)
    yield from differences("signature", python=header.SIGNATURE, readme=int(signature, 16))
    [flags] = _found(r"(\d+)-bit flags field", text)
    yield from differences(
        "flags",
        ksy=sum(int(field["type"][1:]) for field in found.seq("flags")),
        readme=int(flags),
    )
    [bits] = _found(r"(\d+)-bit version field", text)
    [version] = _found(r"`(0x\d)` - version", text)
    yield from differences(
        "version",
        ksy=(found.field("flags", "version")["type"], found.field("flags", "version")["valid"]),
        readme=(f"b{bits}", int(version, 16)),
    )
    [seconds] = _found(r"(\d+) bit unsigned integer for seconds", text)
    ksy = found.field("timestamp", "seconds")["type"]
    yield from differences("seconds", ksy=ksy, readme=f"u{int(seconds) // 8}")
    [crc] = _found(r"CRC-(\d+) checksum", text)
    ksy = found.field("subunit2", "crc32")["type"]
    yield from differences("checksum", ksy=ksy, readme=f"u{int(crc) // 8}")


@check("published example of a packet: Python, README")
def published_example(found: Specification) -> Iterator[str]:
    """Read the README's packet, and write it again."""
    example = sections(found.readme)[EXAMPLE]
    [[signature, flags, length, *fields, checksum]] = [
        line.split() for line in example.splitlines() if re.fullmatch(r"[0-9a-f ]+", line)
    ]
    octets = bytes.fromhex("".join([signature, flags, length, *fields, checksum]))
    [test_id] = _found(r'"(\w+)" enumeration', example)
    packet = Packet(test_id=test_id, test_status="exists", runnable=True)
    reader = Reader()
    read = [*reader.feed(octets), *reader.close()]
    yield from differences("read", readme=[packet], python=read)
    yield from differences("written", readme=octets, python=encode(packet))
    yield from differences("length", readme=int(length, 16), octets=len(octets))
    yield from differences("checksum", readme=checksum, octets=f"{crc32(octets[:-4]):08x}")


# ---- Numbers and flags ----------------------------------------------------------


@check("published widths and limits of numbers: grammar, Python, README")
def published_numbers(found: Specification) -> Iterator[str]:
    """Compare the README's table of widths, and its limits in the text."""
    text = _version_2(found)
    rows = re.findall(r"^\| ([01]{2}) +\| +(\d) \| +2\*\*(\d+)-1 \| +(\d+) \|$", text, re.MULTILINE)
    octets = widths(found.grammar["number"])
    yield from differences(
        "prefix and octets",
        grammar=[(f"{width - 1:02b}", width) for width in octets],
        readme=[(prefix, int(width)) for prefix, width, _, _ in rows],
    )
    yield from differences(
        "limits",
        python=list(numbers.LIMITS),
        powers=[1 << int(bits) for _, _, bits, _ in rows],
        readme=[int(most) + 1 for *_, most in rows],
    )
    [bits] = _found(r"0 to 2\*\*(\d+)-1", text)
    yield from differences("largest", python=numbers.LIMITS[-1], readme=1 << int(bits))
    [longest] = _found(r"(\d+) bytes", text)
    yield from differences("longest packet", python=header.MAX_PACKET, readme=int(longest))


@check("published bits and masks: .ksy, README")
def published_masks(found: Specification) -> Iterator[str]:
    """Compare each flag of the README's table by its description, and the mask of the status."""
    text = _version_2(found)
    rows = re.findall(r"^\| Bit +(\d+) +\| +`(0x\w{4})` \| (.*?) *\|$", text, re.MULTILINE)
    yield from differences(
        "bits",
        readme=[1 << int(bit) for bit, _, _ in rows],
        masks=[int(mask, 16) for _, mask, _ in rows],
    )
    described = {}
    for name, words in _DESCRIBED.items():
        [mask] = [int(mask, 16) for _, mask, says in rows if words in says.lower()]
        described[name] = mask
    [status] = _found(r"mask (0x\w{4}) - A test status", text)
    masks = ksy_masks(found)
    yield from differences(
        "masks",
        ksy={name: masks[name] for name in [*_DESCRIBED, "status"]},
        readme=described | {"status": int(status, 16)},
    )
    yield from differences("all bits", readme=len(rows) + 3 + 4, ksy=16)


# ---- Names and octets -----------------------------------------------------------


def _quoted(clause: str) -> list[str]:
    return re.findall(r"`([^`]+)`", clause)


@check("published names, routes and line ends: clauses, Python, README")
def published_names(found: Specification) -> Iterator[str]:
    """Compare the MIME type of files without one, standard names, routes, line ends."""
    text = _version_2(found)
    [mime] = _found(r"treated as ([a-z]+/[a-z-]+)", text)
    yield from differences(
        "MIME type",
        readme=mime,
        clauses=_found(r"([a-z]+/[a-z-]+)", found.clause("mime.default"))[0],
    )
    names = [*_found(r"encapsulate (\w+) and (\w+)", text), *_found(r"route (\w+) to", text)]
    yield from differences("names", readme=names, clauses=_quoted(found.clause("file.well-known")))
    [identity] = _found(r"\(([a-z +]+) uniquely identifies a file", text)
    named = _found(
        r"^(\w+ \w+), (\w+ \w+) and (\w+) together", found.clause("file.identity").lower()
    )
    yield from differences(
        "identity of a file",
        readme=identity.replace("routing", "route").replace("testid", "test id").split(" + "),
        clauses=list(named),
    )
    [separator] = _found(r"\('(.)' separated\)", text)
    inner, outer, joined = _found(r"code '(\d)' from stream '(\d)' .*? '(\S+)'\.", text)
    octets = encode(Packet(test_id="a", route_code=inner))
    reader = Reader()
    forwarded = [*reader.feed(add_route(octets, outer)), *reader.close()]
    yield from differences(
        "route",
        readme=joined,
        separator=f"{outer}{separator}{inner}",
        python=next(item.route_code for item in forwarded if isinstance(item, Packet)),
        clauses=_quoted(found.clause("route.add"))[-1],
    )
    [line_end] = _found(r"after any (0x\w\w) byte", text)
    yield from differences(
        "line end",
        readme=line_end,
        clauses=_found(r"(0x\w\w)", found.clause("stream.sync-point"))[0],
    )
