"""Filters: decoders and encoders, started once for each case."""

from __future__ import annotations

import pytest

from subunit2.conformance.drivers.filter import Decoder, Encoder
from subunit2.conformance.drivers.process import NoAnswerError
from support.conformance_cases import harness
from support.streams import FOO_OCTETS

PATIENCE = 60.0

STREAM = b"building\n" + FOO_OCTETS


def decoder(*fault: str, timeout: float = PATIENCE) -> Decoder:
    return Decoder(harness("decode", *fault, script="filter.py"), timeout=timeout)


def encoder(*fault: str) -> Encoder:
    return Encoder(harness("encode", *fault, script="filter.py"), timeout=PATIENCE)


def test_a_decoder() -> None:
    passthrough, packet = decoder().decode(STREAM)
    assert passthrough["bytes"] == b"building\n".hex()
    assert packet["test_id"] == "foo"
    assert decoder().decode(b"") == []


def test_an_encoder() -> None:
    assert encoder().encode({"test_id": "foo", "test_status": "exists"}) == FOO_OCTETS
    assert encoder().encode({"test_id": "a\ud800"}) is True


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("dies", "crashed", "killed by SIGSEGV"),
        ("fails", "rejected", "exit status 1: ValueError: bad"),
        ("unsupported", "unsupported", "no tags here"),
        ("floods", "malformed", "more than 1,049,248 octets in one answer"),
        ("no-line-end", "malformed", 'line 1: not JSON: \'{"kind": "passthrough"'),
    ],
)
def test_a_decoder_that_fails(fault: str, outcome: str, reason: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        decoder(fault).decode(STREAM)
    assert caught.value.outcome == outcome
    assert caught.value.reason.startswith(reason)


def test_a_decoder_that_is_cat() -> None:
    with pytest.raises(NoAnswerError) as caught:
        Decoder("cat", timeout=PATIENCE).decode(STREAM)
    assert (caught.value.outcome, caught.value.reason) == (
        "malformed",
        "line 1: not JSON: 'building'",
    )


@pytest.mark.parametrize("command", ["sleep 1000", "sh -c 'sleep 1000 & wait'"])
def test_a_decoder_that_does_not_end(command: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        Decoder(command, timeout=0.2).decode(STREAM * 10_000)
    assert (caught.value.outcome, caught.value.reason) == (
        "timed out",
        "no answer within 0.2 s",
    )


def test_a_decoder_that_does_not_read_is_judged_by_what_it_wrote() -> None:
    assert decoder("does-not-read").decode(STREAM * 100_000) == []
    said = Decoder('echo \'{"kind":"passthrough","bytes":"61"}\'', timeout=PATIENCE)
    assert said.decode(STREAM * 100_000) == [{"kind": "passthrough", "bytes": "61"}]


def test_standard_error_is_free() -> None:
    assert len(decoder("floods-stderr").decode(STREAM)) == 2


def test_an_item_that_is_none() -> None:
    said = Decoder('echo \'{"kind":"passthrough"}\'', timeout=PATIENCE)
    with pytest.raises(NoAnswerError, match="line 1: bytes: missing"):
        said.decode(b"")


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("refuses-and-writes", "malformed", "exit status 1, and 8 octets of output"),
        ("another-status", "rejected", "exit status 3: test_id: character 1 is NUL"),
    ],
)
def test_an_encoder_that_refuses_in_another_way(fault: str, outcome: str, reason: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        encoder(fault).encode({"test_id": "a\0"})
    assert (caught.value.outcome, caught.value.reason) == (outcome, reason)


def test_what_was_sent_and_received() -> None:
    lines: list[str] = []
    Decoder(
        'echo \'{"kind":"passthrough","bytes":"61"}\'', timeout=1, transcript=lines.append
    ).decode(b"a")
    Encoder("echo hi", timeout=1, transcript=lines.append).encode({})
    with pytest.raises(NoAnswerError):
        Decoder("sh -c 'exit 3'", timeout=PATIENCE, transcript=lines.append).decode(b"a")
    assert lines == [
        "-> 61",
        '<- {"kind":"passthrough","bytes":"61"}',
        "-> {}",
        "<- 68690a",
        "-> 61",
        "<- (rejected: exit status 3)",
    ]
