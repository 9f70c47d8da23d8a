from typing import Final

from subunit2.items import Item, Packet

LAYOUT: Final[str]

def read_packets(
    data: bytes, index: int, base: int, items: list[Item], claimed_end: int = 0, /
) -> int: ...
def decode_canonical(octets: bytes, offset: int, recovered: bool, /) -> Packet | None: ...
def enable_vectorcall(metaclass: type, /) -> None: ...
