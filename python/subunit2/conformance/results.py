"""What became of a case: the words that runner, reports and divergences share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from subunit2.conformance.corpus import Case

__all__ = ["LAWS", "OUTCOMES", "Implementation", "Law", "LawResult", "Outcome", "Result"]

#: How a case ended.
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
#: What can become of a case. `passed`, `unsupported` and `skipped` are no failures.
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

#: What holds for every stream.
Law: TypeAlias = Literal["cuts", "live", "early", "partition"]
#: The laws, in the order in which they are asked.
LAWS: Final[tuple[Law, ...]] = get_args(Law)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementation:
    """What is tested, as it says of itself or as its files say."""

    name: str
    version: str = ""
    language: str = ""
    profiles: tuple[str, ...] = ()
    live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LawResult:
    """Whether a law held on a case's stream.

    :ivar reason: one line; empty where it passed.
    :ivar expected: items or octets, where there is something to compare.
    :ivar divergence: the name of the known divergence that this is.
    """

    outcome: Outcome
    reason: str = ""
    expected: Any = None
    actual: Any = None
    divergence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a case.

    :ivar reason: one line, such as which octet is missing; empty where it passed.
    :ivar expected: what is right, in JSON's terms: items, or octets in hex.
    :ivar actual: what came, in the same form; None where nothing came.
    :ivar laws: by law, for the streams that were read right.
    :ivar divergence: the name of the known divergence that this is.
    """

    case: Case
    outcome: Outcome
    reason: str = ""
    expected: Any = None
    actual: Any = None
    laws: dict[Law, LawResult] = field(default_factory=dict)
    divergence: str | None = None
