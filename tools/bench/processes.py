"""Measurements that need processes of their own: memory, commands, start-up, other
languages.

Strategy: processes take turns, as the readers do. Their files are in a temporary folder,
except for the compiled Rust program, which is kept in `.venv`.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import subunit2
from bench.timing import ratio, spread, take_turns
from bench.workloads import run
from subunit2 import Packet, encode

__all__ = ["COMMAND", "commands", "in_python", "memory", "start"]

_HERE: Final = Path(__file__).resolve().parent
_BUILD: Final = _HERE.parents[1] / ".venv" / "bench"

#: The command, as it is installed.
COMMAND: Final = str(Path(sys.executable).parent / "subunit2")

_MINIMAL: Final = "import json, argparse"
_BY_PYTHON_SUBUNIT: Final = """\
import subunit, sys
class Nothing:
    def status(self, **values):
        pass
with open(sys.argv[1], "rb") as file:
    subunit.ByteStreamToStreamResult(file, non_subunit_name="stdout").run(Nothing())
"""
_BY_DECODE: Final = """\
import subunit2, sys
with open(sys.argv[1], "rb") as file:
    for item in subunit2.decode(file):
        pass
"""


def memory(seed: int, scale: float, size: int) -> dict[str, Any]:
    """Return the peak memory of `decode` on a long stream, above its memory at the start."""
    if not Path("/proc/self/status").exists():
        return {"skipped": "this system does not tell a process its memory"}
    stream = run(seed, scale)
    command = [sys.executable, str(_HERE / "follow.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        written = 0
        while written < size:
            child.stdin.write(stream)
            written += len(stream)
        child.stdin.close()
        told = json.loads(child.stdout.read())
    return {"octets": written, **told, "growth": told["peak"] - told["at_start"]}


def in_python(seed: int, scale: float, rounds: int, what: str = "all") -> dict[str, Any]:
    """Measure the library without the compiled reader.

    :param what: as `bench.variant` takes it.
    """
    command = [sys.executable, str(_HERE / "variant.py"), str(seed), str(scale), str(rounds), what]
    variables = os.environ | {"SUBUNIT2_PURE": "1"}
    told = subprocess.run(command, stdout=subprocess.PIPE, env=variables, check=True).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def start(rounds: int) -> dict[str, Any]:
    """Return the start-up time of the command, as a multiple of a minimal Python program's."""
    with _folder() as folder:
        stream = folder / "small.subunit"
        stream.write_bytes(encode(Packet(test_id="foo", test_status="exists")))
        python = [sys.executable, "-c", _MINIMAL]
        found = _compared(
            {
                f"python -c '{_MINIMAL}'": _runs(python),
                "subunit2 --version": _runs([COMMAND, "--version"]),
                "subunit2 decode": _runs([COMMAND, "decode", str(stream)]),
            },
            rounds,
        )
    return found


def commands(seed: int, scale: float, rounds: int, *, cargo: bool) -> dict[str, Any]:
    """Time whole processes, ours and others, on the same file, W2.

    :param cargo: build the crate, which downloads it the first time.
    """
    with _folder() as folder:
        stream, lines = folder / "w2.subunit", folder / "w2.jsonl"
        stream.write_bytes(run(seed, scale))
        with lines.open("wb") as file:
            subprocess.run([COMMAND, "decode", str(stream)], stdout=file, check=True)
        reading = [sys.executable, "-c"]
        works = {
            "python-subunit": _runs([*reading, _BY_PYTHON_SUBUNIT, str(stream)]),
            "for item in decode(file)": _runs([*reading, _BY_DECODE, str(stream)]),
            "subunit2 inspect --summary": _runs([COMMAND, "inspect", "--summary", str(stream)]),
            "subunit2 decode": _runs([COMMAND, "decode", str(stream)]),
            "subunit2 encode": _runs([COMMAND, "encode", str(lines)]),
        }
        program, why_not = _rust() if cargo else (None, "not asked for")
        if program is not None:
            works["the crate subunit 0.3.1"] = _runs([str(program), str(stream)])
        found = _compared(works, rounds)
        found |= {"workload": "W2", "octets": stream.stat().st_size}
    if why_not:
        found["skipped"] = {"the crate subunit 0.3.1": why_not}
    return found


def _compared(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Any]:
    """Return the seconds of each process, and its ratio to the first."""
    times = take_turns(works, rounds)
    first = next(iter(times.values()))
    return {
        "seconds": {name: spread(each)._asdict() for name, each in times.items()},
        "times_of_first": {name: ratio(each, first)._asdict() for name, each in times.items()},
    }


def _runs(command: Sequence[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def _folder() -> Iterator[Path]:
    # Where Python may not write its bytecode, every start would compile the modules again.
    for place in subunit2.__path__:
        compileall.compile_dir(place, quiet=2)
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _rust() -> tuple[Path | None, str]:
    """Return the program that reads with the crate; or None and the reason."""
    if shutil.which("cargo") is None:
        return None, "cargo is not there"
    command = ["cargo", "build", "--release", "--locked", "--quiet"]
    made = subprocess.run(
        command, cwd=_HERE / "rust", env=os.environ | {"CARGO_TARGET_DIR": str(_BUILD)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        said = made.stderr.strip().splitlines() or ["no word"]
        return None, f"cargo build failed: {said[0]}"
    return _BUILD / "release" / "read-subunit", ""
