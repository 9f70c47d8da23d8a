"""What stands in single backquotes in a docstring: a link, where there is something to link to.

Strategy: docstrings are written to be read in the source, so what is code stands in backquotes,
and nothing says what it is. The id of a clause is a link to it, and the name of a public thing
of the library one to that; whatever else there is (values, words of the protocol, what is
private) stays code. A type of Python's own library, or of one that we use, is not linked, but
it has to be there.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any, Final, cast

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains import Domain
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole

from docs.clauses import reference
from subunit2 import spec

__all__ = ["NameRole", "resolve_name"]

_NAME: Final = re.compile(r"[A-Za-z_][\w.]*(?:\(\))?")

#: Where a name is looked for that is not in the module or class that names it.
_PLACES: Final = (
    "",
    "subunit2.",
    "subunit2.streams.",
    "subunit2.conformance.",
    "subunit2.conformance.drivers.",
)

#: Libraries that are not Python's own, whose types stand in signatures.
_OTHERS: Final = frozenset({"hypothesis", "lark", "msgspec", "testtools"})


class NameRole(SphinxRole):
    """Code, and a link where there is something of that name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The link, or the code."""
        code = nodes.literal(self.rawtext, self.text)
        made: pending_xref
        if self.text in spec.clauses():
            made = reference("clause", self.text)
        elif _NAME.fullmatch(self.text):
            made = pending_xref(
                "",
                code,
                refdomain="py",
                reftype="obj",
                reftarget=self.text.removesuffix("()"),
                name_only=True,
                **{f"py:{key}": self.env.ref_context.get(f"py:{key}") for key in _CONTEXT},
            )
        else:
            return [code], []
        made["refdoc"] = self.env.current_document.docname
        return [made], []


_CONTEXT: Final = ("module", "class")


def resolve_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> Any:
    """A link to a public name of the library; what is no name of ours is left as it is."""
    if node.get("refdomain") != "py":
        return None
    target = _public_name(env.domains["py"], node["reftarget"])
    if target is not None:
        return env.domains["py"].resolve_xref(
            env, node["refdoc"], app.builder, "obj", target, node, content
        )
    if node.get("name_only") or _is_elsewhere(node["reftarget"]):
        return content
    return None


def _public_name(domain: Domain, target: str) -> str | None:
    """The whole name of a thing of the library; None where there is none, or two are meant."""
    names = cast("PythonDomain", domain).objects
    for place in _PLACES:
        if f"{place}{target}" in names:
            return f"{place}{target}"
    if "." in target:
        return None
    # In the annotation of a type that another module names: its own name is left.
    found = [name for name, entry in names.items() if not entry.aliased and _ends(name, target)]
    return found[0] if len(found) == 1 else None


def _ends(name: str, target: str) -> bool:
    return name.endswith(f".{target}") and target[0].isupper()


def _is_elsewhere(target: str) -> bool:
    """Whether it is something of another library, and there."""
    root, *rest = target.split(".")
    if (rest or [root])[-1].startswith("_"):
        # A variable of types, or a protocol: what has to be said of it stands in words.
        return True
    if not rest:
        return hasattr(sys.modules["builtins"], root)
    if root not in sys.stdlib_module_names and root not in _OTHERS:
        return False
    for cut in range(len(rest), 0, -1):
        try:
            found: Any = import_module(".".join([root, *rest[: cut - 1]]))
            for name in rest[cut - 1 :]:
                found = getattr(found, name)
        except (ImportError, AttributeError):
            continue
        return True
    return False
