"""The lists of test ids that commands are given by name: files, or `-` for standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from subunit2.cli.failures import CallError
from subunit2.cli.input import open_input
from subunit2.streams.listing import read_list

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["read_lists"]


def read_lists(names: Iterable[str], stream: str) -> set[str]:
    """The test ids of all these lists. Holds one of them as it is.

    :param names: of files, each with a list or a stream.
    :param stream: the name of what the command reads besides.
    :raises CallError: where one cannot be read, or standard input is wanted twice.
    """
    names = dict.fromkeys(names)
    if "-" in names and stream == "-":
        raise CallError("the list and the stream are both standard input: name a FILE for one")
    wanted: set[str] = set()
    for name in names:
        with open_input(name) as source:
            wanted.update(read_list(b"".join(chunk for chunk in source.chunks() if chunk)))
    return wanted
