"""Many pictures in a browser: the saved zip, stopping before the end, and the command for more pictures than a page makes."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, Route, expect

from gan.images import read_recipe
from gan.sampler import Model
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model


def open_many(page: Page) -> Page:
    expect(page.locator(".wall img")).to_have_count(8)
    choose_model(page, "twins")
    page.get_by_role("tab", name="Many", exact=True).click()
    expect(page.locator("#bulk-wall img")).to_have_count(8)
    return page


def ask_for(page: Page, count: str) -> None:
    page.locator("#bulk-count").fill(count)
    page.locator("#bulk-count").press("Enter")


def test_the_zip_that_is_saved_holds_the_pictures_shown_and_their_recipes(visit: Open, app: App, tmp_path: Path) -> None:
    page = open_many(visit())
    page.get_by_label("Class", exact=True).select_option("dogs")
    page.get_by_label("First seed", exact=True).fill("20")
    ask_for(page, "40")
    expect(page.locator("#bulk-wall .seed")).to_have_text([str(seed) for seed in range(20, 28)])
    expect(page.locator("#bulk-says")).to_have_text("40 in all, beginning with these")
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the zip").click()
    assert download.value.suggested_filename == "twins-40.zip"
    download.value.save_as(tmp_path / "twins.zip")
    expect(page.locator(".bulk-done")).to_contain_text("The zip is saved: 40 pictures")
    wanted = Model.open(app.home / "models" / "twins").generate(range(20, 60), 1.0, "dogs").astype(int)
    with zipfile.ZipFile(tmp_path / "twins.zip") as opened:
        rows = [json.loads(line) for line in opened.read("manifest.jsonl").splitlines()]
        assert [row["seed"] for row in rows] == list(range(20, 60))
        for row, picture in zip(rows, wanted, strict=True):
            content = opened.read(row["file"])
            assert (read_recipe(content) or {})["class"] == "dogs"
            assert np.abs(np.asarray(Image.open(io.BytesIO(content))).astype(int) - picture).max() <= 1


def test_a_number_counts_that_was_typed_just_before_the_button_is_pressed(visit: Open) -> None:
    page = open_many(visit())
    page.locator("#bulk-count").click()
    page.locator("#bulk-count").fill("12")
    held: list[Route] = []
    page.route("**/component_server*", lambda route: held.append(route))  # a slow machine: no answer before the release
    button = page.get_by_role("button", name="Make the zip").bounding_box()
    assert button is not None
    page.mouse.move(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    with page.expect_download() as download:
        page.unroute("**/component_server*")
        for route in held:
            route.continue_()
    assert download.value.suggested_filename == "twins-12.zip"
    expect(page.locator(".bulk-done")).to_contain_text("The zip is saved: 12 pictures")
    ask_for(page, "13")
    expect(page.locator(".bulk-done")).to_be_hidden()  # the zip of other numbers is no longer the question


def test_a_zip_that_is_stopped_holds_what_there_was(visit: Open, tmp_path: Path) -> None:
    page = open_many(visit())
    page.get_by_label("This many of each class").check()
    ask_for(page, "1000")
    expect(page.locator("#bulk-says")).to_have_text("2,000 in all, beginning with these")
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the zip").click()
        page.get_by_role("button", name="Stop").click()
    download.value.save_as(tmp_path / "part.zip")
    expect(page.locator(".bulk-done")).to_contain_text("Stopped. The zip holds the")
    with zipfile.ZipFile(tmp_path / "part.zip") as opened:
        rows = opened.read("manifest.jsonl").splitlines()
        assert 0 < len(rows) < 2000
        assert len(rows) == sum(name.endswith(".png") for name in opened.namelist())


def test_what_is_too_many_for_a_page_is_a_command_and_nonsense_is_refused_in_words(visit: Open) -> None:
    page = open_many(visit())
    page.get_by_label("Class", exact=True).select_option("cats")
    page.get_by_label("Full variety, best for training data").uncheck()
    ask_for(page, "10,000")
    expect(page.locator(".command code")).to_have_text(
        "python -m gan generate --model twins --count 10000 --class=cats --psi 0.7 --zip twins-10000.zip"
    )
    expect(page.get_by_role("button", name="Make the zip")).to_be_hidden()
    expect(page.get_by_label("Leave out near-copies")).to_be_disabled()
    for wrong in ("-1", "cats"):
        ask_for(page, wrong)
        expect(page.get_by_role("alert")).to_contain_text(f"“How many” is {wrong}; it must be 1 … 100,000.")
    ask_for(page, "3")
    expect(page.locator("#bulk-wall img")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.reload()
    expect(page.locator("#bulk-count")).to_have_value("3")
    page.locator("#undo").click()
    expect(page.locator("#bulk-count")).to_have_value("cats")
