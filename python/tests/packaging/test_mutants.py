"""The survey by mutation: tokens, rules, the list of equivalents, and some mutants of the port."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mutants import __main__ as command
from mutants import equivalents, report
from mutants.equivalents import Equivalent, EquivalentsError
from mutants.perl import PerlError, pairs_of, tokens_of
from mutants.rules import RULES, Mutant, mutants_of
from mutants.trial import PORT, Survey, Trial
from subunit2.conformance import corpus

FILES = sorted((PORT / "lib" / "Subunit").glob("*.pm"))


def changes(operator: str, source: str) -> list[str]:
    """Return what a rule makes of a body of a sub."""
    before = f"sub a {{ {source} }}"
    found = [each for each in mutants_of("a.pm", before) if each.operator == operator]
    return [each.after.removeprefix("sub a { ").removesuffix(" }") for each in found]


# ---- Tokens -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_tokens_of_a_file_are_the_file(path: Path) -> None:
    source = path.read_text("utf-8")
    tokens = tokens_of(source)
    assert "".join(token.text for token in tokens) == source
    assert len(pairs_of([token for token in tokens if token.kind == "operator"])) > 10


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("my %self = 1;", "variable", "%self"),
        ("$a % $b", "operator", "%"),
        ("$$buffer", "variable", "$$buffer"),
        ("$#$marks", "variable", "$#"),
        ("($a + 1) / 2", "operator", "/"),
        ("$a =~ /b # c/s", "pattern", "/b # c/s"),
        (r"$a =~ s/\n.*//s;", "pattern", r"s/\n.*//s"),
        ("qr/[^\\x{0}]/", "pattern", "qr/[^\\x{0}]/"),
        ("qw(a b)", "words", "qw(a b)"),
        ("'it\\'s # 1'", "string", "'it\\'s # 1'"),
        ("1; # 2 < 3", "comment", "# 2 < 3"),
        ("=pod\n\n1 < 2\n\n=cut\n", "pod", "=pod\n\n1 < 2\n\n=cut\n"),
        ("$a // 0", "operator", "//"),
        ("0xFFFF_FFFF", "number", "0xFFFF_FFFF"),
    ],
)
def test_a_token_is_told_from_others(source: str, kind: str, text: str) -> None:
    assert (kind, text) in [(token.kind, token.text) for token in tokens_of(source)]


@pytest.mark.parametrize("source", ["`ls`", "'open"])
def test_what_is_not_understood_is_refused(source: str) -> None:
    with pytest.raises(PerlError):
        tokens_of(source)


@pytest.mark.parametrize("source", ["(]", "(", ")"])
def test_brackets_have_to_match(source: str) -> None:
    with pytest.raises(PerlError):
        pairs_of(tokens_of(source))


# ---- Rules ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("number", "f($a + 8);", ["f($a + 7);", "f($a + 9);"]),
        ("number", "$a = 1;", ["$a = 0;"]),
        (
            "mask",
            "$a & 0x3F;",
            ["$a & 0x7f;", "$a & 0x3e;", "$a & 0x1f;"],
        ),
        ("mask", "$a & 0x08;", ["$a & 0x18;", "$a & 0x9;", "$a & 0x10;", "$a & 0x4;"]),
        ("comparison", "$a < $b;", ["$a <= $b;", "$a >= $b;"]),
        ("comparison", "$a eq $b;", ["$a ne $b;"]),
        ("logic", "$a && $b;", ["$a || $b;"]),
        ("condition", "f() if $a && $b;", ["f() if !($a && $b);"]),
        ("condition", "if ($a) { f() }", ["if (!($a)) { f() }"]),
        ("condition", "f() if $a == 1;", []),
        ("choice", "return $a ? 'b' : 'c';", ["return 1 ? 'b' : 'c';", "return 0 ? 'b' : 'c';"]),
        ("statement", "my $a = 1; $self->{text} = 2;", ["my $a = 1; ;"]),
        ("statement", "if ($a) { f() } else { g(); }", ["if ($a) {  } else { g(); }"]),
        ("return", "return { a => 1 } if $b;", ["return undef if $b;"]),
        ("member", "return { a => f(1, 2), b => 0 };", ["return {  b => 0 };"]),
        (
            "bound",
            "substr $a, 0, $b if $c;",
            ["substr $a, 0, $b + 1 if $c;", "substr $a, 0, $b - 1 if $c;"],
        ),
        ("arithmetic", "$a += $b;", ["$a = $b;", "$a -= $b;"]),
        ("bits", "$a ^= $b;", ["$a |= $b;", "$a = $b;"]),
        ("state", "$a = BROKEN;", ["$a = BETWEEN;"]),
        ("string", "f('utf8');", ["f('');"]),
        ("class", r"$a =~ /[\x00-\x08\n]/;", [r"$a =~ /[\n]/;", r"$a =~ /[\x00-\x08]/;"]),
        ("word", "f(qw(a b));", ["f(qw( b));", "f(qw(a ));"]),
    ],
)
def test_a_rule_changes_tokens(operator: str, source: str, expected: list[str]) -> None:
    found = changes(operator, source)
    assert [each for each in expected if each not in found] == []
    if operator != "statement":
        assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("source", ["# 1 < 2 && 3", "f('');", "=pod\n\n1 < 2\n\n=cut\n"])
def test_comments_and_pod_are_left_alone(source: str) -> None:
    assert mutants_of("a.pm", source + "\n") == []


def test_names_of_modules_and_exports_are_left_alone() -> None:
    source = "package A;\nuse 5.014;\nuse B qw(c d);\nour @EXPORT_OK = qw(e f);\n1;\n"
    assert mutants_of("a.pm", source) == []


def test_ids_are_unique_and_stable() -> None:
    mutants = command.all_mutants()
    assert len({mutant.id for mutant in mutants}) == len(mutants) > 1000
    assert {mutant.operator for mutant in mutants} == set(RULES)
    first = mutants_of("a.pm", "sub a {\n    return $_[0] < 8;\n}\n")
    assert "a.pm:2:18:comparison/<=" in [mutant.id for mutant in first]


# ---- Equivalents ------------------------------------------------------------------------

[MUTANT] = (each for each in mutants_of("a.pm", "f($a && $b);") if each.operator == "logic")


def entry(**changed: object) -> Equivalent:
    given = {"file": "a.pm", "line": MUTANT.before, "operator": "logic", "after": (), "reason": "r"}
    return Equivalent(**(given | changed))  # type: ignore[arg-type]


def test_an_entry_names_its_mutants() -> None:
    assert equivalents.reason_of(MUTANT, [entry()]) == "r"
    assert equivalents.reason_of(MUTANT, [entry(after=(MUTANT.after,))]) == "r"
    assert equivalents.reason_of(MUTANT, [entry(after=("f();",))]) is None
    assert equivalents.reason_of(MUTANT, [entry(file="b.pm")]) is None


@pytest.mark.parametrize(
    ("wrong", "outcome", "message"),
    [
        (entry(), "survived", None),
        (entry(), "killed", "is killed by packet/a"),
        (entry(line="f();"), "survived", "no mutant of the operator logic"),
        (entry(after=(MUTANT.after, "f();")), "survived", "no mutant makes it"),
    ],
)
def test_an_entry_that_is_wrong_is_found(
    wrong: Equivalent, outcome: str, message: str | None
) -> None:
    trials = [Trial(MUTANT, outcome, "packet/a")]
    found = equivalents.faults([wrong], [MUTANT], trials)
    assert found == [] if message is None else message in "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        '[[equivalent]]\nfile = "a"\nline = "b"\noperator = "logic"\n',
        '[[equivalent]]\nfile = "a"\nline = "b"\noperator = "lgic"\nreason = "c"\n',
        '[[equivalent]]\nfile = "a"\nline = "b"\noperator = "logic"\nreason = " "\n',
    ],
)
def test_a_file_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "equivalent.toml"
    path.write_text(text)
    with pytest.raises(EquivalentsError):
        equivalents.load(path)


def test_the_list_names_mutants_that_exist() -> None:
    assert equivalents.faults(equivalents.load(), command.all_mutants(), []) == []


# ---- Mutants of the port ----------------------------------------------------------------


def mutant(file: str, before: str, after: str) -> Mutant:
    """Return a change of one text of a file of the port."""
    source = (PORT / "lib" / "Subunit" / file).read_text("utf-8")
    assert source.count(before) == 1
    return Mutant(file, 1, 1, "logic", "", before, after, source.replace(before, after))


def test_mutants_are_tried(tmp_path: Path) -> None:
    memory = tmp_path / "killers.json"
    cases = [
        *corpus.load().select(globs=["packet/exists*", "writer/tags/*"])[:20],
        *corpus.load().select(globs=["packet/reserved-bit", "stream/adi*"]),
    ]
    tried = [
        # A packet with a reserved bit is taken.
        mutant("Reader.pm", "$third & 0x08", "$third & 0x00"),
        # No input tells these two apart.
        mutant("Reader.pm", "$width == 4", "$width >= 4"),
        mutant("Reader.pm", "$third & 0x08", "$third & & 0x08"),
        # It never ends.
        mutant("Reader.pm", "last if $next == $index;", ""),
    ]
    with Survey(cases, memory=memory) as survey:
        trials = list(survey.run(tried, jobs=2))
    assert [trial.outcome for trial in trials] == ["killed", "survived", "invalid", "killed"]
    assert (trials[0].killer, trials[0].reason) == ("packet/reserved-bit", "wrong")
    assert trials[3].reason == "timed out"
    assert "packet/reserved-bit" in json.loads(memory.read_text()).values()
    shown = list(report.lines(trials, {}))
    assert shown[1].split() == ["logic", "3", "2", "0", "1"]
    assert shown[-1] == "  + $width >= 4"
    assert not any("invalid" in each for each in report.lines(trials[:2], {}))


def test_a_case_that_the_port_fails_kills_nothing(tmp_path: Path) -> None:
    [case] = corpus.load().select(globs=["packet/reserved-bit"])
    wrong = type(case)(
        case.id, case.title, case.profile, case.clauses, (), None, None, None,
        {**case.form, "items": []},
    )  # fmt: skip
    with Survey([wrong], memory=None) as survey:
        [trial] = survey.run([mutant("Reader.pm", "$third & 0x08", "$third & 0x00")], jobs=1)
    assert trial.outcome == "survived"


def test_mutants_are_listed_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--list", "--only", "Number.pm", "--sample", "3"]
    drawn = []
    for seed in ("1", "1", "2"):
        assert command.main([*words, "--seed", seed]) == 0
        drawn.append(capsys.readouterr().out)
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0].count("\n  - ") == drawn[0].count("\n  + ") == 3
    assert command.main(["--list", "--only", "None.pm"]) == 2
