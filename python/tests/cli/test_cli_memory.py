"""Commands that run out of memory say so in one line, and exit with 2."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from subunit2 import Packet, encode
from subunit2.cli.commands import decode, inspect, stats
from support.command import COMMAND, assert_one_line, environment, run
from support.patience import PATIENCE

#: A packet of 3.6 MiB whose id is escaped to four times its length.
LARGE = encode(Packet(test_id="\x1b" * 3_700_000, test_status="success"))


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
@pytest.mark.parametrize("module", [decode, inspect, stats], ids=lambda module: module.__name__)
def test_one_line(
    module: ModuleType, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(module, "read_items", fail)
    name = module.__name__.rpartition(".")[2]
    done = run(name)
    assert done.status == 2
    assert assert_one_line(done.errors, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "call", [["inspect"], ["inspect", "--full"], ["decode"], ["merge"], ["stats"]], ids=" ".join
)
def test_a_limit_of_memory(call: list[str], tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(LARGE)
    statuses = set()
    for kilobytes in range(30_000, 120_000, 10_000):
        done = subprocess.run(
            ["sh", "-c", 'ulimit -v $0; exec "$@"', str(kilobytes), *COMMAND, *call, "large"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={k: v for k, v in environment().items() if not k.startswith("COVERAGE_")},
            timeout=PATIENCE,
            check=False,
        )
        if b"Fatal Python error" in done.stderr or b"import" in done.stderr.lower():
            # Python itself does not start.
            continue
        statuses.add(done.returncode)
        if done.returncode:
            assert done.returncode == 2, done.stderr
            assert assert_one_line(done.stderr, call[0]) == "not enough memory"
    assert statuses <= {0, 2}


def test_inspect_takes_a_few_times_the_size_of_a_packet(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(LARGE)

    def peak(*arguments: str) -> int:
        process = subprocess.Popen(
            [*COMMAND, *arguments], cwd=tmp_path, stdout=subprocess.DEVNULL, env=environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * 1024

    assert peak("inspect", "large") < peak("inspect", "--help") + 8 * len(LARGE)
