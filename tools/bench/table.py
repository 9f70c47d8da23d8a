"""The measurements as tables: on a terminal, in the README and in docs/speed.md.

Strategy: all of them are made of the JSON and of nothing else. In a document the tables
stand between two marks. The README has the one that compares speed, docs/speed.md all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from marks import splice
from pipe_tables import pipe_table

__all__ = ["Table", "details", "machine_line", "spliced", "summary", "tables"]

#: The document that `bench.speed` writes.
Document: TypeAlias = Mapping[str, Any]

_BEGIN: Final = "<!-- made by make bench -->\n"
_END: Final = "<!-- end -->\n"

_MIB: Final = 1 << 20


class Table(NamedTuple):
    """A table and the sentence that introduces it."""

    said: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> list[str]:
        """Return its lines in Markdown, without the sentence."""
        return pipe_table(self.head, self.rows)


def tables(document: Document) -> list[Table]:
    """Return a table for each kind of measurement: speed, processes, and all others."""
    made, machine = document["made"], document["machine"]
    packages = machine["packages"]
    with_zlib = f"zlib {machine['zlib']}"
    checksums = f"isal {packages['isal']}" if machine["checksums"] == "isal" else with_zlib
    backends = [f"{machine['reader']}, {checksums}"]
    if document["in_python"]:
        backends.append(f"pure Python, {checksums}")
    if document["without_isal"]:
        backends.append(f"pure Python, {with_zlib}")
    speed = Table(
        f"How many times as fast as python-subunit {packages['python-subunit']}, in one process, "
        f"in turns: the median of {made['rounds']} rounds, and the quartiles.",
        ("workload", "", *backends, f"items a second, {machine['reader']}"),
        tuple(_speeds(document)),
    )
    readers = (machine["reader"], *(["pure Python"] if document["in_python"] else []))
    rest = Table(
        "Damage, hostile input, chunks, memory and start:", ("", *readers), _rest(document)
    )
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
    """Return the machine and the versions that were measured."""
    machine = document["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"{machine['python']}, msgspec {machine['packages']['msgspec']}; {machine['subunit2']}"
    )


def summary(document: Document) -> str:
    """Return the README's table: a median for each backend and workload."""
    machine = document["machine"]
    kinds = {one["workload"]: one["title"] for one in document["readers"]}
    others = [document["in_python"]] if document["in_python"] else []
    head, rows = [""], [[name] for name in (machine["reader"], *("pure Python" for _ in others))]
    for key, verb, kind in (("readers", "read", "decode"), ("writers", "write", "encode")):
        for number, one in enumerate(document[key]):
            head.append(f"{verb} {kinds[one['workload']]}")
            for row, found in zip(rows, (document, *others), strict=True):
                row.append(_number(found[key][number]["ratios"][kind]))
    table = Table(
        f"Times as fast as python-subunit {machine['packages']['python-subunit']}, "
        f"on {machine['processor']} with {machine['python']}:",
        tuple(head),
        tuple(map(tuple, rows)),
    )
    return "\n".join([table.said, "", *table.markdown()]) + "\n"


def details(document: Document) -> str:
    """Return all tables, for docs/speed.md."""
    lines = [f"Measured on {machine_line(document)}.", ""]
    for table in tables(document):
        lines += [table.said, "", *table.markdown(), ""]
    return "\n".join(lines)


def spliced(page: str, made: str) -> str:
    """Return a page with the tables between its marks.

    :raises ValueError: if the page lacks the marks.
    """
    return splice(page, _BEGIN, _END, made)


def _speeds(document: Document) -> Iterator[tuple[str, ...]]:
    others = [document[key] for key in ("in_python", "without_isal") if document[key]]
    for key, verb in (("readers", "read"), ("writers", "write")):
        for number, one in enumerate(document[key]):
            backends = [one, *(other[key][number] for other in others)]
            kind = "decode" if key == "readers" else "encode"
            shown = (
                f"{_number(each['ratios'][kind])} ({_range(each['ratios'][kind])})"
                for each in backends
            )
            count = one["items"] if key == "readers" else one["packets"]
            pace = count / one["seconds"][kind]["median"]
            yield (f"{one['workload']}, {verb}", _described(one), *shown, f"{pace:,.0f}")


def _described(one: Mapping[str, Any]) -> str:
    if "title" not in one:
        return f"{one['packets']:,} packets"
    return f"{one['title']}: {one['octets'] / _MIB:.1f} MiB, {one['items']:,} items"


def _rest(document: Document) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the last table: a column for each backend, then what one has alone."""
    backends = [document, *([document["in_python"]] if document["in_python"] else [])]
    rows = [list(_of_reader(each)) for each in backends]
    compared = [(same[0][0], *(said for _, said in same)) for same in zip(*rows, strict=True)]
    single = [(title, said, *[""] * (len(backends) - 1)) for title, said in _of_all(document)]
    return (*compared, *single)


def _of_reader(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    damage = found["damage"]
    yield (
        f"W5, a packet in a hundred damaged ({damage['streams']} streams)",
        f"at least {damage['recovered']['least']:.2%} of the undamaged packets are read "
        f"(python-subunit: a median of {damage['recovered_by_python_subunit']['median']:.0%}), "
        f"in {_number(damage['times_of_w2'])} times the time of W2",
    )
    families = found["growth"]
    longest = [one["seconds"][-1] for one in families]
    powers = ", ".join(f"{one['exponent']:.2f}" for one in families)
    yield (
        f"W6, {len(families)} kinds of hostile octets, {families[0]['mebioctets'][-1]:g} MiB each",
        f"{min(longest):.1f} to {max(longest):.1f} s; exponents of growth: {powers}",
    )
    sizes = ", ".join(f"{one['size']:,}" for one in found["chunks"])
    costs = ", ".join(_number(one["times_of_whole"]) for one in found["chunks"])
    yield f"W2 in chunks of {sizes} octets", f"{costs} times the time of W2 as one chunk"
    yield (
        "W2 to JSON Lines, as `subunit2 decode` writes them",
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
