"""`subunit2 conformance export`: write the corpus to files, for use without Python.

Strategy: write everything into a temporary folder beside the target, and rename it at
the end, so that the target holds either the whole corpus or nothing of it.
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
from subunit2.conformance.drivers import questions
from subunit2.conformance.selection import add_corpus, open_corpus
from subunit2.plural import count

__all__ = ["configure", "run"]

_EPILOG: Final = """\
files in DIR:
  cases.json                  all cases; FORMAT.md describes it
  streams/ID.subunit          a reader's input, or a writer's expected output
  streams/ID.jsonl            a reader's expected output, or a writer's input
                              (cases of multiplexers and cases with stops are in
                              cases.json only)
  writer-questions.txt        inputs of writers without JSON, in plain lines
  writer-answers.txt          a line for each: the octets in hex, or a refusal
  schemas/, FORMAT.md, HARNESS.md, item.schema.json, clauses.toml
  SHA256SUMS                  for sha256sum -c

examples:
  subunit2 conformance export corpus
  cd corpus && sha256sum -c SHA256SUMS
"""

#: Files and folders beside the corpus that describe it.
_BESIDE: Final = ("FORMAT.md", "HARNESS.md", "schemas")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action."""
    parser.epilog = _EPILOG
    parser.add_argument("directory", type=Path, metavar="DIR", help="the folder to create")
    parser.add_argument("--force", action="store_true", help="replace an existing corpus in DIR")
    add_corpus(parser)


def run(options: argparse.Namespace) -> int:
    """Write the corpus; return the exit status."""
    corpus = open_corpus(options)
    target: Path = options.directory
    try:
        _check(target, is_forced=options.force)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target: a folder is renamed at once only within one file system.
        with tempfile.TemporaryDirectory(prefix=".subunit2-", dir=target.parent) as temporary:
            new = Path(temporary) / "corpus"
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
    """Check that the target does not exist, is empty, or is a corpus to be replaced.

    :raises CallError: if it is anything else.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise CallError(f"{target}: not a folder")
    names = {each.name for each in target.iterdir()}
    if names and not is_forced:
        raise CallError(f"{target}: not empty; --force replaces it")
    if names and not {"cases.json", "SHA256SUMS"} <= names:
        # A mistyped name must not delete an unrelated folder.
        raise CallError(f"{target}: not a corpus, so --force does not replace it")


def _write(corpus: Corpus, source: Path, folder: Path) -> int:
    """Write all files; return their number."""
    shutil.copyfile(source / "cases.json", folder / "cases.json")
    for name in _BESIDE:
        original = source.parent / name
        if original.is_dir():
            shutil.copytree(original, folder / name)
        elif original.exists():
            shutil.copyfile(original, folder / name)
    for name in ("item.schema.json", "clauses.toml"):
        shutil.copyfile(spec.path(name), folder / name)
    for name, content in questions.files(corpus.cases).items():
        (folder / name).write_bytes(content)
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
    """Yield the files of a case: the suffix behind its id, and the content."""
    if isinstance(case, ReaderCase):
        if case.stops:
            # A file cannot say where the caller stops waiting.
            return
        yield ".subunit", case.stream
        yield ".jsonl", b"".join(map(_line, case.items))
    elif isinstance(case, WriterCase):
        yield ".jsonl", _line(case.packet)
        octets = case.octets
        if octets is not None:
            yield ".subunit", octets


def _line(item: object) -> bytes:
    return json.dumps(item, separators=(",", ":")).encode() + b"\n"
