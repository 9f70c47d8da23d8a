"""The builder of the conformance corpus: from case sources to the committed JSON.

Strategy: `notation` reads octets, `mutations` damages them, `cases` reads hand-written
cases, and `families` holds generators of many cases. `lint` finds faults in a case,
`serialise` writes its built form, `pipeline` joins these steps, and `build` is the command.
"""
