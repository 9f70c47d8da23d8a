"""File names from a stream, made safe for every system, on every system.

Strategy: files are carried between machines, so a name obeys the rules of Linux, macOS and
Windows at once. Text is composed first (NFC), since macOS takes composed and decomposed
characters for the same. Characters with a special meaning on some system, and those that a
person cannot see, are replaced by `_`. A long name is cut, and a checksum of the whole name
is added, so that long names with the same beginning stay distinct.

Two names can become one, or be one on a system that ignores case: `name_key` tells, and
the caller that creates the files adds numbers.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

from subunit2.packets.crc import crc32
from subunit2.visible import is_visible

__all__ = ["name_key", "numbered", "numbered_folder", "safe_folder_name", "safe_name"]

#: Characters with a special meaning on Windows, macOS or in a shell.
_UNSAFE: Final = frozenset('<>:"/\\|?*')
#: Device names of Windows, with any suffix, also behind spaces; its digits may be raised (COM¹).
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9]|lpt[0-9]) *(?:\.|$)", re.IGNORECASE
)
#: The `~1` in the short names that Windows gives to long ones, and the home folder of a shell.
_TILDE: Final = re.compile(r"^~|~(?=[0-9])")
#: A file of these names is read by git as a link to a repository, or by macOS as attributes of
#: another file.
_TAKEN: Final = re.compile(r"\.(?=git$|_)", re.IGNORECASE)
#: The most octets of a name, decomposed as on some file systems. Those allow 255, or 143 if
#: they encrypt names, and a number may be added.
_LONGEST: Final = 120
#: The most characters of a suffix, such as `.json`, which a name keeps when it is cut.
_SUFFIX: Final = 10


def safe_name(name: str) -> str:
    r"""Return a name as one component of a path: no separator, no control character, not `..`.

    >>> safe_name("../etc/passwd"), safe_name("..") , safe_name("a\nb"), safe_name("")
    ('.._etc_passwd', '__', 'a_b', '_')
    >>> safe_name("COM¹.txt"), safe_name("PROGRA~1"), safe_name("a\u200bb")
    ('_COM¹.txt', 'PROGRA_1', 'a_b')
    """
    safe = "".join(_safe_character(each) for each in normalize("NFC", name))
    # Windows drops dots and spaces at the end.
    stripped = safe.rstrip(". ")
    safe = _TILDE.sub("_", stripped + "_" * (len(safe) - len(stripped)))
    # Commands take a leading dash for an option.
    if safe.startswith("-") or _TAKEN.match(safe):
        safe = "_" + safe[1:]
    if _DEVICE.match(normalize("NFKC", safe)):
        safe = f"_{safe}"
    if len(normalize("NFD", safe).encode()) > _LONGEST:
        safe = _cut(safe, name)
    return safe or "_"


def safe_folder_name(name: str) -> str:
    r"""Return a name likewise for a folder, which is never hidden.

    A hidden folder is not found again, and `.git` in the current folder is a repository with
    commands that git runs.

    >>> safe_folder_name("./tests/run.sh"), safe_folder_name(".git")
    ('__tests_run.sh', '_git')
    """
    return safe_name(f"_{name[1:]}" if name.startswith(".") else name)


def name_key(name: str) -> str:
    r"""Return a key that is the same for two names if a system may take them for the same.

    >>> name_key("A\u0301.log") == name_key("á.LOG"), name_key("straße") == name_key("STRASSE")
    (True, True)
    """
    return normalize("NFKD", normalize("NFKD", name).upper().casefold())


def numbered(name: str, number: int) -> str:
    """Return a name with a number in front of its suffix.

    >>> numbered("log.txt", 2), numbered(".coverage", 2)
    ('log-2.txt', '.coverage-2')
    """
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{number}{dot}{suffix}" if stem else f"{name}-{number}"


def numbered_folder(name: str, number: int) -> str:
    """Return a name with a number at its end: the folder of a test has no suffix.

    >>> numbered_folder("pkg.test", 2)
    'pkg.test-2'
    """
    return f"{name}-{number}"


def _safe_character(character: str) -> str:
    if character.isascii():
        is_safe = character.isprintable() and character not in _UNSAFE
    else:
        # Old interfaces of Windows turn wide and similar characters into those of ASCII.
        alike = normalize("NFKC", character) + normalize("NFKD", character)
        is_safe = is_visible(character) and _UNSAFE.isdisjoint(alike)
    return character if is_safe else "_"


def _cut(safe: str, name: str) -> str:
    """Cut a long name, and add a checksum of the name as it was given."""
    stem, dot, suffix = safe.rpartition(".")
    end = f"-{crc32(name.encode('utf-8', 'surrogatepass')):08x}"
    if stem and 0 < len(suffix) <= _SUFFIX and suffix.isascii():
        end += dot + suffix
        safe = stem
    kept: list[str] = []
    left = _LONGEST - len(end)
    for each in safe:
        left -= len(normalize("NFD", each).encode())
        if left < 0:
            break
        kept.append(each)
    return "".join(kept) + end
