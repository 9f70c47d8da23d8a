"""Runs the conformance suite against the implementations that there are.

Strategy: `folders` reads and installs what is in `conformance/implementations`;
`causes` sorts what failed by why it does; `table` shows it; `measure` is the command.
"""
