"""`subunit2 conformance` run and laws, with harnesses and filters as processes."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from subunit2 import Packet, decode
from support.command import (
    Done,
    Running,
    assert_one_line,
    controls,
    interruptible,
    run,
    run_on_terminal,
    run_process,
    run_watched,
)
from support.conformance_harness import session, write_harness
from support.small_corpus import FORMS, write_corpus

DECODER = f"{sys.executable} -m subunit2 decode"
ENCODER = f"{sys.executable} -m subunit2 encode"

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[3] / "conformance/schemas/report.schema.json").read_bytes()
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_harness(write_corpus(tmp_path_factory.mktemp("corpus")))


def ask(corpus: Path, *arguments: str | Path, status: int) -> Done:
    done = run("conformance", "run", "--corpus", corpus, *arguments)
    assert (done.status, done.errors) == (status, b""), done
    assert set(controls(done.text)) == {"\n"}
    return done


def fails(*arguments: str | Path, status: int = 2) -> str:
    done = run("conformance", *arguments)
    assert (done.status, done.output) == (status, b"")
    return assert_one_line(done.errors, "conformance")


# --- Passing ---------------------------------------------------------------


def test_our_own_session_passes(corpus: Path) -> None:
    text = ask(corpus, *session(corpus), status=0).text
    assert text.endswith("9 cases passed\n")
    assert "law" in text
    assert "against" not in text


def test_a_reader_that_gives_no_places_passes(corpus: Path) -> None:
    ask(corpus, *session(corpus, "gives no places"), "--no-laws", status=0)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_our_own_filters_pass(corpus: Path, jobs: str) -> None:
    done = ask(corpus, "--decoder", DECODER, "--encoder", ENCODER, "--jobs", jobs, status=0)
    assert done.text.endswith("8 cases passed\n")


@pytest.mark.parametrize(
    ("option", "command", "cases"), [("--decoder", DECODER, 6), ("--encoder", ENCODER, 2)]
)
def test_one_filter_is_asked_what_it_can_be(
    corpus: Path, option: str, command: str, cases: int
) -> None:
    text = ask(corpus, option, command, status=0).text
    assert text.endswith(f"{cases} cases passed\n")


def test_some_cases(corpus: Path) -> None:
    text = ask(corpus, *session(corpus), "--case", "*/exists", "--no-laws", status=0).text
    assert text.endswith("2 cases passed\n")
    assert "law" not in text


# --- Failing ---------------------------------------------------------------


def test_a_missing_octet_is_named_and_shown(corpus: Path) -> None:
    text = ask(corpus, *session(corpus, "drops an octet"), "--no-laws", status=1).text
    assert text.startswith("stream/text-between: wrong\n")
    assert "octet 32 (b3) of the passthrough at 21 is missing" in text
    assert "stream.passthrough, decided here, beside the README\n" in text
    assert "Passthrough is delivered unaltered." in text
    (marked,) = [line for line in text.splitlines() if "6d c2 b3 0a" in line and "#" in line]
    assert "6d c2 0a" in marked.partition("#")[2]
    assert "against the published README: 0\n" in text
    assert "against a decision of this specification: 1 (arguments;" in text
    assert text.endswith("1 of 9 cases failed\n")


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [
        ("writes nothing", "wrong"),
        ("fails", "rejected"),
        ("dies", "crashed"),
        ("answers malformed", "malformed"),
    ],
)
def test_what_goes_wrong_is_said(corpus: Path, wrong: str, outcome: str) -> None:
    text = ask(corpus, *session(corpus, wrong), "--give-up-after", "100", status=1).text
    assert f": {outcome}\n" in text
    assert outcome in text.rpartition("profile")[2].splitlines()[0]


def test_a_session_that_hangs_is_given_up(corpus: Path) -> None:
    text = ask(
        *(corpus, *session(corpus, "hangs"), "--timeout", "4", "--give-up-after", "1"), status=1
    ).text
    assert "given up: " in text
    assert "not run" in text.replace("\xa0", " ")
    assert "timed out" in text.replace("\xa0", " ")


@pytest.mark.parametrize("decoder", ["cat", "true", "false"])
def test_a_decoder_that_is_none(corpus: Path, decoder: str) -> None:
    # All answers of `cat` are malformed.
    text = ask(corpus, "--decoder", decoder, "--give-up-after", "7", status=1).text
    assert text.endswith("6 of 6 cases failed\n")


def test_no_more_failures_are_shown_than_asked_for(corpus: Path) -> None:
    text = ask(corpus, "--decoder", "true", "--max-shown", "2", status=1).text
    assert text.count(": wrong\n") == 2
    assert "… 4 more failures not shown: " in text
    assert text.count("  reason ") == 2
    assert "  reason " not in ask(corpus, "--decoder", "true", "--max-shown", "0", status=1).text


@pytest.mark.parametrize("columns", [52, 80, 120])
def test_failures_fit_the_terminal(corpus: Path, columns: int) -> None:
    shown = run_on_terminal(
        *("conformance", "run", "--corpus", corpus, "--no-color"),
        *("--decoder", "cat", "--encoder", "cat"),
        columns=columns,
    )
    assert shown.status == 1
    lines = shown.output.decode().split("\r\n")
    assert [line for line in lines if cell_len(line) > columns] == []


def test_nothing_is_asked_of_who_claims_nothing(corpus: Path) -> None:
    text = ask(corpus, *session(corpus, "claims nothing"), status=1).text
    assert text.endswith("no case was run, so none has passed\n")


@pytest.mark.parametrize(
    "options",
    [("--case", "nothing/*"), ("--profile", "stream", "--flag", "large")],
)
def test_no_case_is_no_success(corpus: Path, options: tuple[str, ...]) -> None:
    said = fails("run", "--corpus", corpus, "--decoder", DECODER, *options, status=1)
    assert said.startswith("no case was run")


# --- Commands that do not start ------------------------------------------------------------


SILENT = "sh no-such-script.sh"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--decoder", SILENT), f"{SILENT}: no answer, only standard error: sh: "),
        (("--encoder", SILENT), f"{SILENT}: no answer, only standard error: sh: "),
        (("--decoder", DECODER, "--encoder", SILENT), f"{SILENT}: no answer, only standard error"),
        (("--decoder", SILENT, "--jobs", "2"), f"{SILENT}: no answer, only standard error"),
        (("--session", SILENT), f"{SILENT}: no answer to hello: crashed: exit status "),
        (
            ("--session", SILENT, "--questions", "lines"),
            f"{SILENT}: no answer, only standard error",
        ),
        (
            ("--encoder", SILENT, "--questions", "lines"),
            f"{SILENT}: no answer, only standard error",
        ),
        (("--decoder", "sh -c 'echo >&2 no libfoo; exit 0'"), "standard error: no libfoo"),
        (("--encoder", "sh -c 'echo >&2 no libfoo; kill -ABRT $$'"), "standard error: no libfoo"),
    ],
)
def test_a_command_that_only_complains_gets_no_verdict(
    corpus: Path, tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    names = ("json", "junit", "subunit", "write-divergences")
    for name in names[::2]:
        (tmp_path / name).write_text("old")
    files = [f"--{name}={tmp_path / name}" for name in names]
    assert reason in fails("run", "--corpus", corpus, *options, *files)
    # No file is emptied, and none is left empty.
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "json": "old",
        "subunit": "old",
    }


def test_a_command_that_is_no_program(corpus: Path, tmp_path: Path) -> None:
    script = tmp_path / "harness"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    for option in ("--decoder", "--encoder", "--session"):
        said = fails("run", "--corpus", corpus, option, str(script))
        assert said == f"{script}: No such file or directory"


def test_a_command_that_answers_one_question_is_judged(corpus: Path, tmp_path: Path) -> None:
    # A message for the only case of the run is a fault of the implementation, since it answers
    # for a good packet.
    script = tmp_path / "encoder"
    script.write_text("#!/bin/sh\ngrep -q 'a.u0000b' || exec echo oops\necho >&2 no; exit 3\n")
    script.chmod(0o755)
    call = ("--encoder", str(script), "--case", "writer/*nul*")
    text = ask(corpus, *call, status=1).text
    assert ": rejected\n" in text
    assert text.endswith("1 of 1 case failed\n")


def test_malformed_answers_count_for_giving_up(corpus: Path) -> None:
    wrong = session(corpus, "answers malformed")
    text = ask(corpus, *wrong, "--give-up-after", "2", status=1).text
    assert "given up: 2 cases in a row, the last: malformed: " in text


# --- The call -----------------------------------------------------------------------------


def test_nothing_to_ask(corpus: Path) -> None:
    said = fails("run", "--corpus", corpus)
    assert "--decoder 'subunit2 decode'" in said


@pytest.mark.parametrize(
    "options",
    [
        ("--session", "x", "--decoder", "y"),
        ("--decoder", "no-such-program"),
        ("--session", "no-such-program"),
        ("--decoder", "cat", "--validate"),
        ("--decoder", "cat", "--timeout", "0"),
        ("--decoder", "cat", "--jobs", "0"),
        ("--decoder", "cat", "--max-shown", "-1"),
        ("--decoder", "cat", "--divergences", "/nonexistent"),
        ("--decoder", "cat", "--json", "/nonexistent/file"),
        ("--decoder", "cat", "--junit", "/nonexistent/file"),
        ("--decoder", "cat", "--subunit", "/nonexistent/file"),
        ("--decoder", "cat", "--transcript", "/nonexistent/file"),
        ("--decoder", "cat", "--write-divergences", "/nonexistent/file"),
        ("--decoder", "'"),
        ("--session", "true"),
        ("--session", "cat"),
    ],
    ids=" ".join,
)
def test_calls_that_cannot_be(corpus: Path, options: tuple[str, ...]) -> None:
    fails("run", "--corpus", corpus, *options)


@pytest.mark.parametrize("option", ["--json", "--junit", "--subunit"])
def test_a_full_disk(corpus: Path, option: str) -> None:
    done = run("conformance", "run", "--corpus", corpus, "--decoder", "true", option, "/dev/full")
    assert done.status == 2
    assert "/dev/full: No space left" in assert_one_line(done.errors, "conformance")


def test_a_closed_pipe_ends_it_silently_and_is_no_success(corpus: Path, tmp_path: Path) -> None:
    call = ("conformance", "run", "--corpus", corpus, "--decoder", "true")
    # The reader of the pipe has ended before anything is written.
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        done = run_process(*call, "--json", tmp_path / "report.json", stdout=output)
    assert (done.status, done.errors) == (1, b"")
    assert json.loads((tmp_path / "report.json").read_bytes())["passed"] is False


# --- Interrupted ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_found_is_shown_and_written_where_it_is_interrupted(
    corpus: Path, tmp_path: Path, number: signal.Signals
) -> None:
    pipe = tmp_path / "subunit"
    os.mkfifo(pipe)
    call = ("conformance", "run", "--corpus", corpus, *session(corpus, "hangs"))
    files = ("--subunit", pipe, "--json", tmp_path / "report.json")
    cases = ("--case", "writer/exists", "--case", "*/text-between", "--case", "packet/exists")
    with (
        interruptible(),
        Running(*call, *files, *cases, "--timeout", "50") as running,
        pipe.open("rb") as stream,
    ):
        # The first packet marks a case as in progress.
        assert stream.read(1) == b"\xb3"
        running.process.send_signal(number)
        done = running.finish()
    assert done.status == 128 + number
    assert b"interrupted after 0 of 3 cases" in done.output
    assert json.loads((tmp_path / "report.json").read_bytes())["passed"] is False


# --- Reports --------------------------------------------------------------------------------


def test_the_reports_are_written(corpus: Path, tmp_path: Path) -> None:
    files = [f"--{name}={tmp_path / name}" for name in ("json", "junit", "subunit", "transcript")]
    ask(corpus, *session(corpus, "drops an octet"), *files, status=1)
    report = json.loads((tmp_path / "json").read_bytes())
    Draft202012Validator(SCHEMA).validate(report)
    assert report["totals"] == {"passed": 8, "wrong": 1, "skipped": 1}
    assert [case["id"] for case in report["cases"]] == ["stream/text-between"]
    suites = ElementTree.parse(tmp_path / "junit").getroot()  # noqa: S314 - it is our own
    assert suites.get("failures") == "1"
    with (tmp_path / "subunit").open("rb") as stream:
        packets = [item for item in decode(stream) if isinstance(item, Packet)]
    failed = [packet.test_id for packet in packets if packet.test_status == "fail"]
    assert failed == ["stream/text-between"]
    lines = (tmp_path / "transcript").read_text().splitlines()
    assert lines[0] == '-> {"id":1,"op":"hello","protocol":1}'
    assert lines[1].startswith('<- {"id": 1, "name": "ours"')


def test_the_same_run_gives_the_same_report(corpus: Path, tmp_path: Path) -> None:
    reports = []
    for name in ("one", "other"):
        ask(corpus, *session(corpus, "drops an octet"), "--json", tmp_path / name, status=1)
        reports.append((tmp_path / name).read_bytes())
    assert reports[0] == reports[1]


def test_what_is_known_to_be_wrong_passes(corpus: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    call = (*session(corpus, "drops an octet"),)
    ask(corpus, *call, "--write-divergences", known, status=1)
    draft = known.read_text()
    assert '"stream/text-between" = ' in draft
    # A person fills in the kind and the reason.
    known.write_text(draft.replace('kind = "TODO"', 'kind = "bug"').replace("TODO: ", ""))
    text = ask(corpus, *call, "--divergences", known, status=0).text
    assert "1 failure as the divergence file says\n" in text
    right = ask(corpus, *session(corpus), "--divergences", known, status=1).text
    assert "stream/text-between: " in right


# --- Progress -------------------------------------------------------------------------------


def test_progress_is_shown_to_whoever_waits(corpus: Path, tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        call = ("conformance", "run", "--corpus", corpus, *session(corpus))
        done = run_watched(*call, stdout=output)
    assert done.status == 0
    assert b"10/10" in done.errors
    assert (tmp_path / "output").read_text().endswith("9 cases passed\n")


def test_the_cases_are_those_of_the_small_corpus(corpus: Path) -> None:
    text = ask(corpus, *session(corpus), "--no-laws", status=0).text
    assert f"{len(FORMS) - 1} cases passed" in text
