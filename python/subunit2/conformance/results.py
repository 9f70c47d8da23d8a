"""The results of cases, as the runner, the reports and the divergences share them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from subunit2.conformance.corpus import Case

__all__ = ["LAWS", "OUTCOMES", "Implementation", "Law", "LawResult", "Outcome", "Result"]

#: The outcome of a case.
Outcome: TypeAlias = Literal[
    "passed",
    "wrong",
    "rejected",
    "crashed",
    "timed out",
    "malformed",
    "unsupported",
    "skipped",
    "not run",
]
#: All outcomes. `passed`, `unsupported` and `skipped` are not failures.
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

#: A property that holds for every stream.
Law: TypeAlias = Literal["cuts", "live", "early", "partition", "memory"]
#: All laws, in the order in which they are checked.
LAWS: Final[tuple[Law, ...]] = get_args(Law)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementation:
    """The implementation under test, as it describes itself or as its files do."""

    name: str
    version: str = ""
    language: str = ""
    profiles: tuple[str, ...] = ()
    live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LawResult:
    """The result of a law on a case's stream.

    :ivar reason: one line; empty if it passed.
    :ivar expected: items or octets, if there is something to compare.
    :ivar divergence: the name of the known divergence that foresees this failure.
    """

    outcome: Outcome
    reason: str = ""
    expected: Any = None
    actual: Any = None
    divergence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a case.

    :ivar reason: one line, such as the first octet that is missing; empty if it passed.
    :ivar expected: the expected answer as JSON values: items, or octets in hex.
    :ivar actual: the actual answer in the same form; None if there was none.
    :ivar laws: the results of laws, for streams that were read correctly.
    :ivar divergence: the name of the known divergence that foresees this failure.
    """

    case: Case
    outcome: Outcome
    reason: str = ""
    expected: Any = None
    actual: Any = None
    laws: dict[Law, LawResult] = field(default_factory=dict)
    divergence: str | None = None
