"""Change the Perl port by rules, and list the changes that no case of the corpus finds.

Strategy: the source is cut into tokens (`perl`), and each rule changes some of them, one at a
time (`rules`). A mutant is such a change. `replay.pl` puts the corpus to it within one process and
compares its answers with those of the port as it is. If another answer may be as good, the
conformance runner decides, through the session harness (`trial`). Cases that killed before come
first. A mutant that no case kills is a gap in the corpus, or equal to the port (`equivalents`).
"""
