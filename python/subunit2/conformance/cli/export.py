"""`subunit2 conformance export`: the corpus as files, for whoever does not use Python.

Strategy: everything is written into a folder beside the one asked for, which takes
its place when all is there; so there is either the whole corpus or nothing of it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from subunit2 import spec
from subunit2.cli.exits import CallError
from subunit2.conformance.corpus import Case, Corpus, ReaderCase, WriterCase, path
from subunit2.conformance.selection import add_corpus, open_corpus
from subunit2.conformance.terminal.formatting import count

__all__ = ["configure", "run"]

_EPILOG: Final = """\
DIR gets

  cases.json                  all cases, as FORMAT.md says
  streams/ID.subunit          what a reader is fed, or a writer has to write
  streams/ID.jsonl            what a reader makes of it, or a writer is asked to write
  schemas/, FORMAT.md, HARNESS.md, item.schema.json, clauses.toml
  SHA256SUMS                  for sha256sum -c

examples:
  subunit2 conformance export corpus
  cd corpus && sha256sum -c SHA256SUMS
"""

#: What lies beside the corpus, for whoever reads it.
_BESIDE: Final = ("FORMAT.md", "HARNESS.md", "schemas")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the action can be called with."""
    parser.epilog = _EPILOG
    parser.add_argument("directory", type=Path, metavar="DIR", help="a new folder")
    parser.add_argument("--force", action="store_true", help="replace the corpus that is in DIR")
    add_corpus(parser)


def run(options: argparse.Namespace) -> int:
    """Write the corpus; the exit status."""
    corpus = open_corpus(options)
    target: Path = options.directory
    try:
        _check(target, is_forced=options.force)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside it: only within one file system can it take the other's place at once.
        with tempfile.TemporaryDirectory(prefix=".subunit2-", dir=target.parent) as place:
            new = Path(place) / "corpus"
            new.mkdir()
            files = _write(corpus, options.corpus or path(), new)
            if target.exists():
                shutil.rmtree(target)
            new.rename(target)
    except OSError as error:
        raise CallError(f"{target}: {error.strerror}") from None
    print(f"{target}: {count(len(corpus.cases), 'case')}, {count(files, 'file')}")
    return 0


def _check(target: Path, *, is_forced: bool) -> None:
    """Whether what is there may be replaced."""
    if not target.exists():
        return
    if not target.is_dir():
        raise CallError(f"{target}: is not a folder")
    names = {each.name for each in target.iterdir()}
    if names and not is_forced:
        raise CallError(f"{target}: is not empty; --force replaces it")
    if names and not {"cases.json", "SHA256SUMS"} <= names:
        # A wrong word must not cost anybody a folder.
        raise CallError(f"{target}: holds something else than a corpus; it is not replaced")


def _write(corpus: Corpus, source: Path, folder: Path) -> int:
    """Write all files; how many there are."""
    shutil.copyfile(source / "cases.json", folder / "cases.json")
    for name in _BESIDE:
        there = source.parent / name
        if there.is_dir():
            shutil.copytree(there, folder / name)
        elif there.exists():
            shutil.copyfile(there, folder / name)
    for name in ("item.schema.json", "clauses.toml"):
        shutil.copyfile(spec.path(name), folder / name)
    for case in corpus.cases:
        for suffix, octets in _files_of(case):
            file = folder / "streams" / f"{case.id}{suffix}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(octets)
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    sums = "".join(
        f"{sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in files
    )
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
    return len(files) + 1


def _files_of(case: Case) -> Iterator[tuple[str, bytes]]:
    """The files of a case: what comes behind its id, and what is in them."""
    if isinstance(case, ReaderCase):
        yield ".subunit", case.stream
        yield ".jsonl", b"".join(map(_line, case.items))
    elif isinstance(case, WriterCase):
        yield ".jsonl", _line(case.packet)
        octets = case.octets
        if octets is not None:
            yield ".subunit", octets


def _line(item: object) -> bytes:
    return json.dumps(item, separators=(",", ":")).encode() + b"\n"
