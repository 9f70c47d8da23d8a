"""Compare the files of the specification with each other, field by field.

A packet is described in subunit2.ksy and in grammar.ebnf, in the sentences of
clauses.toml, in item.schema.json and in a few constants of the Python library;
the README of python-subunit is where much of it comes from. `drift.packet`,
`drift.clauses` and `drift.published` hold the checks.

Usage:
    python tools/drift          a line for each check; fails where any two differ
"""

from __future__ import annotations

import sys
from pathlib import Path

# Run as a script; its folder is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# Imported for the checks that they register.
import drift.clauses
import drift.packet
import drift.published
from drift.sources import CHECKS, Specification, found_by, read_texts

__all__ = ["drift", "main"]


def main() -> int:
    """Run the checks; return the exit status."""
    found = Specification.of(read_texts())
    status = 0
    for name in CHECKS:
        lines = found_by(name, found)
        print(f"{'DIFFERS' if lines else 'ok':7}  {name}")
        for line in lines:
            print(f"         {line}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
