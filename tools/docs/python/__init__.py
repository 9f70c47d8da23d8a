"""Sphinx extension: the reference of the library and of the command line.

Strategy: the library's reference is made of its docstrings by autodoc, a section a module
(`modules`); what stands there in single backquotes is a link where there is something of that
name (`names`). The command line's is made of its own parser (`commands`). So what a docstring or
a help text says is on the site without another edit.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from docs.python.commands import CommandGroup, CommandOverview, check_groups
from docs.python.modules import Modules, skip_field, write_signature
from docs.python.names import NameRole, resolve_name

__all__ = ["setup"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives, the role of docstrings, and the check that every command is shown."""
    app.add_directive("modules", Modules)
    app.add_directive("command-overview", CommandOverview)
    app.add_directive("command-group", CommandGroup)
    app.add_role("name", NameRole())
    app.connect("missing-reference", resolve_name)
    app.connect("autodoc-skip-member", skip_field)
    app.connect("autodoc-process-signature", write_signature)
    app.connect("env-check-consistency", check_groups)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
