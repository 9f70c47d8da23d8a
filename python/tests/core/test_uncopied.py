"""Objects that follow a stream are not copied: a copy would share their octets."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any, cast

import pytest

from subunit2 import Reader, StreamWriter, aio
from subunit2.multiplexer import Multiplexer
from subunit2.streams.clocks import ClockAligner
from subunit2.streams.linting import Linter
from subunit2.streams.records import TestRecords
from subunit2.streams.reruns import LastRuns
from subunit2.streams.select_tests import WholeTests
from subunit2.streams.wrapping import Wrapper
from support.streams import FOO, FOO_OCTETS

MAKE: list[Callable[[], object]] = [
    Reader,
    lambda: Reader(reference=True),
    lambda: Multiplexer(["0"]),
    lambda: StreamWriter(io.BytesIO()),
    lambda: aio.StreamWriter(cast(Any, None)),
    ClockAligner,
    Linter,
    TestRecords,
    LastRuns,
    lambda: WholeTests(bool),
    Wrapper,
]


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("make", MAKE)
def test_it_is_refused(make: Callable[[], object], take: Callable[[object], object]) -> None:
    made = make()
    with pytest.raises(TypeError) as caught:
        take(made)
    assert str(caught.value) == (
        f"a {type(made).__name__} cannot be copied or pickled: "
        "it belongs to one stream; make another"
    )


def test_a_reader_within_another_object_is_refused_and_goes_on() -> None:
    reader = Reader()
    assert reader.feed(FOO_OCTETS[:5]) == []
    for take in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="a Reader cannot be copied"):
            take({"reader": [reader]})
    assert reader.feed(FOO_OCTETS[5:]) == [FOO]
    assert reader.close() == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_refused_by_each_protocol(protocol: int) -> None:
    with pytest.raises(TypeError, match="belongs to one stream"):
        pickle.dumps(Reader(), protocol)
