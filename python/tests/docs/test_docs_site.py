"""The whole site, built as by `make docs`: its links, its clauses, and its appearance."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.links import case_url, clause_url
from docs.site_links import dead_links, main, read_page
from subunit2 import spec
from subunit2.conformance import corpus
from support.docs_building import ROOT, Built, build

CHROMIUM = shutil.which("chromium")

#: The width of a phone, in pixels of a page.
WIDTH = 390

#: Loads pages in turn into a frame of a phone's width, and reports faults.
MEASURE = """<!doctype html><pre id="found"></pre><script>
const brightness = (colour) => {
  const [red, green, blue] = colour.match(/[0-9.]+/g).map(Number);
  return (red * 299 + green * 587 + blue * 114) / 1000;
};
const measure = (page) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.style = "width: WIDTHpx; height: 844px; border: 0";
  frame.onload = () => {
    const shown = frame.contentDocument;
    // What would scroll sideways: of the theme, not the root.
    const root = shown.querySelector(".content") || shown.documentElement;
    const style = frame.contentWindow.getComputedStyle(shown.body);
    const wide = [...shown.querySelectorAll("article *")]
      .filter((each) => each.getBoundingClientRect().right > WIDTH + 1)
      .filter((each) => {
        for (let box = each; box.tagName !== "ARTICLE"; box = box.parentElement) {
          if (/auto|scroll/.test(frame.contentWindow.getComputedStyle(box).overflowX)) {
            return false;
          }
        }
        return true;
      }).map((each) => `${each.tagName}.${each.className}`);
    const texts = [...shown.querySelectorAll("svg text")]
      .map((each) => brightness(frame.contentWindow.getComputedStyle(each).fill));
    resolve({page, width: root.scrollWidth, wide: wide.slice(0, 3), texts,
      ground: brightness(style.backgroundColor), text: brightness(style.color)});
    frame.remove();
  };
  frame.src = page;
  document.body.append(frame);
});
(async () => {
  const found = [];
  for (const page of PAGES) found.push(await measure(page));
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script>"""


@pytest.fixture(scope="module")
def built(built_site: Built) -> Built:
    return built_site


def written(site: Path) -> list[str]:
    """Return the hand-written pages by name, without the generated pages of single cases."""
    return sorted(
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if not re.match("_|conformance/(cases|clauses)/", path.relative_to(site).as_posix())
    )


# ---- Contents --------------------------------------------------------------------


def test_it_is_built_without_a_warning(built: Built) -> None:
    assert (built.said, built.failed) == ("", False)


@pytest.mark.slow
@pytest.mark.docs
def test_the_samples_of_its_pages_run(tmp_path: Path) -> None:
    tested = build(ROOT, tmp_path, builder="doctest")
    assert (tested.said, tested.failed) == ("", False)


def test_no_link_is_dead(built: Built) -> None:
    assert list(dead_links(built.site)) == []


def test_pages_load_nothing_from_elsewhere(built: Built) -> None:
    loaded = re.compile(
        r'<(?:script|img|iframe|link|source)\b[^>]*(?:src|href)="(?:https?:)?//[^"]*"'
    )
    for path in built.site.rglob("*.html"):
        assert loaded.findall(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("other.html", None),
        ("other.html#here", None),
        ("#top", None),
        ("https://example.org/nothing", None),
        ("none.html", "a.html: no page none.html"),
        ("../a.html", "a.html: no page ../a.html"),
        ("other.html#there", "a.html: no anchor other.html#there"),
        ("#there", "a.html: no anchor #there"),
    ],
)
def test_a_dead_link_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], link: str, says: str | None
) -> None:
    (tmp_path / "a.html").write_text(f'<a href="{link}">a</a>', encoding="utf-8")
    (tmp_path / "other.html").write_text('<p id="here">', encoding="utf-8")
    assert main([str(tmp_path)]) == (says is not None)
    assert capsys.readouterr().err == ("" if says is None else f"{says}\n")


def test_no_anchor_is_there_twice_on_a_page(built: Built) -> None:
    for name in written(built.site):
        page = read_page((built.site / name).read_text(encoding="utf-8"))
        doubles = {anchor for anchor in page.doubles if anchor.startswith(("clause-", "field-"))}
        assert doubles == set(), name


def test_every_clause_is_on_the_specifications_pages_once(built: Built) -> None:
    found = Counter(
        anchor
        for path in (built.site / "specification").rglob("*.html")
        for anchor in re.findall(r'id="clause-([^"]+)"', path.read_text(encoding="utf-8"))
    )
    assert found == Counter(dict.fromkeys(spec.clauses(), 1))


@pytest.mark.parametrize("id_", spec.clauses())
def test_a_clauses_address_is_where_it_stands_with_its_words(built: Built, id_: str) -> None:
    page, _, anchor = clause_url(id_).partition("#")
    text = _text(built.site / page)
    _, found, behind = text.partition(f'id="{anchor}"')
    assert found
    box = _plain(behind.partition('class="clause-cases"')[0])
    clause = spec.clause(id_)
    said = [clause.text, clause.level, clause.readme, clause.fact, clause.decision]
    for words in [*said, clause.field, clause.production, clause.error]:
        assert words is None or _plain(words) in box


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _plain(html: str) -> str:
    """Return the words alone, without tags, punctuation marks and quotes."""
    text = re.sub(r"<[^>]*>", "", html)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return re.sub(r"[\s`'\"‘’“”.]+", "", text)


def test_every_case_is_linked_from_a_clause(built: Built) -> None:
    linked = {
        re.sub(r"^(\.\./)+", "", link)
        for path in (built.site / "specification").rglob("*.html")
        for link in read_page(_text(path)).links
    }
    assert {case_url(case.id) for case in corpus.load().cases} - linked == set()


def test_thirty_cases_and_more_are_drawn_beside_the_clauses(built: Built) -> None:
    drawn = {
        id_
        for path in (built.site / "specification").rglob("*.html")
        for box in re.findall(r'<p class="example-title">(.*?)</p>', _text(path), re.DOTALL)
        for id_ in re.findall(r'cases/([^"]+)\.html"', box)
    }
    assert len(drawn) >= 30
    assert drawn <= corpus.load().by_id.keys()


def test_every_drawing_has_a_description(built: Built) -> None:
    for path in (built.site / "specification").rglob("*.html"):
        drawings = re.findall(r"<svg [^>]*(?:viewBox|class=.railroad)[^>]*>", _text(path))
        article = _text(path).partition("<article")[2]
        for drawing in drawings:
            if drawing in article:
                assert 'role="img"' in drawing, path
                assert re.search(r'aria-label="[^"]{20,}"', drawing), path


# ---- In a browser ----------------------------------------------------------------


Measured = list[dict[str, Any]]


def measure(pages: list[Path], scheme: str, folder: Path) -> Measured:
    """Load pages in a browser with a light or dark scheme, at a phone's width."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    wrapper = folder / "measure.html"
    addresses = json.dumps([page.as_uri() for page in pages])
    text = MEASURE.replace("PAGES", addresses).replace("WIDTH", str(WIDTH))
    wrapper.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}",
            "--allow-file-access-from-files",
            f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
            "--virtual-time-budget=120000",
            "--dump-dom",
            wrapper.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    [said] = re.findall(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    found: Measured = json.loads(said.replace("&amp;", "&").replace("&gt;", ">"))
    assert len(found) == len(pages)
    return found


def too_wide(measured: Measured) -> dict[str, Any]:
    return {
        each["page"]: (each["width"], each["wide"])
        for each in measured
        if each["width"] > WIDTH or each["wide"]
    }


def too_faint(measured: Measured, scheme: str) -> list[str]:
    """Return the pages with the wrong background for the scheme, or with too little contrast."""
    return [
        each["page"]
        for each in measured
        if (each["ground"] > 128) is not (scheme == "light")
        # Of 255; links are the least.
        or min(abs(text - each["ground"]) for text in [each["text"], *each["texts"]]) < 70
    ]


@pytest.mark.toolchain
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_on_a_phone_and_can_be_read(built: Built, scheme: str, tmp_path: Path) -> None:
    cases = ["packet/everything", "multiplexer/route", "writer/refuses-nul"]
    pages = [*written(built.site), *map(case_url, cases), "conformance/clauses/stream.text.html"]
    measured = measure([built.site / page for page in pages], scheme, tmp_path)
    assert too_wide(measured) == {}
    assert too_faint(measured, scheme) == []


@pytest.mark.toolchain
def test_wide_and_faint_pages_are_found(built: Built, tmp_path: Path) -> None:
    (tmp_path / "_static").symlink_to(built.site / "_static")
    (tmp_path / "a").mkdir()
    page = _text(built.site / "specification/routes.html")
    assert page.count("</h1>") == 1
    for name, planted in (
        ("as-it-is", ""),
        ("wide", '<div style="width: 500px">wide</div>'),
        ("faint", "<style>.picture svg text { fill: #ddd !important }</style>"),
    ):
        text = page.replace("</h1>", f"</h1>{planted}")
        (tmp_path / "a" / f"{name}.html").write_text(text, encoding="utf-8")
    measured = measure(sorted((tmp_path / "a").iterdir()), "light", tmp_path)
    assert [Path(page).name for page in too_wide(measured)] == ["wide.html"]
    assert [Path(page).name for page in too_faint(measured, "light")] == ["faint.html"]
