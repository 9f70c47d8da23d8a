"""`subunit2.compat` replaces the classes of python-subunit, also in child processes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import subunit
import testtools

from drop_in.outcomes import outcomes
from drop_in.sources import ROOT, python_subunit_tests
from subunit2 import EncodeError, Packet, decode
from subunit2.compat import ByteStreamToStreamResult, StreamResultToBytes
from subunit2.items import replace
from support.events import Event, Recorder, event_of
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS, damaged

NOISY = "adiós\n".encode() + FOO_OCTETS + "5 m³ ".encode("latin-1") + BAR_OCTETS


def ran(source: Any, *arguments: Any, **options: Any) -> list[Event]:
    """Return the events that the drop-in reports, neighbouring noise joined.

    The caller starts and stops the run.
    """
    result = Recorder()
    ByteStreamToStreamResult(source, *arguments, **options).run(result)
    assert result.calls == result.events
    events: list[Event] = []
    for event in result.events:
        before = events[-1] if events else Event()
        noise = event.file_bytes if event.test_id is None else None
        if noise and before.file_bytes and before.file_name == event.file_name:
            events[-1] = before._replace(file_bytes=bytes(before.file_bytes) + bytes(noise))
        else:
            events.append(event)
    return events


# --- Read ----------------------------------------------------------------------------------


def test_noise_is_a_file_of_the_name_that_is_given() -> None:
    expected = [
        Event(file_name="log", file_bytes="adiós\n".encode()),
        event_of(FOO),
        Event(file_name="log", file_bytes=b"5 m\xb3 "),
        event_of(BAR),
    ]
    assert ran(io.BytesIO(NOISY), "log") == expected
    assert ran(io.BytesIO(NOISY), non_subunit_name="log") == expected


def test_noise_never_raises() -> None:
    events = ran(io.BytesIO(NOISY))
    assert [event.file_name for event in events] == ["stdout", None, "stdout", None]
    # The behaviour of python-subunit.
    with pytest.raises(Exception, match="Non subunit content"):
        subunit.ByteStreamToStreamResult(io.BytesIO(NOISY)).run(Recorder())


def test_what_python_subunit_loses_is_there() -> None:
    theirs = Recorder()
    subunit.ByteStreamToStreamResult(io.BytesIO(NOISY), "stdout").run(theirs)
    assert not {"foo", "bar.test_b"} & {event.test_id for event in theirs.events}
    assert {"foo", "bar.test_b"} <= {event.test_id for event in ran(io.BytesIO(NOISY))}


def test_damage_is_reported_and_swallows_nothing() -> None:
    events = ran(io.BytesIO(damaged(FULL_OCTETS) + FOO_OCTETS))
    assert [event.file_name for event in events] == ["Packet data", "Parser Error", None]


def test_it_can_be_called_as_testtools_calls_a_case() -> None:
    case = ByteStreamToStreamResult(io.BytesIO(FOO_OCTETS), "stdout")
    assert case.non_subunit_name == "stdout"
    result = Recorder()
    case(result)
    assert result.events == [event_of(FOO)]
    # The declared type is a test case, but any object with `run` works.
    decorate: Any = testtools.DecorateTestCaseResult
    result = Recorder()
    decorate(
        ByteStreamToStreamResult(io.BytesIO(FOO_OCTETS)),
        lambda target: testtools.StreamTagger([target], add=["worker-0"]),
    ).run(result)
    assert [event.test_tags for event in result.events] == [{"worker-0"}]


def test_the_binary_file_under_one_of_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_bytes(NOISY)
    with path.open() as text:
        assert len(ran(text)) == 4
    with path.open("rb") as file:
        case = ByteStreamToStreamResult(file)
        assert case.source is file
        case.run(Recorder())
        assert not file.closed


# --- Write ---------------------------------------------------------------------------------


def test_the_same_octets_are_written_as_by_python_subunit() -> None:
    for packet in (FOO, FULL, replace(FULL, mime_type=None, file_name=None, file_bytes=None)):
        # The order of a set is undefined, so it has one tag.
        event = event_of(packet)._replace(test_tags={"a"})
        ours, theirs = io.BytesIO(), io.BytesIO()
        StreamResultToBytes(ours).status(*event)
        subunit.StreamResultToBytes(theirs).status(*event)
        assert ours.getvalue() == theirs.getvalue()


@pytest.mark.parametrize(
    "fields",
    [{"test_tags": set()}, {"mime_type": ""}, {"file_bytes": b"x"}, {"test_tags": []}],
    ids=str,
)
def test_what_python_subunit_takes_for_nothing_is_nothing(fields: dict[str, Any]) -> None:
    ours, theirs = io.BytesIO(), io.BytesIO()
    StreamResultToBytes(ours).status("t", **fields)
    subunit.StreamResultToBytes(theirs).status("t", **fields)
    assert list(decode(ours.getvalue())) == [Packet(test_id="t")]
    assert ours.getvalue() == theirs.getvalue()


def test_a_refusal_is_a_value_error_and_writes_nothing() -> None:
    file = io.BytesIO()
    result = StreamResultToBytes(file)
    result.startTestRun()
    with pytest.raises(EncodeError, match="test_status"):
        result.status("t", "boo")
    result.stopTestRun()
    assert file.getvalue() == b""
    assert result.output_stream is file


def test_the_binary_file_under_one_of_text_is_written(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    with path.open("w") as text:
        StreamResultToBytes(text).status("foo", "exists")
        # Each packet is flushed.
        assert path.read_bytes() == FOO_OCTETS


# --- Installed -----------------------------------------------------------------------------


SHOW = """
import sys
from subunit import ByteStreamToStreamResult, StreamResultToBytes
import subunit, subunit.v2
for module in (subunit, subunit.v2):
    print(module.ByteStreamToStreamResult.__module__, module.StreamResultToBytes.__module__)
print(ByteStreamToStreamResult.__module__, StreamResultToBytes.__module__)
"""
OURS = b"subunit2.compat subunit2.compat\n" * 3
THEIRS = b"subunit.v2 subunit.v2\n" * 3


def run_python(*arguments: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments], env=os.environ | changes, capture_output=True, check=False
    )


def test_it_is_installed_in_a_process() -> None:
    assert run_python("-c", SHOW).stdout == THEIRS
    installed = "import subunit2.compat; subunit2.compat.install()\n"
    assert run_python("-c", installed + SHOW).stdout == OURS


def test_a_command_and_what_it_starts_run_on_it() -> None:
    command = ("-m", "subunit2.compat", sys.executable, "-c")
    assert run_python(*command, SHOW).stdout == OURS
    starting = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    assert run_python(*command, starting, SHOW).stdout == OURS


def test_a_python_that_does_not_ask_for_it_imports_nothing() -> None:
    program = "import sys; print([name for name in sys.modules if 'subunit' in name])"
    assert run_python("-m", "subunit2.compat", sys.executable, "-c", program).stdout == b"[]\n"


def test_what_is_asked_for_at_start_up_still_happens(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('customised')\n")
    (tmp_path / "other.py").write_text("print('other')\n")
    said = run_python(
        *("-m", "subunit2.compat", sys.executable, "-c", "import other\n" + SHOW),
        PYTHONPATH=str(tmp_path),
    )
    # Once in the process, and once in the command that replaces it.
    assert said.stdout == b"customised\n" * 2 + b"other\n" + OURS


def test_a_python_without_subunit2_says_so_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "subunit2.py").write_text("raise ImportError\n")
    startup = ROOT / "python/subunit2/compat/startup"
    said = run_python("-c", SHOW, PYTHONPATH=os.pathsep.join([str(startup), str(tmp_path)]))
    assert said.stdout == THEIRS
    assert said.stderr.decode() == (
        f"subunit2.compat: {sys.executable} has no subunit2, and uses python-subunit\n"
    )


def test_a_python_without_python_subunit_finds_none() -> None:
    program = """
import sys
sys.path[:] = [entry for entry in sys.path if "site-packages" not in entry]
try:
    import subunit
except ImportError as error:
    print(error.name)
"""
    assert run_python("-m", "subunit2.compat", sys.executable, "-c", program).stdout == b"subunit\n"


def test_the_exit_status_is_the_command_s() -> None:
    exiting = (sys.executable, "-c", "raise SystemExit(7)")
    assert run_python("-m", "subunit2.compat", *exiting).returncode == 7


def test_a_command_that_cannot_be_run_is_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    said = run_python("-m", "subunit2.compat", missing)
    assert said.returncode == 2
    assert said.stderr.decode() == f"subunit2.compat: {missing}: No such file or directory\n"


def test_it_says_how_it_is_called() -> None:
    shown = run_python("-m", "subunit2.compat", "--help")
    assert shown.returncode == 0
    assert b"subunit2.compat stestr run" in shown.stdout
    said = run_python("-m", "subunit2.compat")
    assert (said.returncode, said.stdout) == (2, b"")
    assert said.stderr == shown.stdout


# --- python-subunit's own tests --------------------------------------------------------------


def cannot_pass() -> dict[str, str]:
    """Return the reason for each test of python-subunit that does not pass."""
    text = (ROOT / "tools/drop_in/cannot_pass.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["python-subunit"])


@pytest.fixture(scope="module")
def protocol_tests() -> tuple[dict[str, str], dict[str, str]]:
    """Return the results of python-subunit's tests, without the drop-in and with it."""
    without, on_it = (
        outcomes(["test_test_protocol2"], python_subunit_tests(), on_drop_in=on_drop_in)
        for on_drop_in in (False, True)
    )
    return without, on_it


def test_python_subunit_s_tests_pass_but_for_those_that_cannot(
    protocol_tests: tuple[dict[str, str], dict[str, str]],
) -> None:
    without, on_it = protocol_tests
    assert set(without.values()) == {"success"}
    assert len(without) > 40
    assert on_it.keys() == without.keys()
    failing = {name.partition(".")[2] for name, how in on_it.items() if how != "success"}
    # A test that passes has to be removed from the list.
    assert failing == cannot_pass().keys()


def test_each_that_cannot_pass_has_its_reason_documented() -> None:
    documented = " ".join((ROOT / "docs/compat.md").read_text(encoding="utf-8").split())
    for name, reason in cannot_pass().items():
        assert name.rpartition(".")[2] in documented
        assert reason in documented
