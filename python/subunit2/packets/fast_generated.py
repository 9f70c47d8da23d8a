# Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`.
"""The layout of a packet, with the source that reads each field: see `assemble`."""

from __future__ import annotations

from typing import Final

from subunit2.packets.assemble import FieldSource, Layout

__all__ = ["LAYOUT"]

LAYOUT: Final = Layout(
    signature=0xB3,
    fixed=0xF008,
    version=0x2000,
    runnable=0x0100,
    eof=0x0010,
    statuses=(
        None,
        "exists",
        "inprogress",
        "success",
        "uxsuccess",
        "skip",
        "fail",
        "xfail",
    ),
    attributes=(
        "test_id",
        "test_status",
        "test_tags",
        "runnable",
        "mime_type",
        "file_name",
        "file_bytes",
        "eof",
        "route_code",
        "timestamp",
    ),
    fields=(
        FieldSource(
            flag=0x0200,
            name="timestamp",
            lines="""\
    seconds = _u4(data, index)[0]
    index += 4
    if data[index] >= 0xC0:
        nanoseconds = _u4(data, index)[0] & 0x3FFFFFFF
        if not 0x400000 <= nanoseconds <= 999999999:
            return None
        index += 4
    else:
        nanoseconds = data[index]
        index += 1
        if nanoseconds >= 0x40:
            if nanoseconds >= 0x80:
                nanoseconds, index = _long_number(data, index - 1)
            else:
                nanoseconds = (nanoseconds & 0x3F) << 8 | data[index]
                index += 1
            if nanoseconds < 0x40:
                return None""",
            texts=(),
            values={
                "timestamp": "Timestamp(seconds, nanoseconds)",
            },
        ),
        FieldSource(
            flag=0x0800,
            name="test id",
            lines="""\
    size = data[index]
    index += 1
    if size >= 0x40:
        if size >= 0x80:
            size, index = _long_number(data, index - 1)
        else:
            size = (size & 0x3F) << 8 | data[index]
            index += 1
        if not 0x40 <= size <= end - index:
            return None
    test_id = data[index : index + size].decode()
    index += size""",
            texts=("test_id",),
            values={
                "test_id": "test_id",
            },
        ),
        FieldSource(
            flag=0x0080,
            name="tags",
            lines="""\
    num_tags = data[index]
    index += 1
    if num_tags >= 0x40:
        if num_tags >= 0x80:
            num_tags, index = _long_number(data, index - 1)
        else:
            num_tags = (num_tags & 0x3F) << 8 | data[index]
            index += 1
        if not 0x40 <= num_tags <= end - index:
            return None
    tags_list = []
    for _ in range(num_tags):
        size = data[index]
        index += 1
        if size >= 0x40:
            if size >= 0x80:
                size, index = _long_number(data, index - 1)
            else:
                size = (size & 0x3F) << 8 | data[index]
                index += 1
            if not 0x40 <= size <= end - index:
                return None
        tags_list.append(data[index : index + size].decode())
        index += size""",
            texts=("''.join(tags_list)",),
            values={
                "test_tags": "tuple(tags_list)",
            },
        ),
        FieldSource(
            flag=0x0020,
            name="mime type",
            lines="""\
    size = data[index]
    index += 1
    if size >= 0x40:
        if size >= 0x80:
            size, index = _long_number(data, index - 1)
        else:
            size = (size & 0x3F) << 8 | data[index]
            index += 1
        if not 0x40 <= size <= end - index:
            return None
    mime_type = data[index : index + size].decode()
    index += size""",
            texts=("mime_type",),
            values={
                "mime_type": "mime_type",
            },
        ),
        FieldSource(
            flag=0x0040,
            name="file",
            lines="""\
    size = data[index]
    index += 1
    if size >= 0x40:
        if size >= 0x80:
            size, index = _long_number(data, index - 1)
        else:
            size = (size & 0x3F) << 8 | data[index]
            index += 1
        if not 0x40 <= size <= end - index:
            return None
    file_name = data[index : index + size].decode()
    index += size
    file_size = data[index]
    index += 1
    if file_size >= 0x40:
        if file_size >= 0x80:
            file_size, index = _long_number(data, index - 1)
        else:
            file_size = (file_size & 0x3F) << 8 | data[index]
            index += 1
        if not 0x40 <= file_size <= end - index:
            return None
    content = data[index : index + file_size]
    index += file_size""",
            texts=("file_name",),
            values={
                "file_name": "file_name",
                "file_bytes": "content",
            },
        ),
        FieldSource(
            flag=0x0400,
            name="route code",
            lines="""\
    size = data[index]
    index += 1
    if size >= 0x40:
        if size >= 0x80:
            size, index = _long_number(data, index - 1)
        else:
            size = (size & 0x3F) << 8 | data[index]
            index += 1
        if not 0x40 <= size <= end - index:
            return None
    route_code = data[index : index + size].decode()
    index += size""",
            texts=("route_code",),
            values={
                "route_code": "route_code",
            },
        ),
    ),
)
