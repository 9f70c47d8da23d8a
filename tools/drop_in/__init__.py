"""Runs other people's tests on `subunit2.compat`: python-subunit's of version 2, and stestr's.

Strategy: `sources` gets what the installed packages do not carry, pinned; `outcomes`
runs tests in a Python of their own, on the drop-in or without it, and says how each
ended; `whole_stestr` is the command that compares all of stestr's tests.
"""
