"""A sample of tests that take long, for `make test`: some parameters, fewer examples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

__all__ = ["examples", "sample"]

_T = TypeVar("_T")


def sample(
    values: Iterable[_T], quick: Collection[_T], name: Callable[[_T], str] = str
) -> list[ParameterSet]:
    """Return parameters for all values, those outside `quick` marked as slow.

    :param name: returns the id of a value.
    """
    return [
        pytest.param(each, marks=() if each in quick else pytest.mark.slow, id=name(each))
        for each in values
    ]


def examples(count: int) -> int:
    """Return the number of examples for a property test: `count`, or in `make test` a fifth."""
    return max(count * min(settings().max_examples, 100) // 100, 5)
