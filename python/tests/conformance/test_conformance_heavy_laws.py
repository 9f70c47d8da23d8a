"""The laws of memory and time: of our harness, of harnesses with a fault, and of none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from subunit2 import Item, Reader
from subunit2.conformance import heavy_laws, hostile, laws
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.feeding import ReaderStream
from subunit2.conformance.heavy_laws import (
    Measured,
    Processes,
    check_memory,
    check_time,
)
from subunit2.conformance.hostile import FAMILIES, ordinary_chunks
from subunit2.conformance.laws import check_laws
from subunit2.packets.header import MAX_PACKET
from support.command import run
from support.conformance_cases import corpus_of, events_of, harness, reader_form, results
from support.streams import BAR_OCTETS, FOO_OCTETS, octets_of, read_in_chunks

STREAM = b"start\n" + FOO_OCTETS + BAR_OCTETS[:20]
MIB = 1 << 20

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@contextmanager
def session(fault: str = "") -> Iterator[Session]:
    asked = Session(harness(fault, script="reading.py"), timeout=60)
    try:
        asked.start()
        yield asked
    finally:
        asked.kill()


# --- Octets held, as the reader says --------------------------------------------------------------


def memory_of(fault: str) -> tuple[str, str]:
    form = reader_form("stream/x", STREAM)
    with session(fault) as asked:
        found = check_laws(asked, STREAM, expected=form["items"])
    return found["memory"].outcome, found["memory"].reason


def test_a_reader_that_says_what_it_holds() -> None:
    assert memory_of("") == ("passed", "")


def test_a_reader_that_hides_what_it_holds() -> None:
    assert memory_of("hides") == (
        "wrong",
        "octet by octet: with 7 octets fed and 6 delivered, 0 are held, not 1",
    )


def test_a_reader_that_keeps_what_it_delivered() -> None:
    outcome, reason = memory_of("keeps")
    assert outcome == "wrong"
    assert reason.startswith("octet by octet: with 1 octet fed and 1 delivered, ")


def test_a_reader_that_does_not_say_it() -> None:
    form = reader_form("stream/x", STREAM)
    [result] = results(events_of(cases=corpus_of(form).cases, session=harness()))
    assert result.laws["memory"].outcome == "skipped"


def test_held_is_a_number() -> None:
    form = reader_form("stream/x", STREAM)
    asked = {"cases": corpus_of(form).cases}
    [result] = results(events_of(**asked, session=harness("held-text", script="reading.py")))
    assert (result.outcome, result.reason) == ("malformed", "`held` is no number of octets")


@pytest.mark.parametrize("fault", ["", "no-such-fault"])
def test_held_is_in_the_protocol(fault: str) -> None:
    form = reader_form("stream/x", STREAM)
    command = harness(fault, script="reading.py")
    [result] = results(events_of(cases=corpus_of(form).cases, session=command, validate=True))
    assert result.outcome == "passed"


class Hoarding(Reader):
    """Holds the stream until its end, and says so."""

    def __init__(self) -> None:
        super().__init__()
        self.stream = bytearray()

    @property
    def pending(self) -> int:
        return len(self.stream)

    def feed(self, data: Any) -> list[Item]:
        self.stream += data
        return []

    def close(self) -> list[Item]:
        return super().feed(bytes(self.stream)) + super().close()


def test_at_most_two_packets_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    assert laws._MOST_HELD == 2 * MAX_PACKET
    monkeypatch.setattr(laws, "_MOST_HELD", 20)
    found = check_laws(ReaderStream(Hoarding), FOO_OCTETS * 2)
    assert found["memory"].outcome == "wrong"
    assert found["memory"].reason == (
        "octet by octet: with 21 octets fed and 0 delivered, 21 are held, more than 20"
    )


# --- Processes ------------------------------------------------------------------------------------


@needs_proc
def test_processes_are_measured() -> None:
    with session() as asked:
        processes = Processes(asked.pid)
        assert processes.are_visible
        assert MIB < processes.resident() < 1 << 30
        before = processes.processor_time()
        for _ in range(200):
            asked.open()
            asked.feed(FOO_OCTETS * 200)
        assert processes.processor_time() > before
    assert not processes.are_visible
    assert asked.pid == 0
    assert not Processes(asked.pid).are_visible


def test_a_process_that_ends_meanwhile_is_left_out(tmp_path: Path) -> None:
    for name, text in (("12", "12 (a) b) S 1 12 12 " + "7 " * 40), ("13", "13 (c)")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stat").write_text(text)
    (tmp_path / "14").mkdir()
    processes = Processes(12, tmp_path)
    assert processes.resident() == 7 * os.sysconf("SC_PAGE_SIZE")
    assert processes.processor_time() == pytest.approx(28 / os.sysconf("SC_CLK_TCK"))


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Processes, "_stats", lambda self: iter(()))


@pytest.mark.usefixtures("unwatched")
def test_elsewhere_the_process_is_not_watched() -> None:
    with session() as asked:
        memory = check_memory(asked)
        [time] = check_time(asked, ["recovery"], families=FAMILIES[:1])
    note = "not checked: this system does not show the processes of the harness"
    assert (memory.fault, memory.note) == (None, note)
    assert (time.fault, time.note) == (None, note)


# --- Memory ---------------------------------------------------------------------------------------


@needs_proc
def test_a_harness_that_lets_go() -> None:
    with session() as asked:
        found = check_memory(asked, size=8 * MIB)
    assert found.fault is None
    assert found.note.startswith("8.0 MiB read, ")


@needs_proc
def test_a_harness_that_never_lets_go() -> None:
    with session("keeps") as asked:
        found = check_memory(asked, size=8 * MIB)
    assert found.fault is not None
    assert "more than 2.0 MiB" in found.fault


def test_a_harness_that_reads_at_the_end_is_not_checked() -> None:
    with session() as asked:
        found = check_memory(asked, is_live=False)
    assert (found.fault, found.note.partition(":")[0]) == (None, "not checked")


def test_a_harness_that_dies() -> None:
    with session("dies") as asked:
        assert check_memory(asked).fault == "crashed: exit status 3"


# --- Time -----------------------------------------------------------------------------------------

NAMES = [family.name for family in FAMILIES]


def times(fault: str, *names: str) -> list[Measured]:
    families = [family for family in FAMILIES if family.name in names]
    with session(fault) as asked:
        return list(check_time(asked, ["recovery"], families=families))


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "family"),
    [("quadratic", "claims of half the stream"), ("copies", "a claim in small chunks")],
)
def test_a_harness_that_is_quadratic(
    fault: str, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To measure coverage takes time for each octet, and hides the work that grows faster.
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(heavy_laws, "_LARGEST", MIB // 2)
    [good] = times("", family)
    assert good.fault is None
    [bad] = times(fault, family)
    assert bad.fault is not None
    assert "times the work" in bad.fault


def test_only_families_of_claimed_profiles_are_fed(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(session: Session, family: hostile.Family) -> Measured:
        return Measured(family.name, None, "")

    monkeypatch.setattr(heavy_laws, "_measure", measured)
    with session() as asked:
        readers = {each.name for each in check_time(asked, ["recovery"])}
        multiplexers = {each.name for each in check_time(asked, ["multiplexer"])}
    assert readers | multiplexers == set(NAMES)
    assert not readers & multiplexers


def test_a_family_that_crashes_the_harness_is_a_fault() -> None:
    results = times("dies", *NAMES[:2])
    assert [each.fault for each in results] == ["crashed: exit status 3"] * 2


def compared(*work: float) -> Measured:
    """Compare the work of streams of growing size."""
    values = iter(work)
    return heavy_laws._compare("x", lambda size: next(values), 1 << 15)


@pytest.mark.parametrize(
    "work",
    [
        # Too little to be compared, up to the largest stream.
        (0, 0, 0, 0, 0.01, 0.05),
        # In proportion, as soon as it is enough.
        (0.02, 0.09, 0.4, 1.6),
        (1, 4),
        # Only a longer stream tells.
        (1, 7.9, 32),
        # Disturbed once.
        (1, 13, 1, 4),
    ],
)
def test_work_in_proportion(work: tuple[float, ...]) -> None:
    assert compared(*work).fault is None


@pytest.mark.parametrize(
    "work", [(1, 16, 1, 16), (0.01, 0.16, 2.5, 0.16, 2.5), (0.0, 3, 0.0, 3), (1, 7, 99, 7, 99)]
)
def test_work_out_of_proportion(work: tuple[float, ...]) -> None:
    found = compared(*work)
    assert found.fault is not None
    assert found.fault.endswith("; 4 times is in proportion")


# --- Streams --------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
@pytest.mark.parametrize("size", [1, 1 << 10, 1 << 14])
def test_a_family_makes_streams_of_about_a_size(family: hostile.Family, size: int) -> None:
    stream = family.make(size)
    assert size / 2 <= len(stream) <= size + 40
    assert octets_of(read_in_chunks([stream])) == stream


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_the_long_stream_has_everything() -> None:
    stream = b"".join(ordinary_chunks(1 << 18))
    assert len(stream) == 1 << 18
    kinds = {item.to_dict()["kind"] for item in Reader().feed(stream)}
    assert kinds == {"packet", "passthrough", "corrupt"}


# --- The command ----------------------------------------------------------------------------------


def test_the_command_asks_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy_laws, "_LONG", 4 * MIB)
    monkeypatch.setattr(heavy_laws, "_LARGEST", 1 << 12)
    done = run(
        *("conformance", "laws", "--hostile"),
        *("--session", harness("", script="reading.py")),
    )
    assert (done.status, done.errors) == (0, b""), done
    lines = done.text.splitlines()
    assert lines[0].startswith("memory    output, packets and damage: ")
    assert sum(line.startswith("time      ") for line in lines) == sum(
        not family.is_multiplexed for family in FAMILIES
    )


def test_the_command_fails_with_a_law() -> None:
    done = run(
        *("conformance", "laws", "--hostile", "--no-color"),
        *("--session", harness("dies", script="reading.py")),
    )
    assert (done.status, done.errors) == (1, b""), done
    assert "crashed: exit status 3" in done.text
