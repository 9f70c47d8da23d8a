"""The conformance suite: the corpus of cases, and the runner that tests implementations.

Strategy: `corpus` loads the built cases. `drivers` put a case to an implementation.
`verdict` and `laws` compare its answers with the expected ones. `divergences` holds
the known failures. `run` ties these together and yields results as they arrive, and
`reports` write them to files. The suite uses the library through its public modules,
and the library imports nothing from here.
"""
