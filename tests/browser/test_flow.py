"""A newcomer's first session: a class, three stars, a looping film; layers of one picture in another; a dropped photograph."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from gan.models import export_model
from gan.training import train
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import choose, drop_file, drop_path, from_menu, recipe_of, recipe_when, use_in
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import tiny_run

FRAME = re.compile("^data:image/jpeg")  # a frame of a preview


def ready(page: Page) -> Page:
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, "twins")
    page.get_by_label("Class", exact=True).select_option("cats")
    expect(page.locator("#wall figcaption")).to_contain_text(["cats"] * 8)
    return page


def test_what_one_holds_goes_along_from_tool_to_tool(visit: Open) -> None:
    page = ready(visit())
    assert page.locator("#wall img").first.bounding_box()["y"] <= 120  # type: ignore[index]
    for index in (1, 4, 6):
        figure = page.locator("#wall figure").nth(index)
        figure.hover()
        figure.locator(".tile-star").click()
    page.keyboard.press("3")  # opens Morph by its number
    expect(page.locator(".stops .mini")).to_have_count(4)  # the three pictures, and the first again, because the walk loops
    expect(page.locator("#undo")).to_have_attribute("title", "Undo: Class (Ctrl+Z)")  # changing only the tool is not an undo step
    page.keyboard.press("1")
    choose(page, 2)
    page.locator("#wall button.tile-picture").nth(5).click(modifiers=["ControlOrMeta"])
    page.get_by_role("tab", name="Mix", exact=True).click()
    expect(page.locator("#mix-rows")).to_have_value("2")
    expect(page.locator("#mix-columns")).to_have_value("5")
    expect(page.get_by_role("checkbox", name="Coarse: ")).to_be_checked()  # the group's effect has been measured
    page.get_by_role("button", name="Add a picture on top").click()
    expect(page.locator("#mix-table [role=columnheader] img")).to_have_count(2)
    page.locator(".stars figure").first.drag_to(page.locator("#mix-table [role=rowheader]"))
    expect(page.locator("#mix-rows")).to_have_value("1")
    cell = page.locator("#mix-table [role=cell] button.tile-picture").first
    mixed = recipe_when(cell.locator("img"), lambda recipe: recipe["seed"] == 1)  # the starred picture's, once drawn
    cell.click()
    use_in(page, "Breed")
    expect(page.locator("#breed-wall .is-parent img")).to_have_count(1)
    assert recipe_of(page.locator("#breed-wall .is-parent img")) == mixed
    expect(page.locator("#undo")).to_have_attribute("title", "Undo: Breed (Ctrl+Z)")
    page.locator("#undo").click()
    expect(page.locator("#mix-table")).to_be_visible()


@pytest.fixture
def trained(app: App) -> Iterator[None]:
    """Add a finished training: the Train tab then opens at this training, not at its first step."""
    run = tiny_run(app.home, "ended", "mlp", images=16)
    train(run)
    yield
    shutil.rmtree(run.folder)


@pytest.mark.usefixtures("trained")
def test_a_photograph_opens_as_ones_own_picture_and_a_zip_on_train(visit: Open) -> None:
    page = ready(visit())
    photo = io.BytesIO()
    Image.new("RGB", (32, 32), "orange").save(photo, "JPEG")
    drop_file(page.locator("#wall"), "cat.jpg", photo.getvalue())
    expect(page.get_by_role("img", name="cat.jpg, its middle square")).to_be_visible()
    expect(page.locator(".said-line")).to_contain_text("cat.jpg was not made with Seedbed")
    drop_file(page.locator(".stage-bar"), "notes.zip", b"PK no pictures")
    expect(page.get_by_role("tab", name="Train", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#refusal")).to_contain_text("notes.zip")


@pytest.mark.usefixtures("trained")
def test_a_picture_stands_beside_the_training_pictures_nearest_to_it(visit: Open) -> None:
    page = ready(visit())
    page.locator("#wall button.tile-picture").first.click()
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("menuitem", name="Nearest training pictures")).to_have_count(0)  # twins was trained elsewhere
    page.keyboard.press("Escape")
    choose_model(page, "ended")
    recipe_when(page.locator("#wall img").first, lambda recipe: recipe["model"]["name"] == "ended")
    choose(page, 3)
    from_menu(page, "More", "Nearest training pictures")
    dialog = page.get_by_role("dialog", name="Nearest training pictures")
    expect(dialog.locator("img")).to_have_count(3, timeout=60_000)
    expect(dialog).to_contain_text(re.compile(r"nearer to a training picture|no nearer to the training pictures"))
    expect(dialog).to_contain_text("training pictures of emoji32")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_dropped_model_is_added_and_opened_and_undo_returns_to_the_pictures(visit: Open, app: App, tmp_path: Path) -> None:
    folder = tmp_path / "attic box"
    write_tiny_model(folder, family="mlp", seed=7, discriminator=False)
    export_model(folder, tmp_path / "drawer (1).zip")
    page = ready(visit())
    said, name = page.locator(".said-line"), page.locator(".header-model")
    before = recipe_of(page.locator("#wall img").first)

    drop_path(page.locator("#wall"), tmp_path / "drawer (1).zip")
    expect(said).to_contain_text("The model drawer-1 was checked and added")
    expect(name).to_have_text("drawer-1")
    recipe_when(page.locator("#wall img").first, lambda recipe: recipe["model"]["name"] == "drawer-1")
    assert (app.home / "models" / "drawer-1" / "model.safetensors").is_file()
    expect(page.locator("#undo")).to_have_attribute("title", "Undo: Model (Ctrl+Z)")
    page.locator("#undo").click()
    expect(name).to_have_text("twins")
    assert recipe_when(page.locator("#wall img").first, lambda recipe: recipe["model"]["name"] == "twins") == before

    drop_path(page.locator("#wall"), folder)
    expect(said).to_contain_text("The model attic-box was checked and added")
    expect(name).to_have_text("attic-box")
    page.locator("#undo").click()
    expect(name).to_have_text("twins")
    drop_file(page.locator(".stage-bar"), "pets.model.zip", b"PK twins/model.safetensors")
    expect(said).to_contain_text("pets.model.zip is a model, but it was not added.")
    expect(name).to_have_text("twins")
    assert recipe_of(page.locator("#wall img").first) == before
    assert not (app.home / "models" / "pets.model").exists()
    for added in ("drawer-1", "attic-box"):  # other tests share the home
        shutil.rmtree(app.home / "models" / added)


def test_two_models_stand_side_by_side_and_a_chosen_language_stays(visit: Open) -> None:
    page = ready(visit())
    page.get_by_text("Compare two models").click()
    page.get_by_label("Compare with").select_option(label="emoji · starter")
    expect(page.locator("#wall.is-compared img")).to_have_count(16)
    pair = [recipe_of(page.locator("#wall img").nth(index)) for index in (4, 5)]
    assert [recipe["seed"] for recipe in pair] == [2, 2]
    assert [recipe["model"]["name"] for recipe in pair] == ["twins", "emoji"]
    choose(page, 2)
    from_menu(page, "Download", "PNG ×2")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#tabs [role=tab]:not(.studio *)").first).to_have_text("创作")
    expect(page.locator("#generate")).to_have_text("生成")
    expect(page.locator("#wall.is-compared img")).to_have_count(16)
    page.get_by_role("button", name="English").click()
    expect(page.locator("#generate")).to_have_text("Generate")


def test_explore_and_morph_show_a_second_model_at_the_same_place(visit: Open) -> None:
    page = ready(visit())
    page.get_by_text("Compare two models").click()
    page.get_by_label("Compare with").select_option(label="emoji · starter")
    expect(page.locator("#wall.is-compared img")).to_have_count(16)
    page.get_by_role("tab", name="Explore", exact=True).click()
    own, second = page.locator(".explore-picture img"), page.locator(".second-picture:visible img[src]")
    page.locator("#pad").press("Shift+ArrowRight")
    recipe = recipe_when(second, lambda recipe: recipe.get("seed") == 1)
    assert (recipe["model"]["name"], recipe_of(own)["model"]["name"]) == ("emoji", "twins")
    page.locator("#pad").press("ArrowUp")

    def in_explore(recipe: dict[str, Any]) -> bool:
        return (recipe.get("lineage") or {}).get("settings", {}).get("y", 0) > 0

    between = recipe_when(second, in_explore)["lineage"]
    assert between["settings"] == recipe_when(own, in_explore)["lineage"]["settings"]

    page.get_by_role("tab", name="Morph", exact=True).click()
    morph = page.locator("#panel-morph .second-picture img[src]")
    halfway = recipe_when(morph, lambda recipe: recipe.get("lineage") is not None)
    assert halfway["model"]["name"] == "emoji"
    seeds = [parent["seed"] for parent in halfway["lineage"]["parents"]]
    assert seeds == [parent["seed"] for parent in recipe_of(page.locator(".morph-picture img"))["lineage"]["parents"]]
    page.locator("#morph-play").click()
    expect(morph).to_have_attribute("src", FRAME)
    expect(page.locator(".morph-picture img")).to_have_attribute("src", FRAME)
    page.locator("#morph-play").click()

    page.get_by_role("tab", name="Explore", exact=True).click()  # a point between seeds is a latent of this model alone
    own.click()
    use_in(page, "Morph")
    expect(page.locator("#panel-morph .second-picture")).to_contain_text("Only pictures of seeds can be compared")
    page.get_by_label("Compare with").select_option("")
    expect(page.locator(".second-picture:visible")).to_have_count(0)
