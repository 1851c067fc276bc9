"""Explore in a browser: the picture follows drags, keys and clicks; a gesture is one state; a dropped picture restores its
position.
"""

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from gan.recipes import parse_recipe
from gan.sampler import Model, seed_at
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import array_of, drop_file, png_of, recipe_of, recipe_when, use_in

COUNT_FRAMES = """
() => {
  window.frames_shown = new Set();
  const image = document.querySelector(".explore-picture img");
  new MutationObserver(() => window.frames_shown.add(image.src)).observe(image, { attributeFilter: ["src"] });
}
"""


def open_explore(page: Page, model: str = "twins") -> Locator:
    """Go to Explore, and return its large picture."""
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, model)
    page.get_by_role("tab", name="Explore", exact=True).click()
    at_seed(page, 0)
    return page.locator(".explore-picture img")


def at_seed(page: Page, seed: int) -> None:
    """Wait until the large picture is that of a seed."""
    expect(page.locator(".explore-picture .seed")).to_have_text(str(seed))


def pad(page: Page) -> Locator:
    return page.get_by_role("slider", name="Plane of seeds")


def drag(page: Page, dx: float, dy: float) -> None:
    """Drag the plane by multiples of the pad's width."""
    box = pad(page).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx * box["width"], y + dy * box["height"], steps=12)
    page.mouse.up()


def test_the_picture_follows_a_drag_which_is_one_state(visit: Open, app: App) -> None:
    page = visit()
    picture = open_explore(page)
    start = str(picture.get_attribute("src"))
    model = Model.open(app.home / "models" / "twins")
    assert np.abs(array_of(picture) - model.generate([0])[0]).max() <= 1
    expect(page.locator(".plane-seed.is-nearest span")).to_have_text("0")
    page.evaluate(COUNT_FRAMES)
    drag(page, -0.4, 0.1)  # 4 seeds are visible from side to side by default
    expect(page.locator(".explore-picture .seed")).to_have_text(re.compile("between 1, "))
    recipe = recipe_when(picture, lambda found: found["lineage"]["settings"] == {"x": 1.6, "y": 0.4, "psi": 0.7})
    assert page.evaluate("window.frames_shown.size") > 2
    assert np.abs(array_of(picture) - model.render([parse_recipe(recipe, "x")])[0]).max() <= 1
    content = png_of(picture)
    # the bar shows the picture, and one undo restores the state before the drag
    expect(page.get_by_role("toolbar")).to_contain_text("between seeds")
    page.keyboard.press("Control+z")
    expect(picture).to_have_attribute("src", start)
    # the dropped picture restores its position and its settings
    drop_file(page.locator(".studio"), "x.png", content)
    expect(page.locator(".explore-picture .seed")).to_have_text(re.compile("between 1, "))
    assert png_of(picture) == content
    page.reload()
    expect(page.locator(".explore-picture .seed")).to_have_text(re.compile("between 1, "))
    assert png_of(page.locator(".explore-picture img")) == content


def test_keys_clicks_and_the_wheel_move_over_the_plane(visit: Open) -> None:
    page = visit()
    picture = open_explore(page)
    pad(page).focus()
    page.keyboard.press("Shift+ArrowUp")
    at_seed(page, seed_at(0, 1))
    expect(pad(page)).to_have_attribute("aria-valuetext", f"0.00 right, 1.00 up; nearest seed {seed_at(0, 1)}")
    page.keyboard.press("ArrowRight")
    expect(pad(page)).to_have_attribute("aria-valuetext", re.compile("^0.17 right, 1.00 up"))
    page.keyboard.press("Enter")
    at_seed(page, seed_at(0, 1))
    page.keyboard.press("Home")
    at_seed(page, 0)
    box = pad(page).bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)  # one seed to the right
    at_seed(page, 1)
    seeds = page.locator(".plane-seed")
    before = seeds.first.bounding_box()
    page.mouse.wheel(0, -200)
    expect(page.locator("#explore-reach")).not_to_have_value("4")
    after = seeds.first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]
    # a seed's position, and pictures without one
    page.locator("#explore-seed").fill("1000")
    page.locator("#explore-seed").press("Enter")
    at_seed(page, 1000)
    assert recipe_of(picture)["seed"] == 1000
    for wrong in ("-1", "cats", "99999999999"):
        page.locator("#explore-seed").fill(wrong)
        page.locator("#explore-seed").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(f"{wrong} has no place on the plane")
    page.locator("#explore-seed").fill("")
    page.locator("#explore-seed").press("Enter")
    expect(page.locator("#explore-seed")).to_have_value("1000")
    page.locator("#explore-seed").fill("５０００")
    page.locator("#explore-seed").press("Enter")
    at_seed(page, 5000)
    page.locator("#pad").focus()  # the field is left with its present value, which causes no further event
    at_seed(page, 5000)
    # from a picture of the grid to its neighbours
    page.get_by_role("tab", name="Pictures", exact=True).click()
    page.locator("#wall button.tile-picture").nth(5).click()
    use_in(page, "Explore")
    at_seed(page, 5)
