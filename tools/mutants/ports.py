"""A port: its mutants, and how the cases are put to one of them.

Strategy: a language knows how to change its sources (`mutants`), how to make a port with one file
changed (`build`), and how to compare the answers of the copy with those of the port as it is, many
cases at a time (`compare`). All else is the same for all: the order of the cases, and the runner,
which decides whether another answer is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from mutants.mutant import Mutant
from subunit2.conformance.corpus import Case

__all__ = ["PORTS", "ROOT", "Built", "Port", "PortError", "Verdict", "port_in"]

ROOT: Final = Path(__file__).resolve().parents[2]

#: The ports of this repository.
PORTS: Final = (ROOT / "ports" / "perl", ROOT / "ports" / "go")


class PortError(ValueError):
    """A folder holds no port that can be changed, or one that does not work; one line."""


class Verdict(NamedTuple):
    """The end of a comparison.

    :ivar outcome: `same`; `wrong`, `differs` or `timed out` at a case; or `crashed` at none.
    :ivar number: the case.
    """

    outcome: str
    number: int = -1


class Built(NamedTuple):
    """A mutant that can be started.

    :ivar folder: holds it.
    :ivar command: starts its session harness.
    """

    folder: Path
    command: str


class Baseline(Protocol):
    """The answers of the port as it is to some cases."""

    @property
    def times(self) -> Sequence[float]:
        """The seconds that each case took."""

    def compare(self, built: Built, order: Sequence[int]) -> Verdict:
        """Put cases to a mutant, by their numbers, until an answer is another one."""


class Port(Protocol):
    """A port in one language.

    :ivar name: names it in tables, such as `go`.
    :ivar command: starts the session harness of the port as it is.
    """

    name: str
    folder: Path
    command: str

    def mutants(self) -> list[Mutant]:
        """Return all mutants of its library, without the harness.

        :raises PortError: if the sources are not understood.
        """

    def source(self, file: str) -> str:
        """Return a file of the library."""

    def takes(self, case: Case) -> bool:
        """Return whether the library, and not only the harness, answers a case."""

    def baseline(self, cases: Sequence[Case], folder: Path, *, laws: bool) -> Baseline:
        """Answer all cases, and keep the answers in a folder.

        :param laws: whether to feed streams in all the ways in which laws are checked.
        :raises PortError: if the port as it is does not answer them.
        """

    def kinds(self, file: str) -> tuple[type[Case], ...]:
        """Return the kinds of cases whose answers a file can change."""

    def build(self, mutant: Mutant, folder: Path) -> Built | None:
        """Make the port with a change in an empty folder; None if it cannot be compiled."""


def port_in(folder: Path) -> Port:
    """Return the port in a folder.

    :raises PortError: if there is none of a language that is known.
    """
    from mutants.go_port import GoPort
    from mutants.perl_port import PerlPort

    folder = folder.resolve()
    if (folder / "lib" / "Subunit").is_dir():
        return PerlPort(folder)
    if (folder / "go.mod").is_file():
        return GoPort(folder)
    raise PortError(f"{folder}: no port in Go (go.mod) or Perl (lib/Subunit)")
