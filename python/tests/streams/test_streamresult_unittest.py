"""The runner and the results of unittest on both ends, through adapters of testtools."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import textwrap
import unittest
from collections import defaultdict
from pathlib import Path
from typing import Any

import testtools

from subunit2 import (
    Packet,
    StreamResultWriter,
    decode,
    replay,
)
from support.events import replayed


class Sample(unittest.TestCase):
    """A test for each outcome. The tests below run it, not pytest."""

    __test__ = False

    def test_success(self) -> None:
        pass

    def test_failure(self) -> None:
        self.fail("é\x00")

    def test_error(self) -> None:
        raise KeyError

    def test_skip(self) -> None:
        self.skipTest("not today")

    @unittest.expectedFailure
    def test_expected_failure(self) -> None:
        self.fail()

    @unittest.expectedFailure
    def test_unexpected_success(self) -> None:
        pass

    def test_subtests(self) -> None:
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)  # noqa: PT009 - the method of unittest is tested


def suite() -> unittest.TestSuite:
    return unittest.defaultTestLoader.loadTestsFromTestCase(Sample)


def verdicts(result: Any) -> dict[str, set[str]]:
    """Return outcomes by test; an error is a failure, and one of a subtest is its test's."""

    def names(tests: list[Any]) -> set[str]:
        found = (test[0] if isinstance(test, tuple) else test for test in tests)
        return {test.id().split(" ")[0].rpartition(".")[2] for test in found}

    return {
        "failed": names(result.failures) | names(result.errors),
        "skipped": names(result.skipped),
        "xfail": names(result.expectedFailures),
        "uxsuccess": names(result.unexpectedSuccesses),
    }


class Writing(testtools.ExtendedToStreamDecorator):
    """A result for `unittest.TextTestRunner` that writes a stream, as in `docs/compat.md`."""

    def __init__(self, file: Any, *_: Any, **__: Any) -> None:
        writer: Any = StreamResultWriter(file)
        super().__init__(writer)
        self.durations: list[float] = []

    def addDuration(self, test: unittest.TestCase, duration: float) -> None:  # noqa: N802
        self.durations.append(duration)

    def printErrors(self) -> None:  # noqa: N802
        pass


def run_in_text() -> unittest.TextTestResult:
    runner = unittest.TextTestRunner(io.StringIO())
    return runner.run(suite())


def run_into_stream() -> tuple[bytes, Writing]:
    file = io.BytesIO()

    def result(*_: Any, **__: Any) -> Any:
        return Writing(file)

    found: Any = unittest.TextTestRunner(io.StringIO(), resultclass=result).run(suite())
    return file.getvalue(), found


def test_unittest_s_runner_writes_a_stream_with_the_same_verdicts() -> None:
    stream, result = run_into_stream()
    direct = run_in_text()
    assert verdicts(result) == verdicts(direct)
    assert result.testsRun == direct.testsRun == 7
    # The packets that are read have it as well.
    summary = testtools.StreamSummary()
    replay(stream, summary)
    assert verdicts(summary) == verdicts(direct)
    assert summary.testsRun == 7
    if sys.version_info >= (3, 12):
        assert len(result.durations) == 7


def test_a_stream_is_shown_by_unittest_s_result_with_the_same_verdicts() -> None:
    stream, _ = run_into_stream()
    direct = run_in_text()
    shown = io.StringIO()
    text: Any = unittest.TextTestResult(_Text(shown), True, 2)
    replay(stream, testtools.StreamToExtendedDecorator(text))
    assert verdicts(text) == verdicts(direct)
    assert text.wasSuccessful() is direct.wasSuccessful() is False
    assert text.testsRun == direct.testsRun
    assert shown.getvalue().count("FAIL\n") == 3
    assert "unexpected success\n" in shown.getvalue()


class _Text(io.StringIO):
    """Return the stream that the runner of unittest passes to its result."""

    def __init__(self, file: io.StringIO) -> None:
        super().__init__()
        self._file = file

    def write(self, text: str, /) -> int:
        return self._file.write(text)

    def writeln(self, text: str = "") -> None:
        self.write(f"{text}\n")


def test_each_test_has_a_start_an_end_and_a_traceback() -> None:
    stream, _ = run_into_stream()
    packets = [item for item in decode(stream) if isinstance(item, Packet)]
    by_test: dict[str, list[Packet]] = defaultdict(list)
    for packet in packets:
        by_test[str(packet.test_id).rpartition(".")[2]].append(packet)
    for packets_of_test in by_test.values():
        first, last = packets_of_test[0], packets_of_test[-1]
        assert first.test_status == "inprogress"
        assert last.test_status is not None
        assert first.timestamp is not None
        assert last.timestamp is not None
        assert first.timestamp <= last.timestamp
    traceback = [packet for packet in by_test["test_failure"] if packet.file_name == "traceback"]
    assert b"AssertionError" in b"".join(packet.file_bytes or b"" for packet in traceback)
    assert [packet.eof for packet in traceback] == [False] * (len(traceback) - 1) + [True]
    assert "traceback (number=1)" in {packet.file_name for packet in by_test["test_subtests"]}


def test_a_run_that_fails_fast_starts_no_more_tests() -> None:
    file = io.BytesIO()
    result = Writing(file)
    result.failfast = True
    order = ("test_success", "test_error", "test_failure", "test_skip")
    as_result: Any = result
    unittest.TestSuite(map(Sample, order)).run(as_result)
    assert result.shouldStop
    seen = {str(event.test_id).rpartition(".")[2] for event in replayed(file.getvalue())}
    assert seen == {"test_success", "test_error"}


def test_the_result_that_is_documented_writes_a_stream() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/compat.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^    class Writing.*?run\(suite\)$", text, re.DOTALL | re.MULTILINE)
    program = f"""
import sys, unittest
import subunit2, testtools

class Case(unittest.TestCase):
    def test_one(self):
        pass

suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
{textwrap.dedent(block)}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert [(event.test_id, event.test_status) for event in replayed(done.stdout)] == [
        ("__main__.Case.test_one", "inprogress"),
        ("__main__.Case.test_one", "success"),
    ]
