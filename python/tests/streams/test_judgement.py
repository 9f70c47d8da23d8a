"""The judgement agrees with a plain model, and the page with the table."""

from __future__ import annotations

import inspect
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subunit2 import CHILD_SEPARATOR, TEST_STATUSES, Item, Packet, Timestamp, tests
from subunit2.items import FINAL_STATUSES
from subunit2.streams import judgement, plan
from subunit2.streams.counting import RunCounts
from subunit2.streams.judgement import Event, TestStates, is_listing, is_runnable, key_of, place_of
from subunit2.streams.linting import Linter
from subunit2.streams.plan import Plan
from subunit2.streams.select_listings import SelectedListings
from support.pages import run_page

PAGE = Path(__file__).parents[3] / "docs/commands/judgement.md"

IDS = [
    *("a", "a(1)", "a[x]", "a(1)[y]", "b", "m.C.t", "m.C.t(1)", "setUpClass (m.C)"),
    *("setUpModule (m)", f"a{CHILD_SEPARATOR}c", f"a(1){CHILD_SEPARATOR}c(2)", "subunit.parser"),
]
ROUTES = [None, "", "0", "1", "linux", "linux/0", "windows", "windows/worker-2"]

PACKETS = st.lists(
    st.builds(
        Packet,
        test_id=st.sampled_from(IDS) | st.none(),
        test_status=st.sampled_from([None, "exists", *TEST_STATUSES]),
        runnable=st.sampled_from([True, True, True, False]),
        route_code=st.sampled_from(ROUTES),
        timestamp=st.none() | st.builds(Timestamp, st.integers(0, 9)),
        test_tags=st.none() | st.just(("t",)),
    ),
    max_size=30,
)


class ModelRun(NamedTuple):
    """A run as the model sees it: all its packets with a status, in order."""

    packets: list[Packet]

    @property
    def status(self) -> str | None:
        return self.packets[-1].test_status if self.has_ended else "inprogress"

    @property
    def has_ended(self) -> bool:
        return self.packets[-1].test_status in FINAL_STATUSES

    @property
    def runnable(self) -> bool:
        return all(packet.runnable for packet in self.packets)

    @property
    def duration(self) -> float | None:
        times = [packet.timestamp for packet in (self.packets[0], self.packets[-1])]
        start, end = (None if time is None else time.seconds for time in times)
        if len(self.packets) < 2 or not self.has_ended or start is None or end is None:
            return None
        return end - start if end >= start else None


class Model:
    """Judges a stream with lists and loops alone."""

    def __init__(self, packets: list[Packet]) -> None:
        self.listed: list[Packet] = []
        self.runs: dict[tuple[str | None, str], list[ModelRun]] = defaultdict(list)
        for packet in packets:
            if packet.test_id in (None, "subunit.parser") or packet.test_status is None:
                continue
            assert packet.test_id is not None
            runs = self.runs[packet.route_code, packet.test_id]
            under_way = bool(runs) and not runs[-1].has_ended
            if under_way:
                runs[-1].packets.append(packet)
            elif packet.test_status == "exists":
                self.listed.append(packet)
            else:
                runs.append(ModelRun([packet]))

    def started(self) -> list[tuple[str | None, str]]:
        return [key for key, runs in self.runs.items() if runs]

    def never_started(self, packets: list[Packet]) -> set[tuple[str | None, str]]:
        # Also those within a run list: the test has started then.
        listed = [packet for packet in packets if packet.test_status == "exists" and key_of(packet)]
        ids = {packet.test_id for packet in listed}
        started = self.started()
        if not started:
            return set()
        open_ = set()
        for packet in listed:
            route, test_id = packet.route_code, packet.test_id
            assert test_id is not None
            on_route = [each for each in listed if each.route_code == route]
            runnable = any(each.runnable for each in on_route if each.test_id == test_id)
            if not runnable and any(each.runnable for each in on_route):
                continue
            lists = {each.route_code for each in listed}
            if not any(
                meets(test_id, other, ids) and serves(route, on, lists, started)
                for on, other in started
            ) and not self.is_skipped(test_id):
                open_.add((route, test_id))
        return {
            (route, test_id)
            for route, test_id in open_
            if route is not None or not any(on is not None and test_id == i for on, i in open_)
        }

    def is_skipped(self, test_id: str) -> bool:
        skips = {
            key[1]
            for key, runs in self.runs.items()
            for run in runs
            if run.packets[-1].test_status == "skip"
        }
        if not test_id.startswith("m.C."):
            return False
        return not skips.isdisjoint({"setUpClass (m.C)", "setUpModule (m)"})


def meets(listed: str, started: str, ids: set[str | None]) -> bool:
    """Return whether a start stands for a listed id."""
    whole = started.split(CHILD_SEPARATOR, maxsplit=1)[0]
    if listed == started or started.startswith(listed + CHILD_SEPARATOR):
        return True
    return not {started, whole} & ids and whole.startswith((f"{listed}(", f"{listed}["))


def serves(
    route: str | None,
    on: str | None,
    lists: set[str | None],
    started: list[tuple[str | None, str]],
) -> bool:
    """Return whether a start on a route counts for a listing on another."""
    if route == on or route is None:
        return True
    if any(each == route for each, _ in started):
        return False
    return place_of(route) is None or on not in lists or place_of(on) == place_of(route)


def judged(packets: list[Packet]) -> RunCounts:
    counts = RunCounts(Plan())
    counts.feed(packets)
    counts.close()
    return counts


@given(PACKETS)
@example([Packet(test_id="a", test_status="exists"), Packet(test_id="a(1)", test_status="skip")])
def test_any_stream_is_judged_as_by_the_model(packets: list[Packet]) -> None:
    model = Model(packets)
    counts = judged(packets)
    runs = [(key, run) for key, runs in model.runs.items() for run in runs]
    for runnable, numbers in ((True, counts.ended), (False, counts.ended_not_runnable)):
        assert sum(numbers.values()) == sum(
            run.has_ended and run.runnable == runnable for _, run in runs
        )
    assert {(key, run.runnable) for key, run in counts.running.items()} == {
        (key, run.runnable) for key, run in runs if not run.has_ended
    }
    durations = [run.duration for _, run in runs if run.duration is not None]
    assert counts.total_time == sum(durations)
    assert {(test.route_code, test.id) for test in counts.never_started} == model.never_started(
        packets
    )
    # The records, and the linter, say the same.
    records = [record for record in tests(packets) if record.status not in (None, "exists")]
    assert sorted(map(repr, ((r.route_code, r.id, r.status, r.runnable) for r in records))) == (
        sorted(map(repr, ((*key, run.status, run.runnable) for key, run in runs)))
    )
    found = linted(packets)
    assert {key for rule, key in found if rule == "never-started"} == model.never_started(packets)
    assert {key for rule, key in found if rule == "never-ended"} == set(counts.running)


def linted(packets: list[Packet]) -> list[tuple[str, tuple[str | None, str | None]]]:
    linter = Linter()
    findings = linter.feed(packets) + linter.close()
    return [(finding.rule, (finding.route_code, finding.test_id)) for finding in findings]


@given(PACKETS)
def test_a_run_is_runnable_if_its_packets_say_so(packets: list[Packet]) -> None:
    for runs in Model(packets).runs.values():
        for run in runs:
            assert is_runnable(run.packets) == run.runnable


@given(PACKETS, st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(ROUTES)))
def test_a_selection_has_no_new_tests_that_never_started(
    packets: list[Packet], ids: set[str], routes: set[str | None]
) -> None:
    listings = SelectedListings()
    listings.note(packets)
    kept = [
        packet
        for packet in packets
        if packet.test_status == "exists" or packet.test_id in ids or packet.route_code in routes
    ]
    selected = listings.take(kept) + listings.close()
    before, behind = Plan(), Plan()
    for plan_, items in ((before, packets), (behind, selected)):
        for item in items:
            assert isinstance(item, Packet)
            plan_.note(item)
    assert behind.open_keys() <= before.open_keys()
    # Nothing but listings is dropped, and runs stay in order.
    assert [item for item in selected if item in kept and not is_listing_of(item)] == [
        packet for packet in kept if not is_listing_of(packet)
    ]


def is_listing_of(item: Item) -> bool:
    return isinstance(item, Packet) and is_listing(item)


# The table and the page.


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


TABLE = rows(judgement.__doc__ or "")


def test_the_table_has_each_meaning_of_a_packet() -> None:
    states: dict[str, list[str | None]] = {
        "not under way": [],
        "under way": ["inprogress"],
        "not under way, ended before": ["success"],
    }
    cells = set()
    for kind, *meanings in TABLE[2:6]:
        status = None if kind == "none" else kind.replace("a final one", "fail")
        for meaning, (state, before) in zip(meanings, states.items(), strict=True):
            assert TABLE[0][list(states).index(state) + 1] == state
            following = TestStates()
            for each in [*before, status]:
                event, _ = following.take(Packet(test_id="a", test_status=each))  # type: ignore[arg-type]
            assert event.value == meaning
            cells.add(meaning)
    assert cells == {event.value for event in Event} - {Event.NO_TEST.value}


@pytest.mark.parametrize("module", [judgement, plan])
def test_the_page_is_drawn_from_the_docstrings(module: object) -> None:
    page = " ".join(re.sub(r"\{clause\}`", "`", PAGE.read_text(encoding="utf-8")).split())
    text = inspect.getdoc(module) or ""
    parts = re.findall(r"^(?:\|.*|- (?:.*\n)(?:  .*\n)*)", text, re.MULTILINE)
    assert len(parts) > 5
    for part in parts:
        assert " ".join(part.split()) in page


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    assert run_page(PAGE, tmp_path) == []
