"""The tests of other projects, such as python-subunit and stestr, run on `subunit2.compat`.

Strategy: `sources` fetches the pinned tests that the installed packages lack; `outcomes`
runs tests in a Python process of their own, with or without the drop-in, and returns their
outcomes; `whole_stestr` is the command that compares all tests of stestr.
"""
