"""The conformance suite, run against existing implementations.

Strategy: `folders` reads and installs the implementations of `conformance/implementations`;
`causes` sorts failures by their cause; `table` draws the scores; `measure` is the command.
"""
