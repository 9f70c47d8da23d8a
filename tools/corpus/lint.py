"""The linter of cases: each rule a function, each complaint a line.

Strategy: a rule looks at one completed case, and at the others by their ids; none reads a
file. A complaint names the remedy, since its reader may have just written a first case.
`reading` compares the items with the readers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from corpus.assemble import written
from corpus.cases import complaint, validator_of
from corpus.mutations import MutationError
from corpus.reading import find_items
from corpus.serialise import READER_PROFILES, Sources, mutated, profile_of
from corpus.source import Source, octets_of
from corpus.surrogates import check_surrogates
from subunit2 import spec
from subunit2.conformance.corpus import PROFILES, Report, Wrapped

__all__ = ["RULES", "Problem", "duplicates", "problems", "uncovered"]

_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*){1,2}")

#: Clauses of damage without a parent: the octets were never a packet, or the packet is
#: unknown.
_NEEDS_NO_PARENT: Final = frozenset({"captured", "noise"})

#: The first clauses of cases that need a clock finer than milliseconds.
_EXACT: Final = frozenset({"timestamp.exact", "timestamp.nanoseconds"})


@dataclass(frozen=True)
class Problem:
    """A fault in a case or in a file.

    :ivar where: the file or the family.
    :ivar id: the case's id; empty where the problem concerns no single case.
    """

    where: str
    id: str
    message: str

    def __str__(self) -> str:
        place = self.where if self.id in ("", _id_of_file(self.where)) else None
        return f"{place or f'{self.id} ({self.where})'}: {self.message}"


def _id_of_file(where: str) -> str:
    return where.removesuffix(".toml").partition("cases/")[2]


Rule = Callable[[Source, Sources, frozenset[str]], Iterable[str]]


def problems(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[Problem]:
    """Return the problems of a completed case.

    :param flags: the flags in `flags.toml`.
    """
    for rule in RULES:
        for message in rule(source, sources, flags):
            yield Problem(source.where, source.id, message)


def check_names(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that id, profile and title have their form."""
    if not _ID.fullmatch(source.id):
        yield (
            f"{source.id} is no id: chapter/name or chapter/family/name,"
            " of lower-case words with hyphens"
        )
    profile = profile_of(source)
    if profile not in PROFILES:
        yield f"{profile!r} is no profile ({', '.join(PROFILES)}): add profile = ..."
    if not source.title.strip() or source.title.endswith(".") or "\n" in source.title:
        yield "the title is one line, without a full stop"


def check_clauses(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that the clauses exist."""
    if not source.clauses:
        yield "no clause: which rule of spec/clauses.toml does it test?"
    for clause in source.clauses:
        if clause not in spec.clauses():
            yield f"no clause {clause} in spec/clauses.toml"
    yield from _repeated("clause", source.clauses)


def check_flags(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that each flag is described."""
    for flag in source.flags:
        if flag not in flags:
            yield f"no flag {flag}: add a line for it to conformance/flags.toml"
    yield from _repeated("flag", source.flags)


def _repeated(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what} {name} stands there twice"


def check_keys(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that a case has the keys of its profile, and no others."""
    has = {
        "bytes": source.octets is not None,
        "items": source.items is not None,
        "stops": bool(source.stops),
        "packet": source.packet is not None,
        "refused": source.refused is not None,
        "split": source.split,
        "routes": bool(source.routes),
        "feeds": bool(source.feeds),
        "wrapped": bool(source.wrapped),
        "parent": source.parent is not None,
        "mutation": source.mutation is not None,
    }
    profile = profile_of(source)
    if profile in READER_PROFILES:
        needed, allowed = {"bytes", "items"}, {"parent", "mutation", "stops"}
    elif profile == "writer":
        needed = {"packet", "refused" if source.refused is not None else "bytes"}
        allowed = {"split"}
    else:
        needed, allowed = {"routes", "feeds"}, {"wrapped"}
    for key in sorted(needed):
        if not has[key]:
            yield f"a case of the profile {profile} needs {key}"
    for key in sorted(set(has) - needed - allowed):
        if has[key]:
            yield f"this case of the profile {profile} cannot have {key}"
    if (source.parent is None) != (source.mutation is None):
        yield "parent and mutation stand together"


def check_parent(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that a damaged stream has one fault: an undamaged parent and one mutation."""
    if source.items is None or source.octets is None:
        return
    damaged = _is_damaged(source)
    if source.parent is None or source.mutation is None:
        # A stop may cut an undamaged packet, which is then truncated.
        if damaged and not source.stops and not _NEEDS_NO_PARENT.intersection(source.flags):
            yield "damaged: name its parent, and the one mutation that makes it"
        return
    parent = sources.get(source.parent)
    if parent is None:
        yield f"there is no case {source.parent} to be its parent"
        return
    if "precedence" not in source.flags and _is_damaged(parent):
        yield (
            f"its parent {source.parent} is damaged itself: two faults"
            " (the flag precedence is for those that need them)"
        )
    try:
        made = mutated(source, sources)
    except MutationError as error:
        yield f"mutation: {error}"
        return
    stream = octets_of(source.octets)
    if made != stream:
        yield f"mutation: {source.mutation!r} does not give these octets: {_where(made, stream)}"


def _where(made: bytes, stream: bytes) -> str:
    for at, (one, other) in enumerate(zip(made, stream, strict=False)):
        if one != other:
            return f"at {at} it gives {one:02x}, and the case has {other:02x}"
    return f"it gives {len(made):,} octets, and the case has {len(stream):,}"


def _is_damaged(source: Source) -> bool:
    return any(item.get("kind") == "corrupt" for item in source.items or ())


def check_items(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that the items are valid and cover the stream: no gap, no overlap, no rest."""
    if source.items is None or source.octets is None:
        return
    stream = octets_of(source.octets)
    end = 0
    last = ""
    for at, item in enumerate(source.items):
        where = f"items[{at}]"
        fault = _item_complaint(item)
        if fault or "offset" not in item or "length" not in item:
            yield f"{where}: {fault or 'no offset or length'}"
            return
        offset, behind = item["offset"], item["offset"] + item["length"]
        if offset != end:
            fault = "a gap" if offset > end else "an overlap"
            yield f"{where}: {fault}: {end} is next, not {offset}"
        if not item["length"]:
            yield f"{where}: no octets"
        elif behind > len(stream):
            yield f"{where}: reaches to {behind:,}, and the stream has {len(stream):,} octets"
        elif "bytes" in item and item["bytes"] != stream[offset:behind].hex():
            yield f"{where}: its bytes are not those of the stream"
        if last == item["kind"] == "passthrough":
            yield f"{where}: join it with the passthrough before it"
        last = item["kind"]
        end = behind
    if end < len(stream):
        yield f"the items end at {end:,}, and the stream has {len(stream):,} octets"


def _item_complaint(item: dict[str, Any]) -> str | None:
    """Return the complaint of spec/item.schema.json about an item."""
    schemas = _item_schemas()
    kind = item.get("kind")
    if kind not in schemas:
        return f"kind: {kind!r} is none of {', '.join(schemas)}"
    return complaint(schemas[kind], item)


@cache
def _item_schemas() -> dict[str, Draft202012Validator]:
    """Return the schemas by kind, whose complaints are more specific than the schema's of
    all kinds.
    """
    schema = json.loads(spec.path("item.schema.json").read_text(encoding="utf-8"))
    return {
        kind: validator_of({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
        for kind in ("packet", "passthrough", "corrupt")
    }


def check_stops(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that the caller stops waiting in the order of the stream, and within it."""
    size = len(octets_of(source.octets or []))
    before = 0
    for at, stop in enumerate(source.stops):
        if stop <= before:
            yield f"stops[{at}]: {stop} is not behind {before}"
        if stop > size:
            yield f"stops[{at}]: {stop:,} is behind the stream, which has {size:,} octets"
        before = stop


def check_writer(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that the expected octets are the packet asked for."""
    if profile_of(source) != "writer" or source.packet is None:
        return
    packet = {"runnable": True, "eof": False} | _plain(source.packet)
    if source.refused is not None:
        if source.refused != "packet" and source.refused not in _item_keys():
            yield f"refused: {source.refused} is no key of a packet"
        elif _can_be_written(packet):
            yield "refused: nothing is wrong with this packet"
        return
    fault = _item_complaint({"kind": "packet"} | packet)
    if fault:
        yield f"packet: {fault}"
        return
    if source.octets is None:
        return
    stream = octets_of(source.octets)
    read = find_items(stream, large="large" in source.flags)
    if any(item["kind"] != "packet" or "raw" in item for item in read):
        yield "bytes: not packets in their shortest form"
    elif source.split:
        yield from _split_problems(packet, read)
    elif len(read) != 1 or _without_place(read[0]) != packet:
        yield "bytes: not read back as this packet"
    elif written(packet) != stream:
        yield "bytes: not what the fields are"


def _can_be_written(packet: dict[str, Any]) -> bool:
    if _item_complaint({"kind": "packet"} | packet):
        return False
    try:
        written(packet)
    except ValueError:
        return False
    return True


def _split_problems(packet: dict[str, Any], read: list[dict[str, Any]]) -> Iterator[str]:
    content = "".join(each.get("file_bytes", "") for each in read)
    if content != packet.get("file_bytes"):
        yield "bytes: the contents, joined, are not the packet's"
    if [each["eof"] for each in read] != [False] * (len(read) - 1) + [packet["eof"]]:
        yield "bytes: the end of file is not on the last packet only"
    if any("test_status" in each for each in read[:-1]):
        yield "bytes: the status is not on the last packet only"
    for each in read:
        for key in ("test_id", "file_name", "route_code", "timestamp", "runnable"):
            if each.get(key) != packet.get(key):
                yield f"bytes: a packet has another {key}"
        # They are in one packet at least.
        for key in ("mime_type", "test_tags"):
            if key in each and each[key] != packet.get(key):
                yield f"bytes: a packet has another {key}"


def _plain(packet: dict[str, Any]) -> dict[str, Any]:
    """Return a packet with its long values as strings, without kind, offset and length."""
    return {
        key: "".join(part * times for part, times in value)
        if isinstance(value, list) and key != "test_tags"
        else value
        for key, value in _without_place(packet).items()
    }


def _without_place(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in ("kind", "offset", "length")}


@cache
def _item_keys() -> frozenset[str]:
    schema = json.loads(spec.path("item.schema.json").read_text(encoding="utf-8"))
    return frozenset(schema["$defs"]["packet"]["properties"]) - {"kind", "offset", "length"}


def check_multiplexer(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that feeds name existing inputs, and that the output is packets."""
    if profile_of(source) != "multiplexer":
        return
    streams: dict[int, bytes] = {}
    stops: dict[int, list[int]] = {}
    ended: set[int] = set()
    for at, feed in enumerate(source.feeds):
        where = f"feeds[{at}]"
        if feed.input >= len(source.routes):
            yield f"{where}: no input {feed.input}: there are {len(source.routes)} routes"
        if feed.input in ended:
            yield f"{where}: input {feed.input} has ended before"
        if feed.octets is None and not feed.is_stop:
            ended.add(feed.input)
        streams[feed.input] = streams.get(feed.input, b"") + (feed.octets or b"")
        if feed.is_stop:
            stops.setdefault(feed.input, []).append(len(streams[feed.input]))
        for packet in feed.packets:
            if not isinstance(packet, bytes):
                continue
            if [item["kind"] for item in find_items(packet, large=True)] != ["packet"]:
                yield f"{where}: {packet.hex()[:60]} is not one well-formed packet"
    if source.wrapped and len(source.wrapped) != len(source.routes):
        yield f"wrapped: one for each of the {len(source.routes)} inputs"
        return
    yield from _own_output_problems(source)
    if "large" in source.flags:
        # A packet without room for the code is output too.
        return
    for at, wrapped in enumerate(source.wrapped or (b"",) * len(source.routes)):
        reported = b"".join(part.octets for part in _reports(source, at))
        items = find_items(streams.get(at, b""), stops.get(at, ()), large=True)
        if not _divides(items, wrapped, reported):
            others = [f"{each['kind']} {each['bytes']}" for each in items if "bytes" in each]
            yield (
                f"wrapped[{at}], or the reports: passthrough is wrapped, and a corrupt region is"
                f" wrapped or reported; that input has {', '.join(others) or 'neither'}"
            )


def _reports(source: Source, *inputs: int) -> list[Report]:
    """Return the parts of reports that are written for these inputs."""
    feeds = (feed for feed in source.feeds if feed.input in inputs)
    return [part for feed in feeds for part in feed.packets if isinstance(part, Report)]


def _own_output_problems(source: Source) -> Iterator[str]:
    """Check that reports end, and that wrapped output is listed in its place or not at all."""
    for at, route in enumerate(source.routes):
        # A report of one input ends before damage of another one on its route.
        reports = _reports(source, *(n for n, each in enumerate(source.routes) if each == route))
        if reports and not reports[-1].ends:
            yield f"feeds: the last report of input {at} ({route}) has no end = true"
        if any(not part.octets and not part.ends for part in reports):
            yield f"feeds: a report of input {at} ({route}) has neither octets nor an end"
        feeds = (feed for feed in source.feeds if feed.input == at)
        listed = [part for feed in feeds for part in feed.packets if isinstance(part, Wrapped)]
        wrapped = source.wrapped[at] if at < len(source.wrapped) else b""
        if listed and b"".join(part.octets for part in listed) != wrapped:
            yield f"feeds: the wrapped output listed for input {at} is not wrapped[{at}]"


def _divides(items: list[dict[str, Any]], wrapped: bytes, reported: bytes) -> bool:
    """Return whether passthrough is wrapped, and each corrupt region wrapped or reported."""
    for item in items:
        octets = bytes.fromhex(item.get("bytes", ""))
        if item["kind"] == "corrupt" and reported.startswith(octets):
            reported = reported[len(octets) :]
        elif wrapped.startswith(octets):
            wrapped = wrapped[len(octets) :]
        else:
            return False
    return not wrapped and not reported


def check_times(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that only cases about nanoseconds need a clock finer than milliseconds."""
    # A refused packet has no time, and the times of captures were not chosen.
    if source.refused is not None or {"captured", "precedence"}.intersection(source.flags):
        return
    if _EXACT.intersection(source.clauses[:1]):
        return
    packets = [*(source.items or ()), source.packet or {}]
    for feed in source.feeds:
        for part in feed.packets:
            packets += find_items(part, large=True) if isinstance(part, bytes) else []
    for packet in packets:
        nanoseconds = (packet.get("timestamp") or {}).get("nanoseconds", 0)
        if nanoseconds % 1_000_000:
            yield (
                f"{nanoseconds:,} nanoseconds are no whole milliseconds: take others, or begin"
                f" clauses with {' or '.join(sorted(_EXACT))}"
            )
            return


#: In the order in which they run.
RULES: Final[tuple[Rule, ...]] = (
    check_names,
    check_clauses,
    check_flags,
    check_keys,
    check_items,
    check_stops,
    check_parent,
    check_writer,
    check_surrogates,
    check_multiplexer,
    check_times,
)


def duplicates(sources: Iterable[Source]) -> Iterator[Problem]:
    """Return the problems of ids that two cases have."""
    seen: dict[str, Source] = {}
    for source in sources:
        if source.id in seen:
            first = seen[source.id].where
            yield Problem(source.where, source.id, f"{first} has a case of this id too")
        seen.setdefault(source.id, source)


def uncovered(sources: Iterable[Source], reasons: dict[str, str]) -> Iterator[Problem]:
    """Return the problems of clauses that have neither cases nor a reason, or both.

    :param reasons: by clause, the reason why it has no case (`no-case.toml`).
    """
    covered = {clause for source in sources for clause in source.clauses}
    where = "conformance/no-case.toml"
    for clause in spec.clauses():
        if clause not in covered and clause not in reasons:
            yield Problem(where, "", f"{clause} has no case, and nothing says why not")
    for clause, reason in reasons.items():
        if clause not in spec.clauses():
            yield Problem(where, "", f"no clause {clause} in spec/clauses.toml")
        elif clause in covered:
            yield Problem(where, "", f"{clause} has cases, so nothing has to say why not")
        elif not reason.strip():
            yield Problem(where, "", f"{clause}: say why it has no case")
