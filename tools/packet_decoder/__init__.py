"""Generates a packet decoder in Python from subunit2.ksy."""

from packet_decoder.layout import LayoutError, read_layout
from packet_decoder.source import write_decoder

__all__ = ["LayoutError", "generate"]


def generate(ksy: str) -> str:
    """The text of the decoder's module.

    :param ksy: the text of the .ksy.
    :raises LayoutError: naming what in it is not known.
    """
    return write_decoder(read_layout(ksy))
