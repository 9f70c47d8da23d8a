"""A FIFO to write to, whether somebody reads it yet or not.

Strategy: to open one waits until somebody reads it. Here a thread waits, and what is
written meanwhile is kept in a temporary file, from which the reader gets it first.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from subunit2.chunks import read_chunks, write_whole

if TYPE_CHECKING:
    import io

__all__ = ["Fifo"]


class Fifo:
    """Takes everything at once, until somebody reads; then as fast as that one reads.

    Holds nothing in memory.

    :raises OSError: where it can never be written to.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._file: io.FileIO | None = None
        self._error: OSError | None = None
        self._has_ended = False
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115 - `close` does
        self._thread = threading.Thread(target=self._give, daemon=True)
        try:
            fd = os.open(name, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                self._kept.close()
                raise
            if Path(name).resolve().is_fifo():
                self._thread.start()
            else:
                # A pipe without a name, such as that of `>(command)`: nobody else comes.
                self._error = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        else:
            os.set_blocking(fd, True)
            self._file = open(fd, "wb", buffering=0)  # noqa: PTH123, SIM115 - `close` does

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has begun to read."""
        return self._file is None and self._error is None

    def write(self, octets: bytes) -> None:
        """Write, or keep what is to be written.

        :raises OSError: where it cannot be kept, or nobody reads any more.
        """
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._file is None:
                self._kept.write(octets)
            else:
                write_whole(self._file, octets)

    def end(self) -> None:
        """Nothing more is written: whoever reads sees the end behind what there was."""
        with self._lock:
            self._has_ended = True
            if self._file is not None:
                self._file.close()

    def finish(self) -> None:
        """Behind the end: wait until somebody has begun to read and has been given everything.

        :raises OSError: where that fails.
        """
        if self._thread.ident is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Give up what was not given yet."""
        if self._file is not None:
            self._file.close()
        self._kept.close()

    def _give(self) -> None:
        """Wait for somebody, and give what was kept."""
        try:
            file = open(os.open(self._name, os.O_WRONLY), "wb", buffering=0)  # noqa: PTH123, SIM115
            with self._lock:
                self._file = file
                self._kept.seek(0)
                for piece in read_chunks(self._kept):
                    write_whole(file, piece)
                self._kept.truncate(0)
                if self._has_ended:
                    file.close()
        except OSError as error:
            self._error = error
        except ValueError:
            # Closed meanwhile: what failed is said elsewhere.
            pass
