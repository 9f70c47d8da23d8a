"""Replaces python-subunit's classes in a Python that starts, once it imports them.

Strategy: nothing is imported that the process does not ask for. A finder waits for
`subunit.v2`, lets it be read as usual, and puts the two classes into it; from there
`subunit` and everything else imports them.

Nothing happens where this is imported under another name.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType


class _Replacing(Loader):
    """Reads a module as another loader does, and replaces two classes in it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        try:
            from subunit2.compat import replace_in
        except ImportError:
            # Another environment's Python, which keeps what it has.
            print(
                f"subunit2.compat: {sys.executable} has no subunit2, and uses python-subunit",
                file=sys.stderr,
            )
            return
        replace_in(module)


class _Waiting(MetaPathFinder):
    """Finds `subunit.v2`, once."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "subunit.v2":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Replacing(spec.loader)
        return spec


def _run_hidden() -> None:
    """Run the `sitecustomize` that this one stands in front of."""
    here = Path(__file__).resolve().parent
    behind = [entry for entry in sys.path if Path(entry).resolve() != here]
    spec = PathFinder.find_spec(__name__, behind)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, _Waiting())
    _run_hidden()
