"""Combinators that select items: by packets, by whole tests, by runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, Item, Packet, Passthrough, TestStatus, Timestamp, decode
from subunit2.grammar.generating import streams
from subunit2.items import TEST_STATUSES, replace
from subunit2.streams import filtering
from subunit2.streams.filtering import Predicate, all_of, any_of, not_, of_tests, select
from subunit2.streams.reruns import LastRuns
from subunit2.streams.routing import nearest_route
from subunit2.streams.select_tests import WholeTests, select_whole
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, damaged, octets_of, packets

LOG = Packet(file_name="coverage", file_bytes=b"\0", route_code="0")
LAYER = Packet(test_id="layer", test_status="fail", runnable=False, route_code="1/0")
NOISE = Passthrough(b"building\n")
DAMAGE = Corrupt(damaged(FOO_OCTETS), "checksum")
ALL: list[Item] = [FOO, NOISE, BAR, LOG, DAMAGE, FULL, LAYER]

PREDICATES = st.sampled_from(
    [
        filtering.id_matches("[aeiou]"),
        filtering.id_in({"", "foo", "a"}),
        filtering.has_status({None, "success", "fail"}),
        filtering.has_tag({"", "a", "slow"}),
        filtering.on_route({"", "0", "1"}),
        filtering.is_since(Timestamp(1 << 31)),
        filtering.is_before(Timestamp(1 << 31)),
        filtering.is_runnable,
    ]
)


def packet(test_id: str, status: TestStatus | None = None, **more: object) -> Packet:
    """Return a packet about a test."""
    return replace(Packet(test_id=test_id, test_status=status), **more)


# --- By packets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predicate", "kept"),
    [
        (filtering.id_matches("^ba"), [BAR]),
        (filtering.id_matches("test_"), [BAR, FULL]),
        (filtering.id_in(["foo", "layer", "other"]), [FOO, LAYER]),
        (filtering.has_status(["fail"]), [FULL, LAYER]),
        (filtering.has_status([None, "exists"]), [FOO, LOG]),
        (filtering.has_tag(["slow", "x"]), [BAR]),
        (filtering.has_tag([""]), [FULL]),
        (filtering.on_route(["0"]), [BAR, LOG]),
        (filtering.on_route(["0/3", "1/0"]), [BAR, LAYER]),
        (filtering.on_route(["1"]), [FULL, LAYER]),
        (filtering.is_since(Timestamp(1_754_000_000, 64)), [FULL]),
        (filtering.is_since(Timestamp(1_754_000_000, 63)), [BAR, FULL]),
        (filtering.is_before(Timestamp(1_754_000_000, 63)), []),
        (filtering.is_before(Timestamp(1_754_000_001)), [BAR]),
        (filtering.is_runnable, [FOO, BAR, LOG, FULL]),
        (not_(filtering.is_runnable), [LAYER]),
        (all_of([]), [FOO, BAR, LOG, FULL, LAYER]),
        (any_of([]), []),
        (all_of([filtering.id_matches("a"), filtering.has_status(["fail"])]), [FULL, LAYER]),
        (any_of([filtering.id_in(["foo"]), filtering.on_route(["0"])]), [FOO, BAR, LOG]),
        (of_tests(filtering.id_in(["foo"])), [FOO, LOG]),
        (of_tests(not_(filtering.id_in(["foo"]))), [BAR, LOG, FULL, LAYER]),
    ],
)
def test_what_a_predicate_holds_for(predicate: Predicate, kept: list[Packet]) -> None:
    assert list(select(ALL, predicate, passthrough=False, corrupt=False)) == kept
    assert [item for item in select(ALL, predicate) if not isinstance(item, Packet)] == [
        NOISE,
        DAMAGE,
    ]


def test_what_is_no_packet_can_be_left_out() -> None:
    everything = all_of([])
    assert list(select(ALL, everything)) == ALL
    assert NOISE not in select(ALL, everything, passthrough=False)
    assert DAMAGE in select(ALL, everything, passthrough=False)
    assert DAMAGE not in select(ALL, everything, corrupt=False)
    assert NOISE in select(ALL, everything, corrupt=False)


@given(streams(), PREDICATES)
def test_what_is_kept_and_what_is_not_are_the_packets_in_order(
    stream: bytes, predicate: Predicate
) -> None:
    items = list(decode(stream))
    kept = list(select(items, predicate))
    others = list(select(items, not_(predicate), passthrough=False, corrupt=False))
    by_offset = sorted([*kept, *others], key=lambda item: item.offset)
    # The same objects, so they are unchanged.
    assert list(map(id, by_offset)) == list(map(id, items))
    assert [item.offset for item in kept] == sorted(item.offset for item in kept)
    assert octets_of(select(items, all_of([]))) == stream


# --- By whole tests ------------------------------------------------------------------------------


def chosen(items: Iterable[Item], *statuses: TestStatus | None) -> list[Item]:
    """Return the packets kept by a selection of tests with these statuses."""
    return list(select_whole(items, of_tests(filtering.has_status(statuses))))


def test_a_test_is_judged_by_its_end() -> None:
    start, log = packet("t", "inprogress"), packet("t", file_name="f", file_bytes=b"")
    end = packet("t", "fail", timestamp=Timestamp(5))
    other = [packet("u", "inprogress"), packet("u", "success")]
    stream = [start, other[0], log, other[1], end]
    assert chosen(stream, "fail") == [start, log, end]
    assert chosen(stream, "success") == other
    assert chosen(stream, "inprogress") == []
    assert chosen(stream[:4], "inprogress") == [start, log]


def test_what_is_no_test_goes_out_at_once() -> None:
    tests = WholeTests(of_tests(filtering.has_status({"fail"})))
    assert tests.feed([packet("t", "inprogress"), NOISE, LOG, DAMAGE]) == [NOISE, LOG, DAMAGE]
    assert tests.feed([packet("t", "fail")]) == [packet("t", "inprogress"), packet("t", "fail")]
    assert tests.close() == []
    silent = WholeTests(all_of([]), passthrough=False, corrupt=False)
    assert silent.feed([NOISE, LOG, DAMAGE]) == [LOG]
    assert WholeTests(filtering.has_status({"fail"})).feed([LOG]) == []


def test_a_test_on_another_route_is_another_test() -> None:
    # clause test-id.identity
    stream: list[Item] = [
        packet("t", "inprogress", route_code="0"),
        packet("t", "inprogress", route_code="1"),
        packet("t", "success", route_code="0"),
        packet("t", "fail", route_code="1"),
    ]
    assert chosen(stream, "fail") == [stream[1], stream[3]]
    assert chosen(stream, "success") == [stream[0], stream[2]]


def test_what_comes_late_goes_where_its_test_went() -> None:
    late = packet("t", file_name="f", file_bytes=b"")
    stream: list[Item] = [packet("t", "fail"), late, packet("t", "success"), late]
    assert chosen(stream, "fail") == stream[:2]
    assert chosen(stream, "success") == stream[2:]


def test_reports_of_damage_are_no_tests() -> None:
    # clause damage.parser
    data = packet("subunit.parser", file_name="Packet data", file_bytes=b"x")
    stream: list[Item] = [packet("t", "inprogress"), data, packet("subunit.parser", "fail")]
    for predicate in (filtering.has_status({"success"}), filtering.id_in({"foo"})):
        of_tests = filtering.of_tests(predicate)
        assert list(select(stream, of_tests)) == stream[1:]
        assert list(select(stream, of_tests, corrupt=False)) == []
        assert WholeTests(of_tests).feed(stream) == stream[1:]
        assert WholeTests(of_tests, corrupt=False).feed(stream) == []
    # The route of a report counts.
    elsewhere = [replace(each, route_code="0") for each in packets(stream)]
    assert list(select(elsewhere, filtering.on_route({"1"}))) == []
    # Each run keeps its reports.
    runs = LastRuns()
    for number in (0, 1):
        runs.note(packet("subunit.parser", "fail"), number)
    assert all(runs.is_last(packet("subunit.parser", "fail"), number) for number in (0, 1))


def test_that_a_test_exists_is_judged_by_itself() -> None:
    stream: list[Item] = [packet("t", "exists"), packet("t", "inprogress"), packet("t", "fail")]
    assert WholeTests(filtering.has_status({"exists"})).feed(stream) == stream[:1]
    assert chosen(stream, "fail") == stream[1:]
    # While the test is under way it says nothing new.
    assert chosen([stream[1], stream[0], stream[2]], "fail") == [stream[1], stream[0], stream[2]]


def test_a_test_has_the_tags_of_all_its_packets_and_its_last_time() -> None:
    stream: list[Item] = [
        packet("t", "inprogress", test_tags=("a",), timestamp=Timestamp(1)),
        packet("t", file_name="f", file_bytes=b"", test_tags=("b",), runnable=False),
        packet("t", "success", timestamp=Timestamp(9)),
    ]
    for predicate, expected in (
        (filtering.has_tag({"a"}), True),
        (filtering.has_tag({"b"}), True),
        (not_(filtering.has_tag({"b"})), False),
        (filtering.is_since(Timestamp(5)), True),
        (filtering.is_before(Timestamp(5)), False),
        # clause runnable.meaning: of the test, not of its files
        (filtering.is_runnable, True),
    ):
        assert list(select_whole(stream, predicate)) == (stream if expected else [])
    layer = [replace(item, runnable=False) for item in packets(stream)]
    assert list(select_whole(layer, filtering.is_runnable)) == []


def test_a_test_is_runnable_if_all_its_packets_since_its_start_say_so() -> None:
    # clause runnable.consumer
    not_runnable = packet("t", "inprogress", runnable=False)
    started, ended = packet("t", "inprogress"), packet("t", "fail")
    late = replace(ended, runnable=False)
    for stream, expected in (
        ([not_runnable, ended], False),
        ([started, not_runnable, ended], False),
        ([started, late], False),
        ([started, ended], True),
        # A listing among its files, before the start.
        ([packet("t", test_tags=("a",)), packet("t", "exists", runnable=False), ended], True),
    ):
        items: list[Item] = list(stream)
        assert list(select_whole(items, filtering.is_runnable)) == (items if expected else [])


@given(streams(), PREDICATES)
def test_whole_tests_are_all_there_or_not_at_all(stream: bytes, predicate: Predicate) -> None:
    items = list(decode(stream))
    kept = list(select_whole(items, predicate))
    others = list(select_whole(items, not_(predicate), passthrough=False, corrupt=False))
    assert sorted(map(id, [*kept, *others])) == sorted(map(id, items))
    for key in {(each.route_code, each.test_id) for each in packets(kept)}:
        mine = [
            item.offset
            for item in kept
            if isinstance(item, Packet) and (item.route_code, item.test_id) == key
        ]
        assert mine == sorted(mine)


# --- The last run --------------------------------------------------------------------------------

STATUS = st.sampled_from([None, *TEST_STATUSES])


def last_runs(*inputs: list[Packet]) -> list[list[int]]:
    """Return the indices of packets of last runs, by input."""
    runs = LastRuns()
    for number, stream in enumerate(inputs):
        for each in stream:
            runs.note(each, number)
    return [
        [place for place, each in enumerate(stream) if runs.is_last(each, number)]
        for number, stream in enumerate(inputs)
    ]


def statuses(*each: TestStatus | None) -> list[Packet]:
    return [packet("t", status) for status in each]


@pytest.mark.parametrize(
    ("inputs", "kept"),
    [
        ([["inprogress", "fail"]], [[0, 1]]),
        ([["inprogress", "fail"], ["inprogress", "success"]], [[], [0, 1]]),
        ([["inprogress", None, "fail", None, "inprogress", None, "skip", None]], [[4, 5, 6, 7]]),
        # A rerun that was killed is the last run as well.
        ([["fail"], ["inprogress", None]], [[], [0, 1]]),
        # A listing is not a run, nor is a packet without a status.
        ([["fail"], ["exists"]], [[0], [0]]),
        ([["fail"], [None]], [[0], [0]]),
        ([["exists", "inprogress", "fail"], ["exists", "success"]], [[], [0, 1]]),
        ([["exists"], ["exists"]], [[0], [0]]),
        ([["inprogress"], ["fail", "success"]], [[], [1]]),
        # A second start before the end belongs to the same run.
        ([["inprogress", "inprogress", "fail"]], [[0, 1, 2]]),
    ],
)
def test_the_last_run(inputs: list[list[TestStatus | None]], kept: list[list[int]]) -> None:
    assert last_runs(*(statuses(*each) for each in inputs)) == kept


def test_other_tests_and_what_is_no_test_stay() -> None:
    first = [packet("t", "fail"), packet("u", "fail"), LOG, packet("t", "fail", route_code="1")]
    assert last_runs(first, [packet("t", "success"), LOG]) == [[1, 2, 3], [0, 1]]


@given(st.lists(st.lists(STATUS, max_size=6), max_size=4))
def test_of_a_test_that_ended_one_end_is_left(inputs: list[list[TestStatus | None]]) -> None:
    kept = last_runs(*(statuses(*each) for each in inputs))
    left = [inputs[number][place] for number, places in enumerate(kept) for place in places]
    final = [status for status in left if status not in {None, "exists", "inprogress"}]
    assert len(final) <= 1
    ran = [each for each in inputs if any(status not in {None, "exists"} for status in each)]
    assert bool(ran) == any(status not in {None, "exists"} for status in left)
    if ran:
        last = [status for status in ran[-1] if status not in {None, "exists"}]
        assert [status for status in left if status not in {None, "exists"}][-1] == last[-1]


def test_the_octets_of_the_captured_examples_stay() -> None:
    stream = FOO_OCTETS + BAR_OCTETS + NOISE.data + damaged(BAR_OCTETS)
    assert octets_of(select(decode(stream), all_of([]))) == stream


# --- Reruns on other workers ---------------------------------------------------------------------


def runs_of(*inputs: str) -> tuple[list[str], int]:
    """Return the statuses kept of each input, and the number of replaced results.

    :param inputs: packets of the test `t`, as `route:status`; `-` is no route.
    """
    streams = [
        [
            packet(
                "t",
                None if status == "file" else cast(TestStatus, status),
                route_code=None if route == "-" else route,
            )
            for route, _, status in (each.partition(":") for each in stream.split())
        ]
        for stream in inputs
    ]
    runs = LastRuns()
    for number, stream in enumerate(streams):
        for each in stream:
            runs.note(each, number)
    kept = [
        " ".join(
            word
            for word, each in zip(words.split(), stream, strict=True)
            if runs.is_last(each, number)
        )
        for number, (words, stream) in enumerate(zip(inputs, streams, strict=True))
    ]
    return kept, runs.replaced_across_routes


@pytest.mark.parametrize(
    ("inputs", "kept", "replaced"),
    [
        pytest.param(["0:fail", "1:success"], ["", "1:success"], 1, id="another-worker"),
        pytest.param(["0:fail", "0:success"], ["", "0:success"], 0, id="the-same-worker"),
        pytest.param(["0/1:fail", "2/0:success"], ["", "2/0:success"], 1, id="nested"),
        pytest.param(["0/1:fail", "2:success"], ["", "2:success"], 1, id="less-nested"),
        pytest.param(["0:fail", "-:success"], ["", "-:success"], 1, id="to-no-route"),
        pytest.param(["-:fail", "0:success"], ["", "0:success"], 1, id="from-no-route"),
        pytest.param(
            ["linux/worker-0:fail", "linux/worker-12:success"],
            ["", "linux/worker-12:success"],
            1,
            id="worker-names",
        ),
        pytest.param(["worker-0:fail", "3:success"], ["", "3:success"], 1, id="name-and-number"),
        pytest.param(["0/linux:fail", "linux/1:skip"], ["", "linux/1:skip"], 1, id="at-any-place"),
        pytest.param(
            ["0:fail", "1:fail", "2:success"], ["", "", "2:success"], 2, id="three-inputs"
        ),
        pytest.param(
            ["0:fail", "1:success", "0:fail"], ["", "", "0:fail"], 1, id="back-where-it-was"
        ),
        pytest.param(["0:fail", "1:fail"], ["", "1:fail"], 1, id="fails-again"),
        pytest.param(["1:success", "0:fail"], ["", "0:fail"], 1, id="the-other-order"),
        pytest.param(["0:inprogress 0:file", "1:success"], ["", "1:success"], 1, id="never-ended"),
        pytest.param(["0:fail", "1:inprogress"], ["", "1:inprogress"], 1, id="the-rerun-is-killed"),
        # The first run was killed before the test; the plan is met by the rerun.
        pytest.param(["0:exists", "1:success"], ["", "1:success"], 0, id="never-started"),
        pytest.param(["0:success", "1:exists"], ["0:success", ""], 0, id="only-listed-again"),
        pytest.param(["0:exists", "1:exists"], ["0:exists", "1:exists"], 0, id="only-listed"),
        pytest.param(
            ["-:exists 0:fail", "-:exists 1:success"],
            ["", "-:exists 1:success"],
            1,
            id="listed-and-run",
        ),
        pytest.param(["0:fail 0:file 0:success", "1:skip"], ["", "1:skip"], 1, id="twice-in-one"),
        pytest.param(["0:fail", "1:success 1:file"], ["", "1:success 1:file"], 1, id="files-after"),
    ],
)
def test_a_rerun_on_another_worker(inputs: list[str], kept: list[str], replaced: int) -> None:
    # clause test-id.identity
    assert runs_of(*inputs) == (kept, replaced)


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param(["linux:fail", "windows:success"], id="machines"),
        pytest.param(["linux/0:fail", "windows/1:skip"], id="workers-of-machines"),
        pytest.param(["linux:fail", "-:success"], id="a-machine-and-none"),
        pytest.param(["0:fail 1:success", "2:skip"], id="an-input-has-it-on-two-workers"),
        pytest.param(["0:fail", "1:success 2:skip"], id="a-later-input-has-it-on-two-workers"),
        pytest.param(["worker-a:fail", "worker-b:skip"], id="letters"),
        pytest.param(["py3:fail", "py4:skip"], id="numbers-within-words"),
        pytest.param(["\u0663:fail", "\u0664:skip"], id="digits-of-another-script"),
    ],
)
def test_the_same_id_is_two_tests(inputs: list[str]) -> None:
    # clause test-id.identity
    assert runs_of(*inputs) == (inputs, 0)


def test_tests_of_two_places_are_settled_apart() -> None:
    kept, replaced = runs_of("linux/0:fail windows/0:fail", "linux/1:success")
    assert (kept, replaced) == (["windows/0:fail", "linux/1:success"], 1)
    # The same worker ran it in both inputs; another one too, which leaves two tests.
    kept, replaced = runs_of("0:fail", "0:success 1:skip")
    assert (kept, replaced) == (["", "0:success 1:skip"], 0)


def test_the_nearest_route_of_one_with_a_million_steps() -> None:
    known = {"a", "a/b", "", None}
    lengths = {0, 1, 3}
    assert nearest_route("a/b" + "/c" * 1_000_000, known, lengths) == "a/b"
    assert nearest_route("/x", known, lengths) == ""
    assert nearest_route("ab/c", known, lengths) is None
    assert nearest_route("", {"a"}, {1}) is None
