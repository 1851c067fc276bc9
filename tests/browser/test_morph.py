"""Morph in a browser: a slider from A to B, a walk that plays, and films that begin with A's picture."""

import io
import re
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from gan.sampler import Model
from tests.browser.conftest import App, Open
from tests.browser.test_create import choose_model
from tests.browser.tiles import array_of, recipe_of, use_in

JPEG = re.compile("^data:image/jpeg")  # a frame of a preview


def open_morph(page: Page, model: str = "twins") -> Locator:
    """Go to Morph, and return its large picture."""
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, model)
    page.get_by_label("Class", exact=True).select_option("cats")
    expect(page.locator("#wall figcaption")).to_contain_text(["cats"] * 8)  # Morph opens with the pictures of the grid
    page.get_by_role("tab", name="Morph", exact=True).click()
    under(page, "0 → 1, 50 %")
    return page.locator(".morph-picture img")


def under(page: Page, words: str) -> None:
    """Wait until the thumb is at this position and its picture is shown."""
    expect(page.locator(".morph-picture .seed")).to_have_text(words)
    expect(page.locator(".morph-picture img[src]")).to_have_count(1)


def is_picture(image: Locator, model: Model, seed: int) -> None:
    """Wait for a seed's picture, and compare it."""
    expect(image).to_have_attribute("alt", f"Picture of seed {seed} by twins")
    assert np.abs(array_of(image) - model.generate([seed], 0.7, "cats")[0]).max() <= 1


def test_the_thumb_goes_from_a_to_b_and_back_in_one_step(visit: Open, app: App) -> None:
    page = visit()
    picture = open_morph(page)
    model = Model.open(app.home / "models" / "twins")
    expect(picture).to_have_attribute("alt", "Picture by twins: morph")
    assert [parent["seed"] for parent in recipe_of(picture)["lineage"]["parents"]] == [0, 1]
    track = page.locator("#morph-at")
    track.press("Home")
    is_picture(picture, model, 0)
    track.press("End")
    is_picture(picture, model, 1)
    page.keyboard.press("Control+z")  # consecutive key presses are one gesture
    under(page, "0 → 1, 50 %")
    # other seeds, and pictures chosen in other tools
    page.locator("#morph-a").fill("7")
    page.locator("#morph-a").press("Enter")
    under(page, "7 → 1, 50 %")
    page.get_by_role("button", name="Swap A and B").click()
    under(page, "1 → 7, 50 %")
    page.locator("#morph-b").fill("-1")
    page.locator("#morph-b").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("-1 is not a seed")
    page.get_by_role("tab", name="Pictures", exact=True).click()
    page.locator("#wall button.tile-picture").nth(3).click()
    use_in(page, "Morph: to this picture")
    under(page, "1 → 3, 50 %")
    page.locator("#morph-b").press("Enter")  # nothing was typed, so the chosen picture is kept
    expect(page.locator("#morph-b")).to_have_value("3")
    page.get_by_role("button", name="Go to: Picture of seed 3 by twins").click()
    is_picture(picture, model, 3)


def test_a_walk_plays_and_becomes_films_that_begin_with_its_first_picture(visit: Open, app: App, tmp_path: Path) -> None:
    page = visit()
    picture = open_morph(page)
    model = Model.open(app.home / "models" / "twins")
    page.get_by_role("radio", name="Seeds").check()
    page.locator("#morph-seeds").fill("4-6")
    page.locator("#morph-seeds").press("Enter")
    expect(page.locator(".stops .mini")).to_have_count(4)  # the first one again at the end, because the walk loops
    is_picture(picture, model, 4)
    page.locator("#morph-seconds").press("Home")
    page.get_by_text("Path, speed and size").click()
    page.locator("#morph-fps").press("Home")
    expect(page.locator("#morph-length")).to_have_text("1.8 s, 9 frames")  # three frames from picture to picture
    page.get_by_role("button", name="Play", exact=True).click()
    expect(picture).to_have_attribute("src", JPEG)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(picture).not_to_have_attribute("src", JPEG)
    for kind in ("MP4", "GIF"):
        page.get_by_role("radio", name=kind).check()
        page.locator("#morph-make").click()
        link = page.get_by_role("link", name=f"Download {kind}")
        expect(link).to_be_visible()
        expect(page.locator(".film-result video" if kind == "MP4" else ".film-result img")).to_be_visible()
        with page.expect_download() as download:
            link.click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.name == f"twins-walk.{kind.lower()}"
        first, count = first_frame(path)
        assert count == 9
        expected = Image.fromarray(model.generate([4], 0.7, "cats")[0]).resize((128, 128), Image.Resampling.BICUBIC)
        assert np.abs(first - np.asarray(expected).astype(int)).mean() < 12


def first_frame(path: Path) -> tuple[Any, int]:
    """Return the first picture of a film, and the number of its pictures."""
    if path.suffix == ".gif":
        image = Image.open(io.BytesIO(path.read_bytes()))
        return np.asarray(image.convert("RGB")).astype(int), int(getattr(image, "n_frames", 1))
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    return frames[0], len(frames)


def test_the_film_passes_all_starred_pictures_and_follows_new_stars(visit: Open) -> None:
    page = visit()
    expect(page.locator("#wall img")).to_have_count(8)
    choose_model(page, "twins")
    expect(page.locator("#wall figcaption").first).to_contain_text(re.compile("cats|dogs"))
    classes = [re.sub(r"\W|PNG|\d", "", words) for words in page.locator("#wall figcaption").all_inner_texts()]
    last = next(index for index, name in enumerate(classes) if name != classes[0])

    def star(index: int) -> None:
        page.locator("#wall figure").nth(index).hover()
        page.locator("#wall .tile-star").nth(index).click()

    for index in (0, last, last + 1):
        star(index)
    page.keyboard.press("3")
    stops = page.locator(".stops .mini")
    expect(stops).to_have_count(4)  # of both classes, and the first again
    page.get_by_role("radio", name="A → B").check()
    expect(stops).to_have_count(2)
    page.keyboard.press("1")
    page.keyboard.press("3")
    expect(stops).to_have_count(2)  # what was set stays
    page.keyboard.press("1")
    star(last + 2)
    page.keyboard.press("3")
    expect(stops).to_have_count(5)
    page.get_by_role("radio", name="A → B").check()
    page.keyboard.press("1")
    page.get_by_role("button", name="Film", exact=True).click()  # beside the starred pictures
    expect(page.get_by_role("radio", name="Starred")).to_be_checked()
    expect(stops).to_have_count(5)
