"""Make the captures again: run real test tools on sample projects, and keep the streams they write.

recipes.toml has the command of each.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from manifest import Capture, read_manifest, write_capture, write_manifest
from recipes import Recipe, read_recipes
from workshop import Workshop, WorkshopError

try:
    from scrub import Scrubber, has_corrupt
except ModuleNotFoundError as error:
    sys.exit(f"error: {error}: run this where subunit2 is installed")

EXAMPLE = """\
example:
  python tools/captures/make_captures.py --out conformance/captures
  python tools/captures/make_captures.py --out . --venv ~/tools make-noise torn-writers
"""


def main() -> int:
    """Run the command line; return the exit status."""
    recipes = read_recipes()
    options = parse_arguments(recipes)
    if options.list:
        print("\n".join(recipes))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="captures-"))
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        workshop = Workshop(folder, (options.venv or folder / "venv").absolute())
        say(f"installing the tools into {workshop.venv}")
        workshop.install()
        failures = make_all(options.names or list(recipes), recipes, workshop, options.out)
    except (WorkshopError, OSError) as error:
        say(f"error: {error}")
        return 1
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if failures:
        say(f"error: could not be made: {', '.join(failures)}")
    return 1 if failures else 0


def parse_arguments(recipes: dict[str, Recipe]) -> argparse.Namespace:
    """Read the command line; exit where a name has no recipe."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a capture to make (default: all of them)"
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--out", type=Path, metavar="DIR", help="where the captures and captures.toml go"
    )
    where.add_argument("--list", action="store_true", help="show the names and stop")
    parser.add_argument(
        "--venv",
        type=Path,
        metavar="DIR",
        help="put the tools here and keep them (default: a temporary folder)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the folder in which the tools ran"
    )
    options = parser.parse_args()
    for name in options.names:
        if name not in recipes:
            parser.error(f"no such capture: {name} (see --list)")
    return options


def make_all(
    names: list[str], recipes: dict[str, Recipe], workshop: Workshop, out: Path
) -> list[str]:
    """Make the captures in *names*, note them in the manifest, and return those that failed."""
    manifest = out / "captures.toml"
    captures = read_manifest(manifest)
    failures = []
    for number, name in enumerate(names, start=1):
        say(f"[{number}/{len(names)}] {name} ", end="")
        try:
            captures[name] = make(recipes[name], recipes, workshop, out)
            say(f"{captures[name].size} octets")
        except WorkshopError as error:
            say(f"failed: {error}")
            failures.append(name)
    # In the order of the recipes, not of the arguments.
    write_manifest(manifest, [captures[name] for name in recipes if name in captures])
    return failures


def make(recipe: Recipe, recipes: dict[str, Recipe], workshop: Workshop, out: Path) -> Capture:
    """Make one capture, and first the ones that it builds on."""
    if recipe.follows is not None and not workshop.has_run(recipe.follows):
        workshop.run(recipes[recipe.follows])
    octets = workshop.run(recipe)
    scrubber = Scrubber(project=workshop.project(recipe), venv=workshop.venv, home=workshop.home)
    if has_corrupt(octets) != recipe.corrupt:
        raise WorkshopError("nothing is damaged" if recipe.corrupt else "some octets are damaged")
    if not recipe.corrupt:
        octets = scrubber.stream(octets)
    if leaks := scrubber.leaks(octets):
        raise WorkshopError(f"paths of this machine are in it: {', '.join(leaks)}")
    command = recipe.command if recipe.prepare is None else f"{recipe.prepare}\n{recipe.command}"
    return write_capture(
        out,
        octets,
        name=recipe.name,
        project=recipe.project,
        tool=workshop.versions(recipe),
        command=command,
        notes=recipe.notes,
    )


def say(text: str, end: str = "\n") -> None:
    """Print a line on standard error."""
    print(text, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
