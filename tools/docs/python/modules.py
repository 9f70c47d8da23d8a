"""Modules of the library, each with its public names, out of their docstrings.

Strategy: a directive names modules, or a package whose modules are meant, so that a new module
is on the site without an edit. What `subunit2` itself offers is explained there, and only named
where it is defined.

    ```{modules} subunit2.streams.*
    ```
"""

from __future__ import annotations

import inspect
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import stringify_annotation

import subunit2

__all__ = ["Modules", "public_modules", "skip_field", "write_signature"]

#: Packages without a page: the module that offers a name of theirs explains it.
_WITHOUT_PAGE: Final = ("subunit2.cli.", "subunit2.framing.", "subunit2.packets.")

#: Modules of the runner's command line, which the pages of commands describe.
_OF_COMMANDS: Final = frozenset(
    f"subunit2.conformance.{name}" for name in ("command", "selection", "reports.files")
)


def public_modules(pattern: str) -> Iterator[str]:
    """A module by its name; `package.*`: those of a package that say what is public in them.

    >>> list(public_modules("subunit2.grammar.*"))[:2]
    ['subunit2.grammar.generating', 'subunit2.grammar.matching']
    """
    package, star, _ = pattern.partition(".*")
    if not star:
        yield pattern
        return
    for found in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        if found.name in _OF_COMMANDS:
            continue
        if getattr(import_module(found.name), "__all__", ()):
            yield found.name


def explained_elsewhere(module: str) -> dict[str, str]:
    """The public names of a module that stand under another name: there or at the door.

    >>> explained_elsewhere("subunit2.streams.capturing")
    {'capture_stdio': 'subunit2.capture_stdio'}
    >>> explained_elsewhere("subunit2.conformance.run")["CommandError"]
    'subunit2.conformance.drivers.process.CommandError'
    """
    if module == "subunit2":
        # It is a module, and has a page of its own.
        return {"spec": "subunit2.spec"}
    found = import_module(module)
    elsewhere = {}
    for name in found.__all__:
        value = getattr(found, name)
        home = getattr(value, "__module__", module)
        if name in subunit2.__all__ and getattr(subunit2, name) is value:
            elsewhere[name] = f"subunit2.{name}"
        elif home.startswith(_WITHOUT_PAGE):
            continue
        elif home != module and name in getattr(sys.modules.get(home), "__all__", ()):
            elsewhere[name] = f"{home}.{name}"
    return elsewhere


class Modules(SphinxDirective):
    """A section a module."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """The sections, in the order of the arguments."""
        names = [name for each in self.arguments[0].split() for name in public_modules(each)]
        for name in names:
            self.env.note_dependency(str(import_module(name).__file__))
        text = "\n".join(line for name in names for line in _lines(name, is_alone=len(names) == 1))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def _lines(module: str, *, is_alone: bool) -> Iterator[str]:
    if not is_alone:
        yield from (f"## `{module}`", "")
    elsewhere = explained_elsewhere(module)
    values = [name for name in _values(module) if name not in elsewhere]
    yield from ("````{eval-rst}", f".. automodule:: {module}", "   :members:")
    if elsewhere or values:
        yield f"   :exclude-members: {', '.join([*elsewhere, *values])}"
    for name in values:
        yield from ("", f".. autodata:: {module}.{name}", *_comment(module, name))
    yield from ("````", "")
    if elsewhere:
        links = ", ".join(f"{{py:obj}}`{target}`" for target in elsewhere.values())
        yield from (f"Also here: {links}.", "")


def _values(module: str) -> list[str]:
    """The public names that are no classes and no functions."""
    found = import_module(module)
    return [
        name
        for name in found.__all__
        if not inspect.isclass(getattr(found, name)) and not inspect.isroutine(getattr(found, name))
    ]


def _comment(module: str, name: str) -> Iterator[str]:
    """What stands over a value of another module that the door offers."""
    if module == "subunit2":
        home = ModuleAnalyzer.for_module(f"subunit2.{subunit2._MODULES[name]}")
        yield from ("", *(f"   {line}" for line in home.find_attr_docs().get(("", name), ())))


def skip_field(app: Sphinx, kind: str, name: str, value: object, *rest: object) -> bool | None:
    """Leave out what the docstring of its class explains: fields of structs and of tuples."""
    return True if type(value).__name__ in {"_tuplegetter", "member_descriptor"} else None


def write_signature(
    app: Sphinx, kind: str, name: str, value: object, options: object, *parts: str | None
) -> tuple[str | None, ...]:
    """Write types by the names that they have here, and defaults made anew as such."""
    return tuple(part and _written(part) for part in parts)


def _written(part: str) -> str:
    for name in ("ErrorCode", "Item", "TestStatus"):
        part = part.replace(stringify_annotation(getattr(subunit2, name), "smart"), name)
    return part.replace("<factory>", "...")
