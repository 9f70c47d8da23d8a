"""What was measured, as tables: on a terminal, and in the README.

Strategy: both show the same tables, made of the JSON and nothing else. In the README
they stand between two marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

__all__ = ["Table", "machine_line", "markdown", "spliced", "tables"]

#: What `bench.speed` writes.
Document: TypeAlias = Mapping[str, Any]

_BEGIN: Final = "<!-- made by make bench -->\n"
_END: Final = "<!-- end -->\n"

_MIB: Final = 1 << 20


class Table(NamedTuple):
    """A table, and what is said before it."""

    said: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(document: Document) -> list[Table]:
    """All that was measured."""
    made, machine = document["made"], document["machine"]
    packages = machine["packages"]
    with_zlib = f"zlib {machine['zlib']}"
    checksums = f"isal {packages['isal']}" if machine["checksums"] == "isal" else with_zlib
    ways = [f"{machine['reader']}, {checksums}"]
    if document["in_python"]:
        ways.append(f"pure Python, {checksums}")
    if document["without_isal"]:
        ways.append(f"pure Python, {with_zlib}")
    speed = Table(
        f"How many times as fast as python-subunit {packages['python-subunit']}, in one process, "
        f"in turns: the median of {made['rounds']} rounds, and the quartiles.",
        ("workload", "", *ways, f"items a second, {machine['reader']}"),
        tuple(_speeds(document)),
    )
    readers = (machine["reader"], *(["pure Python"] if document["in_python"] else []))
    rest = Table("What else was measured:", ("", *readers), tuple(_rest(document)))
    processes = document["commands"]
    seconds = Table(
        f"W2 ({processes['octets'] / _MIB:.1f} MiB) by whole processes, their start included:",
        ("process", "seconds", "times python-subunit's"),
        tuple(
            (f"`{name}`", f"{each['median']:.2f}", _number(processes["times_of_first"][name]))
            for name, each in processes["seconds"].items()
        ),
    )
    return [speed, seconds, rest]


def machine_line(document: Document) -> str:
    """On what it was measured."""
    machine = document["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"{machine['python']}, msgspec {machine['packages']['msgspec']}; {machine['subunit2']}"
    )


def markdown(document: Document) -> str:
    """The tables for the README."""
    lines = [f"Measured on {machine_line(document)}.", ""]
    for said, head, rows in tables(document):
        lines += [said, ""]
        lines += [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
        lines.append("")
    return "\n".join(lines)


def spliced(readme: str, made: str) -> str:
    """The README with the tables in their place.

    :raises ValueError: where that is not marked.
    """
    before, mark, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not mark or not end:
        raise ValueError("README.md: the marks of the section on speed are missing")
    return f"{before}{mark}\n{made}{end}{after}"


def _speeds(document: Document) -> Iterator[tuple[str, ...]]:
    others = [document[way] for way in ("in_python", "without_isal") if document[way]]
    for way, what in (("readers", "read"), ("writers", "write")):
        for number, one in enumerate(document[way]):
            ways = [one, *(other[way][number] for other in others)]
            kind = "decode" if way == "readers" else "encode"
            shown = (
                f"{_number(each['ratios'][kind])} ({_range(each['ratios'][kind])})" for each in ways
            )
            count = one["items"] if way == "readers" else one["packets"]
            pace = count / one["seconds"][kind]["median"]
            yield (f"{one['workload']}, {what}", _described(one), *shown, f"{pace:,.0f}")


def _described(one: Mapping[str, Any]) -> str:
    if "title" not in one:
        return f"{one['packets']:,} packets"
    return f"{one['title']}: {one['octets'] / _MIB:.1f} MiB, {one['items']:,} items"


def _rest(document: Document) -> Iterator[tuple[str, ...]]:
    """What each reader has, a column each, and what is measured with one of them."""
    ways = [document, *([document["in_python"]] if document["in_python"] else [])]
    rows = [list(_of_reader(way)) for way in ways]
    for same in zip(*rows, strict=True):
        yield (same[0][0], *(said for _, said in same))
    for what, said in _of_all(document):
        yield (what, said, *[""] * (len(ways) - 1))


def _of_reader(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    damage = found["damage"]
    yield (
        f"W5, a packet in a hundred damaged ({damage['streams']} streams)",
        f"{damage['recovered']['least']:.2%} of the undamaged packets are read at least, "
        f"and a median of {damage['recovered_by_python_subunit']['median']:.0%} by python-subunit; "
        f"{_number(damage['times_of_w2'])} times the time of W2",
    )
    families = found["growth"]
    longest = [one["seconds"][-1] for one in families]
    powers = ", ".join(f"{one['exponent']:.2f}" for one in families)
    yield (
        f"W6, {len(families)} kinds of hostile octets, {families[0]['mebioctets'][-1]:g} MiB each",
        f"{min(longest):.1f} to {max(longest):.1f} s; grows with size to the {powers}",
    )
    sizes = ", ".join(f"{one['size']:,}" for one in found["chunks"])
    costs = ", ".join(_number(one["times_of_whole"]) for one in found["chunks"])
    yield f"W2 in chunks of {sizes} octets", f"{costs} times the time of it whole"
    yield (
        "W2 to JSON Lines, as `subunit2 decode` makes them",
        f"{_number(found['json']['times_of_parse'])} times the time of reading alone",
    )


def _of_all(document: Document) -> Iterator[tuple[str, str]]:
    memory = document["memory"]
    yield (
        "Memory, `for item in decode(pipe)`",
        f"skipped: {memory['skipped']}"
        if "skipped" in memory
        else f"{memory['growth'] / _MIB:.1f} MiB more than at the start, "
        f"after {memory['octets'] / _MIB:,.0f} MiB",
    )
    first, *others = document["start"]["times_of_first"].items()
    for name, times in others:
        yield (f"Start, `{name}`", f"{_number(times)} times `{first[0]}`")
    for name, why in document["commands"].get("skipped", {}).items():
        yield (name, f"skipped: {why}")


def _number(spread: Mapping[str, float]) -> str:
    return _short(spread["median"])


def _range(spread: Mapping[str, float]) -> str:
    return f"{_short(spread['lower'])}-{_short(spread['upper'])}"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 1.95 else f"{value:.2f}"
