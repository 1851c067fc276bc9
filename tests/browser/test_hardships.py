"""Difficult conditions: old links, two tabs, models trained further or damaged, names that contain code, keyboard use only."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from gan.images import encode_png
from gan.sampler import Model
from tests.browser.conftest import App, Open
from tests.browser.test_instrument import ready, seeds_shown
from tests.browser.tiles import array_of, choose, drop_file, recipe_of, use_in
from tests.tiny_models import write_tiny_model

CODE = '<img src=x onerror="window.ran=1">'


@pytest.fixture
def grown(app: App) -> Iterator[Path]:
    """Yield the folder of a model that the test may change; it is removed afterwards."""
    folder = app.home / "models" / "grown"
    write_tiny_model(folder, classes=(CODE, "others"), seed=3)
    yield folder
    shutil.rmtree(folder)


def stars(page: Page) -> Locator:
    return page.get_by_role("group", name="Starred pictures").get_by_role("button")


def test_a_link_shows_the_same_whatever_was_looked_at_before_and_is_read_once(visit: Open, app: App) -> None:
    page = ready(visit("/?model=kept:twins&psi=1&class=cats"))
    page.get_by_text("Mix two classes").click()
    page.locator("#mix-with").select_option("dogs")
    expect(page.locator("#mix-amount")).to_be_visible()
    again = visit("/?model=kept:twins&seeds=5&psi=1.8", beside=page)
    seeds_shown(again, 5)
    recipe = recipe_of(again.locator("#wall img"))
    assert (recipe["psi"], recipe.get("class_mix")) == (1.8, None)
    assert recipe["class"] == Model.open(app.home / "models" / "twins").recipe(5).class_name
    expect(again.locator(".field", has=again.locator("#psi")).locator("output")).to_have_text("1.80")
    again.locator("#seeds").fill("8")
    again.locator("#seeds").press("Enter")
    seeds_shown(again, 8)
    again.reload()
    seeds_shown(again, 8)


def test_two_tabs_of_one_browser_keep_each_others_stars(visit: Open) -> None:
    page = ready(visit())
    other = ready(visit(beside=page))
    choose(page, 1)
    page.keyboard.press("s")
    expect(stars(other)).to_have_count(1)
    choose(other, 2)
    other.keyboard.press("s")
    expect(stars(page)).to_have_count(2)
    page.reload()
    expect(stars(page)).to_have_count(2)


def test_what_is_being_typed_is_not_wiped_out_by_what_arrives_from_elsewhere(visit: Open) -> None:
    page = ready(visit())
    other = ready(visit(beside=page))
    page.locator("#seeds").fill("40-41")
    choose(other, 2)
    other.keyboard.press("s")
    expect(stars(page)).to_have_count(1)
    expect(page.locator("#seeds")).to_have_value("40-41")
    page.locator("#seeds").dispatch_event("keydown", {"key": "Enter", "keyCode": 229})  # accepts a word of an input method
    expect(page.locator("#undo")).to_be_disabled()
    page.locator("#seeds").press("Enter")
    seeds_shown(page, 40, 41)
    page.locator("#seeds").fill("7")
    page.locator("#undo").click()  # leaving the field submits its value, which is then undone
    expect(page.locator("#seeds")).to_have_value("40-41")


def test_a_model_trained_further_under_an_open_page_is_another_and_stars_say_so(visit: Open, grown: Path) -> None:
    page = visit("/?model=kept:grown&seeds=3,4&psi=1")
    seeds_shown(page, 3, 4)
    before = array_of(choose(page, 0))
    page.keyboard.press("s")
    expect(stars(page)).to_have_count(1)
    write_tiny_model(grown, classes=(CODE, "others"), seed=7)
    page.locator("#seeds").fill("3")
    page.locator("#seeds").press("Enter")
    seeds_shown(page, 3)
    image = page.locator("#wall img")
    assert abs(array_of(image) - before).max() > 1
    weights = recipe_of(image)["model"]["weights_sha256"]
    stars(page).click()
    use_in(page, "As it was made")
    expect(page.get_by_role("alert")).to_contain_text("grown")
    page.locator("#seeds").fill("3, 4")  # requested and cached before, with the earlier weights
    page.locator("#seeds").press("Enter")
    seeds_shown(page, 3, 4)
    assert recipe_of(image.first)["model"]["weights_sha256"] == weights


def test_who_comes_back_to_a_damaged_model_is_told_and_can_choose_another(visit: Open, grown: Path) -> None:
    page = visit("/?model=kept:grown&seeds=3")
    seeds_shown(page, 3)
    (grown / "config.json").write_text("{")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("grown cannot be opened")
    seeds_shown(page, 3)
    expect(page.locator("#model")).to_have_value("starter:emoji")
    page.locator("#model").select_option("kept:twins")
    expect(page.locator("#wall img")).to_have_attribute("alt", "Picture of seed 3 by twins")


def test_names_that_are_code_are_only_names(visit: Open, grown: Path) -> None:
    page = visit("/?model=kept:grown&seeds=0-7")
    ready(page)
    page.locator("#class").select_option(CODE)
    expect(page.locator("#wall figcaption").first).to_contain_text(CODE)
    recipe = Model.open(grown).recipe(0).as_json()
    recipe["model"] |= {"name": CODE, "repo": f"a/{CODE}", "weights_sha256": "0" * 64}
    drop_file(
        page.locator(".studio"), f"{CODE}.png", encode_png(array_of(page.locator("#wall img").first).astype("uint8"), recipe)
    )
    expect(page.get_by_role("alert")).to_contain_text(CODE)
    drop_file(page.locator(".studio"), f"{CODE}.png", b"no picture")
    expect(page.get_by_role("alert")).to_contain_text("PNG")
    page.get_by_role("tab", name="Directions").click()
    name = page.locator(".direction-name").first
    name.fill(CODE)
    name.press("Enter")
    expect(page.locator(".said-line")).to_contain_text(CODE)
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.evaluate("window.ran") is None


def test_the_keyboard_stays_where_it_is_when_pictures_are_drawn_again(visit: Open) -> None:
    page = ready(visit())
    choose(page, 2)
    page.keyboard.press("r")
    expect(page.locator("#wall .seed").first).not_to_have_text("0")
    expect(page.locator("#wall button.tile-picture").nth(2)).to_be_focused()
    star = page.get_by_role("toolbar").get_by_role("button", name="Star")
    star.focus()
    page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    use = page.get_by_role("button", name="Use in…")
    use.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(use).to_be_focused()
    page.get_by_role("button", name="Variations", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#wall .seed").nth(1)).to_have_text("≈ 1")
    assert page.evaluate("document.activeElement !== document.body")
