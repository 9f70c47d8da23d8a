# Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`.
"""Packets as the writer writes them, a function for each set of fields.

Strategy: `DECODERS` gives, for the first three octets of a packet, the function
that reads it and what its flags say beside the fields. A function takes the
octets, the place behind the length and that of the checksum, and returns the
packet; or None where the packet is not as the writer writes it. A size of 64 or
more that overruns is refused at once, so that nothing large is cut from what is
behind the packet; a smaller one is found at the end, where the last field has to
end at the checksum.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final, TypeAlias

from subunit2.items import Packet, ReadPacket, TestStatus, Timestamp

__all__ = ["DECODERS", "Decoder", "Entry"]

#: Octets, place of the fields and of the checksum, status, runnable, end of
#: file, offset and length; raises IndexError, struct.error or
#: UnicodeDecodeError where it does not return None.
Decoder: TypeAlias = Callable[
    [bytes, int, int, TestStatus | None, bool, bool, int, int], Packet | None
]
Entry: TypeAlias = tuple[Decoder, TestStatus | None, bool, bool]

_u4: Final = Struct(">I").unpack_from


def _long_number(data: bytes, at: int) -> tuple[int, int]:
    """A number of three octets, and the place behind it.

    -1 where it is not in its shortest form, or has four octets.
    """
    if data[at] < 0xC0:
        number = (data[at] & 0x3F) << 16 | data[at + 1] << 8 | data[at + 2]
        return (number, at + 3) if number >= 0x4000 else (-1, at)
    return (-1, at)


def _timestamp_test_id_tags_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_tags(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list):
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in mime_type:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_test_id(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in "".join(tags_list) or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_tags(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    if at != stop or "\0" in "".join(tags_list):
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in mime_type:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, file_name, content, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, file_name, content, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, None, None, eof,
        route_code, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _timestamp(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # timestamp
    seconds = _u4(data, at)[0]
    at += 4
    if data[at] >= 0xC0:
        nanoseconds = _u4(data, at)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        at += 4
    else:
        nanoseconds = data[at]
        at += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, at = _long_number(data, at - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[at]
                at += 1
            if nanoseconds < 0x40:
                return None
    if at != stop:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, None, None, eof,
        None, Timestamp(seconds, nanoseconds),
        False, None, offset, length,
    )


def _test_id_tags_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_tags_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_tags_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_tags_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in mime_type:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_tags_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_tags_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_tags_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list) or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_tags(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    if at != stop or "\0" in test_id or "\0" in "".join(tags_list):
        return None
    return ReadPacket(
        test_id, status, tuple(tags_list), runnable,
        None, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in mime_type:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        mime_type, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in test_id or "\0" in file_name:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _test_id_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id or "\0" in route_code:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _test_id(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # test id
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    test_id = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in test_id:
        return None
    return ReadPacket(
        test_id, status, None, runnable,
        None, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _tags_mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _tags_mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _tags_mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _tags_mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in mime_type:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        mime_type, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _tags_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _tags_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in "".join(tags_list) or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _tags_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in "".join(tags_list) or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _tags(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # tags
    num_tags = data[at]
    at += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, at = _long_number(data, at - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= num_tags <= stop - at:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[at]
        at += 1
        if size >= 0x40:
            if size >= 0x80:
                size, at = _long_number(data, at - 1)
            else:
                size = (size & 0x3F) << 8 | data[at]
                at += 1
            if not 0x40 <= size <= stop - at:
                return None
        tags_list.append(data[at : at + size].decode())
        at += size
    if at != stop or "\0" in "".join(tags_list):
        return None
    return ReadPacket(
        None, status, tuple(tags_list), runnable,
        None, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _mime_type_file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in mime_type or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _mime_type_file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in mime_type or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _mime_type_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in mime_type or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _mime_type(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # mime type
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    mime_type = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in mime_type:
        return None
    return ReadPacket(
        None, status, None, runnable,
        mime_type, None, None, eof,
        None, None,
        False, None, offset, length,
    )


def _file_route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in file_name or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, file_name, content, eof,
        route_code, None,
        False, None, offset, length,
    )


def _file(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # file
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    file_name = data[at : at + size].decode()
    at += size
    file_size = data[at]
    at += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, at = _long_number(data, at - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= file_size <= stop - at:
            return None
    content = data[at : at + file_size]
    at += file_size
    if at != stop or "\0" in file_name:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, file_name, content, eof,
        None, None,
        False, None, offset, length,
    )


def _route_code(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    # route code
    size = data[at]
    at += 1
    if size >= 0x40:
        if size >= 0x80:
            size, at = _long_number(data, at - 1)
        else:
            size = (size & 0x3F) << 8 | data[at]
            at += 1
        if not 0x40 <= size <= stop - at:
            return None
    route_code = data[at : at + size].decode()
    at += size
    if at != stop or "\0" in route_code:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, None, None, eof,
        route_code, None,
        False, None, offset, length,
    )


def _no_fields(
    data: bytes, at: int, stop: int,
    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,
) -> Packet | None:
    if at != stop:
        return None
    return ReadPacket(
        None, status, None, runnable,
        None, None, None, eof,
        None, None,
        False, None, offset, length,
    )


_BY_FIELDS: Final[dict[int, Decoder]] = {
    0x0EE0: _timestamp_test_id_tags_mime_type_file_route_code,
    0x0AE0: _timestamp_test_id_tags_mime_type_file,
    0x0EA0: _timestamp_test_id_tags_mime_type_route_code,
    0x0AA0: _timestamp_test_id_tags_mime_type,
    0x0EC0: _timestamp_test_id_tags_file_route_code,
    0x0AC0: _timestamp_test_id_tags_file,
    0x0E80: _timestamp_test_id_tags_route_code,
    0x0A80: _timestamp_test_id_tags,
    0x0E60: _timestamp_test_id_mime_type_file_route_code,
    0x0A60: _timestamp_test_id_mime_type_file,
    0x0E20: _timestamp_test_id_mime_type_route_code,
    0x0A20: _timestamp_test_id_mime_type,
    0x0E40: _timestamp_test_id_file_route_code,
    0x0A40: _timestamp_test_id_file,
    0x0E00: _timestamp_test_id_route_code,
    0x0A00: _timestamp_test_id,
    0x06E0: _timestamp_tags_mime_type_file_route_code,
    0x02E0: _timestamp_tags_mime_type_file,
    0x06A0: _timestamp_tags_mime_type_route_code,
    0x02A0: _timestamp_tags_mime_type,
    0x06C0: _timestamp_tags_file_route_code,
    0x02C0: _timestamp_tags_file,
    0x0680: _timestamp_tags_route_code,
    0x0280: _timestamp_tags,
    0x0660: _timestamp_mime_type_file_route_code,
    0x0260: _timestamp_mime_type_file,
    0x0620: _timestamp_mime_type_route_code,
    0x0220: _timestamp_mime_type,
    0x0640: _timestamp_file_route_code,
    0x0240: _timestamp_file,
    0x0600: _timestamp_route_code,
    0x0200: _timestamp,
    0x0CE0: _test_id_tags_mime_type_file_route_code,
    0x08E0: _test_id_tags_mime_type_file,
    0x0CA0: _test_id_tags_mime_type_route_code,
    0x08A0: _test_id_tags_mime_type,
    0x0CC0: _test_id_tags_file_route_code,
    0x08C0: _test_id_tags_file,
    0x0C80: _test_id_tags_route_code,
    0x0880: _test_id_tags,
    0x0C60: _test_id_mime_type_file_route_code,
    0x0860: _test_id_mime_type_file,
    0x0C20: _test_id_mime_type_route_code,
    0x0820: _test_id_mime_type,
    0x0C40: _test_id_file_route_code,
    0x0840: _test_id_file,
    0x0C00: _test_id_route_code,
    0x0800: _test_id,
    0x04E0: _tags_mime_type_file_route_code,
    0x00E0: _tags_mime_type_file,
    0x04A0: _tags_mime_type_route_code,
    0x00A0: _tags_mime_type,
    0x04C0: _tags_file_route_code,
    0x00C0: _tags_file,
    0x0480: _tags_route_code,
    0x0080: _tags,
    0x0460: _mime_type_file_route_code,
    0x0060: _mime_type_file,
    0x0420: _mime_type_route_code,
    0x0020: _mime_type,
    0x0440: _file_route_code,
    0x0040: _file,
    0x0400: _route_code,
    0x0000: _no_fields,
}

_STATUSES: Final[tuple[TestStatus | None, ...]] = (
    None,
    "exists",
    "inprogress",
    "success",
    "uxsuccess",
    "skip",
    "fail",
    "xfail",
)

#: By the first three octets of a packet.
DECODERS: Final[dict[bytes, Entry]] = {
    b"\xb3"
    + (0x2000 | fields | runnable | eof | number).to_bytes(2): (
        decoder,
        status,
        runnable != 0,
        eof != 0,
    )
    for fields, decoder in _BY_FIELDS.items()
    for number, status in enumerate(_STATUSES)
    for runnable in (0, 0x0100)
    for eof in (0, 0x0010)
}
