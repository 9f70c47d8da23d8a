"""Measure the reader, the writer and the command, beside other implementations.

Usage:
    python tools/bench/speed.py              all, in about eight minutes; writes docs/speed.json
                                             and the tables of README.md and docs/speed.md
    python tools/bench/speed.py --quick      with small streams, in a minute; writes nothing
    python tools/bench/speed.py --tables     measures nothing; writes the tables of docs/speed.json
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as ShownTable

# This file is run as a script, and the folder that it stands in is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import processes, readers
from bench.goals import goals
from bench.machine import machine
from bench.table import details, machine_line, spliced, summary, tables
from bench.workloads import HOSTILE, WORKLOADS

__all__ = ["DOCUMENT", "PAGES", "main", "measure"]

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "speed.json"
#: The documents with tables, each with the function that makes them.
PAGES: Final[Mapping[Path, Callable[[Mapping[str, Any]], str]]] = {
    ROOT / "README.md": summary,
    ROOT / "docs" / "speed.md": details,
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is measured.

    :ivar scale: of the workloads; 1 is what they are defined with.
    :ivar starts: how often a command is started.
    :ivar sizes: of W6, in MiB.
    :ivar memory: how long the stream is whose reader's memory is measured.
    :ivar cargo: whether the Rust crate may be built.
    """

    seed: int = 0
    scale: float = 1
    rounds: int = 7
    starts: int = 21
    sizes: tuple[float, ...] = (1, 2, 4, 8)
    memory: int = 1 << 30
    cargo: bool = True


_QUICK: Final = Settings(scale=0.2, rounds=3, starts=11, sizes=(0.25, 0.5, 1, 2), memory=1 << 26)


def main(arguments: list[str] | None = None) -> int:
    """Measure, show and write; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small streams, few rounds")
    parser.add_argument("--scale", type=_positive, help="of the streams' sizes (default: 1)")
    parser.add_argument("--rounds", type=int, choices=range(1, 100), metavar="N", help="default: 7")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--no-cargo", action="store_true", help="leave out the Rust crate")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE alone")
    parser.add_argument("--tables", action="store_true", help="write the tables of docs/speed.json")
    options = parser.parse_args(arguments)
    if options.json is not None and (options.json.is_dir() or not options.json.parent.is_dir()):
        parser.error(f"argument --json: {options.json} cannot be written")
    if not options.tables:
        settings = _settings(options)
        document = measure(settings)
        show(document)
        is_whole = settings == Settings()
        path = options.json or (DOCUMENT if is_whole else None)
        if path is not None:
            path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        if path is None or path.resolve() != DOCUMENT:
            return 0
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for page, make in PAGES.items():
        text = page.read_text(encoding="utf-8")
        page.write_text(spliced(text, make(document)), encoding="utf-8")
    return 0


def measure(settings: Settings) -> dict[str, Any]:
    """All that is measured, as JSON can hold it."""
    seed, scale, rounds = settings.seed, settings.scale, settings.rounds
    described = machine()
    document: dict[str, Any] = {
        # The load says how quiet the machine was before.
        "made": {"seed": seed, "scale": scale, "rounds": rounds, "load": os.getloadavg()[0]},
        "machine": described,
        "readers": [],
        "in_python": None,
        "without_isal": None,
        "writers": [],
        "growth": [],
    }
    same = (seed, scale, rounds)
    steps: list[tuple[str, str, Callable[[], Any]]] = [
        *(
            ("readers", f"reading {name}", partial(readers.compare, name, *same))
            for name in WORKLOADS
        ),
        *(
            ("writers", f"writing {name}", partial(readers.writers, name, scale, rounds))
            for name in ("W1", "W2")
        ),
        *(
            ("growth", f"W6, {family}", partial(readers.growth, family, settings.sizes, rounds))
            for family in HOSTILE
        ),
        ("damage", "W5", partial(readers.damage, *same)),
        ("chunks", "chunks", partial(readers.chunks, *same)),
        ("json", "JSON", partial(readers.json_lines, *same)),
        ("memory", "memory", partial(processes.memory, seed, scale / 10, settings.memory)),
        ("start", "start of the command", partial(processes.start, settings.starts)),
        ("commands", "commands", partial(processes.commands, *same, cargo=settings.cargo)),
    ]
    if described["reader"] == "compiled":
        steps.append(("in_python", "all in Python", partial(processes.in_python, *same)))
    if described["checksums"] == "isal":
        plain = partial(processes.in_python, *same, "zlib")
        steps.append(("without_isal", "all in Python, with zlib", plain))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=len(steps))
        for key, title, work in steps:
            bar.update(task, description=title)
            found = work()
            if isinstance(document.get(key), list):
                document[key].append(found)
            else:
                document[key] = found
            bar.advance(task)
    return document


def show(document: dict[str, Any]) -> None:
    """Print the tables, and which goals were reached."""
    console = Console()
    console.print(machine_line(document), highlight=False)
    for said, head, rows in tables(document):
        shown = ShownTable(*head, title=said, title_justify="left")
        for row in rows:
            shown.add_row(*row)
        console.print(shown)
    reached = ShownTable("goal", "wanted", "reached", "", title="Goals", title_justify="left")
    for goal in goals(document):
        met = "met" if goal.is_met else "[red]missed[/red]"
        reached.add_row(goal.name, goal.wanted, f"{goal.reached:.3g}", met)
    console.print(reached)


def _settings(options: argparse.Namespace) -> Settings:
    settings = _QUICK if options.quick else Settings()
    if options.scale is not None:
        least = min(1, options.scale)
        settings = replace(
            settings,
            scale=options.scale,
            sizes=tuple(size * least for size in settings.sizes),
            memory=round(settings.memory * least),
        )
    if options.rounds is not None:
        settings = replace(settings, rounds=options.rounds, starts=options.rounds)
    return replace(settings, seed=options.seed, cargo=not options.no_cargo)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not within 0 and 100")
    return value


if __name__ == "__main__":
    sys.exit(main())
