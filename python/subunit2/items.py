"""What a stream is made of: packets, passthrough and corrupt regions.

Strategy: three small immutable classes and a time, which lose nothing of what
they are given. What is given in another form (a set, a datetime) is brought
into ours, or refused. Beyond that an item can be wrong (a test id with NUL, a
status that nobody knows): whether it can be written is the writer's question,
and asked only there.

They are structs of msgspec's: a stream is hundreds of thousands of them, and one
takes a tenth of the time of a frozen dataclass, and none of the garbage
collector's, which has nothing to look for in octets and strings.

Where an item stood in its stream (`offset`, `length`) is not part of what it
is: two packets that say the same are equal wherever they were found.
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
    "ERROR_CODES",
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

#: What a packet can say of a test (`status.values`).
TestStatus: TypeAlias = Literal[
    "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"
]
#: The statuses by their number on the wire, from 1 (`status.values`).
TEST_STATUSES: Final[tuple[TestStatus, ...]] = get_args(TestStatus)

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
#: What can be wrong with a packet, in the order in which it is checked
#: (`packet.first-error`).
ERROR_CODES: Final[tuple[ErrorCode, ...]] = get_args(ErrorCode)

_EPOCH: Final = _datetime.datetime(1970, 1, 1, tzinfo=_datetime.UTC)


class EncodeError(ValueError):
    """A packet cannot be written (`writer.refuses`).

    It is always the caller's fault, and nothing was written.

    :ivar field: the attribute of `Packet` that is wrong, or `packet` where it
        is the whole.
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
        """The same time, in UTC, cut to whole microseconds."""
        return _EPOCH + _datetime.timedelta(
            seconds=self.seconds, microseconds=self.nanoseconds // 1000
        )

    @classmethod
    def from_datetime(cls, when: _datetime.datetime) -> Timestamp:
        """The timestamp of an aware datetime of any time zone.

        :raises EncodeError: for `timestamp`, where `when` is naive, or before
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

    None is absent, which is not the same as empty (`flags.empty-is-not-absent`).
    A set given as `test_tags` is sorted, any other iterable keeps its order
    (`tags.sorted`); an aware datetime given as `timestamp` becomes one; the
    status `error` becomes `fail`. Every other value is kept as it is, and `encode`
    checks it.

    :ivar test_id: the test, or None for the route as a whole (`test-id.absent`).
    :ivar test_status: one of `TEST_STATUSES`.
    :ivar test_tags: in wire order, duplicates kept.
    :ivar runnable: whether the test can be run by its id (`runnable.meaning`).
    :ivar mime_type: of the file, in all its packets (`mime.scope`).
    :ivar file_name: there exactly where `file_bytes` is.
    :ivar file_bytes: a chunk of the file's content.
    :ivar eof: whether this is the file's last chunk (`file.eof`).
    :ivar route_code: such as `0/3` (`route.meaning`).
    :ivar timestamp: when it happened.
    :ivar recovered: whether it starts inside the length that a corrupt region
        before it claimed (`recovery.recovered`). Only readers set it.
    :ivar raw: the packet's octets, where they are not what `encode` makes of
        its fields (a number that is not in its shortest form); else None.
    :ivar offset: of its first octet in the stream that it was read from.
    :ivar length: in octets, there.

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
        # What can be given is wider than what is kept.
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
        # What unittest calls an error is a failure here.
        status: TestStatus | Literal["error"] | None = self.test_status
        if status == "error":
            force_setattr(self, "test_status", "fail")
        when: Timestamp | _datetime.datetime | None = self.timestamp
        if isinstance(when, _datetime.datetime):
            force_setattr(self, "timestamp", Timestamp.from_datetime(when))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packet) and _said(self) == _said(other)

    # msgspec has one of its own, which `==` would not be the opposite of.
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(_said(self))

    def __repr__(self) -> str:
        said = (
            f"{name}={value!r}"
            for name, default in zip(self.__struct_fields__, self.__struct_defaults__, strict=True)
            if (value := getattr(self, name)) != default
        )
        return f"Packet({', '.join(said)})"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of this packet, as `item_from_dict` takes it."""
        from subunit2.jsonform import packet_to_dict

        return packet_to_dict(self)


class Passthrough(Struct, frozen=True, eq=False, gc=False):
    """Octets that are no packet and did not begin like one, as they were.

    Neighbouring passthrough may come in any number of chunks
    (`stream.octets-alone`).

    :ivar data: the octets.
    :ivar offset: of the first of them in the stream.

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
        """How many octets there are."""
        return len(self.data)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of this passthrough, as `item_from_dict` takes it."""
        from subunit2.jsonform import passthrough_to_dict

        return passthrough_to_dict(self)


class Corrupt(Struct, frozen=True, eq=False, gc=False):
    r"""Octets that began as a packet should, and did not hold up.

    :ivar data: the octets, from the signature on.
    :ivar error: what is wrong, one of `ERROR_CODES`.
    :ivar offset: of the signature in the stream.

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
        """How many octets there are."""
        return len(self.data)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of this region, as `item_from_dict` takes it."""
        from subunit2.jsonform import corrupt_to_dict

        return corrupt_to_dict(self)


#: What a stream is made of (`stream.partition`).
Item: TypeAlias = Packet | Passthrough | Corrupt

_AnItem = TypeVar("_AnItem", bound="Item")


def _said(packet: Packet) -> tuple[object, ...]:
    """What a packet says, without where it stood."""
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
    """Say that a packet that nobody has yet was recovered (`recovery.recovered`)."""
    force_setattr(packet, "recovered", True)


def replace(item: _AnItem, /, **changes: Any) -> _AnItem:
    """The item with other values in some of its attributes.

    >>> replace(Packet(test_id="foo"), test_status="skip")
    Packet(test_id='foo', test_status='skip')
    """
    values = {name: getattr(item, name) for name in item.__struct_fields__} | changes
    # What is changed may have to be brought into its form again.
    changed = Packet(**values) if isinstance(item, Packet) else type(item)(**values)
    return cast("_AnItem", changed)


# A packet that was read needs nothing brought into another form. msgspec looks for
# `__post_init__` when it makes a class, so that of the packets that the reader makes is
# made without; it is in all else the same, and where msgspec comes to look later, slower.
_post_init = Packet.__post_init__
del Packet.__post_init__


class ReadPacket(Packet, frozen=True, eq=False, gc=False):
    """A packet made of values that are in their form already, given in their order."""

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
