"""Change a port by rules, and list the changes that no case of the corpus finds.

Strategy: a port is in a language (`ports`: `perl_port`, `go_port`), whose rules change its sources,
one place at a time: `perl` cuts Perl into tokens, which `perl_rules` changes; the program in `go/`
changes the syntax tree of Go. A mutant is such a change (`mutant`). The corpus is put to it, and
its answers are compared with those of the port as it is (`replay.pl`, `sessions`). If another
answer may be as good, the conformance runner decides (`survey`). A mutant that no case kills is a
gap in the corpus, or equal to the port (`equivalents`); it is listed with the clause that it breaks
(`clauses`, `report`). The rate is in the documentation (`page`).
"""
