"""The survey by mutation: tokens, rules, the list of equivalents, and some mutants of the ports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mutants import __main__ as command
from mutants import equivalents, page, report
from mutants.clauses import clause_of
from mutants.equivalents import Equivalent, EquivalentsError
from mutants.go_port import GoPort
from mutants.mutant import OPERATORS, Mutant
from mutants.perl import PerlError, pairs_of, tokens_of
from mutants.perl_port import PerlPort
from mutants.perl_rules import RULES, mutants_of
from mutants.ports import PORTS, PortError, port_in
from mutants.survey import Survey, Trial
from subunit2.conformance import corpus
from support.conformance_toolchains import needed

PERL, GO = PORTS
FILES = sorted((PERL / "lib" / "Subunit").glob("*.pm"))


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
        (
            "logic",
            "$a && !$b;",
            ["$a || !$b;", "$a && !!$b;", "(1 || ($a)) && !$b;", "$a && (1 || (!$b));"],
        ),
        (
            "condition",
            "f() if $a && $b;",
            ["f() if !($a && $b);", "f() if (1 || ($a && $b));"],
        ),
        (
            "condition",
            "if ($a) { f() }",
            ["if (!($a)) { f() }", "if ((1 || ($a))) { f() }", "if ((0 && ($a))) { f() }"],
        ),
        ("condition", "f() if $a == 1;", ["f() if (1 || ($a == 1));"]),
        ("condition", "f() while $a;", ["f() while !($a);", "f() while (0 && ($a));"]),
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
    mutants = PerlPort(PERL).mutants()
    assert len({mutant.id for mutant in mutants}) == len(mutants) > 1000
    assert {mutant.operator for mutant in mutants} == set(RULES) == set(OPERATORS)
    first = mutants_of("a.pm", "sub a {\n    return $_[0] < 8;\n}\n")
    assert "a.pm:2:18:comparison/<=" in [mutant.id for mutant in first]


# ---- Equivalents ------------------------------------------------------------------------

MUTANT = next(each for each in mutants_of("a.pm", "f($a && $b);") if each.operator == "logic")


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


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert equivalents.load(tmp_path / "equivalent.toml") == []


@pytest.mark.parametrize("folder", PORTS, ids=lambda folder: folder.name)
@pytest.mark.toolchain
def test_the_list_names_mutants_that_exist(folder: Path) -> None:
    needed("go" if folder == GO else "perl")
    port = port_in(folder)
    entries = equivalents.load(equivalents.path_of(port))
    assert equivalents.faults(entries, port.mutants(), []) == []


# ---- Clauses ----------------------------------------------------------------------------

CITING = """\
// checksum.crc32: of all octets
func holds() {
\ta()
\t// string.utf8, string.strict
\tb()
}

var c = 1 // not one.of-them

func d() {
\te()
}
"""


@pytest.mark.parametrize(
    ("line", "clause"),
    [(2, "checksum.crc32"), (3, "checksum.crc32"), (5, "string.utf8"), (8, ""), (11, "")],
)
def test_the_nearest_comment_of_a_function_names_the_clause(line: int, clause: str) -> None:
    assert clause_of(CITING, line) == clause


@pytest.mark.toolchain
@pytest.mark.parametrize("folder", PORTS, ids=lambda folder: folder.name)
def test_most_mutants_of_a_port_break_a_clause(folder: Path) -> None:
    needed("go" if folder == GO else "perl")
    port = port_in(folder)
    mutants = port.mutants()
    named = [each for each in mutants if clause_of(port.source(each.file), each.line)]
    assert len(named) > len(mutants) * 0.8


# ---- Mutants of the ports ---------------------------------------------------------------


def mutant(file: str, before: str, after: str) -> Mutant:
    """Return a change of one text of a file of the port."""
    source = (PERL / "lib" / "Subunit" / file).read_text("utf-8")
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
    port = PerlPort(PERL)
    with Survey(port, cases, memory=memory) as survey:
        trials = list(survey.run(tried, jobs=2))
    assert [trial.outcome for trial in trials] == ["killed", "survived", "invalid", "killed"]
    assert (trials[0].killer, trials[0].reason) == ("packet/reserved-bit", "wrong")
    assert trials[3].reason == "timed out"
    assert "packet/reserved-bit" in json.loads(memory.read_text()).values()
    shown = list(report.lines(port, trials, {}))
    assert shown[1].split() == ["logic", "3", "2", "0", "1"]
    assert shown[-1] == "  + $width >= 4"
    assert not any("refuses" in each for each in report.lines(port, trials[:2], {}))


def test_a_case_that_the_port_fails_kills_nothing(tmp_path: Path) -> None:
    [case] = corpus.load().select(globs=["packet/reserved-bit"])
    wrong = type(case)(
        case.id, case.title, case.profile, case.clauses, (), None, None, None,
        {**case.form, "items": []},
    )  # fmt: skip
    with Survey(PerlPort(PERL), [wrong], memory=None) as survey:
        [trial] = survey.run([mutant("Reader.pm", "$third & 0x08", "$third & 0x00")], jobs=1)
    assert trial.outcome == "survived"


def test_mutants_are_listed_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--list", "--port", str(PERL), "--only", "Number.pm", "--sample", "3"]
    drawn = []
    for seed in ("1", "1", "2"):
        assert command.main([*words, "--seed", seed]) == 0
        drawn.append(capsys.readouterr().out)
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0].count("\n  - ") == drawn[0].count("\n  + ") == 3
    assert "number.shortest" in drawn[0] + drawn[2]
    assert command.main(["--list", "--port", str(PERL), "--only", "None.pm"]) == 2


def test_a_folder_without_a_port_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--port", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"mutants: {tmp_path}: no port in Go (go.mod) or Perl (lib/Subunit)\n"
    )


@pytest.mark.parametrize("words", [["--sample", "0"], ["--update", "--only", "Text.pm"]])
def test_wrong_calls_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(words)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


# ---- Go ---------------------------------------------------------------------------------

GO_SOURCE = """\
package small

const top = 0x3F

// Take is a number.encoding.
func Take(octets []byte, isFirst bool) (int, bool) {
\tif len(octets) < 2 && isFirst {
\t\treturn 0, false
\t}
\tvalue := int(octets[0]) & 0x0f
\tfor i := 1; i < 3; i++ {
\t\tvalue += i
\t}
\treturn value, true
}
"""
GO_MAIN = """\
package main

import "small/small"

func main() { small.Take(nil, true) }
"""


@pytest.fixture
def small(tmp_path: Path) -> GoPort:
    """Return a module with one function and a program."""
    needed("go")
    (tmp_path / "go.mod").write_text("module small\n\ngo 1.21\n")
    for name, source in (("small/small.go", GO_SOURCE), ("cmd/harness/main.go", GO_MAIN)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(source)
    return GoPort(tmp_path)


@pytest.mark.toolchain
def test_go_is_changed_by_the_same_rules(small: GoPort) -> None:
    mutants = small.mutants()
    assert {each.file for each in mutants} == {"small/small.go"}
    found = {each.after for each in mutants}
    assert found >= {
        "const top = 0x7f",
        "const top = 0x1f",
        "if len(octets) <= 2 && isFirst {",
        "if len(octets) < 2 || isFirst {",
        "if (true || (len(octets) < 2)) && isFirst {",
        "if (true || (len(octets) < 2 && isFirst)) {",
        "if len(octets) < 3 && isFirst {",
        "if false { return 0, false }",
        "return 0, true",
        "value := int(octets[1]) & 0x0f",
        "value := int(octets[0]) | 0x0f",
        "for i := 1; i < 3; i-- {",
        "value -= i",
        "return *new(int), true",
        "return value, false",
    }
    # The compiler wants a return at the end.
    assert "if false { return value, true }" not in found


@pytest.mark.toolchain
def test_most_changes_of_go_share_a_build(small: GoPort, tmp_path: Path) -> None:
    mutants = small.mutants()
    folder = tmp_path / "build"
    folder.mkdir()
    small._common = small._build_common(folder)
    commands = {}
    for number, each in enumerate(mutants):
        (own := folder / str(number)).mkdir()
        built = small.build(each, own)
        commands[each.after] = built and built.command
    shared = [command for command in commands.values() if command and command.startswith("env ")]
    assert len(shared) > len(mutants) * 0.7
    assert commands["const top = 0x7f"] == str(folder / "0" / "mutant")


@pytest.mark.toolchain
def test_the_program_of_a_module_has_to_be_clear(small: GoPort) -> None:
    for name in ("cmd/one/main.go", "cmd/two/main.go"):
        path = small.folder / name
        path.parent.mkdir(parents=True)
        path.write_text(GO_MAIN)
    assert port_in(small.folder).folder == small.folder
    (small.folder / "cmd" / "harness" / "main.go").unlink()
    with pytest.raises(PortError, match="is not clear: small/cmd/one, small/cmd/two"):
        port_in(small.folder)


@pytest.mark.toolchain
def test_mutants_of_the_go_port_are_tried() -> None:
    needed("go")
    port = GoPort(GO)
    cases = corpus.load().select(globs=["packet/exists*", "packet/reserved-bit", "packet/length*"])
    wanted = {
        "if octets[2]&flagReserved == 0 {": "killed",
        "return missing(1)": "survived",
        "const flagReserved = 0x0008": "killed",
    }
    tried = [each for each in port.mutants() if each.after in wanted]
    assert len(tried) >= 2
    with Survey(port, cases, memory=None) as survey:
        for trial in survey.run(tried, jobs=2):
            assert trial.outcome == wanted[trial.mutant.after], trial


# ---- The rate ---------------------------------------------------------------------------


def test_the_page_has_the_rate_that_was_measured() -> None:
    figures = json.loads(page.FIGURES.read_text("utf-8"))
    text = page.PAGE.read_text("utf-8")
    assert page.spliced(text, figures) == text
    # Another figure would be another page.
    figures["ports"]["perl"]["number"]["killed"] += 1
    assert page.spliced(text, figures) != text


@pytest.mark.toolchain
@pytest.mark.slow
@pytest.mark.parametrize("folder", PORTS, ids=lambda folder: folder.name)
def test_a_sample_of_mutants_has_no_survivor_that_is_not_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed("go" if folder == GO else "perl")
    sample = "60" if folder == PERL else "120"
    words = ["--port", str(folder), "--quick", "--sample", sample, "--seed", "13"]
    assert command.main(words) == 0, capsys.readouterr().out
