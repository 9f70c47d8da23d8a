"""Read one packet whose signature was read before, as `_parse_packet` of python-subunit does.

Strategy: subclasses read a file themselves, find a signature, and have one packet read. So no
octet behind it is taken. The header names the length; only after damage, octets are read
singly until everything that begins in the damaged octets is settled.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import BinaryIO, Final

from subunit2.items import Item
from subunit2.packets.header import SIGNATURE, Header, read_header
from subunit2.reader import Reader

__all__ = ["read_packet"]

#: The octets of a header behind the signature: flags and the longest length.
_HEADER: Final = 5


def read_packet(file: BinaryIO) -> Iterator[Item]:
    r"""Yield the items that begin with a signature, which is not read again.

    An intact packet is one item. A damaged one is a corrupt region and the items that begin
    in the octets read.

    :raises OSError: if the file cannot be read, or has no data yet.

    >>> import io
    >>> file = io.BytesIO(bytes.fromhex("29010c03666f6f08555f1b") + b"behind")
    >>> [packet] = read_packet(file)
    >>> packet.test_id, file.read()
    ('foo', b'behind')
    """
    octets = bytes((SIGNATURE,)) + _read(file, _HEADER)
    header = read_header(octets, 0, len(octets))
    if isinstance(header, Header):
        octets += _read(file, header.length - len(octets))
    reader = Reader()
    yield from reader.feed(octets)
    while reader.pending and (octet := _read(file, 1)):
        yield from reader.feed(octet)
    yield from reader.close()


def _read(file: BinaryIO, size: int) -> bytes:
    """Return this number of octets, or fewer at the end of the file."""
    octets = b""
    while len(octets) < size:
        some = file.read(size - len(octets))
        if some is None:
            # A raw file that does not block.
            raise BlockingIOError(errno.EAGAIN, "the file has no data yet")
        if not some:
            break
        octets += some
    return octets
