"""The port in Perl, or another one with the same files.

Strategy: `replay.pl` compares the answers of a mutant with those of the port as it is, without
JSON and without a conversation, which takes a tenth of the time. Other items of a whole stream, and
other octets of one packet, are certain to be wrong, as the expected ones are exact.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from mutants.mutant import Mutant
from mutants.perl import PerlError
from mutants.perl_rules import mutants_of
from mutants.ports import Built, PortError, Verdict
from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase

__all__ = ["PerlPort"]

_REPLAY: Final = Path(__file__).with_name("replay.pl")

#: The files of the port that are not its library: the harness.
_HARNESS: Final = frozenset({"JSON.pm", "Session.pm"})

#: The file that answers each kind of case. A mutant of a file that it does not use, nor one that it
#: uses, cannot change the answer.
_ROOTS: Final[dict[type[Case], str]] = {
    ReaderCase: "Reader.pm",
    WriterCase: "Writer.pm",
    MultiplexerCase: "Multiplexer.pm",
}
_USES: Final = re.compile(r"^use Subunit::(\w+)", re.MULTILINE)

#: Seconds that the whole of a comparison may take. It only ends what does not end by itself: the
#: limit of a case is in `replay.pl`.
_PATIENCE: Final = 1800.0

#: Octets of memory that a mutant may have. The port takes a tenth of it.
_MEMORY: Final = 2 << 30


class PerlPort:
    """A port in Perl: `lib/Subunit/*.pm`, and the script `harness`."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.folder = folder
        self.command = _command(folder)
        self._files = {kind: self._files_of(root) for kind, root in _ROOTS.items()}

    def mutants(self) -> list[Mutant]:
        """Return all mutants of its library."""
        found: list[Mutant] = []
        for path in sorted((self.folder / "lib" / "Subunit").glob("*.pm")):
            if path.name in _HARNESS:
                continue
            try:
                found += mutants_of(path.name, self.source(path.name))
            except PerlError as error:
                raise PortError(f"{path}: {error}") from None
        return found

    def source(self, file: str) -> str:
        """Return a file of the library."""
        path = self.folder / "lib" / "Subunit" / file
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            raise PortError(f"{path} is missing") from None

    def takes(self, case: Case) -> bool:
        """Return whether a case has no lone surrogates: the harness refuses them itself."""
        return not _has_surrogates(case.form)

    def kinds(self, file: str) -> tuple[type[Case], ...]:
        """Return the kinds of cases whose answers a file can change."""
        return tuple(kind for kind, files in self._files.items() if file in files)

    def baseline(self, cases: Sequence[Case], folder: Path, *, laws: bool) -> _Replay:
        """Answer all cases."""
        return _Replay(self.folder, cases, folder, laws=laws)

    def build(self, mutant: Mutant, folder: Path) -> Built | None:
        """Copy the port with a change."""
        for part in ("bin", "lib"):
            shutil.copytree(self.folder / part, folder / part)
        shutil.copy2(self.folder / "harness", folder)
        path = folder / "lib" / "Subunit" / mutant.file
        path.write_text(mutant.source, encoding="utf-8")
        command = ["perl", "-I", str(folder / "lib"), "-c", str(path)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return None
        return Built(folder, _command(folder))

    def _files_of(self, root: str) -> set[str]:
        """Return the files of the library that a file uses, and those that they use."""
        found: set[str] = set()
        left = [root]
        while left:
            if (file := left.pop()) not in found:
                found.add(file)
                left += [f"{name}.pm" for name in _USES.findall(self.source(file))]
        return found


class _Replay:
    """The answers of the port as it is, in a file of `replay.pl`."""

    def __init__(self, port: Path, cases: Sequence[Case], folder: Path, *, laws: bool) -> None:
        plan = "laws" if laws else "quick"
        self._base = folder / f"{plan}.base"
        source = folder / f"{plan}.pl"
        forms = ",\n".join(_perl(_form(case)) for case in cases)
        source.write_text(f"use utf8;\n[\n{forms}\n]\n", encoding="utf-8")
        done = subprocess.run(
            ["perl", "-I", port / "lib", _REPLAY, "prepare", source, self._base, plan],
            capture_output=True,
            text=True,
            check=False,
        )
        self.times = [float(line.rsplit("\t", 1)[1]) for line in done.stdout.splitlines()]
        if done.returncode or len(self.times) != len(cases):
            raise PortError(f"{port}: the port as it is does not answer the cases")

    def compare(self, built: Built, order: Sequence[int]) -> Verdict:
        """Return what `replay.pl` says."""
        try:
            done = subprocess.run(
                ["perl", "-I", str(built.folder / "lib"), str(_REPLAY), "compare", self._base],
                input=" ".join(map(str, order)),
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
                preexec_fn=partial(resource.setrlimit, resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
            )
        except subprocess.TimeoutExpired:
            return Verdict("crashed")
        said, _, number = done.stdout.strip().rpartition(" ")
        if said in ("wrong", "differs", "timed out"):
            return Verdict(said, int(number))
        return Verdict("same" if number == "same" else "crashed")


def _command(folder: Path) -> str:
    return str(folder / "harness")


# --- Cases for Perl ----------------------------------------------------------------------


def _has_surrogates(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_surrogates, value.values()))
    if isinstance(value, list):
        return any(map(_has_surrogates, value))
    return isinstance(value, str) and any("\ud800" <= each <= "\udfff" for each in value)


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
