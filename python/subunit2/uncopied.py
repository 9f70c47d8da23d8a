"""Objects that cannot be copied, since a copy would share their insides.

Strategy: `copy.copy` and `pickle` take the attributes of an object. Two readers that hold
the same octets would each take them from the other, without an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from typing import SupportsIndex

__all__ = ["Uncopied"]


class Uncopied:
    """The base of classes whose objects follow one stream.

    >>> import copy
    >>> copy.copy(Uncopied())
    Traceback (most recent call last):
        ...
    TypeError: a Uncopied cannot be copied or pickled: it belongs to one stream; make another
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """Refuse to be copied or pickled.

        :raises TypeError: always.
        """
        name = type(self).__name__
        raise TypeError(
            f"a {name} cannot be copied or pickled: it belongs to one stream; make another"
        )
