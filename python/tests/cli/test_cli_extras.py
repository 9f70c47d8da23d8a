"""The command without its optional packages: plain output, or one line that names the extra."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2 import Packet, Passthrough, Timestamp, encode
from subunit2.items import Item
from support.command import Done, assert_one_line, environment, run

# Runs the command with these packages not importable.
_PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))
from subunit2.cli import main
sys.exit(main())
"""

_START = Timestamp(1_700_000_000)
_ITEMS: list[Item] = [
    Packet(test_id="pkg.test_日本", test_status="inprogress", timestamp=_START),
    Passthrough("output with \u0301 and 日本語\n".encode() * 60),
    Packet(test_id="pkg.test_日本", test_status="fail", timestamp=Timestamp(1_700_000_001)),
    Packet(test_id="pkg.hangs", test_status="inprogress", timestamp=_START),
    Packet(file_name="version-info", file_bytes=b"{}", eof=True),
]
_DAMAGED = b"\xb3\x29\x01\x0c\x03foo\0\0\0\0"
_STREAM = b"".join(map(encode, _ITEMS)) + _DAMAGED


def run_without(packages: str, *arguments: str, stdin: bytes = b"") -> Done:
    """Run the command where these packages are not installed."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, packages, *arguments],
        input=stdin,
        capture_output=True,
        env=environment(),
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


CALLS = [
    *(["decode"], ["stats"], ["stats", "--json"], ["ls"], ["slowest"], ["lint"]),
    *(["failing"], ["failing", "--list"], ["failing", "--json"], ["info"], ["filter"]),
    *(["inspect"], ["inspect", "--color", "never"], ["extract", "--list"]),
    *(["spec", "length.least"], ["--help"], ["inspect", "--help"], ["--version"]),
    ["emit", "--success", "foo", "--timestamp", "1"],
    ["conformance", "list"],
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_the_output_is_the_same_without_rich(call: list[str]) -> None:
    expected = run(*call, stdin=_STREAM)
    assert expected.output
    assert run_without("rich", *call, stdin=_STREAM) == expected


def test_encode_without_rich() -> None:
    lines = run_without("rich", "decode", stdin=_STREAM).output
    assert run_without("rich", "encode", stdin=lines) == Done(0, _STREAM, b"")


@pytest.mark.parametrize("command", ["stats", "failing", "inspect", "lint"])
def test_a_terminal_shows_plain_text_without_rich(command: str, tmp_path: Path) -> None:
    stream = tmp_path / "run.subunit"
    stream.write_bytes(_STREAM)
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal:  # noqa: PTH123
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, "rich", command, stream],
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        os.close(theirs)
        shown = b""
        try:
            while chunk := terminal.read(1 << 16):
                shown += chunk
        except OSError:
            # The end of a terminal's output.
            pass
        assert process.communicate()[1] == b""
    assert b"pkg.hangs" in shown or command == "lint"
    assert shown
    assert b"\x1b" not in shown


_RUN = ("conformance", "run", "--session", "true")
_GENERATE = ("conformance", "laws", "--session", "true", "--generate", "1")


@pytest.mark.parametrize(
    ("package", "extra", "call"),
    [
        ("rich", "cli", ("inspect", "--color", "always")),
        ("shtab", "cli", ("completion", "bash")),
        ("lark", "grammar", _GENERATE),
        ("hypothesis", "grammar", _GENERATE),
        ("junitparser", "conformance", (*_RUN, "--junit", "/dev/null")),
        ("jsonschema", "conformance", (*_RUN, "--validate")),
    ],
    ids=str,
)
def test_a_missing_package_is_one_line_that_names_its_extra(
    package: str, extra: str, call: tuple[str, ...]
) -> None:
    done = run_without(package, *call, stdin=_STREAM)
    assert (done.status, done.output) == (2, b"")
    expected = f"needs {package}: pip install 'subunit2[{extra}]'"
    assert assert_one_line(done.errors, call[0]) == expected
