"""The pages about Python and the command line are complete, and their examples run."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import subunit2
from docs.python.commands import label
from docs.python.modules import explained_elsewhere, public_modules
from subunit2.cli.commands import COMMANDS, GROUPS
from subunit2.cli.parser import build_parser
from support.docs_building import Built, build, replace_in
from support.docs_site import soup_of
from support.pages import DOCS, blocks, run_page

PAGES = sorted(path for path in (DOCS / "python").rglob("*.md") if "reference" not in path.parts)

#: The modules whose public names are those of the library.
MODULES = ("subunit2", "subunit2.aio", "subunit2.compat", "subunit2.multiplexer", "subunit2.spec")
PACKAGES = (
    "subunit2.streams",
    "subunit2.damage",
    "subunit2.grammar",
    "subunit2.conformance",
    "subunit2.conformance.drivers",
    "subunit2.conformance.reports",
)


@pytest.fixture(scope="module")
def built(built_site: Built) -> Built:
    return built_site


@pytest.fixture(scope="module")
def inventory(built: Built) -> set[str]:
    """Return the targets of links: kinds and names."""
    octets = (built.site / "objects.inv").read_bytes()
    kinds = InventoryFile.loads(octets, uri="").data
    return {f"{kind} {name}" for kind, names in kinds.items() for name in names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    source = page.read_text(encoding="utf-8")
    for tool in ("bash", "jq", "make"):
        if shutil.which(tool) is None and (tool == "bash" or f"{tool} " in source):
            pytest.skip(f"{tool} is not installed")
    faults = run_page(page, tmp_path)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_session_is_in_a_block_that_is_run(page: Path) -> None:
    for block in blocks(page):
        looks = block.text.startswith(("$ ", ">>> "))
        assert looks == (block.kind in ("console", "pycon")), f"{page.name}:{block.line}"


def test_a_page_with_other_output_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```{code-block} text\n:caption: a/file\n\nsaid\n```\n"
        "```console\n$ cat a/file\nsaid\n$ false\n$ echo $?\n1\n"
        "$ echo one &&\n>   echo two\none\n```\n"
        "```pycon\n>>> open('a/file').close()\n>>> 1 + 1\n3\n```\n",
        encoding="utf-8",
    )
    shell, python = run_page(page, tmp_path)
    assert "$ echo one" in shell
    assert "two" in shell
    assert "1 + 1" in python


def public_names() -> Iterator[tuple[str, str]]:
    modules = [module for package in PACKAGES for module in public_modules(f"{package}.*")]
    for module in [*MODULES, *modules]:
        for name in import_module(module).__all__:
            yield module, name


def test_every_public_name_is_on_the_site(inventory: set[str]) -> None:
    names = {entry.partition(" ")[2] for entry in inventory if entry.startswith("py:")}
    missing = [
        f"{module}.{name}"
        for module, name in public_names()
        if explained_elsewhere(module).get(name, f"{module}.{name}") not in names
    ]
    assert missing == []


def parsers() -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Return all commands, and the actions of those with actions."""
    whole = build_parser(COMMANDS, whole=True)
    waiting: list[tuple[tuple[str, ...], argparse.ArgumentParser]] = [((), whole)]
    while waiting:
        words, parser = waiting.pop()
        if words:
            yield words, parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting += [((*words, name), each) for name, each in action.choices.items()]


def test_every_command_and_option_is_on_the_site(inventory: set[str]) -> None:
    seen = set()
    for words, parser in parsers():
        seen.add(words[0])
        assert f"std:label {label(*words)}" in inventory
        for action in parser._actions:
            if action.help is argparse.SUPPRESS or "--help" in action.option_strings:
                continue
            for option in action.option_strings:
                assert f"std:cmdoption {parser.prog.replace(' ', '-')}.{option}" in inventory
    assert seen == set(COMMANDS)


def test_a_page_of_commands_agrees_with_their_help(built: Built) -> None:
    pages = [
        soup_of(page.read_text()).find("article")
        for page in (built.site / "commands").glob("*.html")
    ]
    said = "".join("".join(page.get_text().split()) for page in pages if page is not None)
    said = said.replace("`", "")
    for words, parser in parsers():
        formatter = parser._get_formatter()
        helps = [
            formatter._expand_help(action)
            for action in parser._actions
            if action.help not in {None, argparse.SUPPRESS}
            and "--help" not in action.option_strings
        ]
        epilog = (parser.epilog or "").splitlines()
        for line in [parser.description or "", *helps, *epilog]:
            plain = "".join(line.removesuffix(":").split()).replace("`", "")
            if plain:
                assert plain[1:] in said, f"{words}: {line}"
    for title in GROUPS:
        assert "".join(title[1:].split()) in said


def test_every_public_name_is_explained(inventory: set[str]) -> None:
    assert subunit2.__all__
    for name in subunit2.__all__:
        assert any(entry.endswith(f" subunit2.{name}") for entry in inventory)


CONF = """
import sys
sys.path[:0] = [{python!r}, {tools!r}]
project = "test"
extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.specification", "docs.python"]
default_role = "name"
"""


def build_of_copy(
    folder: Path, pages: dict[str, str], changes: dict[str, tuple[str, str]]
) -> Built:
    """Build a site of these pages, for a library with changed files."""
    for name in ("python/subunit2", "spec"):
        shutil.copytree(DOCS.parent / name, folder / name)
    for name, (old, new) in changes.items():
        replace_in(folder / "python/subunit2" / name, old, new)
    names = sorted(pages)
    contents = "# Site\n\n```{toctree}\n" + "\n".join(names) + "\n```\n"
    for name, text in {**pages, "index": contents}.items():
        path = folder / "docs" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    conf = CONF.format(python=str(folder / "python"), tools=str(DOCS.parent / "tools"))
    (folder / "docs" / "conf.py").write_text(conf, encoding="utf-8")
    return build(folder, folder / "site")


@pytest.mark.slow
@pytest.mark.docs
def test_a_change_of_a_help_or_a_docstring_shows(tmp_path: Path) -> None:
    pages = {
        "commands/octets": "# Streams\n\n```{command-group} convert and inspect streams\n```\n",
        "door": "# Door\n\n```{modules} subunit2\n```\n",
    }
    changes = {
        "cli/commands/decode.py": ("examples:", "Nobody has said this yet.\n\nexamples:"),
        "reader.py": ("It does no IO.", "It does no IO, as `reader.memory` says nowhere."),
    }
    built = build_of_copy(tmp_path, pages, changes)
    assert "Nobody has said this yet." in built.page("commands/octets")
    assert "says nowhere." in built.page("door")
    # The rest of the command line is on no page of this site.
    shown = {
        title for title in GROUPS if f"no page shows the commands of {title!r}" not in built.said
    }
    assert shown == {"convert and inspect streams"}


@pytest.mark.slow
@pytest.mark.docs
def test_a_missing_group_fails_the_build(tmp_path: Path) -> None:
    built = build_of_copy(tmp_path, {"commands/a": "# A\n\n```{command-group} nets\n```\n"}, {})
    assert built.failed
    assert "the command line has no group 'nets'" in built.said
