"""Run a command with the drop-in: `python -m subunit2.compat stestr run --concurrency 2`.

Strategy: Python imports a module `sitecustomize` at start, and searches PYTHONPATH for it
first. The command and all its child processes inherit a PYTHONPATH that begins with a
folder of ours, which has such a module. No file of an environment is changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_HELP = """\
usage: python -m subunit2.compat COMMAND [ARGUMENT ...]

Run a command in which the classes of subunit2 replace those of python-subunit,
also in every Python process that it starts.

example:
  python -m subunit2.compat stestr run --concurrency 2

exit status: that of the command; 2 if it cannot be run
"""


def main(arguments: list[str]) -> int:
    """Become the command, or return the exit status if it cannot be run."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_HELP, end="", file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    startup = str(Path(__file__).resolve().parent / "startup")
    before = os.environ.get("PYTHONPATH")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([startup, before] if before else [startup])
    }
    try:
        if os.name == "nt":
            # On Windows the caller does not wait for a process started by exec.
            return subprocess.call(arguments, env=environment)
        os.execvpe(arguments[0], arguments, environment)
    except OSError as error:
        print(f"subunit2.compat: {arguments[0]}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
