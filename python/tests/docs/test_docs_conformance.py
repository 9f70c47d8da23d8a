"""The pages of the conformance suite are complete and linked, and agree with its files."""

from __future__ import annotations

import json
import os
import posixpath
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import Tag

from docs.conformance import drawing
from docs.conformance.badges import badge, says
from docs.conformance.case_pages import case_page
from docs.conformance.included import FILES
from docs.conformance.other_pages import clause_page
from docs.conformance.pages import cell, sign
from docs.conformance.places import (
    card_url,
    case_url,
    clause_cases_url,
    implementation_url,
    page_name,
)
from docs.conformance.suite import Counts, Measured, Verdict, load
from docs.conformance.views import families
from docs.links import ROOT
from docs.screenshots import browser
from report_cards.checks import CHECKS
from subunit2 import spec
from subunit2.conformance.corpus import ReaderCase
from support.docs_building import Built
from support.docs_site import article_of, ids_in, links_in, soup_of, texts_in

CONFORMANCE = ROOT / "conformance"
SUITE = load(CONFORMANCE)


@pytest.fixture(scope="module")
def site(built_site: Built) -> Path:
    """Return the whole site, as these pages link to its other pages."""
    return built_site.site


# --- The pages are complete --------------------------------------------------------------


def test_every_case_has_a_page(site: Path) -> None:
    for case in SUITE.corpus.cases:
        text = (site / case_url(case.id)).read_text(encoding="utf-8")
        assert f'<h1 class="sc-id">{case.id}</h1>' in text
        for clause in case.clauses:
            assert posixpath.basename(clause_cases_url(clause)) in text


def test_every_case_is_linked_from_each_of_its_clauses(site: Path) -> None:
    linked = {}
    for clause in spec.clauses():
        page = site / clause_cases_url(clause)
        folder = posixpath.dirname(clause_cases_url(clause))
        linked[clause] = {
            posixpath.normpath(posixpath.join(folder, urlsplit(url).path))
            for url in links_in(page.read_text(encoding="utf-8"))
        }
    for case in SUITE.corpus.cases:
        for clause in case.clauses:
            assert case_url(case.id) in linked[clause]


def test_no_link_is_dead(site: Path) -> None:
    anchors: dict[Path, set[str]] = {}
    links: list[tuple[Path, Path, str]] = []
    for page in sorted(site.rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        ids = ids_in(html)
        anchors[page] = set(ids)
        if "conformance" in page.parts:
            twice = [id_ for id_, times in Counter(ids).items() if times > 1]
            assert not twice, (page, twice)
        for url in links_in(html):
            parts = urlsplit(url)
            if parts.scheme:
                assert parts.scheme == "https", url
                continue
            target = Path(os.path.normpath(page.parent / parts.path)) if parts.path else page
            links.append((page, target, unquote(parts.fragment)))
    dead = []
    for page, target, fragment in set(links):
        inside = target.relative_to(site)
        if inside.parts[0] == "specification":
            # Another part of the site, which is not built here.
            if not (ROOT / "docs" / inside).with_suffix(".md").exists():
                dead.append((page, inside))
        elif not target.exists() or (fragment and fragment not in anchors.get(target, ())):
            dead.append((page, inside / f"#{fragment}"))
    assert not dead


def test_files_that_texts_name_have_a_page(site: Path) -> None:
    for name, url in FILES.items():
        assert (CONFORMANCE / name).exists(), name
        assert (site / urlsplit(url).path).exists(), url


def test_links_in_included_files_lead_to_pages_and_to_files(site: Path) -> None:
    # As it stands in conformance/README.md, for a code host ...
    assert "(implementations/README.md)" in (CONFORMANCE / "README.md").read_text()
    # ... and here.
    urls = {
        urlsplit(url).path for url in links_in(str(article_of(site / "conformance/matrix.html")))
    }
    assert "implementations.html" in urls


def test_pages_are_the_theme_s(site: Path) -> None:
    html = (site / case_url("stream/adios")).read_text(encoding="utf-8")
    case = soup_of(html)
    assert case.select(".sidebar-tree a[href$='conformance/matrix.html']") or case.select(
        ".sidebar-tree a[href$='../../matrix.html']"
    )
    sheets = [url for url in links_in(html) if "conformance.css" in url]
    assert len(sheets) == 1


# --- The pages agree with the files ------------------------------------------------------


@pytest.mark.parametrize("measured", SUITE.measured, ids=lambda measured: measured.name)
def test_the_outcomes_of_the_cases_agree_with_the_counts_of_the_report(measured: Measured) -> None:
    assert measured not in SUITE.stale
    outcomes = Counter(measured.verdict(case).outcome for case in SUITE.corpus.cases)
    assert outcomes == measured.report["totals"]
    for clause, cases in SUITE.by_clause.items():
        said = Counter(measured.verdict(case).outcome for case in cases)
        assert said == measured.report["by_clause"][clause], clause


def test_the_matrix_has_every_clause_and_every_implementation(site: Path) -> None:
    article = article_of(site / "conformance" / "matrix.html")
    for clause in spec.clauses():
        row = article.find("tr", id=clause)
        assert isinstance(row, Tag)
        if clause in SUITE.no_case:
            assert SUITE.no_case[clause].replace("`", "") in row.text
            continue
        cells = row.find_all("td")
        assert len(cells) == len(SUITE.measured)
        for drawn, measured in zip(cells, SUITE.measured, strict=True):
            counts = measured.counts(SUITE.by_clause[clause])
            words = drawn.get_text(" ").split()
            # A sign and the number of passed cases, so that the cell needs no colour.
            assert words[0] == cell(counts)[0]
            if counts.answered:
                assert words[1] == f"{counts.passed:,}"
            [link] = drawn.find_all("a")
            assert str(link["href"]).endswith(f"{clause}.html#{measured.name}")


def test_the_matrix_has_the_clauses_of_the_readme_before_the_decisions(site: Path) -> None:
    article = article_of(site / "conformance" / "matrix.html")
    shown = [row["id"] for row in article.select(".sc-narrow tr[id]")]
    origins = [clause.origin for clause in (spec.clause(str(id_)) for id_ in shown)]
    assert origins == sorted(origins, key=("readme", "decision").index)
    assert sorted(map(str, shown)) == sorted(spec.clauses())


def test_a_cell_has_bugs_before_arguments(site: Path) -> None:
    article = article_of(site / "conformance" / "matrix.html")
    mixed = 0
    for clause, cases in SUITE.by_clause.items():
        row = article.find("tr", id=clause)
        assert isinstance(row, Tag)
        for drawn, measured in zip(row.find_all("td"), SUITE.measured, strict=True):
            counts = measured.counts(cases)
            said = [(line["class"][-1], line.text) for line in drawn.select(".sc-line")]
            expected = [
                (f"sc-{kind}", f"{number:,} {kind}{'s' * (number > 1)}")
                for kind, number in (("bug", counts.bugs), ("argument", counts.arguments))
                if number
            ]
            assert said == expected
            mixed += len(said) > 1
    assert mixed


@pytest.mark.parametrize("page", ["matrix", "report-cards"])
def test_the_report_cards_are_those_of_the_files(site: Path, page: str) -> None:
    article = article_of(site / "conformance" / f"{page}.html")
    assert SUITE.carded
    for check in CHECKS:
        row = article.find("tr", id=f"card-{check.name}")
        assert isinstance(row, Tag)
        for drawn, carded in zip(row.find_all("td"), SUITE.carded, strict=True):
            found = json.loads(carded.emitter.card.read_bytes())["checks"]
            [one] = [each for each in found if each["check"] == check.name]
            words = drawn.get_text(" ").split()
            signs = {"✗": bool(one["violations"]), "–": not one["checked"]}
            assert signs.get(words[0], bool(one["checked"] and not one["violations"]))
            if one["violations"]:
                assert words[1] == f"{one['violations']:,}"
                assert drawn["class"] == [f"sc-{'bug' if check.is_bug else 'argument'}"]
            [link] = drawn.find_all("a")
            assert str(link["href"]).endswith(f"{carded.name}.html#{check.name}")


def test_a_card_s_page_links_its_bug_reports(site: Path) -> None:
    for carded in SUITE.carded:
        page = site / card_url(carded.name)
        article = article_of(page)
        linked = {posixpath.basename(urlsplit(url).path) for url in links_in(str(article))}
        assert {f"{report.stem}.html" for report in carded.bug_reports} <= linked
        for check in CHECKS:
            section = article.find("section", id=check.name)
            assert isinstance(section, Tag)
            for example in carded.checks[check.name]["examples"]:
                assert example["message"] in section.text


def test_a_clause_s_page_names_all_that_failed() -> None:
    [measured] = [each for each in SUITE.measured if each.name == "python-subunit"]
    for clause in ("stream.character", "string.utf8"):
        html = soup_of(clause_page(clause, SUITE))
        section = html.find("section", id=measured.name)
        assert isinstance(section, Tag)
        named = {code.text for code in section.find_all("code")}
        failed = {case.id for case in SUITE.by_clause[clause] if measured.verdict(case).is_failure}
        assert failed
        assert failed <= named


def test_a_failure_shows_the_actual_result_and_its_divergence() -> None:
    [measured] = [each for each in SUITE.measured if each.name == "python-subunit"]
    case = SUITE.corpus.by_id["stream/adios"]
    verdict = measured.verdict(case)
    assert verdict.divergence is not None
    section = soup_of(case_page(case, SUITE)).find("section", id=measured.name)
    assert isinstance(section, Tag)
    assert verdict.reason in section.text
    assert verdict.divergence.kind in section.text
    assert verdict.divergence.name in section.text
    assert verdict.actual is not None
    [given] = section.find_all("pre")
    assert given.text == drawing.pretty_items(verdict.actual, drawing.Limits(None, 40, 400))
    urls = [str(link["href"]) for link in section.find_all("a")]
    assert any(url.endswith("python-subunit/signature-ends-character.html") for url in urls)


def test_octets_are_all_shown_with_their_offsets() -> None:
    """In each unabridged case of a reader, the octets of the table are the stream."""
    for case in SUITE.corpus.cases[::7]:
        if not isinstance(case, ReaderCase) or len(case.stream) > drawing.LARGE:
            continue
        blocks = drawing.blocks(case.items, case.stream, drawing.Limits())
        lines = [line for block in blocks for line in block.lines]
        assert bytes.fromhex(" ".join(line.octets for line in lines)) == case.stream
        place = 0
        for line in lines:
            rows = [bytes.fromhex(row) for row in line.octets.split("\n")]
            for said, row in zip(line.offsets.split("\n"), rows, strict=True):
                assert said == f"{place:,}"
                place += len(row)


def test_expected_items_are_those_of_the_corpus() -> None:
    case = SUITE.corpus.by_id["stream/adios"]
    assert isinstance(case, ReaderCase)
    html = soup_of(case_page(case, SUITE))
    heading = html.find(id="expected")
    assert isinstance(heading, Tag)
    shown = heading.find_next("pre")
    assert isinstance(shown, Tag)
    decoder, text, items = json.JSONDecoder(), shown.text, []
    while text:
        item, end = decoder.raw_decode(text)
        items.append(item)
        text = text[end:].lstrip()
    assert items == case.items


def test_a_large_case_is_abridged_and_says_so(site: Path) -> None:
    large = [
        case
        for case in SUITE.corpus.cases
        if isinstance(case, ReaderCase) and len(case.stream) > drawing.LARGE
    ]
    assert large
    for case in large:
        page = site / case_url(case.id)
        assert f"the case holds {len(case.stream):,} octets" in article_of(page).text
        assert page.stat().st_size < 300_000


def test_seeded_faults_are_all_listed_with_the_cases_that_find_them(site: Path) -> None:
    article = article_of(site / "conformance" / "seeded-faults.html")
    for path in (CONFORMANCE / "seeded-faults").glob("*.toml"):
        for fault in tomllib.loads(path.read_text())["fault"]:
            named = article.find("th", id=fault["name"])
            assert isinstance(named, Tag)
            assert named.parent is not None
            urls = [str(link["href"]) for link in named.parent.find_all("a")]
            assert [posixpath.normpath(f"conformance/{url}") for url in urls] == [
                case_url(case) for case in fault["caught_by"]
            ]


def test_every_case_is_in_the_list_of_all_once() -> None:
    listed = [case.id for _, cases in families(SUITE.corpus.cases) for case in cases]
    assert sorted(listed) == sorted(SUITE.corpus.by_id)


# --- Signs and badges ---------------------------------------------------------------------


def test_no_two_verdicts_share_a_sign_and_a_word() -> None:
    verdicts = [
        Verdict(outcome="passed"),
        Verdict(outcome="wrong"),
        Verdict(outcome="timed out"),
        Verdict(outcome="unsupported"),
        Verdict(outcome="skipped"),
    ]
    assert len({sign(verdict)[:2] for verdict in verdicts}) == len(verdicts)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Counts(passed=2), "✓"),
        (Counts(passed=2, laws=1), "!"),
        (Counts(passed=2, bugs=1), "✗"),
        (Counts(unsupported=1), "○"),
        (Counts(skipped=1), "–"),
    ],
)
def test_a_cell_has_a_sign(counts: Counts, said: str) -> None:
    assert cell(counts)[0] == said


def test_badges_show_the_passed_cases(site: Path) -> None:
    for measured in SUITE.measured:
        counts = measured.counts(SUITE.corpus.cases)
        label, value = says(measured.report)
        assert (label, value) == ("subunit v2", f"{counts.passed:,} of {counts.answered:,} cases")
        for profile in (None, *measured.profiles):
            suffix = f"-{profile}" if profile else ""
            svg = (site / f"conformance/badges/{measured.name}{suffix}.svg").read_text()
            assert set(texts_in(svg)) == set(says(measured.report, profile))


def test_a_badge_of_a_profile_that_is_not_claimed() -> None:
    [measured] = [each for each in SUITE.measured if each.name == "subunit-js"]
    assert says(measured.report, "stream")[1] == "not claimed"
    assert "not claimed" in badge(measured.report, "stream")


def test_a_badge_of_a_report_of_one_s_own(tmp_path: Path) -> None:
    report = CONFORMANCE / "implementations" / "subunit-rust" / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "docs.conformance.badges", report, "--profile", "packet"],
        cwd=ROOT / "tools",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "subunit v2 packet" in texts_in(done.stdout)


def test_pages_of_implementations_have_their_divergences(site: Path) -> None:
    for measured in SUITE.measured:
        article = article_of(site / implementation_url(measured.name))
        for entry in measured.divergences.entries:
            section = article.find("section", id=f"divergence-{entry.name}")
            assert isinstance(section, Tag)
            assert entry.kind in section.text
            assert entry.reason.replace("`", "") in section.text
        assert page_name(implementation_url(measured.name)).endswith(measured.name)


# --- Colours and width --------------------------------------------------------------------

#: The grounds of the theme, and the parts of the style sheet for each.
GROUNDS = {"light": "#ffffff", "dark": "#131416"}


def colours(scheme: str) -> dict[str, str]:
    """Return the values of the style sheet's names in a light or dark scheme."""
    sheet = (ROOT / "tools/docs/conformance/static/conformance.css").read_text("utf-8")
    light, dark, again = re.findall(r"\{\n((?: *--sc-[^\n]*\n)+)", sheet)
    assert dark.split() == again.split()
    return dict(re.findall(r"--sc-(\w+): ([^;]+);", light if scheme == "light" else dark))


def luminance(colour: list[float]) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour]
    return sum(part * value for part, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: list[float], other: list[float]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def channels(colour: str) -> list[float]:
    return [value / 255 for value in bytes.fromhex(colour.removeprefix("#"))]


@pytest.mark.parametrize("scheme", GROUNDS)
def test_verdicts_can_be_read_in_both_schemes(scheme: str) -> None:
    named = colours(scheme)
    tint, ground = float(named.pop("tint").removesuffix("%")) / 100, channels(GROUNDS[scheme])
    assert named.keys() == {"passed", "bug", "argument", "law"}
    for cell_colour in map(channels, named.values()):
        cell_ground = [
            tint * one + (1 - tint) * other for one, other in zip(cell_colour, ground, strict=True)
        ]
        # Level AA of WCAG: the text of a cell, and the lines of bugs and arguments in it.
        for text in (cell_colour, channels(named["bug"]), channels(named["argument"])):
            assert contrast(text, cell_ground) >= 4.5
            assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("scheme", GROUNDS)
def test_arguments_are_grey_and_bugs_are_not(scheme: str) -> None:
    spread = {
        name: max(channels(colours(scheme)[name])) - min(channels(colours(scheme)[name]))
        for name in ("argument", "bug")
    }
    assert spread["argument"] < 0.08
    assert spread["bug"] > 0.4


#: Loads a page into a frame, and writes what reaches beyond its right side.
MEASURE = """<!doctype html><iframe style="width: 1280px; height: 900px; border: 0"></iframe>
<pre id="found"></pre><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const shown = frame.contentDocument;
  const tables = [...shown.querySelectorAll("article table")];
  const found = tables.map((table) => {
    const box = table.parentElement;
    return [table.className, box.scrollWidth - box.clientWidth,
      Math.round(table.getBoundingClientRect().right)];
  });
  document.getElementById("found").textContent =
    JSON.stringify([found, shown.documentElement.scrollWidth]);
};
frame.src = PAGE;
</script>"""


@pytest.mark.toolchain
@pytest.mark.parametrize(
    "page", ["matrix", "report-cards", "implementations", "index", "clauses/stream.text"]
)
def test_tables_are_whole_on_a_screen_of_1280_pixels(site: Path, page: str, tmp_path: Path) -> None:
    command = browser()
    if command is None:
        pytest.skip("chromium is not installed")
    wrapper = tmp_path / "measure.html"
    address = (site / "conformance" / f"{page}.html").as_uri()
    wrapper.write_text(MEASURE.replace("PAGE", json.dumps(address)), encoding="utf-8")
    done = subprocess.run(
        [
            *(command, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--allow-file-access-from-files"),
            *("--virtual-time-budget=30000", "--dump-dom", wrapper.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    [said] = re.findall(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    tables, width = json.loads(said)
    assert tables
    assert width == 1280
    assert [table for table in tables if table[1] > 0 or table[2] > 1280] == []
