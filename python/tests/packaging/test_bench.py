"""The benchmarks compare the same work, and the documents have the tables of their figures.

No test depends on a measured time.
"""

from __future__ import annotations

import gc
import json
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import subunit

from bench import speed
from bench.goals import goals
from bench.table import details, spliced, tables
from bench.timing import exponent, ratio, spread, take_turns
from bench.workloads import HOSTILE, WORKLOADS, damaged, hostile, run_packets
from subunit2 import Corrupt, Packet, Passthrough, Reader, decode, encode

#: A workload of this scale has some hundreds of items.
SCALE = 0.01


class Statuses:
    """A result that keeps the ids, statuses and output that it receives."""

    def __init__(self) -> None:
        self.told: list[tuple[str | None, str | None]] = []
        self.output = b""

    def status(self, **values: Any) -> None:
        if values["file_name"] == "stdout":
            self.output += values["file_bytes"]
        elif values["test_status"] is not None:
            self.told.append((values["test_id"], values["test_status"]))


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the results of a run with small streams."""
    before = [page.read_bytes() for page in speed.PAGES]
    path = tmp_path_factory.mktemp("bench") / "speed.json"
    words = ["--scale", "0.002", "--rounds", "2", "--no-cargo", "--json", str(path)]
    assert speed.main(words) == 0
    assert [page.read_bytes() for page in speed.PAGES] == before
    found: dict[str, Any] = json.loads(path.read_text())
    return found


class TestPages:
    @pytest.mark.parametrize("page", speed.PAGES, ids=lambda page: page.name)
    def test_a_page_has_the_tables_of_the_json(self, page: Path) -> None:
        text = page.read_text(encoding="utf-8")
        document = json.loads(speed.DOCUMENT.read_text(encoding="utf-8"))
        assert spliced(text, speed.PAGES[page](document)) == text

    def test_the_json_is_of_a_whole_run(self) -> None:
        made = json.loads(speed.DOCUMENT.read_text())["made"]
        assert (made["scale"], made["seed"]) == (1, 0)

    @pytest.mark.parametrize("page", ["", "<!-- made by make bench -->\n", "<!-- end -->\n"])
    def test_a_page_without_marks_is_refused(self, page: str) -> None:
        with pytest.raises(ValueError, match="marks"):
            spliced(page, "")


class TestWorkloads:
    @pytest.mark.parametrize("name", WORKLOADS)
    def test_the_same_seed_gives_the_same_octets(self, name: str) -> None:
        make = WORKLOADS[name][1]
        assert make(1, SCALE) == make(1, SCALE)

    @pytest.mark.parametrize("name", ["W3", "W4", "mixed"])
    def test_another_seed_gives_others(self, name: str) -> None:
        make = WORKLOADS[name][1]
        assert make(1, SCALE) != make(2, SCALE)

    @pytest.mark.parametrize("name", WORKLOADS)
    def test_all_readers_read_the_same(self, name: str) -> None:
        stream = WORKLOADS[name][1](0, SCALE)
        result = Statuses()
        subunit.ByteStreamToStreamResult(BytesIO(stream), "stdout").run(result)
        items = list(decode(stream))
        assert not any(isinstance(item, Corrupt) for item in items)
        told = [
            (item.test_id, item.test_status)
            for item in items
            if isinstance(item, Packet) and item.test_status is not None
        ]
        assert told == result.told
        output = b"".join(item.data for item in items if isinstance(item, Passthrough))
        assert output == result.output
        reference = Reader(reference=True)
        assert reference.feed(stream) + reference.close() == items

    def test_half_of_the_noisy_one_is_noise(self) -> None:
        stream = WORKLOADS["W4"][1](0, 0.1)
        noise = sum(item.length for item in decode(stream) if isinstance(item, Passthrough))
        assert noise / len(stream) == pytest.approx(0.5, abs=0.02)

    @pytest.mark.parametrize("seed", range(4))
    def test_undamaged_packets_are_there_in_their_order(self, seed: int) -> None:
        stream, undamaged = damaged(seed, 0.05)
        place = 0
        for packet in undamaged:
            octets = encode(packet)
            place = stream.index(octets, place) + len(octets)
        packets = list(run_packets(0.05))
        assert 0.97 * len(packets) < len(undamaged) < len(packets)
        assert any(isinstance(item, Corrupt) for item in decode(stream))

    @pytest.mark.parametrize("family", HOSTILE)
    def test_a_hostile_one_is_as_long_as_it_should_be(self, family: str) -> None:
        stream = hostile(family, 1001)
        assert len(stream) == 1001
        assert stream.startswith(HOSTILE[family] * 10)

    def test_fields_fit_into_what_a_hostile_header_claims(self) -> None:
        # 13 octets are the header, the test id's length and the checksum.
        packet = Packet(test_id="a" * ((2 << 20) - 13), test_status="exists")
        assert encode(packet).startswith(HOSTILE["10 octets that claim 2 MiB"])


class TestTiming:
    def test_turns(self) -> None:
        done: list[str] = []
        # Garbage is collected before each turn: not that of all tests before.
        gc.freeze()
        times = take_turns({name: partial(done.append, name) for name in "abc"}, 4)
        gc.unfreeze()
        assert "".join(done) == "abcbcacababc"
        assert {name: len(each) for name, each in times.items()} == {"a": 4, "b": 4, "c": 4}

    def test_spread(self) -> None:
        assert spread([5, 1, 4, 2, 3]) == (3, 2, 4)
        assert spread([7]) == (7, 7, 7)

    def test_ratio_is_that_of_each_round(self) -> None:
        assert ratio([2, 40, 6], [1, 10, 2]).median == 3

    @pytest.mark.parametrize("power", [1, 1.5, 2])
    def test_exponent(self, power: float) -> None:
        sizes = [1, 2, 4, 8]
        assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


@pytest.mark.slow
class TestRun:
    def test_every_workload_is_there(self, document: dict[str, Any]) -> None:
        assert [one["workload"] for one in document["readers"]] == list(WORKLOADS)
        assert [one["workload"] for one in document["writers"]] == ["W1", "W2"]
        assert [one["family"] for one in document["growth"]] == list(HOSTILE)
        assert all(len(one["seconds"]) == 4 for one in document["growth"])
        assert [one["size"] for one in document["chunks"]] == [1, 7, 64, 65_536]

    def test_a_ratio_has_its_spread(self, document: dict[str, Any]) -> None:
        for one in document["readers"]:
            assert set(one["ratios"]) == {"decode", "fed", "reference"}
            for each in one["ratios"].values():
                assert 0 < each["lower"] <= each["median"] <= each["upper"]

    def test_the_machine_is_named(self, document: dict[str, Any]) -> None:
        machine = document["machine"]
        assert machine["processor"]
        assert machine["cores"] >= 1
        assert machine["subunit2"].startswith("subunit2 ")
        assert machine["packages"]["python-subunit"] == "1.4.6"

    def test_without_isal_is_measured_where_there_is_isal(self, document: dict[str, Any]) -> None:
        plain = document["without_isal"]
        assert (plain is not None) == (document["machine"]["checksums"] == "isal")
        if plain is not None:
            assert len(plain["readers"]) == len(WORKLOADS)
            assert plain["checksums"] == "zlib"

    def test_python_alone_is_measured_where_it_is_not_all(self, document: dict[str, Any]) -> None:
        alone = document["in_python"]
        assert (alone is not None) == (document["machine"]["reader"] == "compiled")
        if alone is not None:
            assert alone["reader"] == "pure Python"
            assert len(alone["readers"]) == len(WORKLOADS)
            assert len(alone["growth"]) == len(HOSTILE)

    def test_every_undamaged_packet_is_read(self, document: dict[str, Any]) -> None:
        assert document["damage"]["recovered"]["least"] == 1

    def test_the_pipe_was_followed_to_its_end(self, document: dict[str, Any]) -> None:
        memory = document["memory"]
        if "skipped" not in memory:
            assert memory["octets"] >= 2_000_000
            assert memory["items"] > 20_000
            assert memory["growth"] >= 0

    def test_what_was_left_out_is_said(self, document: dict[str, Any]) -> None:
        assert document["commands"]["skipped"] == {"the crate subunit 0.3.1": "not asked for"}
        assert "| the crate subunit 0.3.1 | skipped: not asked for |" in details(document)

    def test_tables_have_as_many_cells_as_heads(self, document: dict[str, Any]) -> None:
        for changes in (
            {},
            {"without_isal": None},
            {"in_python": None},
            {"memory": {"skipped": "no /proc"}},
        ):
            made = tables(document | changes)
            assert all(len(row) == len(table.head) for table in made for row in table.rows)
            assert all(len(table.rows) >= 5 for table in made)

    def test_goals(self, document: dict[str, Any]) -> None:
        way = document["machine"]["reader"]
        said = {goal.name: goal for goal in goals(document)}
        assert said[f"W5, undamaged packets read, {way}"].is_met
        assert {f"W1, read, {way}", f"W2, write, {way}", "Start, subunit2 decode"} < set(said)
        worse = json.loads(json.dumps(document))
        worse["damage"]["recovered"]["least"] = 0.999
        worse["chunks"][-1]["times_of_whole"]["median"] = 1.31
        missed = {goal.name for goal in goals(worse) if not goal.is_met}
        expected = {"W5, undamaged packets read", "W2 in chunks of 64 KiB, times whole"}
        assert {f"{name}, {way}" for name in expected} <= missed


@pytest.mark.parametrize(
    "words",
    [["--scale", "0"], ["--rounds", "0"], ["--scale", "x"], ["--json", "/"], ["--json", "/no/x"]],
)
def test_a_wrong_call_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        speed.main(words)
    assert f"argument {words[0]}: " in capsys.readouterr().err


def test_nothing_that_is_measured_lies_in_the_repository() -> None:
    assert speed.DOCUMENT.stat().st_size < 50_000
    sizes = [path.stat().st_size for path in Path(speed.__file__).parent.rglob("*.*")]
    assert max(sizes) < 50_000
