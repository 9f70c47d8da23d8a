"""Each rule of `Linter`, with a stream that violates this rule alone."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, Item, Packet, Reader, Timestamp, decode, encode, spec
from subunit2.damage.output import judge_regions
from subunit2.items import CHILD_SEPARATOR, replace
from subunit2.streams.lint_rules import RULES
from subunit2.streams.linting import Finding, Linter
from support.command import CAPTURES
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, header, intact, string

START = encode(Packet(test_id="foo", test_status="inprogress"))
END = encode(Packet(test_id="foo", test_status="success"))
RUN = START + END
#: The same on another route.
RUN_ELSEWHERE = b"".join(
    encode(Packet(test_id="foo", test_status=status, route_code="0"))
    for status in ("inprogress", "success")
)
CHILD = CHILD_SEPARATOR.join(("foo", "x=1"))
LOG = Packet(test_id="foo", file_name="log", file_bytes=b"x", mime_type="text/plain")


PART = Packet(test_id=CHILD, test_status="inprogress", runnable=False)


def stream_of(*packets: Packet) -> bytes:
    return b"".join(map(encode, packets))


def linted(stream: bytes, *, rules: list[str] | None = None) -> list[Finding]:
    linter = Linter(rules=rules)
    findings = [finding for item in decode(stream) for finding in linter.feed([item])]
    findings += linter.close()
    assert linter.close() == []
    whole = Linter(rules=rules)
    assert whole.feed(list(decode(stream))) + whole.close() == findings
    return findings


def of_foo(**fields: object) -> bytes:
    return encode(Packet(test_id="foo", **fields))  # type: ignore[arg-type]


#: A report of damage, as python-subunit writes it.
DATA = Packet(
    test_id="subunit.parser",
    file_name="Packet data",
    file_bytes=b"\xb3)",
    mime_type="application/octet-stream",
    eof=True,
)
REASON = replace(
    DATA,
    test_status="fail",
    file_name="Parser Error",
    file_bytes=b"Bad checksum\nand more",
    mime_type="text/plain;charset=utf8",
)
REPORT = stream_of(DATA, REASON)
#: A packet whose length was damaged.
SUSPECT = bytes.fromhex("b32901fc03666f6f08555f1b")

#: By rule: octets before the violation, and the violation. The finding has its offset.
BREAKS: dict[str, tuple[bytes, bytes]] = {
    "damage": (RUN, damaged(FOO_OCTETS)),
    "damage-reported": (RUN, REPORT),
    "damage-suspected": (RUN + b".", SUSPECT + b"\n" + encode(Packet())),
    "file-name-reused": (
        START + encode(replace(LOG, eof=True)),
        encode(replace(LOG, eof=True)) + END,
    ),
    "started-twice": (START, START + END),
    "ended-twice": (RUN, END),
    "never-ended": (RUN, encode(Packet(test_id="bar", test_status="inprogress"))),
    "never-started": (RUN, encode(Packet(test_id="bar", test_status="exists"))),
    "route-never-ended": (RUN, encode(Packet(test_status="inprogress", route_code="0"))),
    "recovered": (RUN + header(0x2800, 60), encode(Packet(test_id="foo", test_status="exists"))),
    "time-backwards": (
        RUN + encode(Packet(route_code="0", timestamp=Timestamp(5))),
        encode(Packet(route_code="0", timestamp=Timestamp(4, 999_999_999))),
    ),
    "after-end": (RUN, encode(replace(LOG, eof=True))),
    "no-status": (RUN, encode(Packet(test_id="bar", test_tags=["a"]))),
    "status-with-chunk": (
        START,
        encode(replace(LOG, test_status="success")) + encode(Packet(test_id="bar")),
    ),
    "file-never-ended": (RUN, encode(replace(LOG, test_id=None))),
    "mime-changed": (
        RUN + encode(replace(LOG, test_id=None)),
        encode(replace(LOG, test_id=None, mime_type="image/png", eof=True)),
    ),
    "child-runnable": (
        RUN,
        encode(PART) + encode(Packet(test_id=CHILD, test_status="success")),
    ),
    "child-unnamed": (
        RUN,
        encode(Packet(test_id="foo" + CHILD_SEPARATOR, test_status="inprogress", runnable=False))
        + encode(Packet(test_id="foo" + CHILD_SEPARATOR, test_status="skip", runnable=False)),
    ),
    "mime-without-file": (RUN, encode(Packet(test_id="foo", mime_type="text/plain"))),
    "eof-without-file": (RUN, encode(Packet(test_id="foo", eof=True))),
    "mid-line": (b"starting server", RUN),
    "run-again": (RUN, RUN),
    "ended-without-start": (RUN, encode(Packet(test_id="bar", test_status="skip"))),
    "runnable-output": (
        RUN,
        encode(Packet(file_name="stdout", file_bytes=b"a"))
        + encode(Packet(file_name="stdout", file_bytes=b"b", eof=True)),
    ),
    "status-without-test": (RUN, encode(Packet(test_status="success", route_code="0"))),
    "long-number": (RUN, intact(0x2801, string(b"foo", 2))),
}

#: Rules that cannot be violated alone, with the others: a recovered packet comes after
#: damage, a file that goes on with the final status has no end, and a route that started
#: has a status.
ALONG = {
    "recovered": ["damage"],
    "status-with-chunk": ["file-never-ended"],
    "route-never-ended": ["status-without-test"],
}


def test_each_rule_has_a_stream() -> None:
    assert BREAKS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_a_stream_that_breaks_one_rule(rule: str) -> None:
    before, odd = BREAKS[rule]
    findings = linted(before + odd)
    assert sorted(finding.rule for finding in findings) == sorted([rule, *ALONG.get(rule, [])])
    [finding] = [finding for finding in findings if finding.rule == rule]
    # A test that is runnable at its end says so there.
    assert finding.offset == len(before) + (len(encode(PART)) if rule == "child-runnable" else 0)
    assert finding.level == RULES[rule].level
    assert "\n" not in finding.message
    # The linter with this rule alone, and with all the others.
    assert linted(before + odd, rules=[rule]) == [finding]
    others = [name for name in RULES if name != rule]
    assert finding.rule not in {each.rule for each in linted(before + odd, rules=others)}


def test_a_sound_stream() -> None:
    stream = b"building\r\n" + stream_of(
        Packet(test_id="foo", test_status="exists"),
        Packet(test_id="foo", test_status="inprogress", timestamp=Timestamp(1), test_tags=["a"]),
        # clause mime.scope: it stands where its writer wants it
        replace(LOG, mime_type=None),
        LOG,
        replace(LOG, file_bytes=b"", eof=True),
        Packet(test_id="foo", test_status="success", timestamp=Timestamp(1)),
        # The same on another route, which has another clock.
        Packet(test_id="foo", test_status="inprogress", timestamp=Timestamp(0), route_code="0"),
        replace(LOG, route_code="0", mime_type="image/png", eof=True),
        Packet(test_id="foo", test_status="skip", timestamp=Timestamp(0, 1), route_code="0"),
        Packet(file_name="version-info", file_bytes=b"{}", eof=True),
    )
    assert linted(stream) == []


def test_what_is_not_runnable_may_share_an_id() -> None:
    # clause test-id.unique
    layer = Packet(test_id="layer", test_status="inprogress", runnable=False)
    end = replace(layer, test_status="success")
    assert linted(stream_of(layer, layer, end, layer, end, end)) == []
    runnable = [replace(packet, runnable=True) for packet in (layer, layer, end, layer, end, end)]
    rules = [finding.rule for finding in linted(stream_of(*runnable))]
    assert rules == ["started-twice", "run-again", "ended-twice"]


def test_reports_of_damage_are_no_tests() -> None:
    # clauses damage.parser and file.names-unique
    first, second, rest = linted(REPORT + RUN + REPORT + encode(replace(DATA, eof=False)))[:3]
    assert [first.offset, second.offset] == [0, len(REPORT + RUN)]
    assert first.message == "damage of 2 octets was reported: Bad checksum"
    assert (first.level, first.test_id) == ("warning", None)
    # The multiplexer was killed.
    assert rest.message == "damage of 2 octets was reported: without a reason"
    assert rest.offset == len(REPORT + RUN + REPORT)
    # On two routes at once.
    routes = [replace(DATA, route_code=route) for route in "01"]
    ends = [replace(REASON, route_code=route) for route in "01"]
    findings = linted(stream_of(*routes, *ends))
    assert [(each.rule, each.route_code) for each in findings] == [
        ("damage-reported", "0"),
        ("damage-reported", "1"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "³ est grande\n",
        "³ Fussnote 7, siehe oben\n",
        "m³ á la carte\n",
        "³ est\r\n",
        "³\r\n5 m³\r\n",
        "³³³ ³ ³\n",
        "ok\n³ significa al cubo\n³ otra línea\n",
    ],
)
@pytest.mark.parametrize("behind", ["more text behind it\n", ""])
def test_latin_1_alarms_nobody(text: str, behind: str) -> None:
    # clauses damage.output and damage.suspect
    output = (text + behind).encode("latin-1")
    streams = [output, RUN + output]
    if behind:
        # Otherwise octets of the packet would be among the eight.
        streams.append(RUN + output + RUN_ELSEWHERE)
    for stream in streams:
        assert linted(stream) == []


def test_a_packet_inside_the_length_that_text_claims() -> None:
    # The header would be one of a megabyte.
    stream = b"\xb3 significa\n" + RUN
    assert [item.recovered for item in decode(stream) if isinstance(item, Packet)] == [True] * 2
    assert linted(stream) == []
    # The same inside the claim of damage.
    [damage, first, second] = linted(header(0x2800, 60) + b"\xb3 significa\n" + RUN)
    assert (damage.rule, first.rule, second.rule) == ("damage", "recovered", "recovered")


@pytest.mark.parametrize(
    ("test_id", "is_unnamed"),
    [
        ("foo/x=1", False),
        ("foo/x=1/y=2", False),
        ("/x=1", True),
        ("foo/", True),
        ("foo//y=2", True),
        ("/", True),
    ],
)
def test_the_parts_of_a_test_have_names(test_id: str, *, is_unnamed: bool) -> None:
    # clause test-id.children
    part = Packet(test_id=test_id.replace("/", CHILD_SEPARATOR), runnable=False)
    run = [replace(part, test_status="inprogress"), replace(part, test_status="success")]
    rules = [finding.rule for finding in linted(stream_of(*run))]
    assert rules == ["child-unnamed"] * is_unnamed


def test_output_of_a_route_is_not_runnable() -> None:
    # clause wrap.output
    output = Packet(file_name="stdout", file_bytes=b"a", runnable=False, route_code="0")
    end = replace(output, file_bytes=b"", eof=True)
    assert linted(stream_of(output, output, end)) == []
    [finding] = linted(stream_of(output, replace(end, test_status="success")))[:1]
    assert finding.rule == "runnable-output"
    # A second end of the file would make it two files.
    assert [each.rule for each in linted(stream_of(output, end, end))] == ["file-name-reused"]
    # Other files of a route are whatever their writer means.
    log = replace(output, file_name="coverage.xml", runnable=True, eof=True)
    assert linted(encode(log)) == []


def test_what_comes_late_is_said_once_a_test() -> None:
    late = of_foo(test_tags=["a"]) * 3
    assert [finding.rule for finding in linted(RUN + late)] == ["after-end"]
    again = [finding.rule for finding in linted(RUN + late + RUN + late)]
    assert again == ["after-end", "run-again", "after-end"]


def test_damage_says_what_it_cost_and_why() -> None:
    cut = FULL_OCTETS[:50]
    [damage, *_] = linted(FOO_OCTETS + cut + BAR_OCTETS + FOO_OCTETS, rules=["damage"])
    assert damage.offset == len(FOO_OCTETS)
    assert damage.message == (
        "checksum: 50 octets skipped, 1 packet recovered; likely the packet was cut, "
        "or two writers wrote at once"
    )
    [damage] = linted(FOO_OCTETS + FULL_OCTETS[:50])
    assert damage.message.startswith("truncated: 50 octets skipped, 0 packets recovered")
    assert damage.message.endswith("the writer was killed, or the stream cut")
    [damage] = linted(b"\xb3\x01\n" + FOO_OCTETS, rules=["damage"])
    assert damage.message.endswith("text that is not UTF-8, or octets that were lost")
    [damage] = linted(intact(0x2800, string(b"\xff")))
    assert damage.message.endswith("the writer made it so, as its checksum holds")


def test_damage_is_said_before_what_is_found_behind_it() -> None:
    stream = header(0x2800, 60) + encode(Packet(test_id="a", eof=True)) + damaged(FOO_OCTETS)
    assert [finding.rule for finding in linted(stream)] == [
        "damage",
        "recovered",
        "eof-without-file",
        "damage",
    ]


def test_a_finding_comes_with_its_packet() -> None:
    linter = Linter()
    [end] = decode(END)
    [finding] = linter.feed([end])
    assert finding.rule == "ended-without-start"
    [region, *_] = decode(damaged(FOO_OCTETS) + END)
    assert linter.feed([region]) == []
    # The finding about damage waits for the packets recovered from it.
    assert [each.rule for each in linter.feed([end])] == ["damage", "ended-twice"]


def test_rules_are_described() -> None:
    levels = ["error", "warning", "note"]
    assert [rule.level for rule in RULES.values()] == sorted(
        (rule.level for rule in RULES.values()), key=levels.index
    )
    for rule in RULES.values():
        assert rule.clause in spec.clauses()
        assert rule.purpose


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_a_capture(capture: Path) -> None:
    stream = capture.read_bytes()
    findings = linted(stream)
    starts = {item.offset for item in decode(stream)}
    for finding in findings:
        # Suspects are inside of passthrough.
        assert finding.offset in starts or finding.rule == "damage-suspected"
    judged = judge_regions(decode(stream))
    regions = [item.offset for item in judged if isinstance(item, Corrupt)]
    assert [each.offset for each in findings if each.rule == "damage"] == regions


_CHUNKS = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS, START, END, FULL_OCTETS[:40]]),
)


@given(st.lists(_CHUNKS))
def test_any_octets(chunks: list[bytes]) -> None:
    reader, linter = Reader(), Linter()
    findings = [each for chunk in chunks for each in linter.feed(reader.feed(chunk))]
    findings += linter.feed(reader.close()) + linter.close()
    assert findings == linted(b"".join(chunks))


def many(number: int) -> Iterator[Item]:
    for index in range(number):
        test = Packet(test_id=f"test_{index}", test_status="inprogress")
        yield test
        yield replace(LOG, test_id=test.test_id, file_bytes=b"x" * 1000, eof=True)
        yield replace(test, test_status="success")


def test_of_what_ended_only_hashes_are_kept() -> None:
    def peak(number: int) -> int:
        linter = Linter()
        tracemalloc.start()
        try:
            assert linter.feed(many(number)) == []
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # A hash of each test and of each file takes 100 to 250 octets after a set has grown.
    assert peak(10_000) < 5_000_000
