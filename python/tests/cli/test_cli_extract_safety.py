"""`subunit2 extract` writes nothing outside of its folder, and replaces nothing unasked."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from subunit2 import Packet, encode
from subunit2.cli import folders, sinks
from subunit2.cli.filenames import name_key
from support.command import Done, Running, assert_one_line, run, run_on_terminal

TEST = "pkg.test"
#: More than extract has open at once.
MANY = 70


def chunk(
    name: str,
    content: bytes,
    *,
    test: str | None = None,
    route: str | None = None,
    eof: bool = True,
) -> bytes:
    return encode(
        Packet(file_name=name, file_bytes=content, eof=eof, test_id=test, route_code=route)
    )


def extract(folder: Path, *arguments: str, stdin: bytes) -> Done:
    return run("extract", "--to", folder / "to", *arguments, stdin=stdin)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Return a folder that must stay as it is."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "authorized_keys").write_bytes(b"mine")
    (tmp_path / "to").mkdir()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("route", [None, "0"])
def test_a_link_to_a_folder_is_not_followed(
    victim: Path, tmp_path: Path, route: str | None, overwrite: bool
) -> None:
    above = tmp_path / "to" / (route or "")
    above.mkdir(exist_ok=True)
    (above / TEST).symlink_to(victim)
    stream = chunk("authorized_keys", b"theirs", test=TEST, route=route)
    stream += chunk("other", b"theirs", test=TEST, route=route)
    done = extract(tmp_path, *["--overwrite"] * overwrite, stdin=stream)
    assert (done.status, done.errors) == (0, b"")
    assert contents(victim) == {"authorized_keys": b"mine"}
    assert (above / TEST).is_symlink()
    # A folder beside the link has them.
    assert contents(above / f"{TEST}-2") == {"authorized_keys": b"theirs", "other": b"theirs"}


def test_a_link_in_place_of_the_folder_of_a_route(victim: Path, tmp_path: Path) -> None:
    (tmp_path / "to" / "0").symlink_to(victim)
    done = extract(tmp_path, stdin=chunk("a", b"1", test="t", route="0"))
    assert done.text == f"{tmp_path}/to/0-2/t/a\n"
    assert contents(victim) == {"authorized_keys": b"mine"}


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "to").symlink_to(tmp_path / "real")
    assert extract(tmp_path, stdin=chunk("a", b"1")).status == 0
    assert contents(tmp_path / "real") == {"a": b"1"}


def _link(path: Path, victim: Path) -> None:
    path.symlink_to(victim / "authorized_keys")


def _dangling(path: Path, victim: Path) -> None:
    path.symlink_to(victim / "new")


def _hard_link(path: Path, victim: Path) -> None:
    os.link(victim / "authorized_keys", path)


def _fifo(path: Path, victim: Path) -> None:
    os.mkfifo(path)


KINDS = [_link, _dangling, _hard_link, _fifo]


@pytest.mark.parametrize("put", KINDS)
def test_what_has_the_name_of_a_file_is_replaced_and_not_written_to(
    victim: Path, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    path = tmp_path / "to" / "log"
    put(path, victim)
    done = extract(tmp_path, stdin=chunk("log", b"theirs"))
    assert done.status == 2
    reason = assert_one_line(done.errors, "extract")
    assert reason == f"{path}: exists already; --overwrite replaces it"
    assert extract(tmp_path, "--overwrite", stdin=chunk("log", b"theirs")).status == 0
    assert contents(tmp_path / "to") == {"log": b"theirs"}
    assert contents(victim) == {"authorized_keys": b"mine"}


@pytest.mark.parametrize("put", KINDS)
def test_a_file_that_is_replaced_while_it_waits_for_more(
    victim: Path, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    to = tmp_path / "to"
    with Running("extract", "--to", to) as running:
        running.feed(b"".join(chunk(f"f{each}", b"1", eof=False) for each in range(MANY)))
        # It says so when all of these have begun, and the first are closed.
        running.feed(chunk("ready", b""))
        running.expect(lambda output: output.endswith(b"ready\n"))
        (to / "f0").unlink()
        put(to / "f0", victim)
        running.feed(chunk("f0", b"theirs"))
        done = running.finish()
    assert done.status == 2
    reason = assert_one_line(done.errors, "extract")
    assert reason == f"{to}/f0: another file or a link took its place meanwhile"
    assert contents(victim) == {"authorized_keys": b"mine"}


def test_a_file_that_another_process_writes_to_meanwhile(tmp_path: Path) -> None:
    to = tmp_path / "to"
    with Running("extract", "--to", to) as running:
        running.feed(b"".join(chunk(f"f{each}", b"1", eof=False) for each in range(MANY)))
        running.feed(chunk("ready", b""))
        running.expect(lambda output: output.endswith(b"ready\n"))
        (to / "f0").write_bytes(b"more")
        running.feed(chunk("f0", b"2"))
        done = running.finish()
    assert done.status == 2
    assert assert_one_line(done.errors, "extract").endswith(" has written to it meanwhile")
    assert (to / "f0").read_bytes() == b"more"


@pytest.mark.parametrize("is_again", [False, True])
def test_a_folder_that_becomes_a_link_meanwhile(
    victim: Path, tmp_path: Path, is_again: bool
) -> None:
    to = tmp_path / "to"
    with Running("extract", "--to", to) as running:
        for each in range(MANY):
            running.feed(chunk(f"f{each}", b"1", test=TEST, eof=False))
        running.feed(chunk("ready", b""))
        running.expect(lambda output: output.endswith(b"ready\n"))
        (to / TEST).rename(to / "moved")
        (to / TEST).symlink_to(victim)
        # More of the first file, which is closed, or a new one.
        running.feed(chunk("f0" if is_again else "authorized_keys", b"theirs", test=TEST))
        done = running.finish()
    assert done.status == 2
    reason = assert_one_line(done.errors, "extract")
    assert reason.endswith(": another file or a link took its place meanwhile")
    assert contents(victim) == {"authorized_keys": b"mine"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no devices")
def test_a_device_in_place_of_a_folder_above(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "null").symlink_to("/dev/null")
    done = extract(tmp_path, stdin=chunk("null", b"1"))
    assert done.status == 2
    assert extract(tmp_path, "--overwrite", stdin=chunk("null", b"1")).status == 0
    assert contents(tmp_path / "to") == {"null": b"1"}


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    to = tmp_path / "to"
    to.mkdir()
    (to / "log").write_bytes(b"old")
    os.link(to / "log", tmp_path / "other name")
    with Running("extract", "--to", to, "--overwrite") as running:
        running.feed(chunk("log", b"new", eof=False) + chunk("ready", b""))
        running.expect(lambda output: output.endswith(b"ready\n"))
        assert (to / "log").read_bytes() == b"old"
        running.feed(chunk("log", b"er"))
        assert running.finish().status == 0
    assert contents(to) == {"log": b"newer", "ready": b""}
    assert (tmp_path / "other name").read_bytes() == b"old"


def test_an_old_file_stays_if_another_one_fails(tmp_path: Path) -> None:
    to = tmp_path / "to"
    to.mkdir()
    (to / "log").write_bytes(b"old")
    # 1024 symbolic links are too many for any system.
    (to / "t").symlink_to("t")
    stream = chunk("log", b"new", eof=False)
    assert extract(tmp_path, "--overwrite", "--hook", "false", stdin=stream).status == 1
    assert (to / "log").read_bytes() == b"new"
    (to / "log").write_bytes(b"old")
    with Running("extract", "--to", to, "--overwrite") as running:
        running.feed(stream + chunk("a", b"", test="u"))
        running.expect(lambda output: output.endswith(b"u/a\n"))
        shutil.rmtree(to / "u")
        running.feed(chunk("b", b"", test="u"))
        assert running.finish().status == 2
    # Nor is the new one left.
    assert sorted(path.name for path in to.iterdir()) == ["log", "t"]
    assert (to / "log").read_bytes() == b"old"


def test_a_terminal_gets_no_control_characters() -> None:
    hostile = b"\x1b]52;c;cHduZWQ=\x07\tone\r\ntwo\rthree\x9b2J\xc2\x9b\b\x7f\xe2\x80\xae\xff\n"
    chunks = [hostile[:14], hostile[14:22], hostile[22:]]
    stream = b"".join(
        chunk("a", each, eof=index == len(chunks) - 1) for index, each in enumerate(chunks)
    )
    assert run("extract", "--to", "-", stdin=stream).output == hostile
    done = run_on_terminal("extract", "--to", "-", stdin=stream)
    assert done.status == 0
    assert done.output.decode().replace("\r\n", "\n") == (
        "\\x1b]52;c;cHduZWQ=\\x07  one\ntwo\\rthree\\x9b2J\\x9b\\x08\\x7f\\u202e\\xff\n"
    )


def test_names_of_two_tests_that_become_one(tmp_path: Path) -> None:
    tests = ["a/b", "a:b", "A:B", "a_b"]
    stream = b"".join(chunk("log", test.encode(), test=test) for test in tests * 2)
    done = extract(tmp_path, stdin=stream)
    assert done.text.splitlines() == [
        f"{tmp_path}/to/{folder}/{name}"
        for name in ("log", "log-2")
        for folder in ("a_b", "a_b-2", "A_B-3", "a_b-4")
    ]
    # The folders are there already, and the files are not.
    shutil.rmtree(tmp_path / "to/a_b-2")
    (tmp_path / "to/a_b-2").mkdir()
    again = extract(tmp_path, stdin=chunk("new", b"", test="a/b") + chunk("log", b"", test="a:b"))
    assert again.text == f"{tmp_path}/to/a_b/new\n{tmp_path}/to/a_b-2/log\n"


def test_names_are_counted_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = 400
    calls = 0

    def counted(name: str) -> str:
        nonlocal calls
        calls += 1
        return name_key(name)

    monkeypatch.setattr(sinks, "name_key", counted)
    names = ["t", *(f"t-{each}" for each in range(2, number))]
    for after in (
        [chunk("x", b"", test="t")] * number,
        [chunk("t", b"")] * number,
        [chunk("x", b"", test=f"{'tT'[each % 2]}{':' * (each % 7)}") for each in range(number)],
    ):
        calls = 0
        shutil.rmtree(tmp_path / "to", ignore_errors=True)
        stream = b"".join(chunk(name, b"") for name in names) + b"".join(after)
        assert extract(tmp_path, stdin=stream).status == 0
        assert len([path for path in (tmp_path / "to").rglob("*") if path.is_file()]) == (
            len(names) + len(after)
        )
        # Two for each file, and one for each number that a name or a folder skips.
        assert calls < 4 * len(names) + 4 * len(after)


def test_systems_without_open_folders(
    victim: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_HAS_FOLDERS", False)
    to = tmp_path / "to"
    (to / TEST).symlink_to(victim)
    (to / "old").write_bytes(b"old")
    stream = b"".join(chunk(f"f{each}", b"1", test="t", eof=False) for each in range(MANY))
    stream += chunk("f0", b"2", test="t") + chunk("a", b"3", test=TEST) + chunk("old", b"new")
    assert extract(tmp_path, "--overwrite", stdin=stream).status == 0
    assert (to / "t" / "f0").read_bytes() == b"12"
    assert (to / f"{TEST}-2" / "a").read_bytes() == b"3"
    assert (to / "old").read_bytes() == b"new"
    assert contents(victim) == {"authorized_keys": b"mine"}
    root = folders.Root(to)
    with pytest.raises(OSError, match="took its place"):
        root.create([TEST, "b"])
    if sys.platform != "win32":
        _, mark = root.create(["t", "new"])
        (to / "t" / "new").unlink()
        (to / "t" / "new").symlink_to(victim / "authorized_keys")
        with pytest.raises(OSError, match="took its place"):
            root.reopen(["t", "new"], mark, 0)


def test_other_programs_get_the_path_as_it_is(tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xffa\nb\xc2\xa0")
    done = run("extract", "--to", folder, stdin=chunk("log", b"1"))
    assert done.output == os.fsencode(folder) + b"/log\n"
    assert Path(folder, "log").read_bytes() == b"1"
