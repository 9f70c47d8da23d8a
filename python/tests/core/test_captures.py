"""Streams of real tools (`conformance/captures`) obey the laws."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from subunit2 import Packet, Passthrough, decode, encode, item_from_dict
from support.streams import corrupt, octets_of, packets, read, read_in_chunks

FOLDER = Path(__file__).parents[3] / "conformance" / "captures"
MANIFEST = tomllib.loads((FOLDER / "captures.toml").read_text(encoding="utf-8"))["capture"]
NAMES = [capture["name"] for capture in MANIFEST]

# Of each damaged capture: packets, recovered ones among them, errors of the corrupt regions.
# All other captures are undamaged.
DAMAGE = {
    "cut-in-packet": (6, 0, ["truncated"]),
    "cut-then-goes-on": (13, 7, ["truncated"]),
    "latin1-noise": (12, 3, ["version", "version", "truncated"]),
    "torn-writers": (10, 4, ["version", *["checksum"] * 5]),
}


def stream_of(name: str) -> bytes:
    return (FOLDER / f"{name}.subunit").read_bytes()


def test_every_capture_is_in_the_manifest() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.subunit")) == sorted(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("capture", MANIFEST, ids=NAMES)
def test_a_capture_matches_the_manifest(capture: dict[str, Any]) -> None:
    stream = (FOLDER / capture["file"]).read_bytes()
    assert len(stream) == capture["size"]
    assert hashlib.sha256(stream).hexdigest() == capture["sha256"]
    assert capture["tool"]
    assert capture["command"]
    assert capture["notes"]


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_keeps_the_laws(name: str) -> None:
    stream = stream_of(name)
    items = read(stream, most_cuts=25 if len(stream) < 20_000 else 5)
    assert octets_of(items) == stream


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_comes_back_from_its_json_form(name: str) -> None:
    stream = stream_of(name)
    lines = [json.dumps(item.to_dict()) for item in decode(stream)]
    assert b"".join(encode(item_from_dict(json.loads(line))) for line in lines) == stream


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_is_the_same_through_the_kaitai_reader(name: str) -> None:
    stream = stream_of(name)
    assert read_in_chunks([stream], reference=True) == read_in_chunks([stream])


# The first folder of anything that may be an absolute path.
FIRST_FOLDER = re.compile(rb"(?<![\w.:/<>-])/([a-z]\w*|\.\w+)/")


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_names_no_path_of_the_machine_that_made_it(name: str) -> None:
    # Only the paths that the README of the captures lists.
    assert set(FIRST_FOLDER.findall(stream_of(name))) <= {b"srv", b"usr", b"home"}
    for path in re.findall(rb"/(?:srv|usr|home)/[\w.]+(?:/\w+)?", stream_of(name)):
        assert path.startswith((b"/srv/project", b"/srv/venv", b"/usr/", b"/home/user"))


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_is_damaged_as_its_notes_say(name: str) -> None:
    items = read_in_chunks([stream_of(name)])
    errors = [damage.error for damage in corrupt(items)]
    recovered = sum(isinstance(item, Packet) and item.recovered for item in items)
    if name in DAMAGE:
        assert (len(packets(items)), recovered, sorted(errors)) == (
            *DAMAGE[name][:2],
            sorted(DAMAGE[name][2]),
        )
    else:
        assert (recovered, errors) == (0, [])
        # Subunit v1 only.
        assert bool(packets(items)) is (name != "stestr-repository-v1")


def test_packets_behind_characters_that_end_in_b3_are_found() -> None:
    # The notes of make-noise: after `г`, `adió` and `γ` a packet's B3 follows another.
    items = read_in_chunks([stream_of("make-noise")])
    before = [
        item.data
        for item, following in pairwise(items)
        if isinstance(item, Passthrough) and isinstance(following, Packet)
    ]
    for character in ("г", "ó", "γ"):
        assert any(text.endswith(character.encode()) for text in before)


def test_nothing_that_was_whole_is_lost_behind_a_worker_that_was_killed() -> None:
    items = read_in_chunks([stream_of("cut-then-goes-on")])
    found = [packet.test_id for packet in packets(items)]
    assert "worker-1" in found
    assert any(test_id and test_id.startswith("test_after.") for test_id in found)


def test_a_path_in_a_packet_is_replaced_and_the_packet_sealed_again(tmp_path: Path) -> None:
    scrub = run_path(str(FOLDER.parents[1] / "tools/captures/scrub.py"))
    paths = {name: tmp_path / name for name in ("project", "venv", "home")}
    scrubber = scrub["Scrubber"](**paths)
    packet = Packet(test_id=f"{paths['project']}/a.py::b", test_status="success")
    [scrubbed] = decode(scrubber.stream(b"x\n" + encode(packet))[2:])
    assert isinstance(scrubbed, Packet)
    assert scrubbed.test_id == f"{scrub['PROJECT']}/a.py::b"
    assert scrubbed.test_status == "success"
