"""`subunit2 extract`: write attachments to files, and run a command on them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from subunit2 import Packet, encode, encode_attachment
from subunit2.multiplexer import Multiplexer
from support.command import COMMAND, Done, Running, assert_one_line, environment, run
from support.streams import FOO_OCTETS, damaged, octets_of

LOG = Packet(test_id="pkg.test", file_name="log.txt", mime_type="text/plain", eof=True)


def file(name: str, content: bytes = b"x", **fields: Any) -> bytes:
    given: dict[str, Any] = {"file_name": name, "file_bytes": content, "eof": True}
    return encode(Packet(**given | fields))


def extract(folder: Path, *arguments: str, stdin: bytes) -> Done:
    return run("extract", "--to", folder / "to", *arguments, stdin=stdin)


def written(folder: Path) -> dict[str, bytes]:
    root = folder / "to"
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_each_to_a_file_of_its_own(tmp_path: Path) -> None:
    stream = (
        file("log", b"one ", test_id="a b", route_code="0/1", eof=False)
        + file("log", b"other", test_id="a b")
        + b"ok\n"
        + file("log", b"two", test_id="a b", route_code="0/1")
        + file("coverage", b"global", route_code="0")
        + file("empty", b"")
    )
    done = extract(tmp_path, stdin=stream)
    assert (done.status, done.errors) == (0, b"")
    assert written(tmp_path) == {
        "0_1/a b/log": b"one two",
        "a b/log": b"other",
        "0/coverage": b"global",
        "empty": b"",
    }
    # In the order of their ends.
    ends = ("a b/log", "0_1/a b/log", "0/coverage", "empty")
    assert done.text.splitlines() == [str(tmp_path / "to" / name) for name in ends]


def test_names_that_lead_elsewhere(tmp_path: Path) -> None:
    names = ["../up", "/etc/passwd", "..", ".", "", "a\nb", "C:\\x", "con", "-rf", "x" * 300]
    stream = b"".join(file(name, name.encode()) for name in names)
    stream += file("log", b"of", test_id="../../up", route_code="../..")
    stream += file("log", b"absolute", test_id="/etc")
    done = extract(tmp_path, stdin=stream)
    assert done.status == 0
    files = written(tmp_path)
    assert sorted(files.values()) == sorted([*map(str.encode, names), b"of", b"absolute"])
    assert [path.name for path in tmp_path.iterdir()] == ["to"]
    assert "\n" not in "".join(files)


def test_names_that_are_the_same_are_numbered(tmp_path: Path) -> None:
    names = ["a.log", "a.log", "A.LOG", "a.log", "a/b", "a:b", ".coverage", ".coverage", "b", "b"]
    stream = b"".join(file(name, str(number).encode()) for number, name in enumerate(names))
    assert extract(tmp_path, stdin=stream).status == 0
    files = written(tmp_path)
    assert sorted(files.values()) == [str(number).encode() for number in range(len(names))]
    assert [files[name] for name in ("a.log", "a-2.log", "A-3.LOG", "a-4.log")] == [
        *(b"0", b"1", b"2", b"3"),
    ]
    assert (files[".coverage"], files[".coverage-2"], files["b-2"]) == (b"6", b"7", b"9")


def test_a_test_named_like_a_file_and_the_reverse(tmp_path: Path) -> None:
    stream = file("a", b"1") + file("b", b"2", test_id="a") + file("a", b"3", test_id="a-2/x")
    stream += file("c", b"4", test_id="d") + file("d", b"5")
    assert extract(tmp_path, stdin=stream).status == 0
    assert sorted(written(tmp_path).values()) == [b"1", b"2", b"3", b"4", b"5"]


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    (tmp_path / "to").mkdir()
    for target in (None, elsewhere, tmp_path / "missing"):
        log = tmp_path / "to" / "log"
        log.unlink(missing_ok=True)
        if target is None:
            log.write_bytes(b"mine")
        else:
            log.symlink_to(target)
        done = extract(tmp_path, stdin=file("log", b"new"))
        assert (done.status, done.output) == (2, b"")
        reason = assert_one_line(done.errors, "extract")
        assert reason == f"{log}: exists already; --overwrite replaces it"
        assert extract(tmp_path, "--overwrite", stdin=file("log", b"new")).status == 0
        assert not log.is_symlink()
        assert log.read_bytes() == b"new"
    assert elsewhere.read_bytes() == b"mine"


def test_some_of_them(tmp_path: Path) -> None:
    stream = b"".join(
        file(name, test_id=test)
        for test in ("pkg.a", "pkg.b[x]", None)
        for name in ("log", "traceback")
    )
    extract(tmp_path, "--name", "trace*", "--test", "pkg.*", stdin=stream)
    assert sorted(written(tmp_path)) == ["pkg.a/traceback", "pkg.b[x]/traceback"]
    done = extract(tmp_path, "--test", "*[[]x]", "--name", "l?g", "--name", "no", stdin=stream)
    assert done.text == f"{tmp_path}/to/pkg.b[x]/log\n"
    assert extract(tmp_path, "--name", "LOG", stdin=stream).status == 1


def test_what_never_ended_is_written_and_named(tmp_path: Path) -> None:
    stream = file("log", b"half", eof=False) + file("whole")
    done = extract(tmp_path, "--json", stdin=stream)
    assert written(tmp_path) == {"log": b"half", "whole": b"x"}
    reason = assert_one_line(done.errors, "extract")
    assert reason == f"1 attachment without an end, may be cut short, such as {tmp_path}/to/log"
    forms = json.loads(done.output)["attachments"]
    assert [(form["name"], form["complete"], form["size"]) for form in forms] == [
        ("whole", True, 1),
        ("log", False, 4),
    ]
    assert "(without its end)" in run("extract", "--list", stdin=stream).text


def test_list(tmp_path: Path) -> None:
    stream = file("shot", b"x" * 1234, test_id="foo", route_code="0", mime_type="image/png")
    done = run("extract", "--list", stdin=stream)
    assert (done.status, done.text) == (0, "       1,234  shot  of foo  [route 0]  image/png\n")
    form = json.loads(run("extract", "--list", "--json", stdin=stream).output)
    assert form["attachments"] == [
        {
            "route_code": "0",
            "test_id": "foo",
            "name": "shot",
            "mime_type": "image/png",
            "size": 1234,
            "complete": True,
            "path": None,
        }
    ]


def test_one_to_standard_output_as_it_comes() -> None:
    with Running("extract", "--to", "-", "--name", "log") as running:
        running.feed(file("log", b"one\x1b", eof=False) + file("other"))
        running.expect(lambda output: output == b"one\x1b")
        running.feed(file("log", b"\xff"))
        assert running.finish() == Done(0, b"one\x1b\xff", b"")


def test_two_to_standard_output() -> None:
    done = run("extract", "--to", "-", stdin=file("a", b"1") + file("b", b"2", test_id="foo"))
    assert done.status == 1
    reason = assert_one_line(done.errors, "extract")
    assert reason == "more than one attachment: a and b (foo); select one with --name or --test"
    empty = run("extract", "--to", "-", stdin=file("a", b"1") + file("b", b"2", test_id=""))
    assert 'a and b (""); ' in assert_one_line(empty.errors, "extract")
    assert '  of ""' in run("extract", "--list", stdin=file("b", b"2", test_id="")).text


def test_paths_are_utf_8_whatever_the_encoding_of_the_output(tmp_path: Path) -> None:
    path = tmp_path / "ó" / "log"
    done = run(
        *("extract", "--to", tmp_path / "ó"),
        stdin=file("log", b"1"),
        changes={"PYTHONIOENCODING": "ascii"},
    )
    assert (done.status, done.text) == (0, f"{path}\n")


def test_more_at_once_than_a_process_can_open(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(300)]
    stream = b"".join(
        file(name, name.encode() + content, eof=content == b"2")
        for content in (b"0", b"1", b"2")
        for name in names
    )
    limited = ["sh", "-c", 'ulimit -n 120; exec "$@"', "sh", *COMMAND, "extract", "--to", "to"]
    done = subprocess.run(
        limited, input=stream, cwd=tmp_path, capture_output=True, env=environment(), check=True
    )
    assert done.stderr == b""
    assert written(tmp_path) == {name: f"{name}0{name}1{name}2".encode() for name in names}


def test_damage(tmp_path: Path) -> None:
    stream = file("log") + damaged(FOO_OCTETS)
    done = extract(tmp_path, stdin=stream)
    assert done.status == 3
    assert assert_one_line(done.errors, "extract").startswith("the stream is damaged")
    assert extract(tmp_path, "--overwrite", "--strict", stdin=stream).status == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file that is always full")
def test_a_full_disk() -> None:
    done = run("extract", "--to", "/dev/full", stdin=file("log"))
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "extract").startswith("/dev/full")


def test_a_file_that_grows_too_large(tmp_path: Path) -> None:
    # The limit is reached in the middle of a file, as on a full disk.
    limited = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *COMMAND, "extract", "--to", "to"]
    # The limit would also stop the data file of coverage.
    unmeasured = {
        name: value for name, value in environment().items() if not name.startswith("COVERAGE_")
    }
    large = b"x" * 8_000
    # At the end of the file, and before the end.
    for stream in (file("log", large), file("log", large * 10, eof=False) + file("log")):
        done = subprocess.run(
            limited, input=stream, cwd=tmp_path, capture_output=True, env=unmeasured, check=False
        )
        assert done.returncode == 2
        assert assert_one_line(done.stderr, "extract") == "to/log: File too large"
        for path in (tmp_path / "to").iterdir():
            path.unlink()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--hook", "cat", "--list"), "--hook needs files"),
        (("--hook", "cat", "--to", "-"), "--hook needs files"),
        (("--json", "--to", "-"), "both write to standard output"),
        (("--hook", "'"), "No closing quotation"),
        (("--hook", ""), "no command"),
        (("--hook", "no-such-command"), "No such file or directory"),
    ],
)
def test_calls_that_cannot_be(arguments: tuple[str, ...], words: str) -> None:
    done = run("extract", *arguments, stdin=file("log"))
    assert done.status == 2
    assert words in assert_one_line(done.errors, "extract")


def test_an_attachment_larger_than_the_memory_it_takes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    chunk = os.urandom(1 << 20)
    with source.open("wb") as stream:
        for octets in encode_attachment(LOG, [chunk] * 64, chunk=1 << 20):
            stream.write(octets)

    def peak(*arguments: str | Path) -> int:
        process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss

    base = peak("extract", "--help")
    assert peak("extract", "--to", tmp_path / "to", source) < base + 24 * 1024
    digest = hashlib.sha256((tmp_path / "to/pkg.test/log.txt").read_bytes()).hexdigest()
    assert digest == hashlib.sha256(chunk * 64).hexdigest()


# --- Through a command -------------------------------------------------------------------


def test_a_hook_gets_the_files_once(tmp_path: Path) -> None:
    stream = file("log", b"one ") + file("log", b"two", eof=False)
    show = (
        f"{sys.executable} -c \"import sys; print([open(f).read() for f in sys.argv[2:]])\" 'a b'"
    )
    done = run("extract", "--hook", show, stdin=stream)
    assert (done.status, done.text) == (0, "['one ', 'two']\n")
    done = extract(tmp_path, "--hook", "cat", stdin=stream)
    assert done.text == f"{tmp_path}/to/log\n{tmp_path}/to/log-2\none two"


SHOW = (
    f"{sys.executable} -c 'import os, pathlib, sys; "
    "names = sys.argv[1:]; "
    "names = pathlib.Path(names[0]).read_text().split() if len(names) == 1 else names; "
    "print(len(names), sum(map(os.path.getsize, names)))'"
)


@pytest.mark.slow
def test_a_hook_gets_all_of_very_many_files_at_once() -> None:
    # Together, the paths are longer than 2 MiB, which Linux takes for a command.
    number = 5000
    stream = octets_of(
        Packet(test_id="t" * 240, file_name=f"{index}{'n' * 230}", file_bytes=b"abc", eof=True)
        for index in range(number)
    )
    for hook in (SHOW, f"{SHOW} {{}}"):
        done = run("extract", "--hook", hook, stdin=stream)
        assert (done.status, done.text, done.errors) == (0, f"{number} {3 * number}\n", b"")


@pytest.mark.parametrize("word", ["{}", "@{}", "--from={}", "--from=@{}"])
def test_a_hook_gets_the_names_in_a_file(tmp_path: Path, word: str) -> None:
    echo = "sh -c 'echo $#; printf %s, $1; cat /${1#*/}' sh"
    done = extract(tmp_path, "--hook", f"{echo} {word}", stdin=file("a b") + file("c"))
    given = done.text.splitlines()[2:]
    assert given[0] == "1"
    assert given[1].startswith(f"{word[:-2]}/")
    assert given[1].rpartition(",")[2] == f"{tmp_path}/to/a b"
    assert given[2:] == [f"{tmp_path}/to/c"]
    # Braces within other words are the command's own.
    done = extract(tmp_path / "other", "--hook", "echo f({}) {}x", stdin=file("a"))
    assert done.text.splitlines()[1] == f"f({{}}) {{}}x {tmp_path}/other/to/a"


def test_a_hook_that_is_no_program_is_an_error_before_the_work(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("")
    for program, reason in (
        ("no-such-program", "No such file or directory"),
        (str(script), "Permission denied"),
    ):
        done = run("extract", "--to", tmp_path / "to", "--hook", program, stdin=file("a"))
        assert (done.status, done.output) == (2, b"")
        assert assert_one_line(done.errors, "extract") == f"--hook {program}: {reason}"
        assert not (tmp_path / "to").exists()


def test_a_hook_that_fails() -> None:
    done = run("extract", "--hook", "false", stdin=file("log"))
    assert done.status == 1
    assert assert_one_line(done.errors, "extract") == "false: exit status 1"


_PROJECT = """
def sign(number):
    if number < 0:
        return "negative"
    if number == 0:
        return "zero"
    if number > 1000:
        return "large"
    if number == 1001.5:
        return "never"
    return "positive"
"""


@pytest.mark.slow
def test_coverage_of_four_workers_is_that_of_one(tmp_path: Path) -> None:
    (tmp_path / "project.py").write_text(_PROJECT)
    (tmp_path / ".coveragerc").write_text("[run]\nbranch = true\nsource = .\n")
    changes = {name: "" for name in os.environ if name.startswith("COVERAGE_")}

    def python(*arguments: str) -> bytes:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            capture_output=True,
            env={name: value for name, value in environment().items() if name not in changes},
            check=True,
        ).stdout

    def measured(name: str, *numbers: int) -> bytes:
        calls = "; ".join(f"sign({number})" for number in numbers)
        (tmp_path / "run.py").write_text(f"from project import sign; {calls}")
        python("-m", "coverage", "run", f"--data-file={name}", "--include=project.py", "run.py")
        return (tmp_path / name).read_bytes()

    def report(name: str) -> bytes:
        return python("-m", "coverage", "report", f"--data-file={name}", "--show-missing")

    workers = [(-1,), (0,), (5, 7), (2000,)]
    multiplexer = Multiplexer([str(number) for number in range(4)])
    stream = b""
    for number, numbers in enumerate(workers):
        attached = file(".coverage", measured(f"worker-{number}", *numbers))
        stream += multiplexer.feed(number, attached) + multiplexer.close(number)
    measured("whole", *(number for numbers in workers for number in numbers))
    alone = report("worker-0")
    (tmp_path / "run.subunit").write_bytes(stream)
    hook = f"{sys.executable} -m coverage combine --data-file=combined"
    python("-m", "subunit2", "extract", "--name", ".coverage", "--hook", hook, "run.subunit")
    assert report("combined") == report("whole")
    assert report("combined") != alone
    assert b"project.py" in alone
