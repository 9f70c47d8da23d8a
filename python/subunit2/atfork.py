"""Reset locks in forked children.

Strategy: only the thread that forks goes on in the child. A lock that another thread held
stays held there for ever, and the state that it guards may be half changed. So each object
with a lock is registered here as long as it lives, and is reset in each child before other
code runs there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["reset_after_fork"]

_T = TypeVar("_T")

_KNOWN: Final[WeakKeyDictionary[Any, Callable[[Any], None]]] = WeakKeyDictionary()


def reset_after_fork(each: _T, reset: Callable[[_T], None]) -> None:
    """Call `reset(each)` in each child that is forked from now on, while it has one thread.

    `each` is not kept alive.
    """
    _KNOWN[each] = reset


def _reset_all() -> None:
    for each, reset in _KNOWN.items():
        reset(each)


# Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
