"""Cases in which the caller stops waiting: sessions, filters, laws and views."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from subunit2 import Item, Reader
from subunit2.conformance.corpus import MultiplexerCase, ReaderCase, load
from subunit2.conformance.drivers.process import NoAnswerError
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.feeding import ReaderStream, answers
from subunit2.conformance.laws import check_laws
from subunit2.conformance.results import LAWS
from support.command import run
from support.conformance_cases import corpus_of, events_of, harness, outcomes, reader_form, results
from support.small_corpus import FORMS, write_corpus
from support.streams import BAR_OCTETS, FOO_OCTETS

#: A packet that is cut short by a stop, and one behind it.
CUT = FOO_OCTETS[:7]
STREAM = b"start\n" + CUT + b"\n" + BAR_OCTETS
STOPPED = reader_form("stream/stopped", STREAM, "reader.stop-waiting", stops=[13])
UNSTOPPED = reader_form("stream/stopped", STREAM)

#: The same to an input of a multiplexer.
MULTIPLEXER = {
    "id": "multiplexer/stopped",
    "title": "Half a packet, and its caller stops waiting",
    "profile": "multiplexer",
    "clauses": ["reader.stop-waiting"],
    "flags": [],
    "routes": ["0"],
    "feeds": [
        {"input": 0, "bytes": b"ok\n\xc3".hex(), "packets": []},
        {"input": 0, "bytes": b"\xb3".hex(), "packets": []},
        {"input": 0, "stop": True, "packets": []},
        {"input": 0, "end": True, "packets": []},
    ],
    "wrapped": [b"ok\n\xc3\xb3".hex()],
}


def test_the_case_depends_on_the_stop() -> None:
    kinds = [item["kind"] for item in STOPPED["items"]]
    assert kinds == ["passthrough", "corrupt", "passthrough", "packet"]
    assert STOPPED["items"] != UNSTOPPED["items"]
    case = corpus_of(STOPPED).cases[0]
    assert isinstance(case, ReaderCase)
    assert case.stops == [13]
    assert case.waits == [(7, 13, 6), (15, 53, 14)]


@pytest.mark.parametrize("validate", [False, True])
def test_a_harness_that_can_stop(validate: bool) -> None:
    events = events_of(
        cases=corpus_of(STOPPED, MULTIPLEXER).cases, session=harness(), validate=validate
    )
    reader, multiplexer = results(events)
    assert (reader.outcome, multiplexer.outcome) == ("passed", "passed"), events
    # The answers of the harness have no `held`.
    outcomes = {law: held.outcome for law, held in reader.laws.items()}
    assert outcomes == {law: "skipped" if law == "memory" else "passed" for law in LAWS}


def test_the_requests() -> None:
    lines: list[str] = []
    events_of(
        cases=corpus_of(STOPPED, MULTIPLEXER).cases,
        session=harness(),
        laws=False,
        transcript=lines.append,
    )
    sent = [line[3:].partition(",")[2] for line in lines if line.startswith("-> ")]
    assert sent[1:6] == [
        '"op":"open"}',
        f'"op":"feed","bytes":"{STREAM[:13].hex()}"}}',
        '"op":"stop"}',
        f'"op":"feed","bytes":"{STREAM[13:].hex()}"}}',
        '"op":"close"}',
    ]
    assert '"op":"stop","input":0}' in sent


def test_a_harness_that_cannot() -> None:
    events = events_of(cases=corpus_of(STOPPED, MULTIPLEXER).cases, session=harness("no-stop"))
    assert set(outcomes(events).values()) == {"unsupported"}
    asked = Session(harness("no-stop"), timeout=60)
    try:
        asked.start()
        asked.open()
        with pytest.raises(NoAnswerError, match="unsupported: it cannot stop"):
            asked.stop()
    finally:
        asked.kill()


def test_a_harness_that_ignores_the_stop() -> None:
    [result] = results(events_of(cases=corpus_of(STOPPED).cases, session=harness("stops-late")))
    assert result.outcome == "wrong"


def test_filters_are_not_asked() -> None:
    [result] = results(events_of(cases=corpus_of(STOPPED).cases, decoder="cat"))
    assert (result.outcome, result.reason) == (
        "skipped",
        "a filter cannot be told to stop waiting",
    )


# --- Laws -----------------------------------------------------------------------------------


def laws_of(make: Any) -> dict[str, str]:
    found = check_laws(
        ReaderStream(make),
        STREAM,
        expected=STOPPED["items"],
        waits=[tuple(wait) for wait in STOPPED["waits"]],
        stops=[13],
    )
    return {law: result.reason or result.outcome for law, result in found.items()}


def test_our_reader_keeps_the_laws() -> None:
    assert laws_of(Reader) == dict.fromkeys(LAWS, "passed")


class StopsLate(Reader):
    """Returns the items of a stop with the next feed."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[Item] = []

    def stop_waiting(self) -> list[Item]:
        self.late = super().stop_waiting()
        return []

    def feed(self, data: Any) -> list[Item]:
        items, self.late = self.late, []
        return items + super().feed(data)


def test_a_stop_leaves_nothing_to_be_delivered() -> None:
    assert laws_of(StopsLate)["live"] == (
        "octet by octet: after the stop at 13, 6 were delivered, not 13"
    )


class DropsAtStop(Reader):
    """Forgets the octets that it holds when it is told to stop."""

    def stop_waiting(self) -> list[Item]:
        super().stop_waiting()
        return []


def test_a_stop_loses_nothing() -> None:
    found = check_laws(ReaderStream(DropsAtStop), STREAM, stops=[13])
    assert found["partition"].outcome == "wrong"


def test_stops_stay_where_they_are_in_each_way_to_cut() -> None:
    found = [(each.op, each.fed) for each in answers(ReaderStream(Reader), b"abcd", [1], stops=[2])]
    assert found == [("feed", 1), ("feed", 2), ("stop", 2), ("feed", 4), ("close", 4)]
    assert [each.op for each in answers(ReaderStream(Reader), b"")] == ["close"]


# --- Views ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    return write_corpus(folder, [*FORMS, STOPPED, MULTIPLEXER])


def ask(*arguments: str | Path, status: int = 0) -> str:
    done = run("conformance", *arguments)
    assert (done.status, done.errors) == (status, b"")
    return done.text


def test_a_case_is_shown_with_its_stops(corpus: Path) -> None:
    text = ask("show", "--corpus", corpus, "stream/stopped")
    assert "\nThe caller stops waiting after 13 octets.\n" in text
    assert "\n  after a stop            all\n" in text
    text = ask("show", "--corpus", corpus, "multiplexer/stopped")
    assert '3. input 0, route code "0": its caller stops waiting\n' in text


def test_a_failure_is_shown_with_its_stops(corpus: Path) -> None:
    call = ("run", "--corpus", corpus, "--session", harness("stops-late"), "--case")
    assert "the caller stops waiting after 13 octets\n" in ask(*call, "stream/stopped", status=1)


def test_a_case_with_stops_is_exported_in_cases_json_only(corpus: Path, tmp_path: Path) -> None:
    ask("export", "--corpus", corpus, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("stopped*"))
    streams = list((tmp_path / "out").rglob("*.subunit"))
    assert len(streams) == sum("bytes" in form for form in FORMS)
    case = load(tmp_path / "out").by_id["multiplexer/stopped"]
    assert isinstance(case, MultiplexerCase)
    assert [feed.is_stop for feed in case.feeds] == [False, False, True, False]
