"""Tables of Markdown, with a pipe between two cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["pipe_table"]


def pipe_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, are_numbers: bool = False
) -> list[str]:
    """Return the lines of a table.

    :param are_numbers: whether all columns but the first are aligned to the right.

    >>> pipe_table(("name", "octets"), [("foo", "12")], are_numbers=True)
    ['| name | octets |', '| --- | ---: |', '| foo | 12 |']
    """
    rule = ["---", *["---:" if are_numbers else "---"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]
