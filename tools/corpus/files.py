"""The committed files of the corpus, made from built cases.

Strategy: make all files in memory; then write them or compare them with the folder, and
remove files that are no longer made. One case a line, so that a changed case is a changed
line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from corpus.collect import Collection
from corpus.coverage_table import coverage
from corpus.pipeline import Built
from subunit2.conformance.corpus import Corpus
from subunit2.conformance.drivers import questions

__all__ = ["corpus_files", "differences", "write"]

#: Files by their paths in `conformance/`.
Files = Mapping[str, bytes]


def corpus_files(collection: Collection, cases: Sequence[Built]) -> dict[str, bytes]:
    """Return all files but the lock."""
    forms = [case.form for case in cases if case.form is not None]
    head = {"format": 2, "version": collection.version, "flags": collection.flags}
    lines = ",\n".join(_line(form) for form in forms)
    # Put the cases in front of the last brace, which closes the head.
    document = f'{_line(head)[:-1]},"cases":[\n{lines}\n]}}\n'
    files = {"corpus/cases.json": document.encode()}
    for name, content in questions.files(Corpus(document.encode()).cases).items():
        files[f"corpus/{name}"] = content
    for case in cases:
        if case.stream is not None:
            files[f"corpus/streams/{case.id}.subunit"] = case.stream
    sums = sorted((path.removeprefix("corpus/"), content) for path, content in files.items())
    files["corpus/SHA256SUMS"] = "".join(
        f"{sha256(content).hexdigest()}  {path}\n" for path, content in sums
    ).encode()
    files["corpus/streams/go.mod"] = _NO_STREAMS
    files["COVERAGE.md"] = coverage(forms, collection.reasons).encode()
    return files


#: Keeps the raw streams out of the Go module: a folder with a go.mod is a module of its own.
_NO_STREAMS: Final = b"""\
// The raw streams are in ../cases.json. This file keeps them out of the module above.
module subunit2/conformance/corpus/streams

go 1.21
"""


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def differences(folder: Path, files: Files) -> Iterator[str]:
    """Return a line for each file that is missing, differs or is left over."""
    for path, content in files.items():
        present = folder / path
        if not present.exists():
            yield f"missing    {path}"
        elif present.read_bytes() != content:
            yield f"DIFFERS    {path}"
    yield from (f"left over  {path.relative_to(folder)}" for path in _strange(folder, files))


def write(folder: Path, files: Files) -> Iterator[str]:
    """Write the files that differ and remove those left over; return a line for each."""
    for path, content in files.items():
        target = folder / path
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        yield f"written    {path}"
    for target in list(_strange(folder, files)):
        target.unlink()
        yield f"removed    {target.relative_to(folder)}"
    for emptied in sorted((folder / "corpus").rglob("*"), reverse=True):
        if emptied.is_dir() and not any(emptied.iterdir()):
            emptied.rmdir()


def _strange(folder: Path, files: Files) -> Iterator[Path]:
    for path in sorted((folder / "corpus").rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            yield path
