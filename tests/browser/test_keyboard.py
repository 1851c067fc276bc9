"""The Tab key on the app's four tabs: it reaches every control, and shows where it is. A film and a recall by keys alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gan.training import train
from tests.browser.conftest import App, Open
from tests.browser.tiles import png_of
from tests.tiny_runs import tiny_run

# Gives every control that the keyboard should reach a number, and stores how it looks without the focus.
NUMBER = """() => {
  const lineage = (one, count) => (one && count ? [one, ...lineage(one.parentElement, count - 1)] : []);
  globalThis.look = (one) => [...lineage(one, 4), one.nextElementSibling].filter(Boolean).map((each) => {
    const style = getComputedStyle(each);
    return [style.outline, style.boxShadow, style.borderColor, style.backgroundColor].join();
  }).join();
  globalThis.controls = [...document.querySelectorAll("button, input, select, textarea, summary, a[href], [tabindex]")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0)
    .filter((one) => one.type !== "file" && (one.type !== "radio" || one.checked));
  globalThis.before = controls.map(look);
  document.activeElement.blur();
  return controls.length;
}"""
# The number of the control that has the focus, and whether it looks different with it.
FOCUSED = """() => {
  const number = controls.indexOf(document.activeElement);
  return [number, number >= 0 && look(document.activeElement) !== before[number]];
}"""
STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"


def check_keyboard(page: Page) -> None:
    """Press Tab until it has gone round, and assert that it visited every control visibly."""
    count = page.evaluate(NUMBER)
    assert count > 5
    seen: dict[int, bool] = {}
    for _ in range(count + 12):
        page.keyboard.press("Tab")
        number, differs = page.evaluate(FOCUSED)
        if number >= 0:
            seen[number] = differs
    html = "(numbers) => numbers.map((number) => controls[number].outerHTML.slice(0, 160))"
    assert page.evaluate(html, [number for number in range(count) if number not in seen]) == []
    assert page.evaluate(html, [number for number, differs in seen.items() if not differs]) == []


@pytest.fixture(scope="module")
def trained(app: App) -> Iterator[None]:
    """Add a finished training, so that Train opens at its last step."""
    run = tiny_run(app.home, "keyed", "mlp", images=16)
    train(run)
    yield
    shutil.rmtree(run.folder)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_reaches_and_shows_every_control_of_the_app(visit: Open, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    page.add_style_tag(content=STILL)
    expect(page.locator(".wall img")).to_have_count(8)
    check_keyboard(page)
    page.get_by_role("tab", name="Train", exact=True).click()
    expect(page.locator("#run-head")).to_contain_text("keyed")
    check_keyboard(page)
    page.locator("[data-step=pictures]").click()
    expect(page.locator("#zip")).to_be_visible()
    check_keyboard(page)
    page.get_by_role("tab", name="Share", exact=True).click()
    expect(page.locator("#share-head h2")).to_be_visible()
    check_keyboard(page)
    page.get_by_role("tab", name="Models", exact=True).click()
    expect(page.locator(".card").first).to_be_visible()
    check_keyboard(page)


def tab_to(page: Page, selector: str, most: int) -> None:
    """Press Tab, at most so many times, until an element has the focus."""
    for _ in range(most):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    expect(page.locator(selector).first).to_be_focused()


def test_keys_alone_recall_a_picture_and_make_a_looping_film_of_three_stars_on_a_phone(visit: Open, tmp_path: Path) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    keys = page.keyboard
    expect(page.locator("#wall img")).to_have_count(8)
    expect(page.locator("#wall .tile-star").first).to_have_css("opacity", "0.75")  # a finger cannot hover
    (tmp_path / "kept.png").write_bytes(png_of(page.locator("#wall img").nth(2)))
    file = page.locator(".history input[type=file]")
    # The browser's own dialog is not opened, because Chromium reports it unreliably.
    file.evaluate("(input) => input.addEventListener('click', (event) => { event.preventDefault(); input.title = 'asked'; })")
    keys.press("o")
    expect(file).to_have_attribute("title", "asked")
    file.set_input_files(tmp_path / "kept.png")
    expect(page.locator("#wall img")).to_have_count(1)
    expect(page.locator("#seeds")).to_have_value("2")
    keys.press("ControlOrMeta+z")
    expect(page.locator("#wall img")).to_have_count(8)
    tab_to(page, "#open-settings", most=8)
    keys.press("Enter")
    expect(page.locator(".sheet-close")).to_be_focused()  # not a control that the sheet covers
    tab_to(page, "#model", most=3)
    keys.type("twins")
    tab_to(page, "#class", most=12)
    keys.type("cats")
    expect(page.locator("#wall figcaption")).to_contain_text(["cats"] * 8)
    keys.press("Escape")
    expect(page.locator("#open-settings")).to_be_focused()
    tab_to(page, "#wall .tile-picture", most=8)
    for key in ("Space", "s", "ArrowRight", "s", "ArrowRight", "s"):
        keys.press(key)
    expect(page.locator(".stars figure")).to_have_count(3)
    third = page.locator("#wall figure").nth(2)
    box, bar = third.bounding_box(), page.locator(".bar").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] + box["height"] <= bar["y"]  # the bar leaves the picture visible
    expect(page.get_by_role("button", name="Unstar", exact=True)).to_be_in_viewport()
    keys.press("3")
    expect(page.locator("#panel-morph")).to_be_focused()
    expect(page.locator(".stops .mini")).to_have_count(4)  # the three stars, and the first again
    keys.press("ControlOrMeta+Enter")
    expect(page.locator(".film video")).to_have_js_property("loop", True)
    page.wait_for_function("document.querySelector('.film video').currentTime > 0")
    # The controls of some browsers stop events of keys.
    page.locator(".film video").evaluate("(film) => film.addEventListener('keydown', (event) => event.stopPropagation())")
    page.locator(".film video").focus()
    for key in ("ArrowRight", "Space"):
        keys.press(key)
    expect(page.locator(".film video")).to_be_focused()  # its own keys choose no picture
    expect(page.locator(".film video")).to_have_js_property("paused", True)
    file.evaluate("(input) => { input.title = ''; }")
    keys.press("o")
    expect(file).to_have_attribute("title", "asked")
