"""From a dropped zip to pictures made with one's own model, as one visitor goes; and what happens to a zip that is no use."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from gan.images import read_recipe
from gan.runs import Run
from tests.browser.conftest import App, Open
from tests.tiny_runs import FIXTURE
from tests.zips import pictures, write_zip


def drop(page: Page, path: Path) -> None:
    page.get_by_role("tab").nth(1).click()
    page.locator("#zip input[type=file]").set_input_files(path)


def choose(page: Page, field: Locator, option: str) -> None:
    field.click()
    page.get_by_role("option", name=option).first.click()


def fill_in_a_tiny_recipe(page: Page, name: str) -> None:
    """What trains within seconds on any machine, for as long as the test needs."""
    page.locator("#run-name").get_by_role("textbox").fill(name)
    choose(page, page.locator("#preset input"), "Quick")
    page.locator("#minutes input").fill("30")
    page.get_by_text("More settings").click()
    choose(page, page.locator("#side input"), "16 × 16")
    page.locator("#batch input").fill("8")


def test_a_newcomer_trains_a_model_and_makes_pictures_with_it(visit: Open, app: App, tmp_path: Path) -> None:
    page = visit()
    expect(page.locator(".wall img")).to_have_count(8)

    # Drop a zip: the report at once, then the pictures as the network will see them
    drop(page, FIXTURE)
    report = page.locator("#report")
    expect(report).to_contain_text("225 pictures can be used")
    expect(report).to_contain_text(re.compile(r"animals\s*75"))
    expect(page.locator(".prepared img").first).to_be_visible()
    assert page.locator("#run-name").get_by_role("textbox").input_value() == "emoji32"

    # Start: the first sample, then another, with words that carry units
    fill_in_a_tiny_recipe(page, "journey")
    page.get_by_role("button", name="Start training").click()
    sample = page.locator("#sample img")
    expect(sample).to_be_visible(timeout=60_000)
    first = str(sample.get_attribute("src"))
    expect(sample).not_to_have_attribute("src", first, timeout=60_000)
    expect(page.locator("#run-head")).to_contain_text(re.compile(r"pictures/s, \d+ (s|min) left"))
    expect(page.locator(".header-job")).to_contain_text(re.compile(r"journey: \d+ %"))
    expect(page.locator("#plots polyline")).to_have_count(4)

    # A refreshed page finds everything again
    page.reload()
    page.get_by_role("tab", name="Train").click()
    expect(page.locator("#run-head h2")).to_contain_text("journey")
    expect(sample).to_be_visible()

    # The history goes back to the first sample and stays there
    page.locator("#history input[type=range]").press("Home")
    expect(page.locator("#sample")).to_contain_text("After 0 pictures")

    # Stop, then make pictures
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#run-head")).to_have_text(re.compile("stopped"), timeout=60_000)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Make pictures with it").click()
    expect(page.get_by_role("link", name="Download PNG: Picture of seed 0 by journey")).to_be_visible()
    expect(page.locator(".wall img")).to_have_count(8)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PNG: Picture of seed 3 by journey").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    recipe = read_recipe(path)
    assert recipe is not None
    assert recipe["model"]["name"] == "journey"
    assert recipe["seed"] == 3
    assert Run.open(app.home, "journey").status().state == "paused"

    # Resume goes on; a second training waits for it, and can be called off
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#run-head .chip")).to_have_text(re.compile("waiting|preparing|training"))
    page.get_by_role("button", name="Try the sample set").click()
    expect(page.locator("#report")).to_contain_text("pictures can be used", timeout=60_000)
    expect(page.locator(".prepared img").first).to_be_visible(timeout=60_000)
    fill_in_a_tiny_recipe(page, "second")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#run-head")).to_contain_text("waiting", timeout=60_000)
    expect(page.locator("#runs button")).to_contain_text(["second", "journey"])
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#run-head .chip")).to_have_text("stopped")

    # The list brings the other one back on the stage
    page.locator("#runs button", has_text="journey").click()
    expect(page.locator("#run-head h2")).to_contain_text("journey")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#run-head .chip")).to_have_text("stopped", timeout=60_000)


def test_a_zip_with_too_few_pictures_is_refused_with_the_reason(visit: Open, tmp_path: Path) -> None:
    page = visit()
    drop(page, write_zip(tmp_path / "few.zip", pictures(3) | {"notes.txt": b"not a picture"}))
    expect(page.locator("#report")).to_contain_text("few.zip holds 3 readable pictures; training needs at least 16.")
    expect(page.locator("#report")).to_contain_text("notes.txt")
    expect(page.get_by_role("button", name="Start training")).to_have_count(0)


def test_what_is_no_zip_is_refused_in_chinese_to_a_chinese_reader(visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "cats.zip"
    path.write_bytes(b"these are no cats")
    page = visit(locale="zh-CN")
    drop(page, path)
    expect(page.locator("#report")).to_contain_text("cats.zip 不是 zip")
