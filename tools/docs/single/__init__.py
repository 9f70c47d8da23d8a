"""The specification in one file of plain Markdown, `docs/SPECIFICATION.md`.

Strategy: the chapters are the pages of `docs/specification`, in the order of a book. `plain` turns
each from MyST into plain Markdown, `blocks` makes the parts that the pages take from the sources
(clauses, examples, tables), `code` joins the pseudocode of the porting guide, and `chapters` puts
all together. `anchors` knows the anchors that viewers give to headings, so that links inside the
file work in each of them.
"""

from docs.single.chapters import specification

__all__ = ["specification"]
