"""The same for several sinks, of which one may die.

Strategy: a sink is whatever can be called with what is to be written. One that raises
is called no more; the others do not notice, and what it raised is there at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from subunit2.items import Item

__all__ = ["Tee", "tee"]

_T = TypeVar("_T")


class Tee(Generic[_T]):
    """Gives the same to several sinks.

    Holds nothing. A sink that is slow slows the others down; none is left behind.

    :param sinks: by their names.
    :ivar deaths: what a sink raised that is called no more, by its name.

    >>> kept = []
    >>> tee = Tee({"kept": kept.append, "full": {}.__delitem__})
    >>> tee.write(b"foo")
    >>> tee.write(b"bar")
    >>> kept, tee.deaths
    ([b'foo', b'bar'], {'full': KeyError(b'foo')})
    """

    def __init__(self, sinks: Mapping[str, Callable[[_T], object]]) -> None:
        self._sinks = dict(sinks)
        self.deaths: dict[str, Exception] = {}

    @property
    def is_alive(self) -> bool:
        """Whether there is a sink left that takes something."""
        return bool(self._sinks)

    def write(self, what: _T) -> None:
        """Give something to each sink that is left."""
        for name, sink in list(self._sinks.items()):
            try:
                sink(what)
            except Exception as error:
                self.bury(name, error)

    def bury(self, name: str, error: Exception) -> None:
        """Call a sink no more, because of this."""
        self._sinks.pop(name, None)
        self.deaths.setdefault(name, error)


def tee(items: Iterable[Item], sinks: Mapping[str, Callable[[Item], object]]) -> Iterator[Item]:
    """The items, each given to all sinks before it goes on. Holds nothing.

    :raises ExceptionGroup: at the end, of what the sinks raised that died, each with the
        sink's name as a note.
    """
    each = Tee(sinks)
    for item in items:
        each.write(item)
        yield item
    if each.deaths:
        for name, error in each.deaths.items():
            error.add_note(f"sink: {name}")
        raise ExceptionGroup("not every sink took everything", list(each.deaths.values()))
