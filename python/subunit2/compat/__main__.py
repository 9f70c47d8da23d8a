"""Run a command on the drop-in: `python -m subunit2.compat stestr run --concurrency 2`.

Strategy: Python imports a module `sitecustomize` when it starts, and looks for it
in PYTHONPATH first. The command inherits a PYTHONPATH with ours in front, and so
does all that it starts: no file of an environment is changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_HELP = """\
usage: python -m subunit2.compat COMMAND [ARGUMENT ...]

Run a command, with the classes of subunit2 in the place of python-subunit's in it
and in every Python that it starts.

example:
  python -m subunit2.compat stestr run --concurrency 2

exit status: the command's; 2 where it cannot be run
"""


def main(arguments: list[str]) -> int:
    """Become the command; the exit status, where that fails."""
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
            # There a process cannot become another: its caller would not wait.
            return subprocess.call(arguments, env=environment)
        os.execvpe(arguments[0], arguments, environment)
    except OSError as error:
        print(f"subunit2.compat: {arguments[0]}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
