"""The conformance suite: cases, and what runs them against an implementation.

Strategy: `corpus` reads the cases as they were built; `process`, `session` and
`filters` ask an implementation; `verdict` and `laws` compare what it answers
with what is right; `divergences` says what was known to be wrong; `run` does all
of it and gives out results as they come; `reports` write them down. Nothing
here reads or writes subunit but through the library's own door, and the library
knows nothing of it.
"""
