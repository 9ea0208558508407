"""The pages in a real Chromium: links, zoom, filters, themes, sizes, paper, keyboard, and that nothing hostile runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import axe_script, browser
from chromium_pages import Page, page
from hostile import hostile
from large_run import large_run
from report_runs import every_part, with_evidence

from sre_runner.journal.events import Entry
from sre_runner.journal.record import fold
from sre_runner.render.html.index import index
from sre_runner.render.html.page import html
from sre_runner.runs.listing import Listed, State

pytestmark = pytest.mark.skipif(browser() is None, reason="no Chromium is installed")
SHOTS = os.environ.get("SRE_RUN_SCREENSHOTS")
LISTED = (
    Listed(
        "a-1", "runs/a-1", "2026-11-22T12:00:00+00:00", "pay", {"team": "a"}, State.COMPLETE, severity="P1", usd=0.5
    ),
    Listed("b-1", "runs/b-1", "2026-11-25T12:00:00+00:00", "web", {"team": "b"}, State.PARTIAL, severity="P2", usd=2.0),
    Listed("c-1", "runs/c-1", "2026-11-28T12:00:00+00:00", "web", {}, State.BROKEN, problem="it cannot be read"),
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages as files."""
    folder = tmp_path_factory.mktemp("pages")
    attacked = fold([Entry(entry.at, hostile(entry.event)) for entry in every_part().entries])
    texts = {
        "report": html(with_evidence().fold()),
        "everything": html(every_part().fold()),
        "hostile": html(attacked),
        "large": html(large_run()),
        "index": index((each, f"{each.run}/report.html") for each in LISTED),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


@pytest.fixture
def tab(chromium: Page) -> Iterator[Page]:
    """The browser's tab, as it is on a desk; whatever a test does, nothing is said on the console or loaded."""
    chromium.size(1280)
    chromium.media()
    yield chromium
    assert chromium.said == []
    # The browser's own icons, such as a calendar's, are `data:`.
    assert {address.partition(":")[0] for address in chromium.requested} <= {"file", "data"}
    assert len([address for address in chromium.requested if address.startswith("file:")]) <= 1


def in_sight(tab: Page, selector: str) -> Any:
    return tab.js(
        f"(() => {{ const r = document.querySelector({selector!r}).getBoundingClientRect();"
        "return r.height > 0 && r.top >= 0 && r.bottom <= innerHeight; })()"
    )


def test_every_link_to_evidence_shows_the_highlighted_quote(tab: Page, pages: dict[str, Path]) -> None:
    tab.open(pages["report"])
    links = tab.js("[...document.querySelectorAll('a.quote, a.evidence.exact')].map(a => a.getAttribute('href'))")
    assert len(links) == 5
    for link in links:
        tab.open(pages["everything"])  # so that all is folded again
        tab.open(pages["report"])
        tab.click(f"a[href='{link}']")
        assert tab.js("location.hash") == link
        assert in_sight(tab, link)
        assert (
            tab.js(f"getComputedStyle(document.querySelector('mark:has({link}), mark{link}')).outlineStyle") == "solid"
        )


def test_a_link_from_elsewhere_opens_what_it_is_folded_in(tab: Page, pages: dict[str, Path]) -> None:
    tab.open(pages["everything"])
    tab.open(pages["report"], "#quote-2-1-1")
    assert in_sight(tab, "#quote-2-1-1")


def test_a_command_can_be_copied(tab: Page, pages: dict[str, Path]) -> None:
    tab.open(pages["report"])
    tab.click(".cmd .copy")
    tab.js("new Promise((done) => setTimeout(done, 100))")
    said = tab.js("document.querySelector('.cmd .copy').textContent")
    assert said in ("Copied", "Selected")  # the clipboard is not always allowed
    if said == "Selected":
        assert tab.js("getSelection().toString()") == "kubectl rollout undo deployment/payment-gateway -n payments"


def test_the_timeline_has_a_bar_for_each_turn_and_call_that_leads_to_it(tab: Page, pages: dict[str, Path]) -> None:
    record = with_evidence().fold()
    tab.open(pages["report"])
    bars = tab.js("[...document.querySelectorAll('.tl-bars a')].map(a => a.getAttribute('href'))")
    assert sorted(bars) == sorted(f"#call-{number}" for number in record.calls)
    assert tab.js("[...document.querySelectorAll('.tl-bars rect')].every(r => r.getBoundingClientRect().width > 0)")
    tab.js("document.querySelector('.tl-bars .tool').dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))")
    assert "get_recent_deploys" in tab.js("document.getElementById('tl-detail').textContent")
    tab.click(".tl-bars a:has(.tool)")
    assert in_sight(tab, "details.call[open] > summary")


def test_the_timeline_zooms_by_button_and_key(tab: Page, pages: dict[str, Path]) -> None:
    tab.open(pages["report"])
    width = "document.getElementById('tl-canvas').getBoundingClientRect().width"
    whole = tab.js(width)
    tab.click("[data-zoom='2']")
    assert tab.js(width) == pytest.approx(2 * whole, rel=0.01)
    tab.js("document.getElementById('tl').focus()")
    tab.key("+")
    assert tab.js(width) == pytest.approx(4 * whole, rel=0.01)
    tab.key("0")
    assert tab.js(width) == pytest.approx(whole, rel=0.01)
    tab.js("document.getElementById('tl').dispatchEvent(new WheelEvent('wheel', {ctrlKey: true, deltaY: -1}))")
    assert tab.js(width) == pytest.approx(1.25 * whole, rel=0.01)


@pytest.mark.parametrize("name", ["everything", "hostile", "large", "index"])
@pytest.mark.parametrize("width", [360, 1600])
def test_nothing_scrolls_sideways(tab: Page, pages: dict[str, Path], name: str, width: int) -> None:
    tab.size(width, phone=width < 500)
    tab.open(pages[name])
    tab.js("document.querySelectorAll('details').forEach(each => { each.open = true; })" if name != "large" else "0")
    assert tab.js("document.documentElement.scrollWidth") == width
    if SHOTS:
        tab.screenshot(Path(SHOTS) / f"{name}-{width}.png")


@pytest.mark.parametrize("name", ["hostile", "index"])
def test_nothing_hostile_runs(tab: Page, pages: dict[str, Path], name: str) -> None:
    tab.open(pages[name])
    tab.js("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert tab.js("window.hit === undefined")
    assert tab.js("document.querySelectorAll('img').length") == 0


def test_light_dark_and_back(tab: Page, pages: dict[str, Path]) -> None:
    tab.media(prefers_color_scheme="dark")
    tab.open(pages["report"])
    back = "getComputedStyle(document.body).backgroundColor"
    assert tab.js(back) == "rgb(13, 17, 23)"
    tab.click("#theme")
    assert tab.js(back) == "rgb(246, 248, 250)"
    tab.media(prefers_color_scheme="light")
    tab.click("#theme")
    assert tab.js(back) == "rgb(13, 17, 23)"


def test_on_paper_there_is_no_navigation_and_the_page_is_light(tab: Page, pages: dict[str, Path]) -> None:
    tab.media("print", prefers_color_scheme="dark")
    tab.open(pages["everything"])
    assert tab.js("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert tab.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.js("getComputedStyle(document.body).color") == "rgb(31, 35, 40)"


def test_the_first_tab_stop_skips_to_the_conclusion(tab: Page, pages: dict[str, Path]) -> None:
    tab.open(pages["report"])
    tab.key("Tab")
    assert tab.js("document.activeElement.className") == "skip"
    tab.key("Enter")
    assert tab.js("location.hash") == "#main"


def rows(tab: Page) -> Any:
    return tab.js("[...document.querySelectorAll('#runs tr:not([hidden]) th')].map(th => th.innerText.split('\\n')[0])")


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"playbook": "web"}, ["b-1", "c-1"]),
        ({"severity": "P1"}, ["a-1"]),
        ({"status": "broken"}, ["c-1"]),
        ({"label": "team=b"}, ["b-1"]),
        ({"from": "2026-11-24"}, ["b-1", "c-1"]),
        ({"to": "2026-11-24"}, ["a-1"]),
        ({"least": "1"}, ["b-1"]),
        ({"most": "1"}, ["a-1"]),
        ({"playbook": "web", "severity": "P1"}, []),
    ],
)
def test_filters_filter(tab: Page, pages: dict[str, Path], wanted: dict[str, str], left: list[str]) -> None:
    tab.open(pages["index"])
    assert rows(tab) == ["a-1", "b-1", "c-1"]
    for name, value in wanted.items():
        tab.js(f"document.getElementById('filters').elements[{name!r}].value = {value!r}")
    tab.js("document.getElementById('filters').dispatchEvent(new Event('input'))")
    assert rows(tab) == left
    assert tab.js("document.getElementById('count').textContent") == f"{len(left)} of 3 runs"
    tab.click("button[type=reset]")
    assert rows(tab) == ["a-1", "b-1", "c-1"]


def test_two_hundred_specialists_open_in_two_seconds(tab: Page, pages: dict[str, Path]) -> None:
    def opened() -> float:
        tab.open(pages["report"])
        before = tab.processor_seconds()
        tab.open(pages["large"])
        return tab.processor_seconds() - before

    assert min(opened() for _ in range(3)) < 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["everything", "index"])
def test_axe_finds_nothing_serious(tab: Page, pages: dict[str, Path], name: str, scheme: str) -> None:
    script = axe_script()
    if script is None:
        pytest.skip("no axe-core from npm is installed; SRE_RUN_AXE can name its folder")
    tab.media(prefers_color_scheme=scheme)
    tab.open(pages[name])
    tab.js("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    tab.js(script.read_text(encoding="utf-8") + "; 0")
    found = tab.js("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html).slice(0, 3)]))")
    assert [each for each in found if each[0] in ("serious", "critical")] == []
