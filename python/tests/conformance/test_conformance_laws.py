"""Laws, checked on our reader, on readers that break one, and without expected items."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, Item, Packet, Passthrough, Reader
from subunit2.conformance.drivers.process import NoAnswerError
from subunit2.conformance.feeding import ReaderStream, cuts_of
from subunit2.conformance.laws import check_laws, partition_fault
from subunit2.conformance.results import LAWS
from support.command import CAPTURES
from support.conformance_cases import reader_form
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, intact, number

STREAM = b"start " + FOO_OCTETS + b"(Pdb) " + damaged(FULL_OCTETS) + BAR_OCTETS


#: A size of two octets where one is enough.
LONG = intact(0x2901, number(3, 2) + b"foo")


def laws_of(reader: Any, stream: bytes, *, known: bool = True) -> dict[str, str]:
    """Return the reason of each law, or its outcome if there is no reason."""
    form = reader_form("stream/x", stream)
    right = {"expected": form["items"], "waits": form["waits"]} if known else {}
    found = check_laws(ReaderStream(reader), stream, **right)
    assert tuple(found) == LAWS
    return {law: result.reason or result.outcome for law, result in found.items()}


KEPT = dict.fromkeys(LAWS, "passed")


@pytest.mark.parametrize(
    "stream", [b"", b"\xb3", FOO_OCTETS, STREAM, b"x" * 129 + STREAM, STREAM * 5, STREAM * 500]
)
def test_our_reader_keeps_them(stream: bytes) -> None:
    assert laws_of(Reader, stream) == KEPT
    assert laws_of(Reader, stream, known=False) == KEPT | {"live": "not checked"}


class Holding(Reader):
    """Holds each item back until the next feed."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Item] = []

    def feed(self, data: Any) -> list[Item]:
        out, self.held = self.held, super().feed(data)
        return out

    def close(self) -> list[Item]:
        return self.held + super().close()


class Early(Reader):
    """Knows the stream, and delivers items before all of their octets are fed."""

    stream = FOO_OCTETS + b"tail"

    def __init__(self) -> None:
        super().__init__()
        self.place = 0

    def feed(self, data: Any) -> list[Item]:
        ahead = min(self.place + len(data) + 1, len(self.stream))
        start = self.place + 1 if self.place else 0
        self.place += len(data)
        return super().feed(self.stream[start:ahead])


class OctetLate(Reader):
    """Reads the last octet of a packet as text if it is fed alone."""

    def feed(self, data: Any) -> list[Item]:
        return super().feed(b"?" if bytes(data) == FOO_OCTETS[-1:] else data)


def test_one_that_holds_back() -> None:
    assert laws_of(Holding, FOO_OCTETS) == KEPT | {
        "live": "octet by octet: with 12 octets fed, 0 were delivered, not 12",
        # It counts the octets that the reader below it holds, and not its own items.
        "memory": "octet by octet: with 12 octets fed and 0 delivered, 0 are held, not 12",
    }
    # Nothing is due while the octets that decide are missing.
    assert laws_of(Holding, FOO_OCTETS[:-1]) == KEPT


def test_one_that_is_early() -> None:
    assert laws_of(Early, Early.stream) == KEPT | {
        "early": "octet by octet: with 11 octets fed, the packet of octets 0 to 11 was delivered",
        "memory": "octet by octet: with 1 octet fed and 0 delivered, 2 are held, not 1",
    }


def test_one_that_loses_an_octet_at_a_cut() -> None:
    found = check_laws(ReaderStream(OctetLate), FOO_OCTETS, waits=[])
    assert found["cuts"].outcome == "wrong"
    assert found["cuts"].reason == (
        "octet by octet: the packet at 0 was read as a corrupt region (checksum) at 0"
    )
    assert [item["kind"] for item in found["cuts"].expected] == ["packet"]
    assert [item["kind"] for item in found["cuts"].actual] == ["corrupt"]


class TwoWayOnly(Reader):
    """Drops an octet if the first of two feeds ends behind the fifth octet."""

    fed = 0

    def feed(self, data: Any) -> list[Item]:
        first, self.fed = self.fed == 0, self.fed + len(data)
        return super().feed(data[:-1] if first and len(data) == 5 else data)


def test_a_cut_that_only_one_way_has() -> None:
    assert laws_of(TwoWayOnly, b"0123456789") == KEPT | {
        "cuts": "cut at 5: octet 4 (34) of the passthrough at 0 is missing",
        "live": "cut at 5: with 5 octets fed, 4 were delivered, not 5",
        "memory": "cut at 5: with 5 octets fed and 4 delivered, 0 are held, not 1",
    }


class Dying:
    """Crashes at the third feed of a stream."""

    def __init__(self) -> None:
        self.stream = ReaderStream(Reader)
        self.feeds = 0

    @property
    def held(self) -> int | None:
        return self.stream.held

    def open(self) -> None:
        self.stream.open()
        self.feeds = 0

    def feed(self, octets: bytes, /) -> list[dict[str, Any]]:
        self.feeds += 1
        if self.feeds == 3:
            raise NoAnswerError("crashed", "killed by SIGSEGV")
        return self.stream.feed(octets)

    def stop(self) -> list[dict[str, Any]]:
        return self.stream.stop()

    def close(self) -> list[dict[str, Any]]:
        return self.stream.close()


class Untold(ReaderStream):
    """Does not say how many octets it holds."""

    held = None


@pytest.mark.parametrize("stream", [b"", FOO_OCTETS])
def test_one_that_does_not_say_what_it_holds(stream: bytes) -> None:
    found = check_laws(Untold(Reader), stream, waits=reader_form("stream/x", stream)["waits"])
    assert {law: each.reason or each.outcome for law, each in found.items()} == KEPT | {
        "memory": "the reader does not say how many octets it holds"
    }
    assert found["memory"].outcome == "skipped"


class Keeping(Reader):
    """Says that it holds one octet more than it does."""

    @property
    def pending(self) -> int:
        return super().pending + 1


def test_one_that_holds_more_than_it_was_fed() -> None:
    assert laws_of(Keeping, FOO_OCTETS) == KEPT | {
        "memory": "octet by octet: with 1 octet fed and 0 delivered, 2 are held, not 1"
    }


def test_one_that_dies() -> None:
    found = check_laws(Dying(), FOO_OCTETS, waits=[(1, 11, 0)])
    assert {law: (each.outcome, each.reason) for law, each in found.items()} == {
        "cuts": ("crashed", "octet by octet: killed by SIGSEGV"),
        "live": ("skipped", "not checked to the end"),
        "early": ("skipped", "not checked to the end"),
        "partition": ("passed", ""),
        "memory": ("skipped", "not checked to the end"),
    }


def test_one_that_does_not_answer_at_all() -> None:
    class Refusing(Dying):
        def open(self) -> None:
            raise NoAnswerError("rejected", "no more")

    found = check_laws(Refusing(), FOO_OCTETS)
    assert (found["cuts"].outcome, found["cuts"].reason) == ("rejected", "whole: no more")
    assert [found[law].outcome for law in LAWS[1:]] == ["skipped"] * 4


# --- The partition -----------------------------------------------------------------------


def test_items_without_places() -> None:
    form = reader_form("stream/x", STREAM)
    bare = [
        {key: value for key, value in item.items() if key not in ("offset", "length")}
        for item in form["items"]
    ]

    class Bare(ReaderStream):
        def feed(self, octets: bytes, /) -> list[dict[str, Any]]:
            return [_bare(item) for item in super().feed(octets)]

        def close(self) -> list[dict[str, Any]]:
            return [_bare(item) for item in super().close()]

    assert partition_fault(bare, STREAM) is None
    found = check_laws(Bare(Reader), STREAM)
    assert {law: found[law].outcome for law in LAWS} == KEPT | {"live": "skipped"}
    # Neither the reader nor the expected items give the length of the packet.
    found = check_laws(Bare(Reader), LONG)
    assert found["cuts"].outcome == "passed"
    assert [found[law].outcome for law in LAWS[1:]] == ["skipped"] * 4
    # Offsets that the reader gives are used.
    assert laws_of(Reader, LONG) == KEPT


def _bare(item: dict[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in item if key not in ("offset", "length", "raw")}


FOO = Packet(test_id="foo", test_status="exists", offset=0, length=12).to_dict()


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ([FOO, Passthrough(b"ab", offset=12).to_dict()], None),
        ([FOO], "the items have 12 octets, and the stream 14"),
        (
            [FOO, Passthrough(b"ac", offset=12).to_dict()],
            "item 2, passthrough at 12: its octets are not those of the stream",
        ),
        (
            [FOO, Passthrough(b"ab", offset=11).to_dict()],
            "item 2, passthrough at 12: its offset is given as 11",
        ),
        (
            [FOO, Corrupt(b"ab", "version", offset=12).to_dict() | {"length": 3}],
            "item 2, corrupt at 12: its length is given as 3, and is 2",
        ),
        (
            [FOO | {"test_id": "fop"}, Passthrough(b"ab", offset=12).to_dict()],
            "item 1, packet at 0: its octets are not those of the stream",
        ),
        (
            [FOO | {"test_id": "f\0o"}],
            "item 1, packet at 0: it could not be written: test_id: character 1 is NUL",
        ),
    ],
)
def test_what_is_no_partition(items: list[dict[str, Any]], fault: str | None) -> None:
    assert partition_fault(items, FOO_OCTETS + b"ab") == fault


# --- Cuts --------------------------------------------------------------------------------


@given(st.integers(0, 5_000_000))
def test_cuts(size: int) -> None:
    ways = list(cuts_of(size, seed=1))
    assert ways == list(cuts_of(size, seed=1))
    for _, cuts in ways:
        places = [0, *cuts, size]
        assert places == sorted(places)
        assert all(start < end for start, end in pairwise(places))
    fed = sum(size for _ in ways)
    assert fed <= size * 70


def test_every_cut_of_a_short_stream() -> None:
    assert list(cuts_of(0)) == []
    assert list(cuts_of(1)) == [("octet by octet", [])]
    assert list(cuts_of(4)) == [
        ("octet by octet", [1, 2, 3]),
        ("cut at 1", [1]),
        ("cut at 2", [2]),
        ("cut at 3", [3]),
    ]
    assert list(cuts_of(1000, seed=1)) != list(cuts_of(1000, seed=2))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_captures(capture: Any) -> None:
    found = check_laws(ReaderStream(Reader), capture.read_bytes())
    assert {law: each.reason or each.outcome for law, each in found.items()} == KEPT | {
        "live": "not checked"
    }


@given(
    st.lists(
        st.sampled_from([b"\xb3", b"ok\n", FOO_OCTETS, FOO_OCTETS[:7], damaged(FOO_OCTETS)])
        | st.binary(max_size=8),
        max_size=4,
    )
)
def test_generated_streams(chunks: list[bytes]) -> None:
    assert laws_of(Reader, b"".join(chunks)) == KEPT
