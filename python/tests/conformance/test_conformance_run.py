"""Whole runs: of correct and faulty implementations, and of other programs."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from subunit2.conformance.results import Result
from subunit2.conformance.run import (
    CommandError,
    Disagreement,
    GivenUp,
    Restarted,
    Settings,
    Started,
    is_failure,
    run,
)
from support.conformance_cases import (
    cases,
    corpus_of,
    events_of,
    harness,
    others,
    outcomes,
    reader_form,
    results,
)
from support.sampling import sample
from support.streams import BAR_OCTETS, FOO_OCTETS, damaged

OUR_DECODER = f"{sys.executable} -m subunit2 decode"
OUR_ENCODER = f"{sys.executable} -m subunit2 encode"


# --- Sessions ----------------------------------------------------------------------------


@pytest.mark.parametrize("validate", [False, True])
@pytest.mark.parametrize(
    "fault",
    sample(["", "no-places", "says-not-which", "floods-stderr"], quick=["", "no-places"]),
)
def test_a_session_that_passes(fault: str, validate: bool) -> None:
    events = events_of(session=harness(fault), validate=validate)
    started = events[0]
    assert isinstance(started, Started)
    assert (started.implementation.name, started.total) == ("ours", len(cases()))
    assert list(outcomes(events)) == [case.id for case in cases()]
    assert set(outcomes(events).values()) == {"passed"}
    assert others(events) == []
    for result in results(events):
        assert not is_failure(result)
        assert (result.expected, result.actual, result.reason) == (None, None, "")
        laws = [law.outcome for law in result.laws.values() if law.outcome != "skipped"]
        is_reader = result.case.profile in ("packet", "stream", "recovery")
        assert laws == (["passed"] * 4 if is_reader else [])


def test_a_multiplexer_that_says_output_can_be_run() -> None:
    [result] = results(events_of("multiplexer/*", session=harness("wraps-runnable")))
    assert result.outcome == "wrong"
    assert result.reason == "feed 2: wrapped output that is runnable"
    assert result.actual["feeds"][1][0].startswith("b3")


def test_laws_can_be_left_out() -> None:
    events = events_of(session=harness(), laws=False)
    assert all(result.laws == {} for result in results(events))


def test_profiles_that_are_not_claimed_are_skipped() -> None:
    found = outcomes(events_of(session=harness("packet-only")))
    assert {name for name, outcome in found.items() if outcome == "passed"} == {
        case.id for case in cases("packet/*")
    }
    assert set(found.values()) == {"passed", "skipped"}


def test_a_dropped_octet_is_named() -> None:
    [_, result] = events_of("stream/only-text", session=harness("drops-an-octet"))
    assert isinstance(result, Result)
    assert result.outcome == "wrong"
    assert result.reason == "octet 2 (69) of the passthrough at 0 is missing"
    assert result.expected == [
        {
            "kind": "passthrough",
            "offset": 0,
            "length": 19,
            "bytes": b"building\nlib/\xc3\xb3 ok\n".hex(),
        }
    ]
    assert result.actual == [{"kind": "passthrough", "bytes": b"bulding\nlib/\xc3\xb3 ok\n".hex()}]
    assert is_failure(result)


@pytest.mark.parametrize(
    ("fault", "glob", "law", "reason"),
    [
        (
            "holds-back",
            "packet/exists",
            "live",
            "octet by octet: with 12 octets fed, 0 were delivered",
        ),
        ("early", "packet/exists", "early", "octet by octet: with 11 octets fed, the packet of"),
        ("loses-at-cut", "stream/only-text", "cuts", "octet by octet: octets 0 to 7 (6275"),
    ],
)
def test_a_law_that_does_not_hold(fault: str, glob: str, law: Any, reason: str) -> None:
    [_, result] = events_of(glob, session=harness(fault))
    assert isinstance(result, Result)
    assert result.outcome == "passed"
    assert result.laws[law].outcome == "wrong"
    assert result.laws[law].reason.startswith(reason)
    assert is_failure(result)


def test_one_that_is_not_live_is_not_asked_when() -> None:
    [_, result] = events_of("packet/exists", session=harness("at-the-end"))
    assert isinstance(result, Result)
    assert {law: found.outcome for law, found in result.laws.items()} == {
        "cuts": "passed",
        "live": "skipped",
        "early": "passed",
        "partition": "passed",
        "memory": "skipped",
    }
    assert not is_failure(result)


@pytest.mark.parametrize(
    ("fault", "glob", "reason"),
    [
        (
            "wraps-less",
            "multiplexer/*",
            'octet 5 (0a) of the wrapped output of input "1" is missing',
        ),
        ("replaces-route", "multiplexer/*", "feed 3: not the packet that is due: octet 3 is"),
        ("writes-short", "writer/exists", "it ends before octet 11 (1b, in crc32)"),
        ("splits-badly", "writer/split", 'packet 1 of 2: test_status is "fail", not null'),
        ("loses-content", "writer/split", "4,399,999 octets of content in 3 packets"),
    ],
)
def test_what_is_wrong_is_said(fault: str, glob: str, reason: str) -> None:
    [_, result] = events_of(glob, session=harness(fault))
    assert isinstance(result, Result)
    assert (result.outcome, result.reason[: len(reason)]) == ("wrong", reason)
    assert result.actual is not None


# --- Sessions that fail, and the rest of the run -----------------------------------------

FOO_HEX = FOO_OCTETS.hex()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("exits", "crashed"), ("kills-itself", "crashed"), ("noise", "malformed")],
)
def test_one_case_that_it_cannot_stand(fault: str, outcome: str) -> None:
    # The harness crashes on a whole packet, in these three cases, and answers the others.
    events = events_of(session=harness(fault, FOO_HEX))
    found = outcomes(events)
    bad = ("multiplexer/two-inputs", "packet/exists", "stream/text-around")
    assert {name: found.pop(name) for name in bad} == dict.fromkeys(bad, outcome)
    assert set(found.values()) == {"passed"}
    restarted = others(events)
    assert [type(event) for event in restarted] == [Restarted] * 3
    # Each restart follows the result of its case.
    places = [events.index(event) for event in restarted]
    assert [results([events[place - 1]])[0].case.id for place in places] == list(bad)


def test_one_that_hangs_is_started_again() -> None:
    events = events_of("packet/*", session=harness("hangs", FOO_HEX), timeout=3)
    assert outcomes(events) == {
        "packet/empty-stream": "passed",
        "packet/exists": "timed out",
        "packet/full": "passed",
    }
    [restarted] = others(events)
    assert isinstance(restarted, Restarted)
    assert restarted.reason == "timed out: no answer within 3 s"


def test_one_that_dies_of_a_cut() -> None:
    # The fault shows if the first octet is fed alone.
    [_, result, restarted] = events_of("packet/exists", session=harness("exits", '"b3"'))
    assert isinstance(result, Result)
    assert result.outcome == "passed"
    assert result.laws["cuts"].outcome == "crashed"
    assert is_failure(result)
    assert isinstance(restarted, Restarted)
    assert restarted.reason == "crashed: octet by octet: exit status 3: Segmentation... no"


def test_one_that_never_answers_is_given_up() -> None:
    events = events_of(session=harness("exits"), give_up_after=2)
    assert [type(event) for event in others(events)] == [Restarted, Restarted, GivenUp]
    assert Counter(outcomes(events).values()) == {"crashed": 2, "not run": 10}
    assert all(is_failure(each) for each in results(events))


def test_one_that_does_not_start_again_is_given_up(tmp_path: Path) -> None:
    # The control case, which it answered before, fails too.
    script = tmp_path / "harness"
    marker = tmp_path / "marker"
    script.write_text(
        f"#!/bin/sh\n[ -e {marker} ] && exit 3\ntouch {marker}\nexec {harness('exits', FOO_HEX)}\n"
    )
    script.chmod(0o755)
    events = events_of("packet/*", "stream/*", session=str(script), give_up_after=2)
    assert [type(event) for event in others(events)] == [Restarted, Restarted, GivenUp]
    assert list(outcomes(events).values()) == ["passed", "crashed", "crashed", "not run", "not run"]


def test_many_bad_cases_in_a_row_are_no_reason_to_give_up() -> None:
    forms = [reader_form(f"packet/bad-{number}", FOO_OCTETS) for number in range(6)]
    forms = [reader_form("packet/a-good-one", BAR_OCTETS), *forms]
    forms += [reader_form("packet/good-one", BAR_OCTETS)]
    events = events_of(cases=corpus_of(*forms).cases, session=harness("exits", FOO_HEX))
    assert list(outcomes(events).values()) == ["passed", *["crashed"] * 6, "passed"]
    assert {type(event) for event in others(events)} == {Restarted}


def test_it_does_not_end_as_it_should() -> None:
    events = events_of("packet/exists", session=harness("bad-farewell"))
    [disagreement] = others(events)
    assert isinstance(disagreement, Disagreement)
    assert disagreement.case is None
    assert "it ended with exit status 4, not with 0" in disagreement.reason


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"session": "my-harness"}, "my-harness: not found"),
        (
            {"session": "sh -c 'exit 3'"},
            "sh -c 'exit 3': no answer to hello: crashed: exit status 3",
        ),
        ({"session": "echo hello"}, "echo hello: no answer to hello: malformed: not JSON: 'hello'"),
        (
            {"session": "sleep 1000", "timeout": 0.2},
            "sleep 1000: no answer to hello: timed out: no answer within 0.2 s"
            "; a harness that reads lines needs --questions lines",
        ),
        ({"decoder": "my-decoder"}, "my-decoder: not found"),
        ({"encoder": "my-encoder"}, "my-encoder: not found"),
        ({}, "a session, a decoder or an encoder is needed"),
        (
            {"session": "cat", "decoder": "cat"},
            "a session answers all cases: give no decoder or encoder with it",
        ),
    ],
)
def test_calls_that_cannot_be(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(CommandError) as caught:
        events_of(**settings)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"id":1,"profiles":[]}', "`name` is missing"),
        ('{"id":1,"name":"x"}', "`profiles` is missing"),
        ('{"id":1,"name":"x","profiles":"packet"}', "`profiles` is no array"),
        (
            '{"id":1,"name":"x","profiles":["pocket"]}',
            '"pocket" is no profile: packet, stream, recovery, writer, multiplexer',
        ),
        ('{"id":1,"name":1,"profiles":[]}', "`name` is no string"),
        ('{"id":1,"name":"x","profiles":[],"live":1}', "`live` is neither true nor false"),
    ],
)
def test_a_hello_that_is_none(answer: str, reason: str) -> None:
    with pytest.raises(CommandError, match="no answer to hello: malformed: ") as caught:
        events_of(session=f"sh -c 'read line; echo \"$0\"; cat' '{answer}'")
    assert str(caught.value).endswith(reason)


def test_closing_the_iterator_ends_the_processes(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    command = f"sh -c 'echo $$ >{marker}; exec {harness()}'"
    events = run(Settings(session=command, cases=cases(), timeout=60))
    next(events)
    pid = marker.read_text().strip()
    assert subprocess.run(["kill", "-0", pid], check=False).returncode == 0
    events.close()
    done = subprocess.run(["kill", "-0", pid], check=False, capture_output=True)
    assert done.returncode != 0


# --- Filters -----------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 3])
def test_our_own_commands(jobs: int) -> None:
    events = events_of(decoder=OUR_DECODER, encoder=OUR_ENCODER, jobs=jobs)
    assert list(outcomes(events)) == [case.id for case in cases()]
    found = outcomes(events)
    assert found.pop("multiplexer/two-inputs") == "skipped"
    assert found.pop("writer/split") == "skipped"
    assert set(found.values()) == {"passed"}


@pytest.mark.parametrize("command", ["cat", "true", "false"])
def test_what_is_no_implementation_passes_nothing(command: str) -> None:
    found = outcomes(events_of(decoder=command, encoder=command))
    assert "passed" not in found.values()
    assert (
        found["packet/exists"]
        == {"cat": "malformed", "true": "wrong", "false": "rejected"}[command]
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_decoder_that_hangs(jobs: int) -> None:
    events = events_of(
        *("packet/*", "recovery/*", "stream/*"), decoder="sleep 1000", timeout=0.2, jobs=jobs
    )
    assert list(outcomes(events).values()) == [*["timed out"] * 3, *["not run"] * 4]
    assert [type(event) for event in others(events)] == [GivenUp]


def test_a_decoder_alone_is_not_asked_for_packets() -> None:
    found = outcomes(events_of(decoder=OUR_DECODER))
    assert [found[name] for name in ("writer/exists", "packet/exists")] == ["skipped", "passed"]
    found = outcomes(events_of(encoder=OUR_ENCODER))
    assert [found[name] for name in ("writer/exists", "packet/exists")] == ["passed", "skipped"]


def test_a_decoder_that_says_that_it_does_not_have_that() -> None:
    found = events_of("packet/full", decoder=harness("decode", "unsupported", script="filter.py"))
    [result] = results(found)
    assert (result.outcome, result.reason) == ("unsupported", "no tags here")
    assert not is_failure(result)


# --- Size --------------------------------------------------------------------------------


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    # A separate process, to measure the memory of the run alone.
    script = (
        "import resource, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "from support.conformance_cases import corpus_of, harness, reader_form\n"
        "from subunit2.conformance.run import Settings, run\n"
        "form = reader_form('stream/text', b'x' * 200_000 + b'y')\n"
        "cases = [corpus_of(form).cases[0]] * 100\n"
        "for fault in ('', 'drops-an-octet'):\n"
        "    settings = Settings(session=harness(fault), cases=cases, laws=False, timeout=60)\n"
        "    for place, event in enumerate(run(settings)):\n"
        "        if place == 10:\n"
        "            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    print(after - before, event.outcome)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    grown = [line.split() for line in done.stdout.splitlines()]
    assert [outcome for _, outcome in grown] == ["passed", "wrong"]
    # In KiB; the answers alone take 40 MB.
    assert all(int(size) < 8_000 for size, _ in grown), grown


def test_damage_is_a_case_like_any_other() -> None:
    form = reader_form("recovery/x", damaged(FOO_OCTETS) * 3)
    events = events_of(cases=corpus_of(form).cases, session=harness())
    assert outcomes(events) == {"recovery/x": "passed"}
