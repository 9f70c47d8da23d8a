"""Immutable structs whose `help` names their own attributes alone.

Strategy: items are structs of msgspec, which are made in a tenth of the time of a frozen
dataclass. `help` of one lists some thirty names of msgspec's machinery before its own
methods. pydoc takes them from `dir` of the class and from its bases, so a metaclass leaves
them out of `dir`, `__bases__` and `__mro__`. Comparison, `repr`, pickling, `isinstance`,
`type.mro` and the speed of a call stay msgspec's. Only code that looks for `msgspec.Struct`
in a class's `__mro__`, as `functools.singledispatch` does, does not find it.

The speed is the reason for two exceptions, in which `Struct` is msgspec's own. Before Python
3.12, a class whose metaclass is written in Python loses the fast protocol of calls unless C
code gives it back, as `_speedups` does. Before msgspec 0.20, its metaclass has no subclasses.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

from subunit2.speedups import SPEEDUPS

__all__ = ["HAS_PLAIN_HELP", "Struct"]


def _keep_calls_fast(metaclass: type) -> bool:
    """Return whether a call of the metaclass's classes costs nothing extra."""
    if sys.version_info >= (3, 12):
        return True
    # An older build has no such function.
    enable_vectorcall = getattr(SPEEDUPS, "enable_vectorcall", None)
    if enable_vectorcall is None:
        return False
    enable_vectorcall(metaclass)
    return True


def _is_shown(cls: type) -> bool:
    return cls.__module__.partition(".")[0] != "msgspec"


def _new_struct() -> type:
    """Return the base class with plain help, or msgspec's if there can be none."""
    all_bases = type.__dict__["__mro__"].__get__
    direct_bases = type.__dict__["__bases__"].__get__
    base: Any = type(msgspec.Struct)

    class StructType(base):  # type: ignore[misc]
        def __dir__(cls) -> list[str]:  # noqa: N805
            return [name for name in super().__dir__() if not name.startswith("__")]

        @property
        def __mro__(cls) -> tuple[type, ...]:  # noqa: N805
            return tuple(filter(_is_shown, all_bases(cls)))

        @property
        def __bases__(cls) -> tuple[type, ...]:  # noqa: N805
            return tuple(filter(_is_shown, direct_bases(cls))) or (object,)

    if not _keep_calls_fast(StructType):
        return msgspec.Struct
    # It is hidden as well, as the name of its module says.
    struct: type = StructType("Struct", (msgspec.Struct,), {"__module__": "msgspec"})
    return struct


if TYPE_CHECKING:
    from msgspec import Struct
else:
    try:
        Struct = _new_struct()
    except TypeError:
        Struct = msgspec.Struct

#: Whether `help` of the structs is without msgspec's names.
HAS_PLAIN_HELP: Final = Struct is not msgspec.Struct
