"""Generates packet decoders from subunit2.ksy: in Python, and the layout for C."""

from packet_decoder.c_source import write_digest, write_layout
from packet_decoder.layout import LayoutError, read_layout
from packet_decoder.source import write_decoder

__all__ = ["LayoutError", "generate", "generate_c", "generate_digest"]


def generate(ksy: str) -> str:
    """The text of the decoder's module.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming what in it is not known.
    """
    return write_decoder(read_layout(ksy))


def generate_c(ksy: str) -> str:
    """The text of the compiled reader's header that says what a packet is made of.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming what in it is not known.
    """
    return write_layout(read_layout(ksy))


def generate_digest(ksy: str) -> str:
    """Return the text of the module with the digest of what `generate_c` returns.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming what in it is not known.
    """
    return write_digest(read_layout(ksy))
