"""The cases in their built form: `conformance/corpus/cases.json`.

The installed package contains the corpus. In a checkout it is read from
`conformance/` at the root of the repository.
"""

from __future__ import annotations

import json
import re
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
    "Report",
    "Wrapped",
    "WriterCase",
    "Written",
    "expand",
    "load",
    "path",
    "surrogate_octets",
]

#: A part of the specification that an implementation can claim to support.
Profile: TypeAlias = Literal["packet", "stream", "recovery", "writer", "multiplexer"]
#: All profiles; each builds on those before it.
PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)

#: The source of a clause: the published README, or a decision of this specification.
Origin: TypeAlias = Literal["readme", "decision"]

#: The format of `cases.json` that this module reads.
FORMAT: Final = 2


@dataclass(frozen=True, eq=False)
class Case:
    """One question with one expected answer.

    :ivar id: its path, such as `recovery/checksum-then-good-packet`.
    :ivar clauses: ids of the clauses that it tests, the main one first.
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
        """The case as `cases.json` has it."""
        return self._form

    @property
    def origin(self) -> Origin:
        """The origin of its first clause: `readme` makes a failure a bug, `decision` an argument.

        See `spec.Clause.origin`.
        """
        return spec.clause(self.clauses[0]).origin


class ReaderCase(Case):
    """A stream and its expected items. A large stream is expanded on access."""

    @property
    def stream(self) -> bytes:
        """The octets."""
        return bytes.fromhex(expand(self._form["bytes"]))

    @property
    def items(self) -> list[dict[str, Any]]:
        """The expected items in their JSON form, neighbouring passthrough joined."""
        return [
            {key: expand(value) if key in _TEXTS else value for key, value in item.items()}
            for item in self._form["items"]
        ]

    @property
    def stops(self) -> list[int]:
        """The offsets at which the caller stops waiting, in order (`reader.stop-waiting`)."""
        return list(self._form.get("stops", ()))

    @property
    def waits(self) -> list[tuple[int, int, int]]:
        """Ranges of octets fed after which a reader may hold octets back.

        Each is (first, last, settled): with first <= n <= last octets fed, at least `settled`
        octets have to be delivered. For any other n, all n have to be. A stop at n comes
        after that; after it, all n have to be.
        """
        return [(first, last, settled) for first, last, settled in self._form["waits"]]


class WriterCase(Case):
    """An item to write, with its expected octets or the key for which it is refused."""

    @property
    def packet(self) -> dict[str, Any]:
        """The item in its JSON form."""
        return {
            key: expand(value) if key in _TEXTS else value
            for key, value in self._form["packet"].items()
        }

    @property
    def octets(self) -> bytes | None:
        """The expected octets; None if the item is refused, or has several correct forms."""
        octets = self._form.get("bytes")
        return None if octets is None else bytes.fromhex(expand(octets))

    @property
    def refused(self) -> str | None:
        """The invalid key, `packet` if the packet as a whole is invalid; None if it is valid."""
        refused: str | None = self._form.get("refused")
        return refused

    @property
    def split(self) -> bool:
        """Whether the content may be written as several packets."""
        return bool(self._form.get("split", False))


@dataclass(frozen=True, slots=True)
class Report:
    """A report of damage (`damage.report`), or what is written of it after one feed.

    :ivar octets: the content of `Packet data`, joined.
    :ivar ends: whether both files end, and the last packet has the status `fail`.
    """

    octets: bytes
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Wrapped output (`wrap.origin`), written at once.

    :ivar octets: the contents, joined.
    """

    octets: bytes


#: A part of the output of a multiplexer: a packet that is forwarded, or packets of its own.
Written: TypeAlias = bytes | Report | Wrapped


@dataclass(frozen=True, slots=True)
class Feed:
    """Octets fed to one input of a multiplexer, and the output expected at once.

    :ivar octets: None at the end of the input, and where its caller stops waiting.
    :ivar output: in order. Wrapped output is listed in each feed of a case, or in none.
    """

    input: int
    octets: bytes | None
    output: tuple[Written, ...]
    is_stop: bool = False

    @property
    def packets(self) -> list[bytes]:
        """The packets that are forwarded."""
        return [each for each in self.output if isinstance(each, bytes)]


class MultiplexerCase(Case):
    """Inputs with their route codes, and the expected output after each feed."""

    @property
    def routes(self) -> list[str]:
        """The route code of each input."""
        return list(self._form["routes"])

    @property
    def feeds(self) -> list[Feed]:
        """The feeds in order."""
        return [
            Feed(
                feed["input"],
                bytes.fromhex(expand(feed["bytes"])) if "bytes" in feed else None,
                tuple(map(_written, feed["packets"])),
                "stop" in feed,
            )
            for feed in self._form["feeds"]
        ]

    @property
    def lists_wrapped(self) -> bool:
        """Whether the feeds list wrapped output in its place, too."""
        return any(isinstance(part, Wrapped) for feed in self.feeds for part in feed.output)

    @property
    def wrapped(self) -> list[bytes]:
        """The octets of each input that are expected to be wrapped."""
        return [bytes.fromhex(expand(octets)) for octets in self._form["wrapped"]]


#: Keys of an item whose value can be long.
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
    """Return a string of the built form: itself, or its [string, times] pairs joined.

    >>> expand([["b3", 1], ["61", 3]])
    'b3616161'
    """
    if isinstance(value, list):
        return "".join(part * times for part, times in value)
    return value


def surrogate_octets(packet: dict[str, Any]) -> dict[str, str | list[str]]:
    r"""Return the second form of the strings of a packet that no UTF-8 has, as hex by key.

    They have a lone surrogate, which several JSON libraries replace without an error. Here it
    takes three octets, as if it were a character. The tags are given all, or not at all.

    >>> surrogate_octets({"test_id": "a\ud800", "test_tags": ["b"], "mime_type": "text/plain"})
    {'test_id': '61eda080'}
    """
    found: dict[str, str | list[str]] = {}
    for key, value in packet.items():
        strings = value if isinstance(value, list) else [value]
        if any(isinstance(each, str) and _SURROGATE.search(each) for each in strings):
            octets = [each.encode("utf-8", "surrogatepass").hex() for each in strings]
            found[key] = octets if isinstance(value, list) else octets[0]
    return found


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Corpus:
    """All cases of a `cases.json`.

    :ivar version: the version of the corpus, which is not that of the library.
    :ivar digest: SHA-256 of the file, in hex.
    :ivar flags: the description of each flag.
    :raises ValueError: if the file has another format.
    """

    def __init__(self, octets: bytes) -> None:
        document = json.loads(octets)
        if (form := document["format"]) != FORMAT:
            raise ValueError(f"its format is {form}; only {FORMAT} is supported")
        self.version: str = document["version"]
        self.digest: str = sha256(octets).hexdigest()
        self.flags: dict[str, str] = document["flags"]
        self.cases: list[Case] = [_case(form) for form in document["cases"]]

    @cached_property
    def by_id(self) -> dict[str, Case]:
        """The cases by id."""
        return {case.id: case for case in self.cases}

    def select(self, profiles: Iterable[str] = (), globs: Iterable[str] = ()) -> list[Case]:
        """Return the cases of any of the profiles whose ids match any of the patterns.

        No profiles mean all profiles, no patterns all ids. `*` in a pattern also
        matches `/`.
        """
        profiles, globs = list(profiles), list(globs)
        return [
            case
            for case in self.cases
            if (not profiles or case.profile in profiles)
            and (not globs or any(fnmatchcase(case.id, glob) for glob in globs))
        ]


def _written(form: Any) -> Written:
    if not isinstance(form, dict):
        return bytes.fromhex(expand(form))
    if "wrapped" in form:
        return Wrapped(bytes.fromhex(expand(form["wrapped"])))
    return Report(bytes.fromhex(expand(form["report"])), ends=form.get("end", False))


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
    """Return the folder of the package's `cases.json`."""
    here = Path(__file__).resolve().parents[1]
    installed = here / "corpus"
    return installed if installed.exists() else here.parents[1] / "conformance" / "corpus"


def load(folder: Path | None = None) -> Corpus:
    """Load the corpus of a folder, or of the package if None."""
    return Corpus(((folder or path()) / "cases.json").read_bytes())
