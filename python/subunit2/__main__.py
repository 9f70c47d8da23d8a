"""Run the command line: `python -m subunit2` is `subunit2`."""

import sys

from subunit2.cli import main

if __name__ == "__main__":
    sys.exit(main())
