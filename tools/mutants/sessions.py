"""Put cases to a session harness, many at a time, and compare its answers with recorded ones.

Strategy: a conversation in lock-step costs a change of processes for each request, and most of the
time goes into reading JSON. So the requests and answers of the port as it is are recorded once, by
the runner itself. To a mutant all requests are written as fast as it reads them, and its answers
are compared as octets. At the first other octet the comparison ends, and the runner decides
(`failure`). There are two plans: `quick` feeds a stream whole, and then octet by octet or in forty
chunks; `laws` does all that the runner does to check the laws.
"""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from select import select
from threading import Thread
from time import monotonic
from typing import IO, Final, NamedTuple

from mutants.ports import Built, PortError, Verdict
from subunit2.conformance.corpus import Case, ReaderCase
from subunit2.conformance.drivers.driver import SessionDriver
from subunit2.conformance.drivers.process import CommandError, NoAnswerError
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.feeding import answers
from subunit2.conformance.heavy_laws import Processes, check_memory, check_time

__all__ = ["Recording", "failure", "hostile_failure"]

#: Seconds that the runner waits for an answer. It only ends what does not end by itself.
_TIMEOUT: Final = 120.0

#: Outcomes that show no failure.
_GOOD: Final = frozenset({"passed", "skipped", "unsupported"})

#: The octets of a stream that is fed octet by octet, and the chunks of a longer one.
_OCTET_BY_OCTET: Final = 512
_CHUNKS: Final = 40

#: Seconds of the processor without an answer, and times those that the port takes for the case.
_LEAST_TIME: Final = 2.0
_MOST_TIMES: Final = 10.0

#: Seconds without an answer and without work: all threads wait for each other.
_IDLE: Final = 60.0

#: Octets of memory that a mutant may have.
_MEMORY: Final = 3 << 30

_CHUNK: Final = 1 << 16


class _Script(NamedTuple):
    """The conversation about one case: two ranges of the recording."""

    start: int
    answers: int
    end: int


class Recording:
    """The conversations of the port as it is.

    :param path: a file to create.
    :param laws: the plan.
    :ivar times: the seconds that each case took.
    :raises PortError: if the harness does not answer `hello`.
    """

    def __init__(self, command: str, cases: Sequence[Case], path: Path, *, laws: bool) -> None:
        self._path = path
        self._requests: list[bytes] = []
        self._answers: list[bytes] = []
        self._scripts: list[_Script] = []
        self.times: list[float] = []
        session = Session(command, timeout=_TIMEOUT, transcript=self._note)
        try:
            driver = SessionDriver(session, seed=0, laws=laws)
            with path.open("wb") as file:
                self._hello = self._add(file)
                for case in cases:
                    start = monotonic()
                    with suppress(NoAnswerError):  # The runner decides what that means.
                        _put(session, driver, case, laws=laws)
                    self.times.append(monotonic() - start)
                    self._scripts.append(self._add(file))
        except (CommandError, NoAnswerError) as error:
            raise PortError(f"{command}: {error}") from None
        finally:
            session.kill()

    def compare(self, built: Built, order: Sequence[int]) -> Verdict:
        """Put recorded cases to a mutant, until an answer is another one."""
        process = subprocess.Popen(
            shlex.split(built.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _limit_memory(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        writer = Thread(target=self._write, args=(process.stdin, order), daemon=True)
        writer.start()
        try:
            with self._path.open("rb") as file:
                said = self._follow(file, self._hello, process, _TIMEOUT)
                if said != "same":
                    return Verdict("crashed")
                for number in order:
                    seconds = _LEAST_TIME + _MOST_TIMES * self.times[number]
                    said = self._follow(file, self._scripts[number], process, seconds)
                    if said != "same":
                        return Verdict(said, number)
            return Verdict("same")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.stdout.close()
            process.wait()
            writer.join()

    def _note(self, line: str) -> None:
        (self._requests if line.startswith("->") else self._answers).append(line[3:].encode())

    def _add(self, file: IO[bytes]) -> _Script:
        """Append the noted requests and answers to the file."""
        requests = b"".join(line + b"\n" for line in self._requests)
        answered = b"".join(line.rstrip(b"\n") + b"\n" for line in self._answers)
        self._requests.clear()
        self._answers.clear()
        start = file.tell()
        file.write(requests + answered)
        return _Script(start, start + len(requests), start + len(requests) + len(answered))

    def _write(self, pipe: IO[bytes], order: Sequence[int]) -> None:
        with self._path.open("rb") as file, suppress(BrokenPipeError), pipe:
            for script in (self._hello, *(self._scripts[number] for number in order)):
                file.seek(script.start)
                pipe.write(file.read(script.answers - script.start))
            pipe.flush()

    @staticmethod
    def _follow(
        file: IO[bytes], script: _Script, process: subprocess.Popen[bytes], seconds: float
    ) -> str:
        """Compare the answers to one case: `same`, `differs` or `timed out`."""
        assert process.stdout is not None
        pipe = process.stdout.fileno()
        file.seek(script.answers)
        left = script.end - script.answers
        while left:
            if not _is_answering(pipe, process.pid, seconds):
                return "timed out"
            found = os.read(pipe, min(left, _CHUNK))
            if not found or file.read(len(found)) != found:
                return "differs"
            left -= len(found)
        return "same"


def _limit_memory(pid: int) -> None:
    """Keep a mutant that never ends from taking all memory of the machine."""
    resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _put(session: Session, driver: SessionDriver, case: Case, *, laws: bool) -> None:
    if laws or not isinstance(case, ReaderCase):
        driver.run(case)
        return
    for cuts in _plans(len(case.stream)):
        for _ in answers(session, case.stream, cuts, stops=case.stops):
            pass


def _plans(size: int) -> Iterator[range]:
    step = 1 if size <= _OCTET_BY_OCTET else size // _CHUNKS + 1
    yield range(0)
    yield range(step, size, step)


def _is_answering(pipe: int, leader: int, seconds: float) -> bool:
    """Wait for octets; return whether there are some before a time of the processor is over."""
    if select([pipe], [], [], 0.5)[0]:
        return True
    processes = Processes(leader)
    start, used = monotonic(), processes.processor_time()
    while monotonic() - start < _IDLE or processes.processor_time() - used > 0.1:
        if select([pipe], [], [], 0.5)[0]:
            return True
        if processes.processor_time() - used > seconds:
            return False
    return False


def failure(
    command: str, case: Case, *, laws: bool = True, kept: Collection[str] = ()
) -> tuple[str, frozenset[str]]:
    """Put a case to a harness; return how it fails, and the laws that it keeps.

    :param kept: laws that it has to keep; that it tells nothing about one is a failure.
    :returns: no text if it passes.
    """
    session = Session(command, timeout=_TIMEOUT)
    try:
        driver = SessionDriver(session, seed=0, laws=laws)
        _limit_memory(session.pid)
        result = driver.run(case)
    except (CommandError, NoAnswerError) as error:
        return str(error), frozenset()
    finally:
        session.kill()
    passed = frozenset(law for law, found in result.laws.items() if found.outcome == "passed")
    if result.outcome not in _GOOD:
        return result.outcome, passed
    for law, found in result.laws.items():
        if found.outcome not in _GOOD or (law in kept and law not in passed):
            return f"law {law}: {found.outcome}", passed
    return "", passed


def hostile_failure(command: str) -> str:
    """Check the laws of time and memory on hostile streams; return which one is broken."""
    session = Session(command, timeout=_TIMEOUT)
    try:
        implementation = session.start()
        _limit_memory(session.pid)
        memory = check_memory(session, is_live=implementation.live)
        if memory.fault is not None:
            return f"law memory: {memory.fault}"
        for measured in check_time(session, implementation.profiles):
            if measured.fault is not None:
                return f"law time: {measured.name}: {measured.fault}"
    except (CommandError, NoAnswerError) as error:
        return str(error)
    finally:
        session.kill()
    return ""
