"""An executable form of `spec/grammar.ebnf`.

One tree of the grammar drives a recogniser, which shares nothing with the reader but the
specification, and a generator of packets and streams. Both are for tests and for study of
the protocol. Neither is fast. They need the extra `subunit2[grammar]`.
"""
