"""Breeding in a browser: children of marked pictures, and a family that survives undo, refresh and other settings."""

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from gan.recipes import parse_recipe
from gan.sampler import Model, breed
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import array_of, choose, drop_file, png_of, recipe_of, use_in

WALL = "#breed-wall"


def open_breed(page: Page, model: str = "twins") -> Page:
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, model)
    page.get_by_role("tab", name="Breed", exact=True).click()
    settled(page, "First generation")
    return page


def settled(page: Page, generation: str, pictures: int = 8) -> None:
    """Wait until this generation is shown and no request is running."""
    expect(page.locator(".breed-heading b")).to_have_text(generation)
    expect(page.locator(f"{WALL} img")).to_have_count(pictures)
    expect(page.locator(f"{WALL}:not([aria-busy])")).to_have_count(1)


def parents(page: Page) -> Locator:
    return page.locator(f"{WALL} .is-parent")


def nodes(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Generations").get_by_role("button")


def sources(page: Page) -> list[str]:
    return [str(image.get_attribute("src")) for image in page.locator(f"{WALL} img").all()]


def test_a_family_grows_branches_and_comes_back(visit: Open, app: App) -> None:
    page = open_breed(visit())
    first = [recipe_of(choose(page, index, WALL)) for index in (1, 4)]
    expect(parents(page)).to_have_count(2)
    page.locator("#breed").click()
    settled(page, "Generation 1")
    expect(page.locator(f"{WALL} .seed").first).to_have_text("child 1")
    children = sources(page)
    # the pictures are the children of the two marked ones
    recipe = recipe_of(page.locator(f"{WALL} img").first)
    model = Model.open(app.home / "models" / "twins")
    settings = recipe["lineage"]["settings"]
    expected = breed(model, [parse_recipe(each, "parent") for each in first], int(settings["seed"]), 8, settings["mutation"])
    for image, picture in zip(page.locator(f"{WALL} img").all(), model.render(expected), strict=True):
        assert np.abs(array_of(image) - picture).max() <= 1
    # nothing can be bred without a parent
    expect(page.locator("#breed")).to_be_disabled()
    page.keyboard.press("g")
    expect(page.locator(".said-line")).to_contain_text("Click one or more pictures first")
    choose(page, 2, WALL)
    page.keyboard.press("g")
    settled(page, "Generation 2")
    grandchildren = sources(page)
    # back at the first generation the children are the same, and the parent chosen among them is marked again
    nodes(page).nth(1).click()
    settled(page, "Generation 1")
    assert sources(page) == children
    expect(parents(page)).to_have_count(1)
    page.locator("#breed").click()
    settled(page, "Generation 2")
    expect(nodes(page)).to_have_count(4)
    assert sources(page) != grandchildren
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    settled(page, "Generation 2")
    assert sources(page) == grandchildren
    # after a refresh everything is kept, and the same pictures are made from seeds and numbers
    page.reload()
    settled(page, "Generation 2")
    assert sources(page) == grandchildren
    expect(nodes(page)).to_have_count(3)
    expect(page.locator(".family-node img")).to_have_count(24)
    page.locator(".family-node[aria-current]").focus()
    page.keyboard.press("ArrowLeft")
    settled(page, "Generation 1")
    assert sources(page) == children


def test_the_whole_family_follows_the_variety(visit: Open) -> None:
    page = open_breed(visit())
    choose(page, 0, WALL)
    choose(page, 1, WALL)
    page.locator("#breed").click()
    settled(page, "Generation 1")
    before = sources(page)
    page.locator("#psi").press("End")
    expect(page.locator(f"{WALL} img").first).not_to_have_attribute("src", before[0])
    settled(page, "Generation 1")
    assert recipe_of(page.locator(f"{WALL} img").first)["psi"] == 1.5
    page.keyboard.press("Control+z")
    expect(page.locator(f"{WALL} img").first).to_have_attribute("src", before[0])


def with_seeds(page: Page, first: int, last: int) -> Page:
    """Show the pictures of these seeds by a small model."""
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, "twins")
    page.locator("#seeds").fill(f"{first}-{last}")
    page.locator("#seeds").press("Enter")
    expect(page.locator("#wall .seed")).to_have_text([str(seed) for seed in range(first, last + 1)])
    return page


def test_pictures_of_other_tools_stars_and_dropped_children_become_parents(visit: Open) -> None:
    page = with_seeds(visit(), 40, 41)
    choose(page, 0)
    page.get_by_role("button", name="Star", exact=True).click()
    choose(page, 1)
    use_in(page, "Breed")
    settled(page, "First generation", 9)
    expect(parents(page).locator(".seed")).to_have_text(["41"])
    page.get_by_role("group", name="From your stars").get_by_role("button").click()
    settled(page, "First generation", 10)
    expect(parents(page).locator(".seed")).to_have_text(["41", "40"])
    page.locator("#breed").click()
    settled(page, "Generation 1")
    child = png_of(page.locator(f"{WALL} img").nth(6))
    page.locator("#undo").click()
    settled(page, "First generation", 10)
    drop_file(page.locator(".stage"), "child.png", child)
    settled(page, "First generation", 11)
    assert png_of(parents(page).locator("img")) == child


def test_a_child_that_was_saved_opens_in_its_generation_while_the_family_is_here(visit: Open) -> None:
    page = open_breed(visit())
    page.get_by_label("Class", exact=True).select_option("dogs")
    settled(page, "First generation")
    choose(page, 3, WALL)
    page.locator("#breed").click()
    settled(page, "Generation 1")
    page.get_by_label("Class", exact=True).select_option("")  # children of a picture of another class
    settled(page, "Generation 1")
    children, child = sources(page), png_of(page.locator(f"{WALL} img").nth(5))
    nodes(page).first.click()
    settled(page, "First generation")
    drop_file(page.locator(".stage"), "child.png", child)
    settled(page, "Generation 1")
    assert sources(page) == children
    assert png_of(parents(page).locator("img")) == child
    # under settings of another tool it is the same picture
    page.get_by_role("tab", name="Pictures", exact=True).click()
    page.get_by_label("Class", exact=True).select_option("cats")
    expect(page.locator("#wall:not([aria-busy]) img")).to_have_count(8)
    drop_file(page.locator(".stage"), "child.png", child)
    expect(parents(page).locator("img")).to_have_count(1)
    assert png_of(parents(page).locator("img")) == child
    # so it does while another model is open: its family waits
    page.get_by_role("tab", name="Pictures", exact=True).click()
    page.get_by_label("Class", exact=True).select_option("")
    choose_model(page, "emoji")
    expect(page.locator("#wall:not([aria-busy]) img")).to_have_count(8)
    drop_file(page.locator(".stage"), "child.png", child)
    settled(page, "Generation 1")
    expect(nodes(page)).to_have_count(2)
    assert png_of(parents(page).locator("img")) == child
    choose_model(page, "emoji")
    expect(page.locator("#wall:not([aria-busy]) img")).to_have_count(8)
    choose_model(page, "twins")
    page.get_by_role("tab", name="Breed", exact=True).click()
    expect(nodes(page)).to_have_count(2)
    # a file does not hold the parents: without the family it begins another, and the page says so
    page = open_breed(visit())
    drop_file(page.locator(".stage"), "child.png", child)
    expect(page.locator(".said-line")).to_contain_text("does not hold the parents")
    settled(page, "First generation", pictures=9)
    assert png_of(parents(page).locator("img")) == child


def test_of_more_pictures_than_fit_those_chosen_first_become_parents_and_it_is_said(visit: Open) -> None:
    page = with_seeds(visit(), 40, 55)
    choose(page, 9)
    page.keyboard.press("ControlOrMeta+a")
    page.get_by_role("tab", name="Breed", exact=True).click()
    expect(parents(page)).to_have_count(8)
    assert set(parents(page).locator(".seed").all_inner_texts()) == {str(seed) for seed in (49, *range(40, 47))}
    settled(page, "First generation", 16)
    order = [49, *range(40, 49), *range(50, 56)]
    expect(page.locator(f"{WALL} .seed")).to_have_text([str(seed) for seed in order])  # those chosen, and no others
    assert page.locator(f"{WALL} figure.is-parent .seed").all_inner_texts() == [str(seed) for seed in order[:8]]
    expect(page.locator(".said-line")).to_contain_text("Breed took the 8 pictures chosen first, of 16")


def test_breeding_needs_no_mouse(visit: Open) -> None:
    page = open_breed(visit())
    page.locator(f"{WALL} button.tile-picture").nth(3).focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=re.compile("^A parent: 4"))).to_have_count(1)
    page.keyboard.press("g")
    settled(page, "Generation 1")
    page.keyboard.press("r")
    expect(nodes(page)).to_have_count(3)
    settled(page, "Generation 1")
