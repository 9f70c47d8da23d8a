"""A FIFO that can be written before its reader opens it.

Strategy: opening a FIFO waits for its reader. A thread does that here, and octets written
meanwhile are kept in a temporary file, which the reader gets first.
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
    """Accepts all octets at once until the FIFO has a reader, then at the reader's speed.

    Holds nothing in memory.

    :raises OSError: if the FIFO cannot be written.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._file: io.FileIO | None = None
        self._error: OSError | None = None
        self._has_ended = False
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115 - `close` does
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        try:
            fd = os.open(name, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                self._kept.close()
                raise
            if Path(name).resolve().is_fifo():
                self._thread.start()
            else:
                # A pipe without a name, such as that of `>(command)`, gets no second reader.
                self._error = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        else:
            os.set_blocking(fd, True)
            self._file = open(fd, "wb", buffering=0)  # noqa: PTH123, SIM115 - `close` does

    @property
    def is_waiting(self) -> bool:
        """True until a reader has opened the FIFO."""
        return self._file is None and self._error is None

    def write(self, octets: bytes) -> None:
        """Write octets, or keep them until the FIFO has a reader.

        :raises OSError: if they cannot be kept, or the reader has closed the FIFO.
        """
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._file is None:
                self._kept.write(octets)
            else:
                write_whole(self._file, octets)

    def end(self) -> None:
        """End the octets; the reader gets the end of the file after them."""
        with self._lock:
            self._has_ended = True
            if self._file is not None:
                self._file.close()

    def finish(self) -> None:
        """Wait until the reader has got all octets; to be called after `end`.

        :raises OSError: if writing fails.
        """
        if self._thread.ident is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Close all files, and drop the octets that are left."""
        if self._file is not None:
            self._file.close()
        self._kept.close()

    def _pass_on(self) -> None:
        """Wait for the reader, and write the octets kept."""
        try:
            file = open(os.open(self._name, os.O_WRONLY), "wb", buffering=0)  # noqa: PTH123, SIM115
            with self._lock:
                self._file = file
                self._kept.seek(0)
                for chunk in read_chunks(self._kept):
                    write_whole(file, chunk)
                self._kept.truncate(0)
                if self._has_ended:
                    file.close()
        except OSError as error:
            self._error = error
        except ValueError:
            # Closed meanwhile, after a failure that is reported elsewhere.
            pass
