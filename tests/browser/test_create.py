"""The Create tab: pictures without a click, seeds, classes, downloads, and sentences about problems."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from gan.images import read_recipe
from gan.models.finding import starters_folder
from gan.sampler import Model
from tests.browser.conftest import App, Open
from tests.browser.tiles import array_of


def choose_model(page: Page, name: str) -> None:
    """Pick a model from the list."""
    field = page.get_by_label("Model", exact=True)
    field.select_option(label=next(label for label in field.locator("option").all_inner_texts() if label.startswith(f"{name} ·")))


def seeds_field(page: Page) -> Locator:
    return page.locator("#seeds")


def shown_seeds(page: Page) -> list[str]:
    return page.locator(".wall .seed").all_inner_texts()


def test_eight_pictures_come_without_a_click(visit: Open) -> None:
    page = visit()
    pictures = page.locator(".wall img")
    expect(pictures).to_have_count(8)
    assert all(pictures.evaluate_all("all => all.map(one => one.complete && one.naturalWidth >= 16)"))
    assert shown_seeds(page) == [str(seed) for seed in range(8)]
    assert pictures.first.bounding_box()["width"] > 200  # type: ignore[index]


def test_the_line_above_the_tabs_names_the_model_the_device_and_the_job(visit: Open) -> None:
    page = visit()
    expect(page.locator(".header-model")).to_have_text("emoji" if (starters_folder() / "emoji").is_dir() else "twins")
    expect(page.locator(".header-device")).to_contain_text(re.compile(r"CPU, \d+ thread|\w"))
    expect(page.locator(".header-job")).to_be_visible()


def test_a_downloaded_picture_carries_the_recipe_that_makes_it_again(visit: Open, app: App, tmp_path: Path) -> None:
    page = visit()
    expect(page.locator(".wall img")).to_have_count(8)
    choose_model(page, "twins")
    seeds_field(page).fill("40-42")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.locator(".wall .seed")).to_have_text(["40", "41", "42"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PNG: Picture of seed 41 by twins").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "twins-41.png"
    expect(page.locator(".said-line")).to_contain_text("Saved at 16 × 16 pixels.")
    with page.expect_download() as larger:
        page.get_by_role("button", name="32 px").click()
    assert larger.value.suggested_filename == "twins-41-2x.png"
    with Image.open(larger.value.path()) as picture:
        assert picture.size == (32, 32)
    recipe = read_recipe(path)
    assert recipe is not None
    model = Model.open(app.home / "models" / "twins")
    assert recipe == model.recipe(41, 0.7).as_json()
    again = model.generate([recipe["seed"]], psi=recipe["psi"], class_name=recipe["class"])[0]
    assert np.abs(again.astype(int) - np.asarray(Image.open(path))).max() <= 1


def test_a_class_and_the_variety_change_the_pictures_at_once(visit: Open) -> None:
    page = visit()
    expect(page.locator(".wall img")).to_have_count(8)
    choose_model(page, "twins")
    first = page.locator(".wall img").first
    expect(page.locator(".wall figcaption").first).to_contain_text(re.compile("cats|dogs"))
    for name in ("cats", "dogs"):
        page.get_by_label("Class", exact=True).select_option(name)
        expect(page.locator(".wall figcaption")).to_contain_text([name] * 8)
    before = first.get_attribute("src")
    page.get_by_label("Variety", exact=True).press("End")
    expect(first).not_to_have_attribute("src", str(before))
    before = first.get_attribute("src")
    page.get_by_label("Variety", exact=True).press("Home")
    expect(first).not_to_have_attribute("src", str(before))
    pictures = [array_of(page.locator(".wall img").nth(index)) for index in range(8)]
    assert all(np.abs(picture - pictures[0]).max() <= 1 for picture in pictures), "0 is the mean picture of the class"


def test_an_explanation_neither_moves_nor_covers_its_field(visit: Open) -> None:
    page = visit(reduced_motion="reduce")
    expect(page.locator(".wall img")).to_have_count(8)
    psi, words = page.locator(".field:has(#psi)"), page.locator("#psi-why")
    mark = psi.get_by_role("button", name="What is this: Variety")
    for size in ({"width": 1400, "height": 900}, {"width": 390, "height": 844}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if size["width"] < 820:
            page.locator("#open-settings").click()
            expect(page.locator(".sheet-close")).to_be_focused()
        before = psi.bounding_box()
        mark.click()
        expect(words).to_contain_text("how far pictures go from the average one")
        expect(words).to_be_visible()
        expect(mark).to_have_attribute("aria-expanded", "true")
        assert psi.bounding_box() == before
        assert not overlap(words.bounding_box(), before)
        page.keyboard.press("Escape")
        expect(words).to_be_hidden()
    expect(page.locator(".controls.is-open")).to_be_visible()  # the key closed only the explanation


def overlap(one: Any, other: Any) -> bool:
    """Return whether two boxes overlap."""
    across = one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
    return bool(across and one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"])


def test_the_dice_rolls_as_many_seeds_and_shows_them(visit: Open) -> None:
    page = visit()
    expect(page.locator(".wall img")).to_have_count(8)
    seeds_field(page).fill("5, 6, 7")
    page.get_by_role("button", name="Random seeds").click()
    expect(seeds_field(page)).not_to_have_value("5, 6, 7")
    rolled = seeds_field(page).input_value().split(", ")
    assert len(set(rolled)) == 3
    expect(page.locator(".wall .seed")).to_have_text(rolled)


def test_generate_makes_others_unless_seeds_were_typed_or_locked(visit: Open) -> None:
    page = visit()
    generate, lock = (
        page.get_by_role("button", name="Generate", exact=True),
        page.get_by_label("Generate keeps these seeds"),
    )
    expect(page.locator(".wall img")).to_have_count(8)
    generate.click()
    expect(seeds_field(page)).not_to_have_value("0-7")
    expect(page.locator(".wall .seed")).to_have_text(seeds_field(page).input_value().split(", "))
    seeds_field(page).fill("９，10")
    generate.click()
    expect(page.locator(".wall .seed")).to_have_text(["9", "10"])
    expect(page.locator("#count")).to_have_value("2")
    expect(lock).to_be_checked()
    lock.uncheck()
    generate.click()
    expect(seeds_field(page)).not_to_have_value("9,10")
    expect(page.locator(".wall img")).to_have_count(2)


WRONG_SEEDS = {
    "-1": "-1 is not a list of seeds",
    "cats": "cats is not a list of seeds",
    "1-999999999": "seeds are too many at once",
    "0-99": "100 pictures are more than a page can show well",
    "4294967296": "4294967296 is not a seed. Seeds are whole numbers from 0 to 4294967295.",
}


def test_wrong_seeds_get_a_sentence_and_leave_the_pictures(visit: Open) -> None:
    page = visit()
    note = page.get_by_role("alert")
    for seeds, words in WRONG_SEEDS.items():
        seeds_field(page).fill(seeds)
        page.get_by_role("button", name="Generate", exact=True).click()
        expect(note).to_contain_text(words)
        expect(page.locator(".wall img")).to_have_count(8)
    seeds_field(page).fill("12")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.locator(".wall .seed")).to_have_text(["12"])
    expect(note).to_have_count(0)


def test_a_picture_is_enlarged_and_left_by_the_keyboard(visit: Open) -> None:
    page = visit()
    expect(page.locator(".wall img")).to_have_count(8)
    page.locator(".wall button.tile-picture").nth(7).focus()
    page.keyboard.press("Enter")
    enlarged = page.get_by_role("dialog")
    expect(enlarged.locator(".seed")).to_have_text("7")
    assert enlarged.locator("img").bounding_box()["width"] > 500  # type: ignore[index]
    page.keyboard.press("ArrowRight")
    expect(enlarged.locator(".seed")).to_have_text("0")
    page.keyboard.press("Escape")
    expect(enlarged).to_have_count(0)


def test_two_visitors_at_once_get_their_own_pictures(visit: Open) -> None:
    pages = [visit(), visit(locale="zh-CN")]
    for page, seeds, button, arrived in zip(
        pages, ("100-103", "200-203"), ("Generate", "生成"), ("Download PNG", "下载 PNG"), strict=True
    ):
        expect(page.locator("#wall").get_by_title(arrived)).to_have_count(8)
        seeds_field(page).fill(seeds)
        page.get_by_role("button", name=button, exact=True).click(no_wait_after=True)
    for page, first in zip(pages, (100, 200), strict=True):
        expect(page.locator(".wall .seed")).to_have_text([str(first + index) for index in range(4)])
