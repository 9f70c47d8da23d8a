"""Compare all of stestr's own tests, with and without the drop-in.

Usage: python tools/drop_in/whole_stestr.py [NAME ...]

It takes some minutes. The exit status is 0 where all outcomes are the same.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

# Run as a script; its folder is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drop_in.outcomes import compare_stestr, stestr_modules


def main(names: list[str]) -> int:
    """Compare, and print the differences; return the exit status."""
    without, on_it = compare_stestr(names or stestr_modules())
    for called, found in (("without", without), ("on it", on_it)):
        counts = ", ".join(f"{count} {how}" for how, count in Counter(found.values()).items())
        print(f"{called}: {len(found)} tests, {counts}")
    differing = sorted(
        test for test in without.keys() | on_it.keys() if without.get(test) != on_it.get(test)
    )
    for test in differing:
        print(f"error: {test}: {without.get(test)} without, {on_it.get(test)} on it")
    return 1 if differing or not without else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
