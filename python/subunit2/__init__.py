r"""Subunit v2: a reader and a writer of streams of test results.

>>> from subunit2 import Packet, decode, encode
>>> stream = b"building...\n" + encode(Packet(test_id="foo", test_status="success"))
>>> for item in decode(stream):
...     print(item)
Passthrough(data=b'building...\n', offset=0)
Packet(test_id='foo', test_status='success', offset=12, length=12)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subunit2 import spec
    from subunit2.files import StreamWriter, decode
    from subunit2.items import (
        CHILD_SEPARATOR,
        ERROR_CODES,
        TEST_STATUSES,
        Corrupt,
        EncodeError,
        ErrorCode,
        Item,
        Packet,
        Passthrough,
        TestStatus,
        Timestamp,
        replace,
    )
    from subunit2.jsonform import item_from_dict
    from subunit2.reader import Reader
    from subunit2.streams.attachments import Attachment
    from subunit2.streams.capturing import capture_stdio
    from subunit2.streams.records import TestRecord, TestRecords, tests
    from subunit2.streams.streamresult import StreamResultWriter, replay
    from subunit2.writer import encode, encode_attachment
else:

    def __getattr__(name: str) -> object:
        """Import the module of a name when the name is first used.

        A program that uses `Reader` alone does not load the writer, and
        `subunit2 --version` loads neither.
        """
        from importlib import import_module

        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"{__name__}.{_MODULES[name]}")
        value = module if name == "spec" else getattr(module, name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*__all__, "__doc__", "__version__"})


__version__ = "0.1.0"

__all__ = [
    "CHILD_SEPARATOR",
    "ERROR_CODES",
    "TEST_STATUSES",
    "Attachment",
    "Corrupt",
    "EncodeError",
    "ErrorCode",
    "Item",
    "Packet",
    "Passthrough",
    "Reader",
    "StreamResultWriter",
    "StreamWriter",
    "TestRecord",
    "TestRecords",
    "TestStatus",
    "Timestamp",
    "capture_stdio",
    "decode",
    "encode",
    "encode_attachment",
    "item_from_dict",
    "replace",
    "replay",
    "spec",
    "tests",
]

#: The module of each public name.
_MODULES = {
    "CHILD_SEPARATOR": "items",
    "ERROR_CODES": "items",
    "TEST_STATUSES": "items",
    "Attachment": "streams.attachments",
    "Corrupt": "items",
    "EncodeError": "items",
    "ErrorCode": "items",
    "Item": "items",
    "Packet": "items",
    "Passthrough": "items",
    "Reader": "reader",
    "StreamResultWriter": "streams.streamresult",
    "StreamWriter": "files",
    "TestRecord": "streams.records",
    "TestRecords": "streams.records",
    "TestStatus": "items",
    "Timestamp": "items",
    "capture_stdio": "streams.capturing",
    "decode": "files",
    "encode": "writer",
    "encode_attachment": "writer",
    "item_from_dict": "jsonform",
    "replace": "items",
    "replay": "streams.streamresult",
    "spec": "spec",
    "tests": "streams.records",
}
