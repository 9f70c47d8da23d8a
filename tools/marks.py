"""Generated text between two marks of a page."""

from __future__ import annotations

__all__ = ["splice"]


def splice(page: str, begin: str, end: str, made: str) -> str:
    r"""Return a page with generated text in place of the text between its marks.

    :param begin: the mark before the text; `end`: the mark behind it.
    :raises ValueError: if the page lacks the marks, naming the first.

    >>> splice("a <b> old <e> c", "<b>", "<e>", "new")
    'a <b>\nnew\n<e> c'
    """
    before, mark, rest = page.partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise ValueError(f"the marks of generated text are missing: {begin}")
    return f"{before}{mark}\n{made}\n{closing}{after}"
