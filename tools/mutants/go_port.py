"""A port in Go: this repository's, or any other whose module holds one harness.

Strategy: `go list` tells the program that answers the runner, and the files of the module that it
is made of. The program in `go/` of this folder lists the changes of these files. It also writes the
files with most of the changes in them, of which a number in the environment chooses one. So most
mutants share one build. A change that it cannot hold, as of a constant, is built alone. Either is
built with `-overlay`, which replaces files and leaves the port as it is.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mutants.mutant import Change, Mutant, made_by
from mutants.ports import Built, PortError
from mutants.sessions import Recording
from subunit2.conformance.corpus import Case

__all__ = ["GoPort"]

_MUTATOR: Final = Path(__file__).with_name("go")

#: The variable of the environment that chooses a change, and the file that reads it.
_CHOICE: Final = "SUBUNIT2_MUTANT"
_CHOOSER: Final = "zz_mutant_number.go"

#: Cases that the common build has to answer as the port does.
_CHECKED: Final = 200

_ERROR: Final = re.compile(r"^(?P<path>[^\s:]+\.go):(?P<line>\d+):\d+: ", re.MULTILINE)
_MARK: Final = re.compile(r"//m(\d+)$")

#: Names of files and of packages that are a harness, or its JSON, and no library.
_HARNESS: Final = frozenset(
    {"main", "harness", "session", "json", "jsonform", "json_form", "cmd", "protocol", "shell"}
)


class GoPort:
    """A port in Go.

    :param main: the import path of the program, or its end, if the module has several.
    :raises PortError: if Go is missing, or there is no program.
    """

    def __init__(self, folder: Path, main: str = "") -> None:
        self.name = folder.name
        self.folder = folder
        packages = self._packages("./...")
        programs = [each["ImportPath"] for each in packages if each["Name"] == "main"]
        chosen = [each for each in programs if each.endswith(main)]
        if len(chosen) > 1:
            chosen = [each for each in chosen if _HARNESS & set(PurePosixPath(each).parts[-1:])]
        if len(chosen) != 1:
            found = ", ".join(programs) or "none"
            raise PortError(f"{folder}: the program of the harness is not clear: {found}")
        [self._main] = chosen
        self._paths = self._library()
        self._names = {str(path): file for file, path in self._paths.items()}
        self.command = ""
        self._mutants: list[Mutant] = []
        #: The numbers of the changes of the common build, by file and its text.
        self._numbers: dict[tuple[str, str], int] = {}
        self._refused: set[int] = set()
        self._common: Path | None = None

    def mutants(self) -> list[Mutant]:
        """Return all mutants of its library."""
        if not self._mutants:
            sources = {file: path.read_bytes() for file, path in self._paths.items()}
            changes: dict[str, list[Change]] = {file: [] for file in self._paths}
            for each in self._changes(())["changes"]:
                file = self._names[each["file"]]
                # Go counts octets.
                start, end = (len(sources[file][: each[key]].decode()) for key in ("start", "end"))
                change = Change(each["operator"], each["variant"], start, end, each["text"])
                changes[file].append(change)
                source = sources[file].decode()
                changed = source[:start] + change.text + source[end:]
                if each["number"]:
                    self._numbers.setdefault((file, changed), each["number"])
            for file, found in changes.items():
                self._mutants += made_by(found, file, sources[file].decode())
        return self._mutants

    def source(self, file: str) -> str:
        """Return a file of the library."""
        return self._paths[file].read_text("utf-8")

    def takes(self, case: Case) -> bool:
        """Return True: JSON is no obstacle."""
        return True

    def kinds(self, file: str) -> tuple[type[Case], ...]:
        """Return all kinds of cases: any file may be used for each."""
        return (Case,)

    def baseline(self, cases: Sequence[Case], folder: Path, *, laws: bool) -> Recording:
        """Build the port, and record its answers."""
        program = folder / "port"
        if not self.command:
            self.command = str(program)
        done = self._build(program)
        if done.returncode:
            raise PortError(f"{self.folder}: {_last_line(done.stderr)}")
        recording = Recording(self.command, cases, folder / f"recording-{laws}", laws=laws)
        if self._common is None:
            self.mutants()
            self._common = self._build_common(folder)
            # It has to be the port if no change is chosen.
            if self._common is not None:
                built = Built(folder, str(self._common))
                if recording.compare(built, range(len(cases))[:_CHECKED]).outcome != "same":
                    raise PortError(f"{self.folder}: with all changes off, it answers otherwise")
        return recording

    def build(self, mutant: Mutant, folder: Path) -> Built | None:
        """Build the port with a change, if the common build lacks it."""
        number = self._numbers.get((mutant.file, mutant.source))
        if number in self._refused:
            return None
        if number is not None and self._common is not None:
            return Built(folder, f"env {_CHOICE}={number} {self._common}")
        changed, program = folder / "changed.go", folder / "mutant"
        changed.write_text(mutant.source, encoding="utf-8")
        if self._build(program, {self._paths[mutant.file]: changed}).returncode:
            return None
        return Built(folder, str(program))

    def _build_common(self, folder: Path) -> Path | None:
        """Build the port with all changes that the compiler takes; None if it takes none."""
        program = folder / "common"
        while True:
            replaced: dict[Path, Path] = {}
            for number, (path, text) in enumerate(self._changes(self._refused)["files"].items()):
                replaced[Path(path)] = folder / f"{number}.go"
                replaced[Path(path)].write_text(text, encoding="utf-8")
            for package in {path.parent for path in self._paths.values()}:
                choice = folder / f"choice-{len(replaced)}.go"
                choice.write_text(_choosing(_package_of(replaced, package)), encoding="utf-8")
                replaced[package / _CHOOSER] = choice
            done = self._build(program, replaced, "-gcflags=-e")
            if not done.returncode:
                return program
            refused = set(_refused(done.stderr, self.folder, replaced))
            if not refused:
                return None
            self._refused |= refused

    def _changes(self, without: Iterable[int]) -> dict[str, Any]:
        """Return the answer of the program that changes Go."""
        words = ["-without", ",".join(map(str, sorted(without))), *self._names]
        done = self._go("run", ".", *words, folder=_MUTATOR)
        if done.returncode:
            raise PortError(f"{self.folder}: {_last_line(done.stderr)}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _library(self) -> dict[str, Path]:
        """Return the files that the program is made of, without those of the harness."""
        packages = [each for each in self._packages("-deps", self._main) if "Module" in each]
        paths = {}
        for package in packages:
            folder = Path(package["Dir"])
            for name in package["GoFiles"]:
                file = (folder / name).relative_to(self.folder)
                if "generated" not in name:
                    paths[file.as_posix()] = folder / name
        kept = {
            file: path
            for file, path in paths.items()
            if not _HARNESS & {*path.relative_to(self.folder).parts[:-1], path.stem}
        }
        return kept or paths

    def _packages(self, *words: str) -> list[dict[str, Any]]:
        done = self._go("list", "-json=ImportPath,Name,Dir,GoFiles,Module", *words)
        if done.returncode:
            raise PortError(f"{self.folder}: {_last_line(done.stderr)}")
        decoder, text, found = json.JSONDecoder(), done.stdout.strip(), []
        while text:
            package, end = decoder.raw_decode(text)
            found.append(package)
            text = text[end:].lstrip()
        return found

    def _build(
        self, program: Path, replaced: Mapping[Path, Path] | None = None, *words: str
    ) -> subprocess.CompletedProcess[str]:
        overlay = program.with_name("overlay")
        files = {str(path): str(by) for path, by in (replaced or {}).items()}
        overlay.write_text(json.dumps({"Replace": files}), encoding="utf-8")
        # Without the tables of a debugger, the linker takes half of the time.
        options = ["-buildvcs=false", "-ldflags=-s -w", f"-overlay={overlay}", *words]
        return self._go("build", *options, "-o", str(program), self._main)

    def _go(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["go", *words],
                capture_output=True,
                text=True,
                check=False,
                cwd=folder or self.folder,
                env={**os.environ, "GOWORK": "off", "GOTOOLCHAIN": "local"},
            )
        except FileNotFoundError:
            raise PortError(
                "go is missing: install the version that the port's go.mod names, or a later one"
            ) from None


def _package_of(replaced: Mapping[Path, Path], folder: Path) -> str:
    """Return the name of the package whose files are in a folder."""
    source = next(by for path, by in replaced.items() if path.parent == folder).read_text("utf-8")
    found = re.search(r"^package (\w+)", source, re.MULTILINE)
    assert found is not None
    return found[1]


def _choosing(package: str) -> str:
    """Return a file that reads the number of the chosen change."""
    return f"""package {package}

import (
	"os"
	"strconv"
)

var mutantNumber__, _ = strconv.Atoi(os.Getenv("{_CHOICE}"))
"""


def _refused(errors: str, port: Path, replaced: Mapping[Path, Path]) -> Iterator[int]:
    """Yield the numbers of the changes at which the compiler found errors."""
    made = {path.resolve(): by for path, by in replaced.items()}
    for match in _ERROR.finditer(errors):
        path = (port / match["path"]).resolve()
        by = made.get(path, Path(match["path"]))
        if not by.is_file():
            continue
        for line in reversed(by.read_text("utf-8").splitlines()[: int(match["line"])]):
            if marks := _MARK.findall(line):
                if int(marks[-1]):
                    yield int(marks[-1])
                break


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "go failed"
