"""The names of fields and flags in words, by their ids in the .ksy.

Strategy: an id of the .ksy is a name for programs, and pages, pictures and views show words to
people. Most words are the id with spaces; this module has the others, so that each field has
one name everywhere.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FLAGS", "name_field", "name_flag", "name_path"]

#: The fields whose names are not their ids with spaces.
_FIELDS: Final = {
    "mime_type": "MIME type",
    "name": "file name",
    "num_tags": "tag count",
    "tags_list": "tag",
    "crc32": "checksum",
    "trailing": "left over",
}

#: The names of the flags that announce a field or say something of the test or the file.
FLAGS: Final = {
    "has_test_id": "test id",
    "has_route_code": "route code",
    "has_timestamp": "timestamp",
    "runnable": "runnable",
    "has_tags": "tags",
    "has_file": "file",
    "has_mime_type": "MIME type",
    "eof": "end of file",
    "reserved": "reserved bit",
}


def name_field(id: str) -> str:
    """Return the name of a field in words.

    >>> name_field("crc32"), name_field("route_code")
    ('checksum', 'route code')
    """
    return _FIELDS.get(id, id.replace("_", " "))


def name_flag(id: str) -> str:
    """Return the name of a flag, of the version or of the status in words.

    >>> name_flag("has_mime_type"), name_flag("version")
    ('MIME type', 'version')
    """
    return FLAGS.get(id, id.removeprefix("has_").replace("_", " "))


def name_path(path: str) -> str:
    """Return the name of a part of a packet: a field, a tag by its number, or the file's content.

    A string and its size have the same name.

    >>> [name_path(path) for path in ("test_id/octets", "tags/tags_list/0/size", "file/content")]
    ['test id', 'tag 1', 'content']
    """
    names = path.split("/")
    if names[0] == "tags" and len(names) > 2:
        return f"{name_field('tags_list')} {int(names[2]) + 1}"
    while len(names) > 1 and names[-1] in ("octets", "size"):
        names.pop()
    return name_field(names[-1])
