"""Items as JSON objects and back: without loss, and strict."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import (
    ERROR_CODES,
    TEST_STATUSES,
    Corrupt,
    EncodeError,
    Item,
    Packet,
    Passthrough,
    Timestamp,
    encode,
    item_from_dict,
)
from subunit2.items import replace
from subunit2.jsonform import item_to_dict
from support.streams import (
    BAR,
    FOO,
    FOO_OCTETS,
    FULL,
    NUL_TEXT,
    damaged,
    intact,
    named,
    read,
    recovered,
    schema_faults,
    string,
)

WIDE = intact(0x2901, string(b"foo", 2))

# --- Both ways -----------------------------------------------------------------------------

FORMS: list[tuple[str, Item, dict[str, Any]]] = [
    (
        "a packet",
        replace(FOO, length=12),
        {
            "kind": "packet",
            "offset": 0,
            "length": 12,
            "test_id": "foo",
            "test_status": "exists",
            "runnable": True,
            "eof": False,
        },
    ),
    (
        "passthrough",
        Passthrough(b"ok\n", offset=12),
        {"kind": "passthrough", "offset": 12, "length": 3, "bytes": "6f6b0a"},
    ),
    (
        "a corrupt region",
        Corrupt(b"\xb3\x29", "truncated", offset=15),
        {"kind": "corrupt", "offset": 15, "length": 2, "error": "truncated", "bytes": "b329"},
    ),
    (
        "a packet with everything",
        replace(recovered(FULL), offset=7, length=88),
        {
            "kind": "packet",
            "offset": 7,
            "length": 88,
            "test_id": "pkg.Case.test_é",
            "test_status": "fail",
            "test_tags": ["a", "", "a"],
            "runnable": True,
            "file_name": "traceback",
            "file_bytes": "54726163656261636bff0a",
            "eof": True,
            "mime_type": "text/plain;charset=utf8",
            "route_code": "1",
            "timestamp": {"seconds": 1754000001, "nanoseconds": 999999999},
            "recovered": True,
        },
    ),
    (
        "a packet with nothing",
        Packet(runnable=False, length=8),
        {"kind": "packet", "offset": 0, "length": 8, "runnable": False, "eof": False},
    ),
    (
        # clause flags.empty-is-not-absent
        "a packet with empty fields",
        Packet(
            test_id="",
            test_tags=(),
            mime_type="",
            file_name="",
            file_bytes=b"",
            route_code="",
            timestamp=Timestamp(0, 0),
            length=20,
        ),
        {
            "kind": "packet",
            "offset": 0,
            "length": 20,
            "test_id": "",
            "test_tags": [],
            "runnable": True,
            "file_name": "",
            "file_bytes": "",
            "eof": False,
            "mime_type": "",
            "route_code": "",
            "timestamp": {"seconds": 0, "nanoseconds": 0},
        },
    ),
    (
        "a packet that is not as the writer writes it",
        Packet(test_id="foo", test_status="exists", raw=WIDE, length=13),
        {
            "kind": "packet",
            "offset": 0,
            "length": 13,
            "test_id": "foo",
            "test_status": "exists",
            "runnable": True,
            "eof": False,
            "raw": WIDE.hex(),
        },
    ),
]


@pytest.mark.parametrize(("item", "form"), named(FORMS))
def test_item_and_form_are_each_other_s(item: Item, form: dict[str, Any]) -> None:
    assert item.to_dict() == item_to_dict(item) == form
    assert list(schema_faults(form)) == []
    again = item_from_dict(form)
    assert again == item
    assert (again.offset, again.length) == (item.offset, item.length)


@pytest.mark.parametrize(("item", "form"), named(FORMS))
def test_keys_stand_in_their_order(item: Item, form: dict[str, Any]) -> None:
    assert list(item.to_dict()) == list(form)


def test_a_stream_of_everything_comes_back_octet_for_octet() -> None:
    stream = b"ok\n" + WIDE + FOO_OCTETS + damaged(FOO_OCTETS) + b"\xff\xb3" + encode(FULL)
    lines = [json.dumps(item.to_dict()) for item in read(stream)]
    assert b"".join(encode(item_from_dict(json.loads(line))) for line in lines) == stream


def test_raw_octets_that_contradict_the_fields_are_ignored() -> None:
    form = {"test_id": "bar", "test_status": "exists", "raw": WIDE.hex()}
    assert encode(item_from_dict(form)) == encode(Packet(test_id="bar", test_status="exists"))


# --- Optional keys ---------------------------------------------------------------------------


def test_defaults_are_those_of_a_packet() -> None:
    assert item_from_dict({}) == Packet(runnable=True, eof=False)
    assert item_from_dict({"test_id": "t"}) == Packet(test_id="t")
    assert item_from_dict({"kind": "packet", "runnable": False}) == Packet(runnable=False)


def test_offset_and_length_may_be_left_out() -> None:
    assert item_from_dict({"kind": "passthrough", "bytes": "6f"}) == Passthrough(b"o")
    item = item_from_dict({"kind": "corrupt", "bytes": "b3", "error": "version"})
    assert item == Corrupt(b"\xb3", "version")
    assert item.offset == 0


def test_the_length_of_octets_is_their_own() -> None:
    assert item_from_dict({"kind": "passthrough", "bytes": "6f", "length": 9}).length == 1


def test_not_recovered_is_the_same_as_absent() -> None:
    assert item_from_dict({"recovered": False}) == Packet()


def test_forms_may_be_any_mapping() -> None:
    form = {"test_id": "t", "timestamp": MappingProxyType({"seconds": 1, "nanoseconds": 2})}
    item = item_from_dict(MappingProxyType(form))
    assert item == Packet(test_id="t", timestamp=Timestamp(1, 2))
    assert item_from_dict({"test_tags": ("b", "a")}) == Packet(test_tags=["b", "a"])


@pytest.mark.parametrize("status", TEST_STATUSES)
def test_every_status_has_its_name(status: Any) -> None:
    assert item_from_dict({"test_status": status}) == Packet(test_status=status)


@pytest.mark.parametrize("error", ERROR_CODES)
def test_every_error_has_its_name(error: Any) -> None:
    form = {"kind": "corrupt", "bytes": "b3", "error": error}
    assert item_from_dict(form) == Corrupt(b"\xb3", error)
    assert list(schema_faults(form)) == []


# --- Refused forms -----------------------------------------------------------------------------

NO_STRINGS: list[tuple[str, Any]] = [("null", None), ("a number", 1), ("an array", [])]
# Name, form, key in the error, part of its message.
REFUSED: list[tuple[str, Any, str, str]] = [
    ("another kind", {"kind": "event"}, "kind", "packet, passthrough, corrupt"),
    ("a kind that is no string", {"kind": 1}, "kind", "1 is not one of"),
    ("a kind that is a list", {"kind": ["packet"]}, "kind", "is not one of"),
    ("a kind that is null", {"kind": None}, "kind", "None is not one of"),
    ("a key of no packet", {"test": "t"}, "test", "no key of a packet, which has"),
    ("a key of another kind", {"bytes": "6f"}, "bytes", "no key of a packet"),
    (
        "an error of passthrough",
        {"kind": "passthrough", "bytes": "", "error": "version"},
        "error",
        "no key of a passthrough",
    ),
    ("passthrough without octets", {"kind": "passthrough"}, "bytes", "missing"),
    ("damage without octets", {"kind": "corrupt", "error": "version"}, "bytes", "missing"),
    ("damage without an error", {"kind": "corrupt", "bytes": "b3"}, "error", "missing"),
    *[
        (f"{name} for a string", {key: value}, key, f"a string, not {name}")
        for key in ("test_id", "mime_type", "file_name", "route_code", "file_bytes", "raw")
        for name, value in NO_STRINGS
    ],
    *[
        (f"{name} for a boolean", {key: value}, key, f"a boolean, not {name}")
        for key in ("runnable", "eof", "recovered")
        for name, value in [("null", None), ("a number", 1), ("a string", "true")]
    ],
    *[
        (f"{value!r} for hex", {"file_name": "f", "file_bytes": value}, "file_bytes", "not hex")
        for value in ("6", "6g", "6F", "6f 6f", "6f ", " 6f", "0x6f", "é", "\0\0")
    ],
    ("raw that is no hex", {"raw": "b"}, "raw", "not hex"),
    (
        "octets that are no hex",
        {"kind": "passthrough", "bytes": "zz"},
        "bytes",
        "two of 0-9 a-f for each octet",
    ),
    ("a string for tags", {"test_tags": "a"}, "test_tags", "an array of strings, not a string"),
    ("null for tags", {"test_tags": None}, "test_tags", "not null"),
    ("an object for tags", {"test_tags": {}}, "test_tags", "not an object"),
    ("a number for a tag", {"test_tags": ["a", 1]}, "test_tags", "a string, not a number"),
    ("another status", {"test_status": "error"}, "test_status", "exists, inprogress, success"),
    ("a number for a status", {"test_status": 3}, "test_status", "3 is not one of"),
    ("null for a status", {"test_status": None}, "test_status", "None is not one of"),
    ("a list for a status", {"test_status": ["fail"]}, "test_status", "is not one of"),
    (
        "another error",
        {"kind": "corrupt", "bytes": "b3", "error": "crc"},
        "error",
        "version, reserved_bit",
    ),
    ("a number for a time", {"timestamp": 1.5}, "timestamp", "an object of seconds"),
    ("a string for a time", {"timestamp": "now"}, "timestamp", "an object of seconds"),
    ("seconds only", {"timestamp": {"seconds": 1}}, "timestamp", "an object of seconds"),
    (
        "more than a time",
        {"timestamp": {"seconds": 1, "nanoseconds": 2, "zone": "UTC"}},
        "timestamp",
        "an object of seconds",
    ),
    *[
        (
            f"{name} for seconds",
            {"timestamp": {"seconds": value, "nanoseconds": 0}},
            "timestamp",
            f"a whole number, not {name}",
        )
        for name, value in [("a number", 1.5), ("a boolean", True), ("a string", "1")]
    ],
    ("a boolean for an offset", {"offset": True}, "offset", "a whole number, not a boolean"),
    ("a string for an offset", {"offset": "1"}, "offset", "a whole number, not a string"),
    ("an offset under 0", {"offset": -1}, "offset", "0 or more"),
    ("a length under 0", {"kind": "passthrough", "bytes": "", "length": -1}, "length", "0 or more"),
]


@pytest.mark.parametrize(("form", "key", "reason"), named(REFUSED))
def test_a_malformed_item_is_refused_by_its_key(form: Any, key: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}: ") as caught:
        item_from_dict(form)
    assert reason in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (None, "null"),
        ([], "an array"),
        ("packet", "a string"),
        (1, "a number"),
        (1.5, "a number"),
        (True, "a boolean"),
        (b"", "bytes"),
    ],
)
def test_other_values_than_objects_are_refused(form: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"an item is an object, not {name}"):
        item_from_dict(form)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"test_id": NUL_TEXT}, "test_id"),
        ({"test_id": "\ud800"}, "test_id"),
        ({"timestamp": {"seconds": -1, "nanoseconds": 0}}, "timestamp"),
        ({"timestamp": {"seconds": 0, "nanoseconds": 10**9}}, "timestamp"),
        ({"file_name": "f"}, "file_bytes"),
        ({"file_bytes": ""}, "file_name"),
    ],
)
def test_values_that_cannot_be_encoded_are_left_to_the_writer(form: Any, field: str) -> None:
    item = item_from_dict(form)
    with pytest.raises(EncodeError) as caught:
        encode(item)
    assert caught.value.field == field


# --- The schema ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "key", "reason"),
    named(REFUSED),
)
def test_the_schema_refuses_the_same(form: Any, key: str, reason: str) -> None:
    assert list(schema_faults({"kind": "packet", "runnable": True, "eof": False} | form))


def test_the_schema_accepts_absent_optional_keys() -> None:
    assert list(schema_faults({})) == []
    assert list(schema_faults({"kind": "passthrough", "bytes": ""})) == []
    assert list(schema_faults(BAR.to_dict() | {"length": 40})) == []


@pytest.mark.parametrize("item", [FOO, Passthrough(b"x"), Corrupt(b"\xb3", "version")])
def test_the_schema_takes_items_that_were_never_read(item: Item) -> None:
    assert list(schema_faults(item.to_dict())) == []


@pytest.mark.parametrize("form", [[], None, "packet", 1])
def test_the_schema_refuses_other_values_than_objects(form: Any) -> None:
    assert list(schema_faults(form))


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "kind",
                "offset",
                "length",
                "test_id",
                "test_status",
                "test_tags",
                "runnable",
                "file_name",
                "file_bytes",
                "eof",
                "mime_type",
                "route_code",
                "timestamp",
                "recovered",
                "raw",
                "bytes",
                "error",
                "other",
            ]
        ),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-2, 20),
            st.floats(),
            st.sampled_from(["packet", "passthrough", "corrupt", "success", "version", "6f", ""]),
            st.lists(st.text(max_size=2), max_size=2),
            st.fixed_dictionaries({"seconds": st.integers(), "nanoseconds": st.integers()}),
        ),
        max_size=5,
    )
)
def test_any_object_is_an_item_or_refused(form: dict[str, Any]) -> None:
    try:
        item = item_from_dict(form)
    except ValueError:
        return
    assert isinstance(item, (Packet, Passthrough, Corrupt))
    assert item_from_dict(item.to_dict()) == item
