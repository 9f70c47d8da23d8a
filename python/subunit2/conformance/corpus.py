"""The cases, as they were built: `conformance/corpus/cases.json`.

The corpus is in the package, so that whoever has the one has the other. In a
checkout it is read from `conformance/` at its root.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from subunit2 import spec

__all__ = [
    "FORMAT",
    "PROFILES",
    "Case",
    "Corpus",
    "Feed",
    "MultiplexerCase",
    "Origin",
    "Profile",
    "ReaderCase",
    "WriterCase",
    "expand",
    "load",
    "path",
]

#: What an implementation can claim.
Profile: TypeAlias = Literal["packet", "stream", "recovery", "writer", "multiplexer"]
#: All of them, in the order in which they are built on each other.
PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)

#: Where a rule comes from.
Origin: TypeAlias = Literal["readme", "decision"]

#: Of `cases.json`, the one that is read here.
FORMAT: Final = 1


@dataclass(frozen=True, eq=False)
class Case:
    """One question with one right outcome.

    :ivar id: its path, such as `recovery/checksum-then-good-packet`.
    :ivar clauses: ids; the first is what it tests first.
    """

    id: str
    title: str
    profile: Profile
    clauses: tuple[str, ...]
    flags: tuple[str, ...]
    parent: str | None
    mutation: str | None
    notes: str | None
    _form: dict[str, Any]

    @property
    def form(self) -> dict[str, Any]:
        """The case as it stands in `cases.json`."""
        return self._form

    @property
    def origin(self) -> Origin:
        """Whether a failure is a bug (readme) or an argument (decision).

        By the clause that it tests first (`spec.Clause.origin`).
        """
        return spec.clause(self.clauses[0]).origin


class ReaderCase(Case):
    """A stream, and what a reader makes of it. Large ones are expanded when asked for."""

    @property
    def stream(self) -> bytes:
        """The octets."""
        return bytes.fromhex(expand(self._form["bytes"]))

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items, in JSON's terms, neighbouring passthrough joined."""
        return [
            {key: expand(value) if key in _TEXTS else value for key, value in item.items()}
            for item in self._form["items"]
        ]

    @property
    def waits(self) -> list[tuple[int, int, int]]:
        """(first, last, settled): see `settled`."""
        return [(first, last, settled) for first, last, settled in self._form["waits"]]


class WriterCase(Case):
    """An item to write, and the octets that it is or why it is none."""

    @property
    def packet(self) -> dict[str, Any]:
        """The item, in JSON's terms."""
        return {
            key: expand(value) if key in _TEXTS else value
            for key, value in self._form["packet"].items()
        }

    @property
    def octets(self) -> bytes | None:
        """What has to be written, where that is one sequence of octets."""
        octets = self._form.get("bytes")
        return None if octets is None else bytes.fromhex(expand(octets))

    @property
    def refused(self) -> str | None:
        """The key of the packet that is wrong; `packet` where it is the whole."""
        refused: str | None = self._form.get("refused")
        return refused

    @property
    def split(self) -> bool:
        """Whether the content has to go out as several packets."""
        return bool(self._form.get("split", False))


@dataclass(frozen=True, slots=True)
class Feed:
    """What a multiplexer is given, and which packets have to come at once.

    :ivar octets: None where the input ends.
    """

    input: int
    octets: bytes | None
    packets: tuple[bytes, ...]


class MultiplexerCase(Case):
    """Inputs with their codes, and what comes out after each feed."""

    @property
    def routes(self) -> list[str]:
        """The code of each input."""
        return list(self._form["routes"])

    @property
    def feeds(self) -> list[Feed]:
        """What is fed, in order."""
        return [
            Feed(
                feed["input"],
                None if feed.get("end") else bytes.fromhex(expand(feed["bytes"])),
                tuple(bytes.fromhex(expand(packet)) for packet in feed["packets"]),
            )
            for feed in self._form["feeds"]
        ]

    @property
    def wrapped(self) -> list[bytes]:
        """By input, the octets that come out wrapped."""
        return [bytes.fromhex(expand(octets)) for octets in self._form["wrapped"]]


#: The keys of an item whose value can be long.
_TEXTS: Final = frozenset(
    {"test_id", "mime_type", "file_name", "route_code", "file_bytes", "bytes", "raw"}
)

_CLASSES: Final[dict[str, type[Case]]] = {
    "packet": ReaderCase,
    "stream": ReaderCase,
    "recovery": ReaderCase,
    "writer": WriterCase,
    "multiplexer": MultiplexerCase,
}


def expand(value: Any) -> Any:
    """A string of the built form: itself, or its [string, times] pairs joined.

    >>> expand([["b3", 1], ["61", 3]])
    'b3616161'
    """
    if isinstance(value, list):
        return "".join(part * times for part, times in value)
    return value


class Corpus:
    """All cases of a `cases.json`.

    :ivar version: the corpus', not the library's.
    :ivar digest: SHA-256 of the file, in hex.
    :ivar flags: what each flag means.
    :raises ValueError: where its format is another.
    """

    def __init__(self, octets: bytes) -> None:
        document = json.loads(octets)
        if (form := document["format"]) != FORMAT:
            raise ValueError(f"its format is {form}; {FORMAT} is the one that is known")
        self.version: str = document["version"]
        self.digest: str = sha256(octets).hexdigest()
        self.flags: dict[str, str] = document["flags"]
        self.cases: list[Case] = [_case(form) for form in document["cases"]]

    @cached_property
    def by_id(self) -> dict[str, Case]:
        """The cases by their ids."""
        return {case.id: case for case in self.cases}

    def select(self, profiles: Iterable[str] = (), globs: Iterable[str] = ()) -> list[Case]:
        """The cases of any of the profiles whose ids match any of the patterns.

        None given is all. `*` in a pattern also stands for `/`.
        """
        profiles, globs = list(profiles), list(globs)
        return [
            case
            for case in self.cases
            if (not profiles or case.profile in profiles)
            and (not globs or any(fnmatchcase(case.id, glob) for glob in globs))
        ]


def _case(form: dict[str, Any]) -> Case:
    return _CLASSES[form["profile"]](
        form["id"],
        form["title"],
        form["profile"],
        tuple(form["clauses"]),
        tuple(form["flags"]),
        form.get("parent"),
        form.get("mutation"),
        form.get("notes"),
        form,
    )


def path() -> Path:
    """Where the corpus lies: the folder of `cases.json`."""
    here = Path(__file__).resolve().parents[1]
    installed = here / "corpus"
    return installed if installed.exists() else here.parents[1] / "conformance" / "corpus"


def load(folder: Path | None = None) -> Corpus:
    """The corpus of a folder; that of the package if None."""
    return Corpus(((folder or path()) / "cases.json").read_bytes())
