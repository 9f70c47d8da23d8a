"""Programs of python-subunit on the drop-in: types of contents, subclasses, private methods."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from typing import Any

import pytest
import subunit
import testtools

import subunit2.compat
from subunit2 import Packet, StreamResultWriter, decode, encode, replay
from subunit2.compat import ByteStreamToStreamResult, StreamResultToBytes
from subunit2.items import replace
from support.events import Event, Recorder, event_of
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS, damaged

Reader = type[Any]
Writer = type[Any]

#: Both implementations, for what has to be alike.
READERS = pytest.mark.parametrize(
    "base",
    [ByteStreamToStreamResult, subunit.ByteStreamToStreamResult],
    ids=["ours", "theirs"],
)
WRITERS = pytest.mark.parametrize(
    "base", [StreamResultToBytes, subunit.StreamResultToBytes], ids=["ours", "theirs"]
)


def value_module(value: object) -> str:
    """Return the name of a module, or that of python-subunit for a value without one."""
    return str(getattr(value, "__name__", "subunit"))


def events(run: Callable[[Recorder], object]) -> list[Event]:
    result = Recorder()
    run(result)
    return result.events


# --- The types of contents -------------------------------------------------------------------


def test_contents_have_the_types_that_python_subunit_gives() -> None:
    # Noise of one octet, since theirs is one octet at a time here.
    empty = encode(Packet(test_id="t", file_name="f", file_bytes=b""))
    # They round a time to the nearest microsecond.
    full = encode(replace(FULL, timestamp=None))
    stream = full + b"x" + FOO_OCTETS + damaged(BAR_OCTETS) + empty
    ours, theirs = (
        events(base(io.BytesIO(stream), "log").run)
        for base in (ByteStreamToStreamResult, subunit.ByteStreamToStreamResult)
    )
    assert ours == theirs
    types = [type(event.file_bytes) for event in ours]
    assert types == [type(event.file_bytes) for event in theirs]
    assert types == [memoryview, bytes, type(None), bytes, bytes, memoryview]
    for ours_view, theirs_view in ((ours[0], theirs[0]), (ours[-1], theirs[-1])):
        one, other = ours_view.file_bytes, theirs_view.file_bytes
        assert isinstance(one, memoryview)
        assert isinstance(other, memoryview)
        for name in ("readonly", "format", "itemsize", "ndim", "shape", "contiguous"):
            assert getattr(one, name) == getattr(other, name)
        assert hash(one) == hash(other)
        assert one.tobytes() == bytes(one) == other.tobytes()


@pytest.mark.parametrize("source", [FULL_OCTETS, [FULL]], ids=["octets", "items"])
def test_a_content_is_over_octets_of_its_own(source: Any) -> None:
    [event] = events(lambda result: replay(source, result))
    assert isinstance(event.file_bytes, memoryview)
    # A view of the whole packet would keep it in memory.
    assert event.file_bytes.obj == FULL.file_bytes
    assert event.file_bytes.readonly


def test_a_content_that_can_still_change_is_copied() -> None:
    content = bytearray(b"abc")
    packet = Packet(file_name="f", file_bytes=content)
    [event] = events(lambda result: replay([packet], result))
    content[0] = 0
    assert event.file_bytes == b"abc"


def test_noise_without_a_name_has_the_type_of_contents() -> None:
    # Results that ask for no noise have met only views.
    found = events(ByteStreamToStreamResult(io.BytesIO(b"noise\n" + FOO_OCTETS)).run)
    assert found == [Event(file_name="stdout", file_bytes=b"noise\n"), event_of(FOO)]
    assert isinstance(found[0].file_bytes, memoryview)


def test_a_content_can_be_written_again() -> None:
    file = io.BytesIO()
    ByteStreamToStreamResult(io.BytesIO(FULL_OCTETS)).run(StreamResultToBytes(file))
    [packet] = decode(file.getvalue())
    assert isinstance(packet, Packet)
    assert packet.file_bytes == FULL.file_bytes


# --- Noise alone -----------------------------------------------------------------------------


def test_noise_alone_without_a_name_is_a_failure_at_its_end() -> None:
    text = b"<html>Not Found</html>\n"
    noise, error = events(ByteStreamToStreamResult(io.BytesIO(text)).run)
    assert (noise.file_name, noise.file_bytes) == ("stdout", text)
    assert (error.test_id, error.test_status) == ("subunit.parser", "fail")
    assert error.file_name == "Parser Error"
    assert error.file_bytes is not None
    assert bytes(error.file_bytes).startswith(b"Non subunit content")
    with pytest.raises(Exception, match="Non subunit content"):
        subunit.ByteStreamToStreamResult(io.BytesIO(text)).run(Recorder())
    summary = testtools.StreamSummary()
    summary.startTestRun()
    ByteStreamToStreamResult(io.BytesIO(text)).run(summary)
    summary.stopTestRun()
    assert not summary.wasSuccessful()


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        (b"", None),
        (b"text\n", "stdout"),
        (b"text\n" + FOO_OCTETS, None),
        (FOO_OCTETS + b"text\n", None),
    ],
    ids=["nothing", "a name", "noise before", "noise behind"],
)
def test_other_streams_have_no_such_failure(stream: bytes, name: str | None) -> None:
    found = events(ByteStreamToStreamResult(io.BytesIO(stream), name).run)
    assert "subunit.parser" not in {event.test_id for event in found}


def test_damage_is_reported_once() -> None:
    found = events(ByteStreamToStreamResult(io.BytesIO(b"text\n" + damaged(FOO_OCTETS))).run)
    assert [event.test_id for event in found] == [None, "subunit.parser", "subunit.parser"]


# --- Subclasses of the reader ----------------------------------------------------------------


class Slow(io.BytesIO):
    """A file that gives an octet at a time, and has no data yet at its end."""

    def __init__(self, octets: bytes, *, at_end: Callable[[], bytes | None]) -> None:
        super().__init__(octets)
        self._at_end = at_end

    def read(self, size: int | None = -1) -> Any:
        return super().read(min(1, size or 0)) or self._at_end()


def would_block() -> bytes:
    raise OSError(errno.EAGAIN, "no data yet")


def polling(base: Reader) -> Reader:
    """Return a reader as testconsole has one: it reads signatures itself, when data is there."""

    class Polling(base):  # type: ignore[misc]
        # It does not call `__init__`.
        def __init__(self, source: Any) -> None:
            self.source = source

        def run(self, result: Any) -> None:
            self.kept = result

        def poll(self) -> bool:
            while True:
                try:
                    octet = self.source.read(1)
                except OSError as error:
                    if error.errno == errno.EAGAIN:
                        return False
                    raise
                if not octet:
                    return True
                if octet != b"\xb3":
                    raise ValueError("Invalid packet signature")
                self._parse_packet(self.kept)

    return Polling


@READERS
def test_a_subclass_reads_signatures_and_has_packets_read(base: Reader) -> None:
    result = Recorder()
    for octets, count in ((b"", 0), (FOO_OCTETS, 1), (FOO_OCTETS + BAR_OCTETS, 2)):
        for file, ended in (
            (io.BytesIO(octets), True),
            (Slow(octets, at_end=would_block), False),
        ):
            result = Recorder()
            case = polling(base)(file)
            case.run(result)
            assert case.poll() is ended
            assert result.events == [event_of(FOO), event_of(BAR)][:count]
    case = polling(base)(io.BytesIO(FOO_OCTETS + b"boom"))
    case.run(result)
    with pytest.raises(ValueError, match="Invalid packet signature"):
        case.poll()

    def broken() -> bytes:
        raise OSError(errno.ENOMEM, "out of memory")

    case = polling(base)(Slow(b"", at_end=broken))
    with pytest.raises(OSError, match="out of memory"):
        case.poll()


@READERS
def test_no_octet_behind_a_packet_is_read(base: Reader) -> None:
    for octets in (FOO_OCTETS, FULL_OCTETS, encode(Packet())):
        file = io.BytesIO(octets[1:] + BAR_OCTETS)
        case = base(file)
        result = Recorder()
        case._parse_packet(result)
        assert len(result.events) == 1
        assert file.read() == BAR_OCTETS


@READERS
def test_damage_is_reported_alike(base: Reader) -> None:
    for octets in (damaged(FULL_OCTETS), FULL_OCTETS[:-3], FULL_OCTETS[:4], FOO_OCTETS[:1]):
        theirs = events(subunit.ByteStreamToStreamResult(io.BytesIO(octets[1:]))._parse_packet)
        found = events(base(io.BytesIO(octets[1:]))._parse_packet)
        assert found[1] == theirs[1]
        assert [event.test_id for event in found] == ["subunit.parser"] * 2
        # They lose the octets of a packet that is cut short behind its header.
        data, theirs_data = (bytes(each[0].file_bytes or b"") for each in (found, theirs))
        assert data.startswith(theirs_data)
        if base is ByteStreamToStreamResult:
            assert data == octets


def test_packets_in_damaged_octets_are_delivered() -> None:
    # A length that is too long, and one that ends within the next packet.
    for length in (b"\x18", b"\x12"):
        octets = FOO_OCTETS[:3] + length + FOO_OCTETS[4:8] + BAR_OCTETS
        file = io.BytesIO(octets[1:] + FOO_OCTETS)
        found = events(ByteStreamToStreamResult(file)._parse_packet)
        assert event_of(BAR) in found
        assert found[1].test_id == "subunit.parser"
        assert file.read() == FOO_OCTETS
    # A header that cannot be used, with a packet right behind it.
    file = io.BytesIO(FOO_OCTETS + BAR_OCTETS)
    found = events(ByteStreamToStreamResult(file)._parse_packet)
    assert event_of(FOO) in found
    assert file.read() == BAR_OCTETS


def test_a_file_without_data_yet_says_so() -> None:
    file: Any = Slow(FOO_OCTETS[1:5], at_end=lambda: None)
    with pytest.raises(BlockingIOError):
        ByteStreamToStreamResult(file)._parse_packet(Recorder())


@READERS
def test_an_override_is_called_for_each_packet(base: Reader) -> None:
    class Counting(base):  # type: ignore[misc]
        packets = 0

        def _parse_packet(self, result: Any) -> None:
            self.packets += 1
            super()._parse_packet(result)

    stream = b"x" + FOO_OCTETS + b"y" + BAR_OCTETS + damaged(FULL_OCTETS) + FOO_OCTETS
    file = io.BytesIO(stream)
    case = Counting(file, "log")
    found = events(case.run)
    assert found == events(ByteStreamToStreamResult(io.BytesIO(stream), "log").run)
    assert case.packets == 4
    assert case.source is file


@READERS
def test_an_override_may_read_the_packet_itself(base: Reader) -> None:
    class Copying(base):  # type: ignore[misc]
        def _parse_packet(self, result: Any) -> None:
            header = self.source.read(3)
            result.status(file_name="copy", file_bytes=header + self.source.read(header[2] - 4))

    found = events(Copying(io.BytesIO(FOO_OCTETS + FOO_OCTETS)).run)
    assert found == [Event(file_name="copy", file_bytes=FOO_OCTETS[1:])] * 2


@READERS
def test_an_exception_of_an_override_comes_through(base: Reader) -> None:
    class Refusing(base):  # type: ignore[misc]
        def _parse_packet(self, result: Any) -> None:
            raise LookupError

    file = io.BytesIO(FOO_OCTETS)
    case = Refusing(file)
    with pytest.raises(LookupError):
        case.run(Recorder())
    assert case.source is file


@READERS
def test_public_attributes_are_there(base: Reader) -> None:
    case = base(io.BytesIO())
    case.codec.reset()
    assert case.codec.decode("ó".encode()) == "ó"
    assert dict(case.status_lookup) == subunit.ByteStreamToStreamResult.status_lookup


# --- Subclasses of the writer ----------------------------------------------------------------


@WRITERS
def test_an_override_of_write_packet_is_called(base: Writer) -> None:
    class Tagging(base):  # type: ignore[misc]
        def _write_packet(self, **fields: Any) -> None:
            super()._write_packet(**fields | {"test_tags": {"a"}})

    file = io.BytesIO()
    Tagging(file).status("foo", "success")
    assert list(decode(file.getvalue())) == [
        Packet(test_id="foo", test_status="success", test_tags=("a",))
    ]


@WRITERS
def test_the_file_of_a_writer_can_be_replaced(base: Writer) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    result = base(first)
    result.status("foo", "exists")
    result.output_stream = second
    result._write_packet("foo", "exists")
    assert first.getvalue() == second.getvalue() == FOO_OCTETS
    assert result.output_stream is second


@WRITERS
def test_a_subclass_of_the_writer_filters_events(base: Writer) -> None:
    class Filtering(base):  # type: ignore[misc]
        def status(self, test_id: Any = None, *arguments: Any, **fields: Any) -> None:
            if test_id != "bar.test_b":
                super().status(test_id, *arguments, **fields)

    file = io.BytesIO()
    subunit.ByteStreamToStreamResult(io.BytesIO(FOO_OCTETS + BAR_OCTETS)).run(Filtering(file))
    assert file.getvalue() == FOO_OCTETS
    assert dict(base.status_mask) == subunit.StreamResultToBytes.status_mask


# --- What does not exist ---------------------------------------------------------------------


READER_ABSENT = ["_parse", "_parse_varint", "_read_utf8"]
WRITER_ABSENT = ["_encode_number", "_write_len16", "_write_number", "_write_utf8"]


@pytest.mark.parametrize(
    ("ours", "theirs", "absent"),
    [
        (ByteStreamToStreamResult, subunit.ByteStreamToStreamResult, READER_ABSENT),
        (StreamResultToBytes, subunit.StreamResultToBytes, [*WRITER_ABSENT, "zero_b"]),
    ],
    ids=["reader", "writer"],
)
def test_all_other_attributes_are_there(ours: Any, theirs: Any, absent: list[str]) -> None:
    def attributes(instance: Any) -> set[str]:
        return {name for name in dir(instance) if not name.startswith("__")}

    missing = attributes(theirs(io.BytesIO())) - attributes(ours(io.BytesIO()))
    assert missing == set(absent)


@pytest.mark.parametrize("name", READER_ABSENT + WRITER_ABSENT)
def test_a_private_method_that_is_called_is_named(name: str) -> None:
    base = ByteStreamToStreamResult if name in READER_ABSENT else StreamResultToBytes
    with pytest.raises(AttributeError, match=f"has no {name} .* call _.*_packet, or run") as raised:
        getattr(base(io.BytesIO()), name)
    assert "\n" not in str(raised.value)
    assert not hasattr(base(io.BytesIO()), name)


@pytest.mark.parametrize("name", READER_ABSENT + WRITER_ABSENT)
def test_a_private_method_that_is_overridden_is_named(name: str) -> None:
    base: Any = ByteStreamToStreamResult if name in READER_ABSENT else StreamResultToBytes

    class Mixin:
        pass

    setattr(Mixin, name, lambda self: None)

    class Mine(Mixin, base):  # type: ignore[misc]
        pass

    calls: list[Callable[[], object]] = (
        [
            lambda: Mine(io.BytesIO(FOO_OCTETS)).run(Recorder()),
            lambda: Mine(io.BytesIO(FOO_OCTETS[1:]))._parse_packet(Recorder()),
        ]
        if name in READER_ABSENT
        else [lambda: Mine(io.BytesIO()).status("t", "exists")]
    )
    for call in calls:
        with pytest.raises(TypeError, match=f"Mine overrides {name}, .* override _.*_packet, or"):
            call()


def test_another_missing_attribute_is_an_ordinary_error() -> None:
    case: Any = ByteStreamToStreamResult(io.BytesIO())
    with pytest.raises(AttributeError, match=r"'ByteStreamToStreamResult' object .* 'boo'"):
        _ = case.boo
    module: Any = subunit2.compat
    with pytest.raises(AttributeError, match="'boo'"):
        _ = module.boo
    assert isinstance(StreamResultToBytes(io.BytesIO()), StreamResultWriter)


def test_names_that_only_python_subunit_has_are_refused_in_a_line() -> None:
    theirs = {
        name
        for name, value in vars(subunit).items()
        if not name.startswith("_")
        and (getattr(value, "__module__", None) or value_module(value)).startswith("subunit")
    }
    assert {"TestProtocolClient", "make_stream_binary", "read_test_list"} <= theirs
    replaced = {"ByteStreamToStreamResult", "StreamResultToBytes"}
    for name in theirs - replaced | {"filters", "run", "test_results", "v2", "iso8601"}:
        with pytest.raises(ImportError, match=f"no {name}, .* import {name} from") as raised:
            getattr(subunit2.compat, name)
        assert "\n" not in str(raised.value)


def test_an_import_of_such_a_name_has_the_same_words() -> None:
    with pytest.raises(ImportError, match="import TestProtocolClient from python-subunit"):
        from subunit2.compat import TestProtocolClient  # noqa: F401
