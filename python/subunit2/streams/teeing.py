"""Write to several sinks, and go on if one fails.

Strategy: a sink is a function that is called with each value. A sink that raises is not
called again. The others are, and its exception is reported at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from subunit2.items import Item

__all__ = ["Tee", "tee"]

_T = TypeVar("_T")


class Tee(Generic[_T]):
    """Passes each value to several sinks.

    Holds nothing: a slow sink slows down the others.

    :param sinks: functions by name.
    :ivar errors: the exceptions of the sinks that failed, by name.

    >>> kept = []
    >>> tee = Tee({"kept": kept.append, "full": {}.__delitem__})
    >>> tee.write(b"foo")
    >>> tee.write(b"bar")
    >>> kept, tee.errors
    ([b'foo', b'bar'], {'full': KeyError(b'foo')})
    """

    def __init__(self, sinks: Mapping[str, Callable[[_T], object]]) -> None:
        self._sinks = dict(sinks)
        self.errors: dict[str, Exception] = {}

    @property
    def has_sinks(self) -> bool:
        """Whether there is a sink that has not failed."""
        return bool(self._sinks)

    def write(self, value: _T) -> None:
        """Call each remaining sink with a value."""
        for name, sink in list(self._sinks.items()):
            try:
                sink(value)
            except Exception as error:
                self.drop(name, error)

    def drop(self, name: str, error: Exception) -> None:
        """Stop calling a sink, because of an error."""
        self._sinks.pop(name, None)
        self.errors.setdefault(name, error)


def tee(items: Iterable[Item], sinks: Mapping[str, Callable[[Item], object]]) -> Iterator[Item]:
    """Pass each item to all sinks before it is yielded. Holds nothing.

    :raises ExceptionGroup: at the end, of the exceptions of the sinks that failed, each
        with the name of its sink as a note.
    """
    each = Tee(sinks)
    for item in items:
        each.write(item)
        yield item
    if each.errors:
        for name, error in each.errors.items():
            error.add_note(f"sink: {name}")
        raise ExceptionGroup("some sinks failed", list(each.errors.values()))
