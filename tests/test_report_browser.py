"""The page in a real browser: nothing leaves the file; it is read by keyboard, in the dark, on a phone."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.model import Report
from grader.report.page import page
from tests import report_samples as samples

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make check installs it"
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PHONE_WIDTH, WIDTH = 360, 1000
TEXT_CONTRAST, LARGE_CONTRAST, SHAPE_CONTRAST = 4.5, 3.0, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11, level AA

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: sudo apt install chromium"),
]

REPORTS = {
    "right": samples.report_of(samples.right()),
    "no flush": samples.report_of(samples.no_flush()),
    "error": samples.report_of(
        samples.broken_grader(), replace(samples.crashed(), id="02_message_keys", title="Keys")
    ),
    "untouched": samples.report_of(samples.untouched()),
    "hostile": samples.report_of(samples.hostile()),
    "strays": samples.report_of(samples.scattered_orders()),
    "order broken": samples.report_of(samples.disordered(), samples.ten_keys()),
    "predicted": samples.report_of(samples.predicted()),
    "nine": samples.nine(),
}
EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())

Open = Callable[..., Any]

OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"

CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgba(colour).map((c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + .05) / (low + .05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgba(colour)[3] === 255) return colour;
    }
    return 'white';
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (['title', 'desc', 'SCRIPT', 'STYLE'].includes(element.tagName)) continue;
    const drawn = element instanceof SVGElement;
    const card = drawn && element.parentElement.querySelector('rect');
    const size = parseFloat(style.fontSize);
    found.push({
      text: walker.currentNode.data.trim().slice(0, 40), shape: false,
      large: size >= 24 || (size >= 18.66 && style.fontWeight >= 700),
      ratio: ratio(drawn ? style.fill : style.color, card ? getComputedStyle(card).fill : ground(element)),
    });
  }
  for (const element of document.querySelectorAll('.mark, .neutral, .piece.passed, .icon')) {
    const style = getComputedStyle(element), own = element.classList.contains('icon') ? style.color
      : element.classList.contains('other_stray') ? style.stroke : style.fill;
    if (!element.getClientRects().length) continue;
    found.push({text: element.getAttribute('class'), shape: true, ratio: ratio(own, ground(element))});
  }
  return found;
}"""

OUTSIDE = """(edge) => [...document.querySelectorAll('main *, header *, footer *')]
  .filter((each) => !each.closest('.scroll, .unseen, pre') && each.getBoundingClientRect().right > edge)
  .map((each) => each.outerHTML)"""

FOCUSABLE = """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
  .filter((each) => each.checkVisibility())
  .map((each, number) => { each.dataset.stop = number; return number; })"""
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return [Number(at.dataset.stop ?? -1), style.outlineStyle, parseFloat(style.outlineWidth)];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a report; whatever it complains of or reaches for fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def refuse(dialog: Any) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    def note(request: Any) -> None:
        if request.url != (tmp_path / "index.html").as_uri():
            complaints.append(request.url)

    def opened(report: Report, *, width: int = WIDTH, scripts: bool = True) -> Any:
        path = tmp_path / "index.html"
        path.write_text(page(report), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", refuse)
        tab.on("request", note)
        tab.goto(path.as_uri())
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert [] == complaints


@EVERY
def test_nothing_is_asked_for_and_nothing_complained_of(report: Report, show: Open) -> None:
    tab = show(report)
    tab.evaluate(OPEN_ALL)
    tab.wait_for_load_state("networkidle")
    assert tab.title().startswith(f"{report.score} of {report.max_score} points")
    assert tab.title().endswith(": Kafka producers")


@EVERY
def test_a_phone_shows_all_of_it_without_scrolling_sideways(report: Report, show: Open) -> None:
    tab = show(report, width=PHONE_WIDTH)
    for _ in range(2):
        assert PHONE_WIDTH == tab.evaluate("document.documentElement.scrollWidth")
        assert [] == tab.evaluate(OUTSIDE, PHONE_WIDTH + 1)
        tab.evaluate(OPEN_ALL)


@EVERY
def test_everything_stands_out_from_its_ground_by_day_and_by_night(report: Report, show: Open) -> None:
    tab = show(report)
    tab.evaluate(OPEN_ALL)
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        found = tab.evaluate(CONTRASTS)
        assert 20 < len(found)
        for each in found:
            least = SHAPE_CONTRAST if each["shape"] else LARGE_CONTRAST if each["large"] else TEXT_CONTRAST
            assert least <= each["ratio"], (scheme, each)


def test_the_dark_page_is_dark(show: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    tab = show(REPORTS["no flush"])
    assert "rgb(251, 250, 247)" == tab.evaluate(ground)
    tab.emulate_media(color_scheme="dark")
    assert "rgb(21, 23, 27)" == tab.evaluate(ground)


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("name", ["no flush", "strays", "error", "untouched"])
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    name: str, opened: bool, show: Open
) -> None:
    tab = show(REPORTS[name])
    if opened:
        tab.evaluate(OPEN_ALL)
    stops = tab.evaluate(FOCUSABLE)
    seen = []
    for _ in stops:
        tab.keyboard.press("Tab")
        stop, style, width = tab.evaluate(FOCUSED)
        seen.append(stop)
        assert style != "none"
        assert 2 <= width
    assert stops == seen


def test_the_first_stop_skips_to_the_exercises(show: Open) -> None:
    tab = show(REPORTS["nine"])
    tab.keyboard.press("Tab")
    assert "Skip to the exercises" == tab.evaluate("document.activeElement.textContent")
    assert 0 <= tab.evaluate("document.activeElement.getBoundingClientRect().left")
    tab.keyboard.press("Enter")
    assert "report" == tab.evaluate("document.activeElement.id")


def test_a_run_is_opened_by_keyboard(show: Open) -> None:
    tab = show(REPORTS["right"])
    run = tab.locator("details.scenario").first
    assert run.get_attribute("open") is None
    run.locator("summary").first.focus()
    tab.keyboard.press("Enter")
    assert run.get_attribute("open") is not None


def test_checks_that_passed_can_be_hidden_without_any_script(show: Open) -> None:
    tab = show(REPORTS["no flush"], scripts=False)
    checks = tab.locator("li.check")
    assert 5 == sum(checks.nth(number).is_visible() for number in range(5))
    tab.locator("#only-open").check()
    assert 2 == sum(checks.nth(number).is_visible() for number in range(5))
    assert not tab.locator("#open-all").is_visible()


def test_the_script_opens_and_closes_every_run(show: Open) -> None:
    tab = show(REPORTS["nine"])
    button, closed = tab.locator("#open-all"), tab.locator("details:not([open])")
    assert "Open every run" == button.text_content()
    button.click()
    assert 0 == closed.count()
    assert "Close every run" == button.text_content()
    button.click()
    assert tab.locator("details").count() == closed.count()


def test_on_paper_every_run_is_open_and_nothing_is_cut(show: Open) -> None:
    tab = show(REPORTS["right"], scripts=False)
    tables = tab.locator("details.scenario").first.locator("table").first
    assert not tables.is_visible()
    tab.emulate_media(media="print")
    assert 20 < tables.bounding_box()["height"]
    assert not tab.locator(".controls").is_visible()


def test_a_screen_reader_finds_its_way(show: Open) -> None:
    tab = show(REPORTS["nine"])
    tab.evaluate(OPEN_ALL)
    for landmark, number in {"banner": 1, "main": 1, "navigation": 1, "contentinfo": 1}.items():
        assert number == tab.get_by_role(landmark).count(), landmark
    assert tab.get_by_role("heading", name="30 of 81 points", level=1).is_visible()
    assert tab.get_by_role("region", name="Start here 03_partition_stickiness").is_visible()
    picture = tab.get_by_role("img", name="Records of orders by partition")
    assert picture.first.is_visible()
    assert tab.get_by_role("columnheader", name="Offsets without a record").first.is_visible()
    assert tab.get_by_role("checkbox", name="Hide the checks that passed").is_visible()
    nameless = (
        "[...document.querySelectorAll('a, button, summary, [role]')].filter(each => !each.textContent.trim()"
    )
    assert 0 == tab.evaluate(f"{nameless} && !each.getAttribute('aria-label')).length")


def test_text_keeps_its_place_when_it_is_made_twice_as_large(show: Open) -> None:
    tab = show(REPORTS["no flush"], width=2 * PHONE_WIDTH)
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert 2 * PHONE_WIDTH == tab.evaluate("document.documentElement.scrollWidth")
