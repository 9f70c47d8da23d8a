r"""Lists of test ids, one a line, which runners take as `--load-list`.

Strategy: runners expect each id unchanged on a line. An id is written as a JSON string
if a line cannot hold it: it has a control character other than a tab, a character that a
runner may read as the end of a line, or one that changes the direction of text; it begins
or ends with a space; or it is empty. An id that begins with `"` is quoted as well, so a
line that begins with `"` is always a JSON string. Reading takes such a list, ids ended by
NUL, or a stream of packets, and detects which of them it is.

>>> list_line("pkg.test[a b]"), list_line("two\nlines")
('pkg.test[a b]', '"two\\nlines"')
"""

from __future__ import annotations

import json
from typing import Final

from subunit2.damage.reports import PARSER
from subunit2.items import Packet

__all__ = ["list_line", "read_list"]

_QUOTE: Final = '"'

#: The categories of control characters, and of the ends of lines and paragraphs.
_BREAKING: Final = ("Cc", "Zl", "Zp")
#: The bidirectional classes of characters that change the direction of text.
_TURNING: Final = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
#: The byte order mark, which is ignored at the start of a list.
_MARK: Final = "\ufeff"


def list_line(test_id: str) -> str:
    r"""Return the line of a test id, without its line end.

    >>> list_line('"quoted"')
    '"\\"quoted\\""'
    """
    is_bare = test_id != "" and test_id.strip() == test_id and not test_id.startswith(_QUOTE)
    if is_bare and (test_id.isprintable() or _fits_a_line(test_id)):
        return test_id
    return json.dumps(test_id)


def _fits_a_line(test_id: str) -> bool:
    """Return whether no unprintable character of an id ends a line or moves the cursor."""
    from unicodedata import bidirectional, category

    return not any(
        category(each) in _BREAKING or bidirectional(each) in _TURNING or each == _MARK
        for each in test_id
        if not each.isprintable() and each != "\t"
    )


def read_list(octets: bytes) -> list[str]:
    r"""Return the test ids of a list, each once, in order. Never raises.

    :param octets: lines as `list_line` writes them, ended by LF or CR LF; ids ended by
        NUL; or a stream, whose ids are those of packets with a test status, without
        reports of damage (`damage.parser`). Octets that are not UTF-8 become U+FFFD.

    >>> read_list(b'foo\r\n\n"two\\nlines"\nfoo\n')
    ['foo', 'two\nlines']
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
        # Ids ended by NUL are not quoted, and may be empty.
        return list(dict.fromkeys(text.removesuffix("\0").split("\0")))
    lines = map(_read_line, text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line is not None))


def _read_line(line: str) -> str | None:
    """Return the id of a line, or None if the line is empty."""
    line = line.removesuffix("\r")
    if line.startswith(_QUOTE):
        try:
            test_id = json.loads(line)
        except ValueError:
            # The list of another tool, which does not quote ids.
            return line
        return test_id if isinstance(test_id, str) else line
    return line or None
