"""The user interface of Create: history, stars, links, keys, and pictures that restore their settings."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gan.models import find
from gan.sampler import Model
from tests.browser.conftest import App, Open, serve
from tests.browser.tiles import array_of, choose, drop_file, from_menu, png_of, recipe_of, use_in


def ready(page: Page) -> Page:
    expect(page.locator("#wall img")).to_have_count(8)
    return page


def seeds_shown(page: Page, *seeds: int) -> None:
    expect(page.locator("#wall .seed")).to_have_text([str(seed) for seed in seeds])


def test_every_step_can_be_undone_and_redone(visit: Open) -> None:
    page = ready(visit())
    for seeds in ("11", "12"):
        page.locator("#seeds").fill(seeds)
        page.locator("#seeds").press("Enter")
        seeds_shown(page, int(seeds))
    page.locator("#psi").press("Home")  # a key press on a slider is also an undo step
    expect(page.locator("#wall figcaption")).to_have_count(1)
    page.locator("#undo").click()
    expect(page.locator("#psi")).to_have_value("0.7")
    page.locator("h2, body").first.press("Control+z")
    seeds_shown(page, 11)
    page.keyboard.press("Control+z")
    seeds_shown(page, *range(8))
    page.keyboard.press("Control+Shift+z")
    seeds_shown(page, 11)


def test_variations_stay_near_and_lead_back(visit: Open) -> None:
    page = ready(visit())
    chosen = array_of(choose(page, 2))
    page.get_by_role("button", name="Variations", exact=True).click()
    expect(page.locator("#wall .seed").nth(1)).to_have_text("≈ 1")
    images = page.locator("#wall img")
    assert np.abs(array_of(images.nth(0)) - chosen).max() <= 1
    others = [array_of(images.nth(index)) for index in range(1, 8)]
    assert 0 < np.abs(others[0] - chosen).mean() < np.abs(others[0] - 255).mean()
    page.get_by_role("button", name="Back to the seeds").click()
    seeds_shown(page, *range(8))


def test_variations_of_a_picture_of_another_tool_lead_back_to_that_tool(visit: Open) -> None:
    page = ready(visit())
    page.get_by_role("tab", name="Explore", exact=True).click()
    expect(page.locator(".explore-picture img")).to_have_attribute("alt", re.compile("seed 0 "))
    page.get_by_role("button", name="Variations", exact=True).click()
    expect(page.locator("#wall .seed").nth(1)).to_have_text("≈ 1")
    choose(page, 3)
    page.get_by_role("button", name="Variations", exact=True).click()  # a variation's own variations lead back there, too
    expect(page.locator(".stage-heading b").first).not_to_have_text("0")
    page.get_by_role("button", name="Back to Explore").click()
    expect(page.get_by_role("tab", name="Explore", exact=True)).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Pictures", exact=True).click()
    seeds_shown(page, *range(8))


def test_the_bar_stays_in_view_only_while_a_picture_is_chosen_or_starred(visit: Open) -> None:
    page = ready(visit())
    bar = page.locator(".bar")
    expect(bar).to_have_css("position", "static")
    choose(page, 2)
    expect(bar).to_have_css("position", "sticky")
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    expect(bar).to_have_css("position", "sticky")
    choose(page, 2)
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    expect(bar).to_have_css("position", "static")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_phone_shows_all_tools_at_once(visit: Open, locale: str) -> None:
    page = visit(locale=locale, viewport={"width": 390, "height": 844})
    expect(page.locator("#wall img")).to_have_count(8)
    tabs = page.locator(".tool-tabs [role=tab]")
    expect(tabs).to_have_count(8)
    for box in [tab.bounding_box() for tab in tabs.all()]:
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_stars_settings_and_tool_survive_a_refresh(visit: Open) -> None:
    page = ready(visit())
    page.locator("#seeds").fill("21, 22")
    page.locator("#seeds").press("Enter")
    seeds_shown(page, 21, 22)
    starred = png_of(choose(page, 1))
    page.keyboard.press("s")
    expect(page.get_by_role("group", name="Starred pictures").get_by_role("button")).to_have_count(1)
    page.get_by_role("group", name="Starred pictures").get_by_role("button").click()
    page.get_by_role("textbox", name="Name it").fill("the best")
    page.keyboard.press("Enter")
    page.locator("#psi").press("End")
    page.reload()
    seeds_shown(page, 21, 22)
    stars = page.get_by_role("group", name="Starred pictures").get_by_role("button")
    expect(stars).to_have_count(1)
    assert png_of(stars.locator("img")) == starred
    expect(page.get_by_role("button", name="Undo: Variety (Ctrl+Z)")).to_be_enabled()
    page.locator("#undo").click()  # the history survives, too
    expect(page.locator("#psi")).to_have_value("0.7")
    stars.click()
    expect(page.get_by_role("textbox", name="Name it")).to_have_value("the best")
    seeds_shown(page, 21, 22)  # choosing a starred picture changes nothing else
    use_in(page, "As it was made")
    seeds_shown(page, 22)


def test_a_link_restores_a_view(visit: Open) -> None:
    page = visit("/?model=kept:twins&seeds=5-7&psi=0.4&class=dogs")
    seeds_shown(page, 5, 6, 7)
    recipe = recipe_of(page.locator("#wall img").first)
    assert (recipe["model"]["name"], recipe["psi"], recipe["class"]) == ("twins", 0.4, "dogs")
    choose(page, 1)
    from_menu(page, "More", "Copy link")
    expect(page.locator(".said-line")).to_contain_text("It works only on this machine.")
    link = page.get_by_label("Copy link", exact=True).and_(page.locator("input"))
    expect(link).to_have_value(re.compile(r"\?model=kept%3Atwins&seeds=6&psi=0.4&class=dogs$"))


def test_what_is_too_long_for_a_link_is_in_the_picture_and_links_with_a_whole_recipe_still_open(visit: Open) -> None:
    page = ready(visit())
    choose(page, 2)
    page.get_by_role("button", name="Variations", exact=True).click()
    expect(page.locator("#wall .seed").nth(1)).to_have_text("≈ 1")
    chosen = choose(page, 3)
    from_menu(page, "More", "Copy link")
    expect(page.locator(".said-line")).to_contain_text("too long for a link")
    with page.expect_download() as saving:
        page.locator(".said-line").get_by_role("button", name="Download PNG").click()
    assert saving.value.path().read_bytes() == png_of(chosen)
    again = visit(f"/#recipe={quote(json.dumps(recipe_of(chosen)))}")
    expect(again.locator("#wall img")).to_have_count(1)
    assert recipe_of(again.locator("#wall img")) == recipe_of(chosen)
    assert np.abs(array_of(again.locator("#wall img")) - array_of(chosen)).max() <= 1
    broken = ready(visit("/#recipe=%7B"))
    expect(broken.get_by_role("alert")).to_contain_text("The recipe in the link cannot be used")


def test_a_link_to_what_is_gone_says_so_and_shows_what_there_is(visit: Open) -> None:
    page = visit("/?model=kept:gone&seeds=5")
    expect(page.get_by_role("alert")).to_contain_text("There is no model gone on this machine")
    seeds_shown(page, 5)
    page = visit("/?class=dragons")
    expect(page.get_by_role("alert")).to_contain_text("emoji has no class dragons")
    ready(page)


def test_keys_play_and_are_silent_while_one_writes(visit: Open) -> None:
    page = ready(visit())
    page.locator("#seeds").press("r")
    expect(page.locator("#seeds")).to_have_value(re.compile("r"))
    page.locator("#seeds").fill("0-7")
    page.locator("#seeds").blur()
    page.keyboard.press("r")
    expect(page.locator("#wall .seed").first).not_to_have_text("0")
    expect(page.locator("#wall img")).to_have_count(8)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#wall button.tile-picture").nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#wall button.tile-picture").nth(5)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys").get_by_role("term").first).to_have_text("G")
    expect(page.get_by_role("dialog", name="Keys").get_by_role("definition")).to_have_count(15)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_dropped_picture_brings_everything_back_after_a_restart_of_server_and_browser(
    visit: Open, app: App, tmp_path: Path
) -> None:
    page = ready(visit())
    page.get_by_label("Model", exact=True).select_option("kept:twins")
    page.get_by_label("Class", exact=True).select_option("cats")
    page.get_by_text("Mix two classes").click()
    page.get_by_label("Mix with").select_option("dogs")
    page.locator("#psi").press("Home")
    page.locator("#psi").press("ArrowRight")
    page.locator("#seeds").fill("77")
    page.locator("#seeds").press("Enter")
    seeds_shown(page, 77)
    image = page.locator("#wall img")
    made, recipe = png_of(image), recipe_of(image)
    assert (recipe["psi"], recipe["class_mix"]) == (0.05, {"class": "dogs", "amount": 0.5})
    with serve(app.home, app.hub) as url:
        again = ready(visit(url=url))
        drop_file(again.locator("#psi"), "twins-77.png", made)
        seeds_shown(again, 77)
        assert recipe_of(again.locator("#wall img")) == recipe
        assert np.array_equal(array_of(again.locator("#wall img")), array_of(image))
        expect(again.get_by_label("Model", exact=True)).to_have_value("kept:twins")
        expect(again.get_by_label("Class", exact=True)).to_have_value("cats")
        expect(again.locator("#psi")).to_have_value("0.05")
        again.close()


def test_files_that_are_no_recipes_get_one_sentence_and_leave_everything(visit: Open, tmp_path: Path) -> None:
    page = ready(visit())
    for name, content, words in (
        ("cat.png", b"no picture", "cat.png is not a PNG"),
        ("a.npz", b"PK nothing", "a.npz"),
    ):
        drop_file(page.locator("#wall"), name, content)
        expect(page.get_by_role("alert")).to_contain_text(words)
        seeds_shown(page, *range(8))


def test_a_latent_leaves_as_a_file_and_comes_back_as_the_same_picture(visit: Open, tmp_path: Path) -> None:
    page = ready(visit())
    page.get_by_label("Class", exact=True).select_option("people")
    expect(page.locator("#wall figcaption").nth(3)).to_contain_text("people")
    image = array_of(choose(page, 3))
    with page.expect_download() as saving:
        from_menu(page, "More", "Save as numbers (latent, .npz)")
    path = tmp_path / saving.value.suggested_filename
    saving.value.save_as(path)
    with np.load(path) as kept:
        assert kept["z"].shape == (1, Model.open(find("emoji", tmp_path)).config.z_dim)
    drop_file(page.locator("#wall"), path.name, path.read_bytes())
    expect(page.locator("#wall img")).to_have_count(1)
    assert np.abs(array_of(page.locator("#wall img")) - image).max() <= 1
