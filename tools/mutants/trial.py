"""Try mutants: put the corpus to each, until a case finds it.

Strategy: `replay.pl` compares the answers of a mutant with those of the port as it is, without
JSON and without a conversation, which takes a tenth of the time. Other items of a whole stream, and
other octets of one packet, kill the mutant: the expected ones are exact. If the difference is
another one, such as where content is cut, the conformance runner puts the case to the mutant, with
all laws. If it passes, the answer is as good, and the comparison goes on behind that case. A case
that the port as it is fails kills nothing.
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

from mutants.rules import Mutant
from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase
from subunit2.conformance.drivers.driver import SessionDriver
from subunit2.conformance.drivers.process import CommandError, NoAnswerError
from subunit2.conformance.drivers.session import Session

__all__ = ["PORT", "Survey", "Trial"]

ROOT: Final = Path(__file__).resolve().parents[2]
PORT: Final = ROOT / "ports" / "perl"
_REPLAY: Final = Path(__file__).with_name("replay.pl")

#: Seconds that the runner waits for an answer, and that the whole of a comparison may take. Both
#: only end what does not end by itself: the limit of a case is in `replay.pl`.
_TIMEOUT: Final = 120.0
_PATIENCE: Final = 1800.0

#: Octets of memory that a mutant may have. The port takes a tenth of it.
_MEMORY: Final = 2 << 30

#: The file that answers each kind of case. A mutant of a file that it does not use, nor one that it
#: uses, cannot change the answer.
_ROOTS: Final[dict[type[Case], str]] = {
    ReaderCase: "Reader.pm",
    WriterCase: "Writer.pm",
    MultiplexerCase: "Multiplexer.pm",
}
_USES: Final = re.compile(r"^use Subunit::(\w+)", re.MULTILINE)

#: Outcomes that show no failure.
_GOOD: Final = frozenset({"passed", "skipped", "unsupported"})


@dataclass(frozen=True, slots=True)
class Trial:
    """The result for one mutant.

    :ivar outcome: `killed`, `survived`, or `invalid` if Perl does not compile it.
    :ivar killer: the case that found it; empty if it stopped the port for all cases.
    :ivar reason: how it was found, in a few words.
    """

    mutant: Mutant
    outcome: str
    killer: str = ""
    reason: str = ""


class Survey:
    """Tries mutants in copies of the port.

    :param cases: the cases to put to each mutant.
    :param memory: a JSON file with the killers of earlier runs; it is written at the end.
    :param longest: seconds; cases for which the port takes longer are left out.
    :param port: the folder of the port.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        *,
        memory: Path | None,
        longest: float = float("inf"),
        port: Path = PORT,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        self._port = port
        self._cases = list(cases)
        self._index = {case.id: number for number, case in enumerate(self._cases)}
        self._memory = memory
        self._killers: dict[str, str] = {}
        self._passes: dict[tuple[str, bool], bool] = {}
        self._lock = Lock()
        if memory is not None:
            with suppress(OSError, ValueError):
                self._killers = json.loads(memory.read_text("utf-8"))
        self._base = self._folder / "base"
        self._files = {kind: _files_of(root, port) for kind, root in _ROOTS.items()}
        self._cheapest = self._prepare(longest)

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._memory is not None:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self._killers, indent=0, sort_keys=True)
            self._memory.write_text(text + "\n", encoding="utf-8")

    def run(self, mutants: Sequence[Mutant], jobs: int) -> Generator[Trial]:
        """Yield the result of each mutant, in their order."""
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(self._try, mutants)

    def _prepare(self, longest: float) -> list[int]:
        """Answer all cases with the port as it is; return their numbers, the cheapest first."""
        source = self._folder / "cases.pl"
        forms = ",\n".join(_perl(_form(case)) for case in self._cases)
        source.write_text(f"use utf8;\n[\n{forms}\n]\n", encoding="utf-8")
        done = subprocess.run(
            ["perl", "-I", self._port / "lib", _REPLAY, "prepare", source, self._base],
            capture_output=True,
            text=True,
            check=False,
        )
        times = [float(line.rsplit("\t", 1)[1]) for line in done.stdout.splitlines()]
        if done.returncode or len(times) != len(self._cases):
            raise RuntimeError("the port as it is does not answer the cases")
        kept = [number for number, time in enumerate(times) if time <= longest]
        return sorted(kept, key=times.__getitem__)

    def _order(self, mutant: Mutant) -> list[int]:
        """Return the numbers of the cases: the killers of this mutant, of its file, of others."""
        with self._lock:
            killers = dict(self._killers)
        counts: Counter[str] = Counter()
        for killed, killer in killers.items():
            counts[killer] += 20 if killed.startswith(f"{mutant.file}:") else 1
        first = [killers.get(mutant.id, "")] + [case for case, _ in counts.most_common()]
        kinds = {kind for kind, files in self._files.items() if mutant.file in files}
        cheapest = [each for each in self._cheapest if self._cases[each].__class__ in kinds]
        kept = set(cheapest)
        known = (self._index[case] for case in first if case in self._index)
        return list(dict.fromkeys([*(each for each in known if each in kept), *cheapest]))

    def _try(self, mutant: Mutant) -> Trial:
        copy = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            trial = self._try_in(copy, mutant)
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        if trial.killer:
            with self._lock:
                self._killers[mutant.id] = trial.killer
        return trial

    def _try_in(self, copy: Path, mutant: Mutant) -> Trial:
        for part in ("bin", "lib"):
            shutil.copytree(self._port / part, copy / part)
        path = copy / "lib" / "Subunit" / mutant.file
        path.write_text(mutant.source, encoding="utf-8")
        order = self._order(mutant)
        while True:
            said, number = self._compare(copy, order)
            if said == "same":
                return Trial(mutant, "survived")
            if said == "crashed":
                if not _compiles(path):
                    return Trial(mutant, "invalid")
                return Trial(mutant, "killed", "", "it does not start, or ends")
            case = self._cases[number]
            differs = said == "differs"
            is_asked = self._is_passed_by_port(case, laws=differs)
            if is_asked and (reason := _failure(copy, case) if differs else said):
                return Trial(mutant, "killed", case.id, reason)
            order = order[order.index(number) + 1 :]

    def _compare(self, copy: Path, order: list[int]) -> tuple[str, int]:
        """Return `same` or `crashed`, or what `replay.pl` says with the number of a case."""
        try:
            done = subprocess.run(
                ["perl", "-I", str(copy / "lib"), str(_REPLAY), "compare", str(self._base)],
                input=" ".join(map(str, order)),
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
                preexec_fn=partial(resource.setrlimit, resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
            )
        except subprocess.TimeoutExpired:
            return "crashed", -1
        said, _, number = done.stdout.strip().rpartition(" ")
        if said in ("wrong", "differs", "timed out"):
            return said, int(number)
        return ("same" if number == "same" else "crashed"), -1

    def _is_passed_by_port(self, case: Case, *, laws: bool) -> bool:
        key = case.id, laws
        with self._lock:
            known = self._passes.get(key)
        if known is None:
            known = not _failure(self._port, case, laws=laws)
            with self._lock:
                self._passes[key] = known
        return known


def _files_of(root: str, port: Path) -> set[str]:
    """Return the files of the library that a file uses, and those that they use."""
    found: set[str] = set()
    left = [root]
    while left:
        if (file := left.pop()) not in found:
            found.add(file)
            source = (port / "lib" / "Subunit" / file).read_text("utf-8")
            left += [f"{name}.pm" for name in _USES.findall(source)]
    return found


def _compiles(path: Path) -> bool:
    library = path.parents[1]
    command = ["perl", "-I", str(library), "-c", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _failure(port: Path, case: Case, *, laws: bool = True) -> str:
    """Put a case to a port; return how it fails, or nothing if it passes."""
    session = Session(f"perl {port / 'bin' / 'subunit-session'}", timeout=_TIMEOUT)
    try:
        result = SessionDriver(session, seed=0, laws=laws).run(case)
    except (CommandError, NoAnswerError) as error:
        return str(error)
    finally:
        session.kill()
    if result.outcome not in _GOOD:
        return result.outcome
    for law, found in result.laws.items():
        if found.outcome not in _GOOD:
            return f"law {law}: {found.outcome}"
    return ""


# --- Cases for Perl ----------------------------------------------------------------------


def _form(case: Case) -> dict[str, Any]:
    """Return a case as `replay.pl` takes it."""
    form = case.form
    if isinstance(case, ReaderCase):
        return {
            "id": case.id,
            "kind": "reader",
            "stream": form["bytes"],
            "stops": list(form.get("stops", ())),
        }
    if isinstance(case, WriterCase):
        packet = {key: value for key, value in form["packet"].items() if key != "kind"}
        return {"id": case.id, "kind": "writer", "packet": packet, "split": case.split}
    assert isinstance(case, MultiplexerCase)
    feeds: list[list[Any]] = []
    for feed in form["feeds"]:
        action = "feed" if "bytes" in feed else "stop_waiting" if "stop" in feed else "close"
        feeds.append([feed["input"], action, feed.get("bytes", "")])
    return {"id": case.id, "kind": "multiplexer", "routes": form["routes"], "feeds": feeds}


def _perl(value: object) -> str:
    r"""Return a value as source of Perl.

    >>> print(_perl({"a": [1, True, None, "it's ó"]}))
    {'a' => [1,1,undef,"it\x{27}s \x{f3}"]}
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{_perl(key)} => {_perl(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_perl, value)) + "]"
    if value is None:
        return "undef"
    if not isinstance(value, str):
        return str(int(value) if isinstance(value, bool) else value)
    if value.isascii() and value.isprintable() and "'" not in value and "\\" not in value:
        return f"'{value}'"
    plain = (
        each if (each.isascii() and each.isalnum()) or each == " " else f"\\x{{{ord(each):x}}}"
        for each in value
    )
    return '"' + "".join(plain) + '"'


if sys.platform == "win32":
    raise ImportError("mutants are tried on POSIX only")
