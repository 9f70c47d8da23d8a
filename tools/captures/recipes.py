"""The recipes of the captures, read from recipes.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Recipe", "read_recipes"]

RECIPES = Path(__file__).with_name("recipes.toml")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The recipe of one capture; recipes.toml explains each field."""

    name: str
    project: str
    command: str
    notes: str
    follows: str | None = None
    packages: tuple[str, ...] = ()
    crates: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    npm_packages: tuple[str, ...] = ()
    prepare: str | None = None
    corrupt: bool = False


def read_recipes() -> dict[str, Recipe]:
    """Read the recipes, by name and in the order of the file."""
    tables = tomllib.loads(RECIPES.read_text(encoding="utf-8"))["recipe"]
    recipes = [Recipe(**{key: _field(value) for key, value in table.items()}) for table in tables]
    return {recipe.name: recipe for recipe in recipes}


def _field(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.strip() if isinstance(value, str) else value
