"""Timestamps: the first and last value of each width, and invalid nanoseconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.families._packets import damaged, well_formed
from corpus.source import Source

__all__ = ["family"]

_SECONDS = [
    (0, "1970-01-01T00:00:00Z, the first"),
    (1, "1970-01-01T00:00:01Z"),
    (2**31 - 1, "2038-01-19T03:14:07Z, the last of signed seconds"),
    (2**31, "2038-01-19T03:14:08Z, where signed seconds become negative"),
    (3_003_121_664, "a time whose first octet is 0xB3"),
    (2**32 - 1, "2106-02-07T06:28:15Z, the last"),
]
_NANOSECONDS = (0, 1, 999, 63, 64, 16_383, 16_384, 999_999, 4_194_303, 4_194_304, 999_999_999)
_TOO_MANY = (1_000_000_000, 1_000_000_001, 2**30 - 1)


def family() -> Iterator[Source]:
    """Yield cases of seconds and nanoseconds."""
    for seconds, words in _SECONDS:
        yield well_formed(
            f"packet/timestamp/seconds-{seconds}",
            f"A timestamp of {words}{',' * (',' in words)} is read",
            ("timestamp.seconds", "number.fixed"),
            _at(seconds, 0),
        )
    for nanoseconds in _NANOSECONDS:
        yield well_formed(
            f"packet/timestamp/nanoseconds-{nanoseconds}",
            f"A timestamp of {nanoseconds:,} nanosecond{'s' * (nanoseconds != 1)} keeps them",
            ("timestamp.exact", "timestamp.nanoseconds"),
            _at(1_000_000_000, nanoseconds),
        )
    yield well_formed(
        "packet/timestamp/last",
        "The last time that there is, to the nanosecond, is read",
        ("timestamp.exact", "timestamp.nanoseconds", "timestamp.seconds"),
        _at(2**32 - 1, 999_999_999),
    )
    parent = well_formed("packet/timestamp/nanoseconds-999999999", "", (), _at(10**9, 999_999_999))
    for nanoseconds in _TOO_MANY:
        yield damaged(
            f"packet/timestamp/nanoseconds-{nanoseconds}",
            f"{nanoseconds:,} nanoseconds are reported, and not added to the seconds",
            ("timestamp.nanoseconds",),
            parent=parent,
            mutation=f"write 8 {nanoseconds | 3 << 30:08x} sealed",
            error="nanoseconds",
        )
    alone = {"timestamp": {"seconds": 0, "nanoseconds": 0}, "runnable": False}
    yield well_formed(
        "packet/timestamp/zero-alone",
        "A timestamp of zero is kept apart from none",
        ("flags.empty-is-not-absent", "timestamp.seconds"),
        alone,
    )


def _at(seconds: int, nanoseconds: int) -> dict[str, Any]:
    when = {"seconds": seconds, "nanoseconds": nanoseconds}
    return {"test_id": "foo", "test_status": "success", "timestamp": when}
