"""The items of a stream: packets, passthrough and corrupt regions.

Strategy: three small immutable classes and a timestamp, which keep every value that
they are given. A set or a datetime is converted, or refused. An item can still hold
values that cannot be written (a test id with NUL, an unknown status): only the writer
checks that.

Items are msgspec structs, since a stream has hundreds of thousands of them. Making one
takes a tenth of the time of a frozen dataclass. The garbage collector does not track
them, since octets and strings form no cycles.

The position of an item in its stream (`offset`, `length`) does not count in
comparisons: two packets with the same fields are equal wherever they were found.
"""

from __future__ import annotations

import datetime as _datetime
from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, cast, get_args

from msgspec.structs import force_setattr

from subunit2.structs import Struct

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "CHILD_SEPARATOR",
    "ERROR_CODES",
    "FINAL_STATUSES",
    "TEST_STATUSES",
    "Corrupt",
    "EncodeError",
    "ErrorCode",
    "Item",
    "Packet",
    "Passthrough",
    "TestStatus",
    "Timestamp",
    "replace",
]

#: The status of a test in a packet (`status.values`).
TestStatus: TypeAlias = Literal[
    "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"
]
#: The statuses by their number on the wire, from 1 (`status.values`).
TEST_STATUSES: Final[tuple[TestStatus, ...]] = get_args(TestStatus)
#: The statuses that end a test (`status.final`).
FINAL_STATUSES: Final[frozenset[TestStatus]] = frozenset(
    ("success", "uxsuccess", "skip", "fail", "xfail")
)

#: The noncharacter between the id of a test and the name of a part of it, such as a subtest
#: (`test-id.children`).
CHILD_SEPARATOR: Final = "\ufdd0"

#: One of `ERROR_CODES`.
ErrorCode: TypeAlias = Literal[
    "version",
    "reserved_bit",
    "length_encoding",
    "length_too_short",
    "truncated",
    "checksum",
    "field_overrun",
    "nanoseconds",
    "utf8",
    "nul",
    "trailing_bytes",
]
#: The errors of a packet, in the order in which they are checked
#: (`packet.first-error`).
ERROR_CODES: Final[tuple[ErrorCode, ...]] = get_args(ErrorCode)

_EPOCH: Final = _datetime.datetime(1970, 1, 1, tzinfo=_datetime.UTC)


class EncodeError(ValueError):
    """A packet cannot be written (`writer.refuses`).

    The caller passed a wrong value, and nothing was written.

    :ivar field: the attribute of `Packet` that is wrong, or `packet` for the packet
        as a whole.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


class Timestamp(Struct, frozen=True, order=True, gc=False):
    """A time in UTC since the Unix epoch, exact to the nanosecond.

    :ivar seconds: 0 to 4,294,967,295 (`timestamp.seconds`).
    :ivar nanoseconds: 0 to 999,999,999 (`timestamp.nanoseconds`).

    >>> Timestamp(1, 500_000_001).datetime
    datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc)
    """

    seconds: int
    nanoseconds: int = 0

    @property
    def datetime(self) -> _datetime.datetime:
        """The same time in UTC, truncated to whole microseconds."""
        return _EPOCH + _datetime.timedelta(
            seconds=self.seconds, microseconds=self.nanoseconds // 1000
        )

    @classmethod
    def from_datetime(cls, when: _datetime.datetime) -> Timestamp:
        """Return the timestamp of an aware datetime in any time zone.

        :raises EncodeError: for the field `timestamp`, if `when` is naive, or is before
            1970 or after 2106 (`timestamp.seconds`).
        """
        if when.tzinfo is None or when.utcoffset() is None:
            raise EncodeError("timestamp", "a naive datetime does not say which time it means")
        elapsed = when - _EPOCH
        timestamp = cls(elapsed.days * 86_400 + elapsed.seconds, elapsed.microseconds * 1000)
        if not 0 <= timestamp.seconds < 2**32:
            raise EncodeError("timestamp", f"{when.isoformat()} is not within 1970 to 2106")
        return timestamp


class Packet(Struct, frozen=True, eq=False, gc=False):
    """One event of a test run: a status, a chunk of an attachment, or both.

    None means that a field is absent; an empty value is a field
    (`flags.empty-is-not-absent`). A set passed as `test_tags` is sorted, any other
    iterable keeps its order (`tags.sorted`). An aware datetime passed as `timestamp` is
    converted. The status `error` becomes `fail`. Every other value is kept unchanged,
    and `encode` checks it.

    :ivar test_id: the test, or None for the route as a whole (`test-id.absent`).
    :ivar test_status: one of `TEST_STATUSES`.
    :ivar test_tags: in wire order, duplicates kept.
    :ivar runnable: whether the test can be run by its id (`runnable.meaning`).
    :ivar mime_type: the type of the file, for all its packets (`mime.scope`).
    :ivar file_name: the name of the file; None exactly if `file_bytes` is None.
    :ivar file_bytes: a chunk of the file's content.
    :ivar eof: whether this is the file's last chunk (`file.eof`).
    :ivar route_code: the origin of the packet, such as `0/3` (`route.meaning`).
    :ivar timestamp: the time of the event.
    :ivar recovered: whether the packet starts inside the length that a corrupt region
        before it claimed (`recovery.recovered`). Only readers set it.
    :ivar raw: the octets of a packet that is not canonical: `encode` writes others for
        its fields (a number is wider than in those). None for a canonical packet.
    :ivar offset: the offset of its first octet in the stream that it was read from.
    :ivar length: its length in that stream, in octets.

    >>> Packet(test_id="foo", test_status="exists") == Packet(
    ...     test_id="foo", test_status="exists", offset=100, length=12
    ... )
    True
    """

    test_id: str | None = None
    test_status: TestStatus | None = None
    test_tags: tuple[str, ...] | None = None
    runnable: bool = True
    mime_type: str | None = None
    file_name: str | None = None
    file_bytes: bytes | None = None
    eof: bool = False
    route_code: str | None = None
    timestamp: Timestamp | None = None
    recovered: bool = False
    raw: bytes | None = None
    offset: int = 0
    length: int = 0

    if TYPE_CHECKING:
        # Arguments may have more types than attributes.
        def __init__(
            self,
            *,
            test_id: str | None = None,
            test_status: TestStatus | Literal["error"] | None = None,
            test_tags: Iterable[str] | None = None,
            runnable: bool = True,
            mime_type: str | None = None,
            file_name: str | None = None,
            file_bytes: bytes | bytearray | memoryview | None = None,
            eof: bool = False,
            route_code: str | None = None,
            timestamp: Timestamp | _datetime.datetime | None = None,
            recovered: bool = False,
            raw: bytes | None = None,
            offset: int = 0,
            length: int = 0,
        ) -> None: ...

    def __post_init__(self) -> None:
        tags: Iterable[str] | None = self.test_tags
        if tags is not None and type(tags) is not tuple:
            if isinstance(tags, (str, bytes)):
                raise TypeError("test_tags: a collection of strings, not one string")
            # The order of code points is that of their UTF-8 octets.
            ordered = sorted(tags) if isinstance(tags, Set) else tags
            force_setattr(self, "test_tags", tuple(ordered))
        if self.file_bytes is not None and type(self.file_bytes) is not bytes:
            force_setattr(self, "file_bytes", bytes(memoryview(self.file_bytes)))
        # unittest tells errors from failures; the protocol has only failures.
        status: TestStatus | Literal["error"] | None = self.test_status
        if status == "error":
            force_setattr(self, "test_status", "fail")
        when: Timestamp | _datetime.datetime | None = self.timestamp
        if isinstance(when, _datetime.datetime):
            force_setattr(self, "timestamp", Timestamp.from_datetime(when))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packet) and _compared(self) == _compared(other)

    # `__ne__` of msgspec does not call `__eq__`.
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(_compared(self))

    def __repr__(self) -> str:
        changed = (
            f"{name}={value!r}"
            for name, default in zip(self.__struct_fields__, self.__struct_defaults__, strict=True)
            if (value := getattr(self, name)) != default
        )
        return f"Packet({', '.join(changed)})"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of this packet, which `item_from_dict` reads."""
        from subunit2.jsonform import packet_to_dict

        return packet_to_dict(self)


class Passthrough(Struct, frozen=True, eq=False, gc=False):
    """Octets outside of packets, such as the output of a program, unchanged.

    A stretch of passthrough may be returned as any number of items
    (`stream.octets-alone`).

    :ivar data: the octets.
    :ivar offset: the offset of the first octet in the stream.

    >>> Passthrough(b"(Pdb) ").length
    6
    """

    data: bytes
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Passthrough) and self.data == other.data

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.data)

    @property
    def length(self) -> int:
        """The number of octets."""
        return len(self.data)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of this passthrough, which `item_from_dict` reads."""
        from subunit2.jsonform import passthrough_to_dict

        return passthrough_to_dict(self)


class Corrupt(Struct, frozen=True, eq=False, gc=False):
    r"""A damaged or malformed packet: octets that start with a signature.

    :ivar data: the octets, from the signature on.
    :ivar error: the reason, one of `ERROR_CODES`.
    :ivar offset: the offset of the signature in the stream.

    >>> Corrupt(b"\xb3", "version").error
    'version'
    """

    data: bytes
    error: ErrorCode
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Corrupt) and (self.data, self.error) == (other.data, other.error)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.data, self.error))

    @property
    def length(self) -> int:
        """The number of octets."""
        return len(self.data)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of this region, which `item_from_dict` reads."""
        from subunit2.jsonform import corrupt_to_dict

        return corrupt_to_dict(self)


#: One item of a stream (`stream.partition`).
Item: TypeAlias = Packet | Passthrough | Corrupt

_AnItem = TypeVar("_AnItem", bound="Item")


def _compared(packet: Packet) -> tuple[object, ...]:
    """Return the fields that count in comparisons: all but `offset` and `length`."""
    return (
        packet.test_id,
        packet.test_status,
        packet.test_tags,
        packet.runnable,
        packet.mime_type,
        packet.file_name,
        packet.file_bytes,
        packet.eof,
        packet.route_code,
        packet.timestamp,
        packet.recovered,
        packet.raw,
    )


def mark_recovered(packet: Packet) -> None:
    """Mark a packet as recovered, before anyone has it (`recovery.recovered`)."""
    force_setattr(packet, "recovered", True)


def replace(item: _AnItem, /, **changes: Any) -> _AnItem:
    """Return a copy of the item with some attributes changed.

    :raises EncodeError: if `timestamp` is changed to a datetime that has no timestamp.

    >>> replace(Packet(test_id="foo"), test_status="skip")
    Packet(test_id='foo', test_status='skip')
    """
    values = {name: getattr(item, name) for name in item.__struct_fields__} | changes
    # `Packet` converts the changed values, `ReadPacket` does not.
    changed = Packet(**values) if isinstance(item, Packet) else type(item)(**values)
    return cast("_AnItem", changed)


# The values of a packet that was read need no conversion, so the reader makes packets of a
# class without `__post_init__`. msgspec looks for that method when a class is made. A later
# msgspec that looked at each call would make the reader slower, and change nothing else.
_post_init = Packet.__post_init__
del Packet.__post_init__


class ReadPacket(Packet, frozen=True, eq=False, gc=False):
    """A packet as the reader makes it: all values given, in order, and converted already."""

    if TYPE_CHECKING:

        def __init__(
            self,
            test_id: str | None,
            test_status: TestStatus | None,
            test_tags: tuple[str, ...] | None,
            runnable: bool,
            mime_type: str | None,
            file_name: str | None,
            file_bytes: bytes | None,
            eof: bool,
            route_code: str | None,
            timestamp: Timestamp | None,
            recovered: bool,
            raw: bytes | None,
            offset: int,
            length: int,
        ) -> None: ...

    __hash__ = Packet.__hash__


Packet.__post_init__ = _post_init  # type: ignore[method-assign]
