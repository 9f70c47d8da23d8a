r"""Lists of test ids, one a line, which runners take as `--load-list`.

Strategy: an id stands as it is, which is what runners expect. One that cannot stand
in a line as it is (it holds a control character other than a tab, what a runner may
take for the end of a line, or what turns text around; begins or ends with a space; is
empty) stands as a JSON string, and so does one that begins with `"`, so that a line
that begins with `"` can only be that. What is written so is read again: a list, the
same ids ended by NUL, and a stream of packets are all taken, and told apart by what is
in them.

>>> list_line("pkg.test[a b]"), list_line("two\nlines")
('pkg.test[a b]', '"two\\nlines"')
"""

from __future__ import annotations

import json
from typing import Final

from subunit2.items import Packet

__all__ = ["list_line", "read_list"]

_QUOTE: Final = '"'

#: The categories of control characters, and of the ends of lines and paragraphs.
_BREAKING: Final = ("Cc", "Zl", "Zp")
#: The bidirectional classes of what turns the text behind it around.
_TURNING: Final = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
#: In front of a list it is no part of it.
_MARK: Final = "\ufeff"


def list_line(test_id: str) -> str:
    r"""The line of a test id, without its end.

    >>> list_line('"quoted"')
    '"\\"quoted\\""'
    """
    is_bare = test_id != "" and test_id.strip() == test_id and not test_id.startswith(_QUOTE)
    if is_bare and (test_id.isprintable() or _fits_a_line(test_id)):
        return test_id
    return json.dumps(test_id)


def _fits_a_line(test_id: str) -> bool:
    """Whether what is not plainly printable in an id ends no line and moves no cursor."""
    from unicodedata import bidirectional, category

    return not any(
        category(each) in _BREAKING or bidirectional(each) in _TURNING or each == _MARK
        for each in test_id
        if not each.isprintable() and each != "\t"
    )


def read_list(octets: bytes) -> list[str]:
    r"""The test ids of a list, each once, in its order. Never raises.

    :param octets: lines as `list_line` writes them, ended by LF, CR LF, or NUL; or a
        stream, of which the ids of all packets count that give a test's status. Octets
        that are not UTF-8 become U+FFFD.

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
    ids.pop(None, None)
    if ids:
        return [test_id for test_id in ids if test_id is not None]
    text = octets.decode("utf-8-sig", "replace")
    if "\0" in text:
        # Ended by NUL they stand as they are, also an empty one.
        return list(dict.fromkeys(text.removesuffix("\0").split("\0")))
    lines = map(_read_line, text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line is not None))


def _read_line(line: str) -> str | None:
    """The id of a line; None where it is empty."""
    line = line.removesuffix("\r")
    if line.startswith(_QUOTE):
        try:
            test_id = json.loads(line)
        except ValueError:
            # Somebody else's list, in which it stands as it is.
            return line
        return test_id if isinstance(test_id, str) else line
    return line or None
