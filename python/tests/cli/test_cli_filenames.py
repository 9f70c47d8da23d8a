r"""Names of attachments on the rules of each system, which this file states on its own.

`TABLE` has a name, and the name of its file on all systems. The rules are those of the
systems' documentation: the components of a path on Linux, macOS (APFS and HFS+) and Windows.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Packet, encode
from subunit2.cli.filenames import name_key, numbered, safe_folder_name, safe_name
from subunit2.visible import is_visible
from support.command import run

LONG = "x" * 300

TABLE = {
    # Devices of Windows, in any case, with any suffix, with raised digits.
    "CON": "_CON",
    "con.txt": "_con.txt",
    "CON .txt": "_CON .txt",
    "nul.tar.gz": "_nul.tar.gz",
    "COM1": "_COM1",
    "COM¹": "_COM¹",
    "lpt².log": "_lpt².log",
    "LPT³": "_LPT³",
    "CONIN$": "_CONIN$",
    "conout$": "_conout$",
    "ＮＵＬ": "_ＮＵＬ",
    "console": "console",
    "com10": "com10",
    # What Windows drops, and the streams that a name can have there.
    "log.": "log_",
    "log. . ": "log____",
    "log ": "log_",
    "a:b": "a_b",
    "log::$DATA": "log__$DATA",
    "PROGRA~1": "PROGRA_1",
    # Folders, and what leads to them.
    "..": "__",
    ".": "_",
    "": "_",
    "../up": ".._up",
    "C:\\x": "C__x",
    "..／x": ".._x",
    "a℀b": "a_b",
    "~": "_",
    "~root": "_root",
    "log~": "log~",
    "-rf": "_rf",
    ".git": "_git",
    ".GIT": "_GIT",
    ".gitignore": ".gitignore",
    ".coverage": ".coverage",
    "._log": "__log",
    # Composed and decomposed, and characters that are two in another form.
    "A\u0301": "Á",
    "Á": "Á",
    ">\u0338": "_",
    "\u037e": ";",
    "\u212a": "K",
    # Nobody sees these.
    "a\u200bb": "a_b",
    "a\U000e0041": "a_",
    "a\u202etxt.exe": "a_txt.exe",
    "a\u2066b\u2069": "a_b_",
    "\u3164": "_",
    "a\ufe00": "a_",
    "\ufefflog": "_log",
    "a\x00b": "a_b",
    "a\x1b]52;c;x\x07": "a_]52;c;x_",
    "a\x85\u2028b": "a__b",
    "a\ud800": "a_",
    # Long ones keep their beginning and their suffix.
    LONG: "x" * 111 + "-1b432d13",
    f"{LONG}.json": "x" * 106 + "-5c62fe93.json",
}


def fits_linux(name: str) -> bool:
    return name not in ("", ".", "..") and not set(name) & {"/", "\0"} and len(name.encode()) < 256


def fits_macos(name: str) -> bool:
    decomposed = unicodedata.normalize("NFD", name)
    units = len(decomposed.encode("utf-16-le")) // 2
    return fits_linux(decomposed) and ":" not in decomposed and units < 256


def fits_windows(name: str) -> bool:
    if re.search(r'[<>:"/\\|?*\0-\x1f]', name) or name.endswith((".", " ")):
        return False
    stem = name.partition(".")[0].rstrip(" ").upper()
    numbers = "0123456789\u00b9\u00b2\u00b3"
    devices = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    devices |= {device + number for device in ("COM", "LPT") for number in numbers}
    return stem not in devices and len(name.encode("utf-16-le")) // 2 < 256


def is_safe(name: str) -> bool:
    if sys.version_info >= (3, 13):
        import ntpath

        if ntpath.isreserved(name):
            return False
    return fits_linux(name) and fits_macos(name) and fits_windows(name) and is_visible(name)


@pytest.mark.parametrize("name", TABLE, ids=lambda name: ascii(name[:20]))
def test_table(name: str) -> None:
    safe = safe_name(name)
    assert safe == TABLE[name]
    assert is_safe(safe)
    # A number makes no new problem.
    assert is_safe(numbered(safe, 10**9))
    assert safe_name(safe) == safe


@given(st.text())
def test_any_name(name: str) -> None:
    for make in (safe_name, safe_folder_name):
        safe = make(name)
        assert is_safe(safe)
        assert is_safe(numbered(safe, 12345))
        assert make(safe) == safe
        # Encrypted file systems of Linux take no longer ones.
        assert len(unicodedata.normalize("NFD", safe).encode()) <= 120


@given(st.text(max_size=30))
def test_names_that_a_system_takes_for_the_same_have_one_key(name: str) -> None:
    key = name_key(name)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert name_key(unicodedata.normalize(form, name)) == key
    assert name_key(name.casefold()) == key
    # Windows compares single characters, of any of which there is one capital letter.
    assert name_key("".join(c.upper() if len(c.upper()) == 1 else c for c in name)) == key


@pytest.mark.parametrize(
    ("first", "second"),
    [("straße", "STRASSE"), ("ẞ", "ss"), ("ﬀ", "ff"), ("ſ", "S"), ("ς", "Σ"), ("ı", "I"),
     ("ÅNGSTRÖM", "a\u030angstro\u0308m"), ("K", "\u212a"), ("µ", "Μ"), ("ᾳ", "ΑΙ")],
)  # fmt: skip
def test_pairs_of_names(first: str, second: str) -> None:
    assert name_key(first) == name_key(second)


@pytest.mark.parametrize("name", ["./run.sh", ".git", "..", ".ssh", "..namedfork"])
def test_folders_are_never_hidden(name: str) -> None:
    assert not safe_folder_name(name).startswith(".")


def test_files_of_all_names_are_distinct_on_every_system(tmp_path: Path) -> None:
    names = [name for name in TABLE if "\0" not in name and "\ud800" not in name]
    stream = b"".join(
        encode(Packet(file_name=name, file_bytes=name.encode(), eof=True))
        for each in names
        for name in (each, each.upper(), each.lower())
    )
    assert run("extract", "--to", tmp_path / "to", stdin=stream).status == 0
    files = list((tmp_path / "to").iterdir())
    assert len(files) == 3 * len(names)
    assert len({name_key(file.name) for file in files}) == len(files)
    assert all(is_safe(file.name) for file in files)
