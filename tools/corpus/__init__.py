"""What builds the conformance corpus: cases as they are written, to the JSON that is kept.

Strategy: `notation` reads octets, `mutations` damages them, `cases` reads what a
person wrote and `families` holds what makes many cases at once. `lint` says what is
wrong with a case, `built` gives it the form that is kept, and `build` does all of it.
"""
