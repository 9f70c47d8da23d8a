"""Report cards of emitters: the rules for writers, held against the streams of real tools.

Strategy: an emitter cannot be asked the cases of the corpus, since it writes what its tests
do. So `checks` holds its captured streams against the rules, mostly with the rules of
`subunit2 lint`; `emitters` reads the facts that no stream shows, such as the outcome that a
test had; `cards` makes the card of each emitter, and `table` the tables of all.
"""
