"""Generate packet decoders from subunit2.ksy: fields in Python, and the layout in C."""

from packet_decoder.c_source import write_digest, write_layout
from packet_decoder.layout import LayoutError, read_layout
from packet_decoder.source import write_decoder

__all__ = ["LayoutError", "generate", "generate_c", "generate_digest"]


def generate(ksy: str) -> str:
    """Return the text of the module of the decoder's fields.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming the part of it that is not known.
    """
    return write_decoder(read_layout(ksy))


def generate_c(ksy: str) -> str:
    """Return the text of the C header with the layout of a packet.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming the part of it that is not known.
    """
    return write_layout(read_layout(ksy))


def generate_digest(ksy: str) -> str:
    """Return the text of the Python module with the digest of the C header.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming the part of it that is not known.
    """
    return write_digest(read_layout(ksy))
