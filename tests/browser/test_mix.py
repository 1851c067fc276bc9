"""The mixing table in a browser: the effect of layers on pictures, saved pictures, drops, and families without w."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import array_of, choose, drop_file, png_of, recipe_of
from tests.tiny_models import write_tiny_model

TABLE = "#mix-table"


@pytest.fixture
def scrawl(app: App) -> Iterator[None]:
    """Add a model without w to the home."""
    folder = app.home / "models" / "scrawl"
    write_tiny_model(folder, family="mlp")
    yield
    shutil.rmtree(folder)


def open_mix(page: Page) -> Page:
    page.get_by_role("tab", name="Mix", exact=True).click()
    settled(page, 1, 1)
    for side, seeds in (("rows", "0, 1, 6"), ("columns", "9, 14, 15, 20")):
        page.locator(f"#mix-{side}").fill(seeds)
        page.locator(f"#mix-{side}").press("Enter")
    settled(page, 3, 4)
    return page


def settled(page: Page, rows: int, columns: int) -> None:
    """Wait until a table of this size is shown and no request is running."""
    expect(page.locator(f"{TABLE}[aria-busy=false]")).to_have_count(1)
    expect(page.locator(f"{TABLE} [role=rowheader] img")).to_have_count(rows)
    expect(page.locator(f"{TABLE} [role=columnheader] img")).to_have_count(columns)
    expect(page.locator(f"{TABLE} [role=cell] img")).to_have_count(rows * columns)


def image(page: Page, role: str, index: int = 0) -> Locator:
    return page.locator(f"{TABLE} [role={role}] img").nth(index)


def recipes(page: Page, role: str) -> list[dict[str, Any]]:
    return [recipe_of(each) for each in page.locator(f"{TABLE} [role={role}] img").all()]


def differ(one: Locator, other: Locator) -> int:
    return int(np.abs(array_of(one) - array_of(other)).max())


def layer(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Layers from the top").get_by_role("checkbox", name=name)


def test_all_layers_from_the_top_are_the_picture_on_top(visit: Open) -> None:
    page = open_mix(visit())
    cell = image(page, "cell", 5)  # second row, second column
    assert differ(cell, image(page, "rowheader", 1)) > 16
    assert differ(cell, image(page, "columnheader", 1)) > 16
    mixed, rows, columns = recipe_of(cell), recipes(page, "rowheader"), recipes(page, "columnheader")
    assert (mixed["seed"], mixed["mix"]["with"]["seed"]) == (rows[1]["seed"], columns[1]["seed"])
    assert len({recipe["class"] for recipe in [*rows, *columns]}) == 1, "mixtures of two classes are mush"
    for name in ("Middle", "Fine"):
        layer(page, name).check()
    expect(page.locator("#mix-says")).to_have_text("All layers come from the picture on top.")
    settled(page, 3, 4)
    expect(cell).not_to_have_attribute("src", str(cell.get_attribute("src")) + "#")
    for index in range(12):
        assert differ(image(page, "cell", index), image(page, "columnheader", index % 4)) <= 1
    for name in ("Coarse", "Middle", "Fine"):
        layer(page, name).uncheck()
    expect(page.locator("#mix-says")).to_contain_text("No layer comes from the picture on top")
    settled(page, 3, 4)
    for index in range(12):
        assert differ(image(page, "cell", index), image(page, "rowheader", index // 4)) <= 1
    page.keyboard.press("Control+z")
    expect(layer(page, "Fine")).to_be_checked()
    for name, share in (("Coarse", "most"), ("Middle", "less")):  # both change shape and colour
        expect(page.get_by_role("checkbox", name=re.compile(rf"^{name}: \w+, \w+ \({share}\)$"))).to_be_visible()
    expect(page.get_by_text("neither can be taken without the other")).to_be_visible()


def test_a_dropped_mixture_brings_its_table_back_even_after_a_refresh(visit: Open) -> None:
    page = open_mix(visit())
    choose_model(page, "twins")
    page.get_by_label("Class", exact=True).select_option("dogs")
    page.locator("#mix-rows").fill("11")
    page.locator("#mix-columns").fill("12-13")
    page.locator("#mix-columns").press("Enter")
    page.locator("summary", has_text="Single layers").click()
    page.get_by_role("checkbox", name="3", exact=True).check()
    settled(page, 1, 2)
    made = choose(page, 4, TABLE)  # two pictures on top, one on the left, then the cells
    png, recipe = png_of(made), recipe_of(made)
    assert recipe["mix"]["layers"] == [0, 3]
    page.reload()
    settled(page, 1, 2)
    assert png_of(image(page, "cell", 1)) == png
    other = visit()
    drop_file(other.locator("#wall"), "mixed.png", png)
    settled(other, 1, 1)
    assert recipe_of(image(other, "cell")) == recipe
    assert differ(image(other, "cell"), image(page, "cell", 1)) <= 1
    expect(other.locator("#mix-rows")).to_have_value("11")
    expect(other.locator("#mix-columns")).to_have_value("13")
    expect(other.get_by_label("Class", exact=True)).to_have_value("dogs")


def test_kept_pictures_join_either_side_and_leave_it_again(visit: Open) -> None:
    page = open_mix(visit())
    starred = array_of(choose(page, 6, TABLE))
    page.get_by_role("button", name="Star", exact=True).click()
    page.get_by_role("group", name="On the left").get_by_role("button").press("Enter")
    settled(page, 4, 4)
    assert np.abs(array_of(image(page, "rowheader", 3)) - starred).max() <= 1
    page.get_by_role("button", name="Swap the sides").click()
    settled(page, 4, 4)
    assert np.abs(array_of(image(page, "columnheader", 3)) - starred).max() <= 1
    page.get_by_role("group", name="On top").get_by_role("button").click()
    settled(page, 4, 3)


def test_wrong_seeds_get_a_sentence_and_a_family_without_w_its_reason(visit: Open, scrawl: None) -> None:
    page = open_mix(visit())
    for text, words in {"-1": "-1 is not a list of seeds", "0-8": "at most 8 on each side", "": "has no picture"}.items():
        page.locator("#mix-rows").fill(text)
        page.locator("#mix-rows").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(words)
    settled(page, 3, 4)
    choose_model(page, "scrawl")
    tab = page.get_by_role("tab", name="Mix", exact=True)
    expect(tab).to_be_disabled()
    expect(tab).to_have_attribute(
        "title", "Nothing can be mixed in models of the family mlp: they have no intermediate latent (w)."
    )
    expect(page.locator("#wall img")).to_have_count(8)
