r"""Subunit v2: a reader and a writer of streams of test results.

>>> from subunit2 import Packet, decode, encode
>>> stream = b"building...\n" + encode(Packet(test_id="foo", test_status="success"))
>>> for item in decode(stream):
...     print(item)
Passthrough(data=b'building...\n', offset=0)
Packet(test_id='foo', test_status='success', offset=12, length=12)
"""

from subunit2 import spec
from subunit2.files import StreamWriter, decode
from subunit2.items import (
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
)
from subunit2.jsonform import item_from_dict
from subunit2.reader import Reader
from subunit2.writer import encode, encode_attachment

__version__ = "0.1.0"

__all__ = [
    "ERROR_CODES",
    "TEST_STATUSES",
    "Corrupt",
    "EncodeError",
    "ErrorCode",
    "Item",
    "Packet",
    "Passthrough",
    "Reader",
    "StreamWriter",
    "TestStatus",
    "Timestamp",
    "decode",
    "encode",
    "encode_attachment",
    "item_from_dict",
    "spec",
]
