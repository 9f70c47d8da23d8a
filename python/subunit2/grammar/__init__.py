"""`spec/grammar.ebnf`, executed.

One tree of the grammar gives a recogniser that shares nothing with the reader
but the specification, and a generator of packets and streams. Both are for
tests and for whoever studies the protocol; neither is fast. They need the
extra `subunit2[grammar]`.
"""
