"""Questions in lines: their form, sessions and encoders that are asked in it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Packet, encode, item_from_dict
from subunit2.conformance.corpus import WriterCase, load, path
from subunit2.conformance.drivers.filter import Encoder
from subunit2.conformance.drivers.line_session import LineSession
from subunit2.conformance.drivers.process import CommandError, NoAnswerError
from subunit2.conformance.drivers.questions import files, question
from support.command import assert_one_line, run
from support.conformance_cases import events_of, harness, outcomes, results
from support.conformance_toolchains import CONFORMANCE, build
from support.streams import FOO_OCTETS

PATIENCE = 60.0
FOO = {"test_id": "foo", "test_status": "exists"}


@contextmanager
def session(*fault: str, timeout: float = PATIENCE) -> Iterator[LineSession]:
    asked = LineSession(harness("session", *fault, script="lines.py"), timeout=timeout)
    try:
        yield asked
    finally:
        asked.kill()


# --- The form ---------------------------------------------------------------------------


def test_the_questions_are_as_their_page_says() -> None:
    for case in load().cases:
        if isinstance(case, WriterCase):
            packet = case.packet
            assert ("file_name" in packet) == ("file_bytes" in packet) >= case.split, case.id
            for number in packet.get("timestamp", {}).values():
                assert -(1 << 63) <= number < 1 << 63, case.id
            if case.refused is not None and case.refused != "packet":
                # No question has two invalid keys.
                valid = {key: value for key, value in packet.items() if key != case.refused}
                if case.refused == "file_name":
                    del valid["file_bytes"]
                item = item_from_dict({"kind": "packet", **valid})
                assert isinstance(item, Packet)
                assert encode(item), case.id


def test_a_question_has_the_fields_in_the_order_of_a_packet() -> None:
    whole = {
        "kind": "packet",
        "route_code": "0/3",
        "mime_type": "text/plain;charset=utf8",
        "file_bytes": "00ff0a25",
        "file_name": "",
        "test_tags": ["a b", ""],
        "test_id": "caf\u00e9\ud800",
        "timestamp": {"seconds": -1, "nanoseconds": 5},
        "eof": True,
        "runnable": False,
        "test_status": "SUCCESS",
    }
    assert question(whole, split=True).split("\n") == [
        "split true",
        "test_status SUCCESS",
        "runnable false",
        "eof true",
        "timestamp -1 5",
        "test_id caf%C3%A9%ED%A0%80",
        "test_tags 2",
        "test_tag a%20b",
        "test_tag ",
        "mime_type text/plain;charset=utf8",
        "file_name ",
        "file_bytes %00%FF%0A%25",
        "route_code 0/3",
        "",
        "",
    ]


def test_absent_fields_have_no_line() -> None:
    assert question({}) == "runnable true\neof false\n\n"
    assert question({"test_tags": []}) == "runnable true\neof false\ntest_tags 0\n\n"


@given(st.text(st.characters(codec=None)))
def test_each_text_is_one_word_of_a_line(text: str) -> None:
    [line] = [each for each in question({"test_id": text}).split("\n") if "test_id" in each]
    key, value = line.split(" ")
    assert key == "test_id"
    assert value.isascii()
    assert unquote_to_bytes(value) == text.encode("utf-8", "surrogatepass")


def test_the_files_have_a_line_of_answer_for_each_question() -> None:
    cases = [case for case in load().cases if isinstance(case, WriterCase)]
    made = files(cases)
    for name, content in made.items():
        assert (path() / name).read_bytes() == content
    asked = made["writer-questions.txt"].decode().split("\n\n")
    answers = made["writer-answers.txt"].decode().split("\n")
    assert (asked.pop(), answers.pop()) == ("", "")
    assert len(asked) == len(answers) > 350
    by_id = {case.id: case for case in cases}
    for lines, line in zip(asked, answers, strict=True):
        case = by_id[lines.partition("\n")[0].removeprefix("case ")]
        expected = case.octets.hex() if case.octets is not None else f"refused {case.refused}"
        assert line == expected


# --- Sessions ---------------------------------------------------------------------------


def test_a_session_answers() -> None:
    with session() as asked:
        assert asked.start().profiles == ("writer",)
        assert asked.encode(FOO) == FOO_OCTETS
        assert asked.encode({"test_id": "a\ud800"}) == "test_id"
        assert asked.encode({"test_tags": ["a", "b\0"]}) == "test_tags"
        asked.bye()
        assert asked.is_down


@pytest.mark.parametrize(
    ("fault", "outcome", "reason", "is_down"),
    [
        ("unsupported", "unsupported", "no packets here", False),
        ("error", "rejected", "ValueError: bad", False),
        ("upper-case", "malformed", "neither lower-case hex, nor `refused`", False),
        ("odd", "malformed", "neither lower-case hex, nor `refused`", False),
        ("dies", "crashed", "killed by SIGSEGV", True),
    ],
)
def test_a_session_without_octets(fault: str, outcome: str, reason: str, is_down: bool) -> None:
    with session(fault) as asked:
        with pytest.raises(NoAnswerError) as caught:
            asked.encode(FOO)
        assert caught.value.outcome == outcome
        assert caught.value.reason.startswith(reason)
        assert asked.is_down is is_down


def test_a_session_that_hangs() -> None:
    with session("hangs", timeout=2) as asked:
        with pytest.raises(NoAnswerError, match="no answer within 2 s"):
            asked.encode(FOO)
        assert asked.is_down


def test_a_refusal_need_not_name_its_key() -> None:
    with session("not-named") as asked:
        assert asked.encode(FOO) is True


def test_lines_may_end_as_on_windows() -> None:
    with session("ends-lines-as-windows") as asked:
        assert asked.encode(FOO) == FOO_OCTETS


def test_an_answer_too_many() -> None:
    with session("answers-twice") as asked:
        asked.encode(FOO)
        with pytest.raises(NoAnswerError, match="it wrote without being asked: 'refused"):
            asked.encode(FOO)
        assert asked.is_down


def test_a_message_among_the_answers() -> None:
    asked = LineSession("echo debug: here", timeout=PATIENCE)
    with pytest.raises(NoAnswerError, match="'debug: here'"):
        asked.encode(FOO)
    assert asked.is_down


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("ends-badly", "malformed: it ended with exit status 5"), ("stays", "timed out: 2 s after")],
)
def test_how_it_ends(fault: str, reason: str) -> None:
    with session(fault) as asked:
        asked.encode(FOO)
        with pytest.raises(NoAnswerError, match=reason):
            asked.bye()


def test_the_transcript_has_each_line() -> None:
    lines: list[str] = []
    command = harness("session", script="lines.py")
    asked = LineSession(command, timeout=PATIENCE, transcript=lines.append)
    asked.encode(FOO)
    asked.kill()
    assert lines == [
        "-> test_status exists",
        "-> runnable true",
        "-> eof false",
        "-> test_id foo",
        "-> ",
        f"<- {FOO_OCTETS.hex()}",
    ]


# --- Runs -------------------------------------------------------------------------------


def test_a_run_of_a_session() -> None:
    command = harness("session", script="lines.py")
    events = events_of(session=command, questions="lines")
    assert results(events)
    assert outcomes(events) == {
        each: "passed" if each.startswith("writer/") else "skipped" for each in outcomes(events)
    }


def test_a_run_of_an_encoder() -> None:
    command = harness("filter", script="lines.py")
    found = outcomes(events_of("writer/*", encoder=command, questions="lines"))
    assert found == {each: "skipped" if "split" in each else "passed" for each in found}
    # It does not read JSON, and only complains.
    with pytest.raises(CommandError, match="the last question has no end"):
        events_of("writer/exists", encoder=command)


def test_the_command_asks_in_lines(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = run(
        *("conformance", "run", "--session", harness("session", script="lines.py")),
        *("--questions", "lines", "--case", "writer/tags/*", "--json", file),
    )
    assert (done.status, done.errors) == (0, b""), done.text
    assert json.loads(file.read_bytes())["totals"].keys() == {"passed"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--decoder", "cat"], "--questions lines needs --encoder or --session"),
        (["--session", "cat", "--validate"], "--validate checks the protocol in JSON"),
    ],
)
def test_calls_that_contradict_themselves(arguments: list[str], message: str) -> None:
    done = run("conformance", "run", "--questions", "lines", *arguments)
    assert done.status == 2
    assert message in assert_one_line(done.errors, "conformance")


def test_a_case_is_shown_in_lines() -> None:
    done = run("conformance", "show", "--lines", "writer/exists", "writer/refused/tag-nul-middle")
    assert (done.status, done.errors) == (0, b"")
    assert done.text == (
        "case writer/exists\ntest_status exists\nrunnable true\neof false\ntest_id foo\n\n"
        "b329010c03666f6f08555f1b\n\n"
        "case writer/refused/tag-nul-middle\nrunnable true\neof false\ntest_id foo\n"
        "test_tags 1\ntest_tag a%00c\n\n"
        "refused test_tags\n"
    )
    failed = run("conformance", "show", "--lines", "packet/exists")
    assert failed.status == 2
    assert_one_line(failed.errors, "conformance")


def test_an_encoder_is_asked_in_lines() -> None:
    lines: list[str] = []
    asked = Encoder("cat", timeout=PATIENCE, transcript=lines.append, questions="lines")
    assert asked.encode({"test_id": "a b"}) == b"runnable true\neof false\ntest_id a%20b\n\n"
    assert lines[:4] == ["-> runnable true", "-> eof false", "-> test_id a%20b", "-> "]


# --- The template -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build(CONFORMANCE / "templates" / "writer.c", tmp_path_factory.mktemp("template"))


@pytest.mark.toolchain
def test_the_template_answers_the_questions_of_the_files(template: str) -> None:
    questions = (path() / "writer-questions.txt").read_bytes()
    done = subprocess.run([template], input=questions, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    expected = (path() / "writer-answers.txt").read_bytes()
    assert done.stdout.splitlines() == expected.splitlines()


@pytest.mark.toolchain
@pytest.mark.slow
def test_the_template_passes_all_cases_of_writers(template: str) -> None:
    cases = load().select(["writer"])
    found = results(events_of(cases=cases, session=template, questions="lines"))
    assert {result.outcome for result in found} == {"passed", "unsupported"}
    split = {case.id for case in cases if isinstance(case, WriterCase) and case.split}
    assert {result.case.id for result in found if result.outcome == "unsupported"} == split


def test_the_template_says_what_to_do() -> None:
    text = (CONFORMANCE / "templates" / "writer.c").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 100] == []
    assert text.count("YOUR WRITER GOES HERE:") == 1
    assert "conformance run --session ./writer --questions lines" in text


def test_the_page_shows_the_keys_and_a_question_that_is_one(tmp_path: Path) -> None:
    page = (CONFORMANCE / "HARNESS.md").read_text(encoding="utf-8")
    section = page.partition("## A writer without JSON, in lines")[2].partition("\n## ")[0]
    example = section.partition("    test_status fail\n")
    lines = (example[1] + example[2].partition("\n\n")[0]).replace("    ", "")
    packet = {
        "test_status": "fail",
        "timestamp": {"seconds": 1754000001, "nanoseconds": 999000000},
        "test_id": "caf\u00e9 [1]",
        "test_tags": ["db", "slow"],
        "file_name": "traceback",
        "file_bytes": b"Traceback\n".hex(),
    }
    assert lines + "\n\n" == question(packet)
    every = question(packet | {"mime_type": "", "route_code": ""}, split=True)
    for line in every.splitlines():
        assert f"`{line.partition(' ')[0]}" in section
