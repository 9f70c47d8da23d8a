"""Try mutants: put the corpus to each, until a case finds it.

Strategy: the answers of a mutant are compared with those of the port as it is, which is fast. If an
answer may be as good, such as another place to cut content, the conformance runner puts the case to
the mutant, with all laws. If it passes, the comparison goes on behind that case. A case that the
port as it is fails kills nothing. Cases that killed before come first.

Large cases take most of the time, so only survivors get them (`run_large`). Mutants that survive
those can still break a law that the comparison is too coarse for, or be quadratic: `closely` puts
the whole corpus to them with all laws, and then streams of megabytes. It takes minutes for each.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from mutants.mutant import Mutant
from mutants.ports import Baseline, Built, Port
from mutants.sessions import failure, hostile_failure
from subunit2.conformance.corpus import Case

__all__ = ["LARGEST", "Survey", "Trial"]

#: Octets of the largest case that is put to each mutant.
LARGEST: Final = 160_000

#: Verdicts that need no runner.
_CERTAIN: Final = frozenset({"wrong", "timed out"})


@dataclass(frozen=True, slots=True)
class Trial:
    """The result for one mutant.

    :ivar outcome: `killed`, `survived`, or `invalid` if it is not compiled.
    :ivar killer: the case that found it; empty if it was none: see `reason`.
    :ivar reason: how it was found, in a few words.
    """

    mutant: Mutant
    outcome: str
    killer: str = ""
    reason: str = ""


class Survey:
    """Tries mutants of a port.

    :param cases: the cases to put to each mutant.
    :param memory: a JSON file with the killers of earlier runs; it is written at the end.
    :param largest: octets; larger cases are left to `run_large`.
    :raises PortError: if the port as it is does not answer.
    """

    def __init__(
        self,
        port: Port,
        cases: Sequence[Case],
        *,
        memory: Path | None,
        largest: int = LARGEST,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        self._port = port
        self._all = [case for case in cases if port.takes(case)]
        self._cases = [case for case in self._all if _size(case.form) <= largest]
        self._large_cases = [case for case in self._all if _size(case.form) > largest]
        self._memory = memory
        self._killers: dict[str, str] = {}
        self._passes: dict[tuple[str, bool], tuple[str, frozenset[str]]] = {}
        self._large: Baseline | None = None
        self._laws: Baseline | None = None
        self._hostile: str | None = None
        self._lock = Lock()
        if memory is not None:
            with suppress(OSError, ValueError):
                self._killers = json.loads(memory.read_text("utf-8"))
        try:
            self._baseline = port.baseline(self._cases, self._folder, laws=False)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._cheapest = sorted(range(len(self._cases)), key=self._baseline.times.__getitem__)

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

    def run_large(self, mutants: Sequence[Mutant], jobs: int) -> Generator[Trial]:
        """Yield the result of each mutant with the large cases, in their order."""
        if self._large is None:
            (folder := self._folder / "large").mkdir()
            self._large = self._port.baseline(self._large_cases, folder, laws=False)
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(self._try_large, mutants)

    def closely(self, mutants: Sequence[Mutant]) -> Generator[Trial]:
        """Yield the result of each mutant with all laws.

        They are tried one at a time, as the processor's time is measured.
        """
        for mutant in mutants:
            yield self._try_closely(mutant)

    def _order(self, mutant: Mutant, cases: Sequence[Case], cheapest: list[int]) -> list[int]:
        """Return the numbers of the cases: the killers of this mutant, of its file, of others."""
        index = {case.id: number for number, case in enumerate(cases)}
        with self._lock:
            killers = dict(self._killers)
        counts: Counter[str] = Counter()
        for killed, killer in killers.items():
            counts[killer] += 20 if killed.startswith(f"{mutant.file}: ") else 1
        first = [killers.get(mutant.key, "")] + [case for case, _ in counts.most_common()]
        kinds = self._port.kinds(mutant.file)
        cheapest = [each for each in cheapest if isinstance(cases[each], kinds)]
        kept = set(cheapest)
        known = (index[case] for case in first if case in index)
        return list(dict.fromkeys([*(each for each in known if each in kept), *cheapest]))

    @contextmanager
    def _built(self, mutant: Mutant) -> Iterator[Built | None]:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield self._port.build(mutant, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _try(self, mutant: Mutant) -> Trial:
        with self._built(mutant) as built:
            trial = Trial(mutant, "invalid") if built is None else self._try_built(built, mutant)
        self._remember(trial)
        return trial

    def _remember(self, trial: Trial) -> None:
        if trial.killer:
            with self._lock:
                self._killers[trial.mutant.key] = trial.killer

    def _try_built(self, built: Built, mutant: Mutant) -> Trial:
        order = self._order(mutant, self._cases, self._cheapest)
        return self._compared(self._baseline, self._cases, built, mutant, order)

    def _try_large(self, mutant: Mutant) -> Trial:
        assert self._large is not None
        with self._built(mutant) as built:
            assert built is not None
            order = self._order(mutant, self._large_cases, list(range(len(self._large_cases))))
            trial = self._compared(self._large, self._large_cases, built, mutant, order)
        self._remember(trial)
        return trial

    def _compared(
        self,
        baseline: Baseline,
        cases: Sequence[Case],
        built: Built,
        mutant: Mutant,
        order: list[int],
    ) -> Trial:
        while order:
            said, number = baseline.compare(built, order)
            if said == "same":
                break
            if said == "crashed":
                return Trial(mutant, "killed", "", "it does not start, or ends")
            case = cases[number]
            is_certain = said in _CERTAIN
            reason, kept = self._of_port(case, laws=not is_certain)
            if not reason:
                reason = said if is_certain else failure(built.command, case, kept=kept)[0]
                if reason:
                    return Trial(mutant, "killed", case.id, reason)
            order = order[order.index(number) + 1 :]
        return Trial(mutant, "survived")

    def _try_closely(self, mutant: Mutant) -> Trial:
        if self._laws is None:
            (folder := self._folder / "laws").mkdir()
            self._laws = self._port.baseline(self._all, folder, laws=True)
        with self._built(mutant) as built:
            assert built is not None
            kinds = self._port.kinds(mutant.file)
            order = [n for n, case in enumerate(self._all) if isinstance(case, kinds)]
            trial = self._compared(self._laws, self._all, built, mutant, order)
            if trial.outcome == "survived":
                if self._hostile is None:
                    self._hostile = hostile_failure(self._port.command)
                if not self._hostile and (reason := hostile_failure(built.command)):
                    return Trial(mutant, "killed", "", reason)
        return trial

    def _of_port(self, case: Case, *, laws: bool) -> tuple[str, frozenset[str]]:
        """Return how the port as it is fails a case, and the laws that it keeps."""
        key = case.id, laws
        with self._lock:
            known = self._passes.get(key)
        if known is None:
            known = failure(self._port.command, case, laws=laws)
            with self._lock:
                self._passes[key] = known
        return known


def _size(value: object) -> int:
    """Return about how many octets the strings of a case have, repetitions counted."""
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if not isinstance(value, list):
        return len(value) // 2 if isinstance(value, str) else 0
    match value:
        case [[str(), int()], *_]:
            return sum(len(text) // 2 * times for text, times in value)
    return sum(map(_size, value))
