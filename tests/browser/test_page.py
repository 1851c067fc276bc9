"""The page as a whole: languages, widths, backgrounds, and files that visitors may not read."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, Open

# Elements in a row that scrolls sideways may be outside the window.
OVERFLOW = """() => [...document.querySelectorAll('.gradio-container *')]
  .filter(one => one.offsetParent && one.getBoundingClientRect().right > innerWidth + 1)
  .filter(one => { while (one && getComputedStyle(one).overflowX !== 'auto') one = one.parentElement; return !one; })
  .map(one => one.outerHTML.slice(0, 120))"""
NAMELESS = """() => [...document.querySelectorAll('button, input, select, textarea, [role=button], [role=slider]')]
  .filter(one => one.offsetParent && one.type !== 'file')
  .filter(one => !(one.innerText || one.ariaLabel || one.title || one.placeholder || one.labels?.length
                   || one.getAttribute('aria-labelledby') || one.closest('label'))).map(one => one.outerHTML.slice(0, 120))"""


def tabs(page: Page) -> Locator:
    """The page's tabs, as opposed to the tool tabs on Create."""
    return page.locator("#tabs [role=tab]:not(.studio *)")


COUNT_FRAMES = """
{
  const paint = window.requestAnimationFrame.bind(window);
  let count = 0;
  window.requestAnimationFrame = (given) => { count += 1; return paint(given); };
  window.framesOfASecond = async () => {
    count = 0;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return count;
  };
}
"""


def test_a_chinese_browser_gets_a_chinese_page(visit: Open) -> None:
    page = visit(locale="zh-CN")
    expect(tabs(page)).to_have_text(["创作", "训练", "分享", "模型"])
    expect(page.locator("#generate")).to_have_text("生成")
    expect(page.locator(".wall a").first).to_have_attribute("title", "下载 PNG")
    expect(page.locator(".header-device")).to_contain_text("线程")
    page.locator("#seeds").fill("猫")
    page.locator("#generate").click()
    expect(page.get_by_text("猫 不是种子列表").first).to_be_visible()


def test_a_browser_whose_language_is_not_spoken_gets_a_page_that_is_english_throughout(visit: Open) -> None:
    page = visit(locale="zh-HK")
    expect(tabs(page)).to_have_text(["Create", "Train", "Share", "Models"])
    expect(page.locator(".wall a").first).to_have_attribute("title", "Download PNG")
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_nothing_hangs_over_the_edge_of_a_phone_and_every_control_has_a_name(visit: Open, locale: str) -> None:
    page = visit(locale=locale, viewport={"width": 390, "height": 844}, has_touch=True)
    expect(page.locator(".wall img")).to_have_count(8)
    for number in range(4):
        tabs(page).nth(number).click()
        expect(tabs(page).nth(number)).to_have_attribute("aria-selected", "true")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate(OVERFLOW) == []
        assert page.evaluate(NAMELESS) == []


def test_on_a_phone_generate_and_large_pictures_come_before_the_other_controls(visit: Open) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    expect(page.locator(".wall img")).to_have_count(8)
    picture, button = page.locator(".wall img").first.bounding_box(), page.locator("#generate").bounding_box()
    assert picture is not None
    assert button is not None
    assert picture["y"] < 300
    assert picture["width"] > 150
    assert button["y"] < picture["y"]


def test_on_a_phone_tabs_buttons_and_the_way_out_of_the_settings_stay_in_sight(visit: Open) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    expect(page.locator(".wall img")).to_have_count(8)
    page.get_by_role("tab", name="Many", exact=True).tap()
    page.keyboard.press("1")  # opens Pictures without its tab
    expect(page.get_by_role("tab", name="Pictures", exact=True)).to_be_in_viewport(ratio=0.9)
    page.locator("#wall button.tile-picture").first.tap()
    bar = page.get_by_role("toolbar", name="The chosen pictures")
    bar.get_by_role("button", name="Star", exact=True).tap()
    expect(bar.get_by_role("textbox", name="Name it")).to_be_visible()
    for name in ("Unstar", "Variations", "Download"):
        expect(bar.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Settings", exact=True).tap()
    page.locator("#create-settings").evaluate("(sheet) => { sheet.style.maxHeight = '300px'; sheet.scrollTop = 9999; }")
    page.locator("#create-settings").get_by_role("button", name="Close").tap()
    expect(page.locator("#create-settings.is-open")).to_have_count(0)


def test_a_page_that_is_left_alone_asks_for_no_frames(visit: Open) -> None:
    page = visit()
    page.add_init_script(COUNT_FRAMES)
    page.reload()
    expect(page.locator("#wall img")).to_have_count(8)
    counts = [page.evaluate("framesOfASecond()") for _ in range(8)]
    assert min(counts) <= 5, f"{counts}; Gradio's timer alone asks for 60"


def test_light_and_dark_follow_the_system(visit: Open) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme)
        expect(page.locator(".wall img")).to_have_count(8)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(251, 250, 248)", "rgb(20, 19, 18)"]


def test_the_server_gives_away_no_file_of_the_home(visit: Open, app: App) -> None:
    page = visit()
    for path in ("models/twins/config.json", "models/twins/model.safetensors", "hf/token", "uploads", "runs"):
        assert page.request.get(f"{app.url}/gradio_api/file={app.home / path}").status in (403, 404), path


def test_a_page_that_is_still_loading_shows_its_name(visit: Open) -> None:
    page = visit()
    expect(page.locator(".wall img")).to_have_count(8)
    expect(page.locator("#arriving")).to_have_count(0)
    page.route("**/start.js", lambda route: None)  # never answered: the page goes on loading
    page.reload(wait_until="commit")
    expect(page.locator("#arriving")).to_have_text("Seedbed …")
