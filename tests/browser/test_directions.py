"""Directions in a browser: sliders and their effect on the picture, drops, names, models of the home and starters."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gan.models import read_directions
from gan.sampler import Model
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import array_of, choose, drop_file, png_of, recipe_of, use_in
from tests.tiny_models import write_tiny_model

PICTURE = "#panel-directions .direction-picture figure"
PUSHES = """
([place, wanted]) => {
  const { directions = [] } = document.querySelector(place)?.tile?.recipe ?? {};
  return JSON.stringify(directions.map(({ name, strength, layers }) => [name, strength, layers ?? null])) === wanted;
}
"""


@pytest.fixture
def own_models(app: App) -> Iterator[Path]:
    """Add two models to the home that no other test uses, one with w and one without, and yield the home's folder of models."""
    folder = app.home / "models"
    write_tiny_model(folder / "blooms", seed=7)
    write_tiny_model(folder / "scrawl", family="mlp")
    yield folder
    for name in ("blooms", "scrawl"):
        shutil.rmtree(folder / name)


def open_directions(page: Page) -> Page:
    expect(page.locator("#wall img")).to_have_count(8)
    page.get_by_role("tab", name="Directions", exact=True).click()
    expect(picture(page)).to_have_count(1)
    expect(direction(page, "Unnamed 1")).to_be_visible()
    return page


def turn_to(page: Page, name: str) -> None:
    """Open another model, then return to the directions of the first."""
    expect(page.locator("#model option", has_text=f"{name} ·")).to_have_count(1)
    choose_model(page, name)
    page.get_by_role("tab", name="Directions", exact=True).click()
    expect(picture(page)).to_have_attribute("alt", f"Picture of seed 0 by {name}")


def picture(page: Page) -> Locator:
    return page.locator(f"{PICTURE} img")


def direction(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def strength(page: Page, name: str) -> Locator:
    return page.get_by_label(f"Strength of {name}", exact=True)


def shown(page: Page, *pushes: tuple[str, float, list[int] | None]) -> dict[str, Any]:
    """Wait until the picture is pushed by these directions, and return its recipe."""
    wanted = json.dumps([list(push) for push in pushes], separators=(",", ":"), ensure_ascii=False)
    page.wait_for_function(PUSHES, arg=[PICTURE, wanted], timeout=60_000)
    return recipe_of(picture(page))


def differ(one: Any, other: Any) -> int:
    return int(np.abs(one - other).max())


def name_it(page: Page, old: str, new: str) -> None:
    field = page.get_by_label(f"Name of {old}", exact=True)
    field.fill(new)
    field.press("Enter")


def test_a_slider_pushes_the_picture_and_at_0_it_is_as_before(visit: Open) -> None:
    page = open_directions(visit())
    shown(page)
    before = array_of(picture(page))
    assert differ(before, array_of(page.locator("#wall img").first)) <= 1  # seed 0
    strength(page, "Unnamed 2").press("End")
    assert shown(page, ("weights 2", 2.5, None))["seed"] == 0
    pushed = array_of(picture(page))
    assert differ(pushed, before) > 32
    direction(page, "Unnamed 2").get_by_label("Layers", exact=True).select_option(label="Fine")
    shown(page, ("weights 2", 2.5, [4, 5, 6, 7]))
    fine = array_of(picture(page))
    assert 0 < np.abs(fine - before).mean() < np.abs(pushed - before).mean()
    page.keyboard.press("Control+z")
    shown(page, ("weights 2", 2.5, None))
    page.get_by_role("button", name="Reset Unnamed 2").click()
    shown(page)
    assert differ(array_of(picture(page)), before) == 0
    steps = direction(page, "Unnamed 2").locator(".strip button")
    expect(steps).to_have_count(5)
    steps.nth(0).click()
    shown(page, ("weights 2", -2, None))
    expect(strength(page, "Unnamed 2")).to_have_value("-2")
    expect(strength(page, "Unnamed 2")).to_have_attribute("aria-valuetext", "−2.00")
    page.get_by_role("button", name="Reset all").click()
    shown(page)


def test_the_picture_follows_a_drag_and_the_drag_is_one_step(visit: Open) -> None:
    page = open_directions(visit())
    shown(page)
    handle = strength(page, "Unnamed 1")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    y, left, width = box["y"] + box["height"] / 2, box["x"], box["width"]
    page.mouse.move(left + width / 2, y)
    page.mouse.down()
    seen = [picture(page).get_attribute("src")]
    for share in (0.6, 0.7, 0.8):
        page.mouse.move(left + width * share, y, steps=4)
        expect(picture(page)).not_to_have_attribute("src", str(seen[-1]))  # while the mouse button is still pressed
        seen.append(picture(page).get_attribute("src"))
    assert len(set(seen)) == 4
    page.mouse.up()
    page.locator("#undo").click()
    shown(page)
    expect(handle).to_have_value("0")


def test_a_dropped_picture_brings_its_sliders_back_even_after_a_refresh(visit: Open) -> None:
    page = visit()
    expect(page.locator("#wall img")).to_have_count(8)
    choose(page, 3)
    use_in(page, "Directions")
    expect(page.locator("#direction-seed")).to_have_value("3")
    strength(page, "Unnamed 3").press("Home")
    page.get_by_role("radio", name="From its pictures").check(force=True)
    strength(page, "Unnamed 1").press("End")
    pushes = (("weights 3", -2.5, None), ("samples 1", 2.5, None))
    recipe = shown(page, *pushes)
    png, pixels = png_of(picture(page)), array_of(picture(page))
    page.reload()
    assert shown(page, *pushes) == recipe
    assert differ(array_of(picture(page)), pixels) <= 1
    expect(strength(page, "Unnamed 1")).to_have_value("2.5")
    other = visit(locale="zh-CN")
    drop_file(other.locator("#wall"), "edited.png", png)
    assert shown(other, *pushes) == recipe
    assert differ(array_of(picture(other)), pixels) <= 1
    expect(other.locator("#direction-seed")).to_have_value("3")
    expect(other.get_by_label("未命名 3 的强度")).to_have_value("-2.5")


def test_a_name_is_saved_with_a_model_of_the_home_and_seen_by_others(visit: Open, own_models: Path) -> None:
    page = open_directions(visit())
    turn_to(page, "blooms")
    name_it(page, "Unnamed 2", "petals")
    page.get_by_role("radio", name="Yours").check(force=True)
    expect(direction(page, "petals")).to_contain_text("in this browser")
    page.get_by_role("button", name="Save 1 with blooms").click()
    expect(page.get_by_role("status").filter(has_text="Saved with blooms")).to_be_visible()
    model = Model.open(own_models / "blooms")
    assert [(each.name, each.source) for each in read_directions(model)] == [("petals", "weights")]
    other = visit()
    turn_to(other, "blooms")
    other.get_by_role("radio", name="Yours").check(force=True)
    strength(other, "petals").press("End")
    shown(other, ("petals", 2.5, None))
    name_it(other, "petals", "leaves")
    expect(direction(other, "leaves")).to_be_visible()
    assert [each.name for each in read_directions(model)] == ["leaves"]
    other.get_by_role("button", name="Clear leaves").click()
    expect(other.get_by_text("leaves was removed from the model.")).to_be_visible()
    assert read_directions(model) == []
    other.get_by_role("button", name="Put it back").click()
    expect(direction(other, "leaves")).to_be_visible()
    assert [each.name for each in read_directions(model)] == ["leaves"]


def test_names_for_a_starter_stay_in_the_browser_and_it_says_why(visit: Open) -> None:
    page = open_directions(visit())
    name_it(page, "Unnamed 1", "smile")
    page.get_by_role("radio", name="Yours").check(force=True)
    for _ in range(2):
        expect(direction(page, "smile")).to_be_visible()
        expect(page.get_by_text("emoji came with Seedbed and cannot be changed")).to_be_visible()
        expect(page.locator("#direction-save")).to_be_hidden()
        page.reload()
    turn_to(page, "twins")  # back to this model: the names belong to its weights
    turn_to(page, "emoji")
    page.get_by_role("radio", name="Yours").check(force=True)
    page.get_by_role("button", name="Clear smile").click()
    expect(direction(page, "smile")).to_have_count(0)
    expect(page.get_by_text("Give a direction a name, and it stays here.")).to_be_visible()


def test_a_family_without_w_is_pushed_in_z_and_wrong_seeds_get_a_sentence(visit: Open, own_models: Path) -> None:
    page = open_directions(visit())
    turn_to(page, "scrawl")
    before = array_of(picture(page))
    expect(direction(page, "Unnamed 1").get_by_label("Layers", exact=True)).to_be_hidden()
    strength(page, "Unnamed 1").press("End")
    recipe = shown(page, ("weights 1", 2.5, None))
    assert recipe["directions"][0]["vector"]["space"] == "z"
    assert differ(array_of(picture(page)), before) > 1
    for text, words in {"-1": "-1 is not a list of seeds", "0-3": "directions apply to one picture at a time"}.items():
        page.locator("#direction-seed").fill(text)
        page.locator("#direction-seed").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(words)
    expect(picture(page)).to_have_count(1)
