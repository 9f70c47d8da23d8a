"""`subunit2 conformance` for authors of a harness: run --validate, and laws."""

from __future__ import annotations

from pathlib import Path

import pytest

from subunit2.conformance.cli.laws import generated_streams
from support.command import CAPTURES, Done, assert_one_line, controls, run
from support.conformance_harness import session, write_harness
from support.small_corpus import write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_harness(write_corpus(tmp_path_factory.mktemp("corpus")))


def ask(corpus: Path, *arguments: str | Path, status: int) -> Done:
    done = run("conformance", "run", "--corpus", corpus, *arguments)
    assert (done.status, done.errors) == (status, b""), done
    assert set(controls(done.text)) == {"\n"}
    return done


# --- Validation ----------------------------------------------------------------


def test_a_harness_that_speaks_the_protocol(corpus: Path) -> None:
    lines = ask(corpus, *session(corpus), "--validate", status=0).text.splitlines()
    assert lines[0] == "ok  hello: ours 1 Python; claims packet, stream, recovery, writer"
    assert lines[1] == "ok  packet/exists: open, feed, close"
    assert "answered according to the protocol" in lines[-1]


def test_wrong_items_are_good_answers(corpus: Path) -> None:
    text = ask(corpus, *session(corpus, "drops an octet"), "--validate", status=0).text
    assert "(valid answer; wrong)" in text


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("answers malformed", "standard error is free"),
        ("adds a key", "HARNESS.md"),
        ("dies", "Standard error may show the cause"),
        ("hangs", "Is each answer flushed?"),
    ],
)
def test_a_harness_that_does_not_is_helped(corpus: Path, wrong: str, hint: str) -> None:
    timeout = "4" if wrong == "hangs" else "60"
    call = (*session(corpus, wrong), "--validate", "--timeout", timeout)
    text = " ".join(ask(corpus, *call, "--case", "packet/exists", status=1).text.split())
    assert hint in text
    assert 'request {"id":3,"op":"feed","bytes":"b329010c03666f6f08555f1b"}' in text


def test_a_harness_that_claims_nothing_is_not_valid(corpus: Path) -> None:
    text = ask(corpus, *session(corpus, "claims nothing"), "--validate", status=1).text
    assert "claims none of the profiles" in text


# --- Laws -------------------------------------------------------------------------------------


def laws(corpus: Path, wrong: str, *arguments: str | Path) -> Done:
    return run("conformance", "laws", *session(corpus, wrong), *arguments)


def test_laws_hold_on_captures_and_generated_streams(corpus: Path) -> None:
    smallest = min(CAPTURES, key=lambda path: path.stat().st_size)
    done = laws(corpus, "", smallest, "--generate", "5", "--seed", "3")
    assert (done.status, done.errors) == (0, b"")
    assert done.text.split("\n")[0] == "cuts      held for 6 streams"


def test_the_stream_that_breaks_a_law_is_shown_and_saved(corpus: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(b"building\n")
    bad.write_bytes(b"10 m\xc2\xb3\n")
    done = laws(corpus, "drops an octet", good, bad, "--save", tmp_path / "saved")
    assert (done.status, done.errors) == (1, b"")
    assert done.text.startswith(f"{bad}: 7 octets\n")
    assert "31 30 20 6d c2 b3 0a" in done.text
    assert "\nlaw " in done.text
    assert (tmp_path / "saved").read_bytes() == bad.read_bytes()


@pytest.mark.parametrize(
    "arguments", [(), ("/nonexistent",), ("--generate", "0"), ("--generate", "x")]
)
def test_laws_of_no_streams(corpus: Path, arguments: tuple[str, ...]) -> None:
    done = laws(corpus, "", *arguments)
    assert (done.status, done.output) == (2, b"")
    assert_one_line(done.errors, "conformance")


@pytest.mark.slow
def test_generated_streams_are_the_same_for_the_same_seed() -> None:
    first = generated_streams(20, 5)
    assert 0 < len(first) <= 20
    assert generated_streams(20, 5) == first
    assert generated_streams(20, 6) != first
