"""Compare the files of the specification with each other, field by field.

A packet is described in subunit2.ksy and in grammar.ebnf, in the sentences of
clauses.toml, in item.schema.json and in a few constants of the Python library;
the README of python-subunit is where much of it comes from. `drift_packet` and
`drift_clauses` hold the checks.

Usage:
    python tools/drift.py       a line for each check; fails where any two differ
"""

from __future__ import annotations

import sys

# Imported for the checks that they register.
import drift_clauses
import drift_packet
from drift_sources import CHECKS, Specification, drift, read_texts

__all__ = ["CHECKS", "Specification", "drift", "drift_clauses", "drift_packet", "read_texts"]


def main() -> int:
    """Run the checks; the exit status."""
    found = Specification.of(read_texts())
    status = 0
    for name in CHECKS:
        lines = drift(name, found)
        print(f"{'DIFFERS' if lines else 'ok':7}  {name}")
        for line in lines:
            print(f"         {line}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
