"""The user's own picture in a browser: dropped, rebuilt live, stopped, used by other tools, and files that are not pictures."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from gan.images import encode_png
from gan.sampler import Model
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import array_of, drop_file, recipe_of, use_in

MADE = "#project-made img"


def open_project(page: Page) -> Page:
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, "twins")
    page.get_by_role("tab", name="Your picture", exact=True).click()
    expect(page.locator("#project")).to_be_disabled()
    return page


def own_picture(app: App) -> bytes:
    """Return a picture made by the model, so that the result can be close to it."""
    model = Model.open(app.home / "models" / "twins")
    return encode_png(model.generate([7], 0.7, "cats")[0], model.recipe(7, 0.7, "cats").as_json())


def test_a_picture_with_a_recipe_can_be_opened_exactly_and_a_drop_beside_everything_opens_it_too(visit: Open, app: App) -> None:
    page = open_project(visit())
    content = own_picture(app)
    page.locator(".project input[type=file]").set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": content})
    expect(page.locator(".said-line")).to_contain_text("mine.png was made with Seedbed")
    page.get_by_role("button", name="Open it as it was made").click()
    expect(page.locator("#seeds")).to_have_value("7")
    expect(page.locator("#class")).to_have_value("cats")
    page.locator("#undo").click()
    expect(page.locator("#seeds")).to_be_hidden()  # back in Your picture
    drop_file(page.locator("body"), "mine.png", content)  # below the tab's content
    expect(page.locator("#seeds")).to_have_value("7")


def test_a_dropped_picture_is_rebuilt_and_every_tool_works_on_it(visit: Open, app: App) -> None:
    page = open_project(visit())
    content = own_picture(app)
    drop_file(page.locator(".project"), "mine.png", content)  # the file holds a recipe, which this tool does not use
    photo = page.get_by_role("img", name="mine.png, its middle square")
    expect(photo).to_be_visible()
    assert np.array_equal(array_of(photo), np.asarray(Image.open(io.BytesIO(content))).astype(int))
    page.locator("#project").click()
    expect(page.locator(MADE)).to_be_visible()
    made = page.locator(MADE)
    recipe = recipe_of(made)
    assert recipe["lineage"]["tool"] == "project"
    assert recipe["class"] is None  # none was chosen
    expect(page.locator("#project-made figcaption")).not_to_contain_text(re.compile("cats|dogs"))
    error = float(np.sqrt(np.mean(((array_of(made) - array_of(photo)) / 255) ** 2)))
    assert error < 0.1
    expect(page.locator(".error-row.is-own b")).to_have_text(f"{100 * error:.1f} %")
    expect(page.locator(".error-row")).to_have_count(2)  # one row shows the error of the model's own pictures
    source, drawn = str(made.get_attribute("src")), array_of(made)
    page.reload()
    expect(page.locator(MADE)).to_have_attribute("src", source)
    expect(photo).to_be_visible()
    page.locator("#project-made button.tile-picture").click()
    use_in(page, "Breed")
    expect(page.locator("#breed-wall .is-parent img")).to_have_attribute("src", source)
    page.get_by_role("tab", name="Your picture", exact=True).click()
    page.locator("#project-made button.tile-picture").click()
    page.get_by_role("button", name="Variations", exact=True).click()
    first = page.locator("#wall img").first
    expect(first).to_have_attribute("alt", re.compile("your picture"))
    assert recipe_of(first)["latent"] == recipe["latent"]
    # When the picture is drawn again with others, it may differ by one level from rounding, as tests/test_sampler.py allows
    # between batches.
    assert np.abs(array_of(first) - drawn).max() <= 1


def test_stop_keeps_the_best_so_far(visit: Open, app: App) -> None:
    page = open_project(visit())
    choose_model(page, "emoji")  # its projection takes long enough to be stopped before the end
    page.get_by_role("tab", name="Your picture", exact=True).click()
    page.locator(".project input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": own_picture(app)}
    )
    page.locator("#project").click()
    expect(page.get_by_role("img", name="The best so far")).to_be_visible()
    page.locator(".project").get_by_role("button", name="Stop").first.click()
    expect(page.locator(MADE)).to_be_visible()
    steps = recipe_of(page.locator(MADE))["lineage"]["settings"]["steps"]
    assert 0 < steps < 200
    expect(page.locator(".project-facts")).to_contain_text(f"Stopped after {steps:.0f} of 200 steps.")
    page.locator(".project").get_by_role("button", name="Stop").first.click()  # stops the measurement for comparison, too


def test_what_is_no_picture_gets_a_sentence_and_changes_nothing(visit: Open) -> None:
    page = open_project(visit())
    huge = io.BytesIO()
    Image.new("1", (20_000, 2_600)).save(huge, "PNG")
    wrong = {
        "notes.png": (b"these are words", "cannot be read"),
        "empty.png": (b"", "cannot be read"),
        "huge.png": (huge.getvalue(), "more than 50 million pixels"),
        "heavy.jpg": (bytes(17 << 20), "heavy.jpg is larger than 16 MB"),
    }
    for name, (content, words) in wrong.items():
        drop_file(page.locator(".project"), name, content)
        expect(page.get_by_role("alert")).to_contain_text(words)
        expect(page.get_by_text("Drop a PNG, JPEG or WebP here.")).to_be_visible()
    expect(page.locator("#project")).to_be_disabled()
