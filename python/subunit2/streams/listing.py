r"""Lists of test ids, one a line, which runners take as `--load-list`.

Strategy: runners take each line for an id, so an id is written unchanged. What a line
cannot hold is in a list of ids ended by NUL, or in a stream. Reading takes a list of lines,
ids ended by NUL, or a stream of packets, and detects which of them it is.

Lists were perhaps saved by an editor on Windows: a byte order mark at the start is ignored,
and so are carriage returns if all lines end with one. Nothing else is removed from a line.

>>> fits_a_line('"pkg.test[a b] '), fits_a_line("two\nlines")
(True, False)
"""

from __future__ import annotations

from typing import Final

from subunit2.damage.reports import PARSER
from subunit2.items import Packet

__all__ = ["fits_a_line", "is_plain_line", "read_list"]

#: The byte order mark, which is ignored at the start of a list.
_MARK: Final = "\ufeff"


def fits_a_line(test_id: str) -> bool:
    r"""Return whether a list of lines can hold a test id.

    >>> fits_a_line(" \t\u2028x"), fits_a_line("")
    (True, False)
    """
    return test_id != "" and "\n" not in test_id


def is_plain_line(test_id: str) -> bool:
    r"""Return whether a test id can be in the first line of a list.

    Behind such a line, every id that fits a line is read as it is.

    >>> is_plain_line("a\rb"), is_plain_line("a\r"), is_plain_line("\ufeffa")
    (True, False, False)
    """
    return not test_id.startswith(_MARK) and not test_id.endswith("\r")


def read_list(octets: bytes) -> list[str]:
    r"""Return the test ids of a list, each once, in order. Never raises.

    :param octets: ids, each on a line, ended by LF or all by CR LF; ids ended by NUL; or a
        stream, whose ids are those of packets with a test status, without reports of damage
        (`damage.parser`). Empty lines are ignored. Octets that are not UTF-8 become U+FFFD.

    >>> read_list(b'foo\r\n\r\n"bar" \r\nfoo\r\n')
    ['foo', '"bar" ']
    >>> from subunit2 import encode
    >>> read_list(encode(Packet(test_id="foo", test_status="exists")))
    ['foo']
    """
    from subunit2.files import decode

    ids = dict.fromkeys(
        item.test_id
        for item in decode(octets)
        if isinstance(item, Packet) and item.test_status is not None
    )
    if ids:
        # clause damage.parser
        return [test_id for test_id in ids if test_id is not None and test_id != PARSER]
    text = octets.decode("utf-8-sig", "replace")
    if "\0" in text:
        # These may be empty.
        return list(dict.fromkeys(text.removesuffix("\0").split("\0")))
    *ended, last = text.split("\n")
    if any(ended) and all(line.endswith("\r") for line in ended if line):
        ended = [line.removesuffix("\r") for line in ended]
        last = last.removesuffix("\r")
    return [line for line in dict.fromkeys([*ended, last]) if line]
