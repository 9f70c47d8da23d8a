"""The progress bar of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

__all__ = ["Progress"]


class Progress(AbstractContextManager["Progress"]):
    """A bar on standard error, if that is a terminal and Rich is installed."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def start(self, total: int, name: str) -> None:
        """Show the bar."""
        if not sys.stderr.isatty():
            return
        try:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bar
        except ModuleNotFoundError:
            return

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}", style="red"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task(name, total=total, failed="")
        self._bar.start()

    def advance(self, failed: int) -> None:
        """Count one more case as done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, failed=f"{failed:,} failed" if failed else "")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Remove the bar while something is printed."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
            sys.stdout.flush()
        finally:
            self._bar.start()

    def stop(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __exit__(self, *_: object) -> None:
        self.stop()
