"""What is to be mended in a process that was forked.

Strategy: of a process's threads only the one that forks goes on in the child. A lock
that another held at that moment is held there for ever, and what it guards may be
half done. So whatever has a lock is known here, for as long as somebody has it, and
is mended in each child before anything else runs there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["reset_after_fork"]

_T = TypeVar("_T")

_KNOWN: Final[WeakKeyDictionary[Any, Callable[[Any], None]]] = WeakKeyDictionary()


def reset_after_fork(each: _T, mend: Callable[[_T], None]) -> None:
    """Have `mend(each)` called in each child that is forked from now on.

    The child has one thread as yet. `each` is not kept alive.
    """
    _KNOWN[each] = mend


def _mend_all() -> None:
    for each, mend in _KNOWN.items():
        mend(each)


# Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mend_all)
