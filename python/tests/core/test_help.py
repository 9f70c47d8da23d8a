"""`help(subunit2)` names the public interface, and none of msgspec's machinery."""

import copy
import pickle
import pydoc
import re

import msgspec
import pytest

import subunit2
from subunit2 import Attachment, Corrupt, Packet, Passthrough, TestRecord, Timestamp
from subunit2.items import ReadPacket
from subunit2.streams.linting import Finding
from subunit2.structs import HAS_PLAIN_HELP, Struct

STRUCTS = (Attachment, Corrupt, Finding, Packet, Passthrough, TestRecord, Timestamp)

plain_help = pytest.mark.skipif(
    not HAS_PLAIN_HELP, reason="needs msgspec 0.20, and Python 3.12 or the compiled decoder"
)


def _help(thing: object) -> str:
    return pydoc.plain(pydoc.render_doc(thing))


def _names_in(text: str) -> set[str]:
    """Return the names that help gives an entry of their own, in any section."""
    return set(re.findall(r"^    (?:class )?(\w+)\b", text, re.MULTILINE))


@plain_help
def test_help_of_the_package_has_no_name_of_msgspec() -> None:
    text = _help(subunit2)
    assert "msgspec" not in text
    assert "__struct" not in text
    assert "__all__" not in text


def test_help_of_the_package_has_each_public_name() -> None:
    # A package is loaded name by name, and help has to find all of them.
    assert set(subunit2.__all__) <= _names_in(_help(subunit2))


def test_dir_of_the_package_is_the_public_names() -> None:
    assert [name for name in dir(subunit2) if not name.startswith("__")] == sorted(subunit2.__all__)


@plain_help
@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_help_of_a_struct_has_its_own_names_alone(struct: type) -> None:
    text = _help(struct)
    assert "msgspec" not in text
    assert "__" not in text
    own = [name for name in vars(struct) if not name.startswith("_")]
    assert own
    for name in own:
        assert re.search(rf"^ \|  {name}\b", text, re.MULTILINE), name


@plain_help
def test_a_packet_that_was_read_has_all_names_of_a_packet() -> None:
    [packet] = subunit2.decode(subunit2.encode(Packet(test_id="foo")))
    assert type(packet) is ReadPacket
    assert set(dir(Packet)) <= set(dir(ReadPacket))
    assert set(dir(Packet)) <= set(dir(packet))
    assert ReadPacket.__bases__ == (Packet,)
    assert ReadPacket.__mro__ == (ReadPacket, Packet, object)


def test_structs_are_still_structs() -> None:
    packet = Packet(test_id="foo", timestamp=Timestamp(1, 2))
    assert isinstance(packet, msgspec.Struct)
    assert issubclass(Packet, Struct)
    assert pickle.loads(pickle.dumps(packet)) == packet  # noqa: S301
    assert copy.copy(packet) == packet
    assert msgspec.json.decode(msgspec.json.encode(Timestamp(1, 2)), type=Timestamp) == Timestamp(
        1, 2
    )
    assert msgspec.structs.replace(packet, test_id="bar").test_id == "bar"
    assert len(msgspec.structs.fields(Packet)) == 14
    assert Timestamp(1) < Timestamp(1, 1)
    with pytest.raises(AttributeError):
        packet.test_id = "bar"  # type: ignore[misc]
