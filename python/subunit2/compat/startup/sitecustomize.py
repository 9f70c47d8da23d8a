"""Replace the classes of python-subunit when a Python process imports them.

Strategy: nothing is imported before the process needs it. A finder waits for the import of
`subunit.v2`, has it loaded, and replaces the two classes in it. Other modules, such as
`subunit`, import them from there.

The module has no effect if it is imported under a name other than `sitecustomize`.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType


class _Replacing(Loader):
    """Loads a module with another loader, and replaces two classes in it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        try:
            from subunit2.compat import replace_in
        except ImportError:
            # The Python of another environment keeps the original classes.
            print(
                f"subunit2.compat: {sys.executable} has no subunit2, and uses python-subunit",
                file=sys.stderr,
            )
            return
        replace_in(module)


class _Waiting(MetaPathFinder):
    """Finds `subunit.v2` once."""

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
    """Run the `sitecustomize` that this one hides."""
    here = Path(__file__).resolve().parent
    behind = [entry for entry in sys.path if Path(entry).resolve() != here]
    spec = PathFinder.find_spec(__name__, behind)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, _Waiting())
    _run_hidden()
