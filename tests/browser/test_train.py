"""All steps from a dropped zip to pictures of the trained model; and a zip that cannot be used."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from gan.images import read_recipe
from gan.order import Order
from gan.runs import Run
from gan.runs.estimates import Estimate, keep_estimate
from gan.ui.train.form import usual_minutes
from gan.ui.train.plan import CARDS
from tests.browser.conftest import App, Open
from tests.browser.tiles import drop_path
from tests.tiny_runs import FIXTURE, tiny_run
from tests.zips import pictures, write_zip

SLOW = 180_000  # milliseconds for a process to start, on a busy machine

pytestmark = pytest.mark.usefixtures("no_trainer_left")


def tiny_recipe(home: Path) -> dict[str, Any]:
    """Return a recipe of 8 pictures, with its data prepared in the home."""
    run = tiny_run(home, "recipe-only", images=8)
    recipe = run.config
    shutil.rmtree(run.folder)
    return recipe


def begin(page: Page) -> None:
    """Go to the first step, whichever run is shown."""
    page.get_by_role("tab").nth(1).click()
    page.locator("[data-step=pictures]").click()


def drop(page: Page, path: Path) -> None:
    begin(page)
    page.locator("#zip input[type=file]").set_input_files(path)


def choose(page: Page, field: Locator, option: str) -> None:
    field.click()
    page.get_by_role("option", name=option).first.click()


def fill_in_a_tiny_recipe(page: Page, name: str) -> None:
    """Choose settings that train within seconds on any machine, for as long as the test needs."""
    page.get_by_role("button", name="Next: plan").click()
    page.locator("#run-name").get_by_role("textbox").fill(name)
    page.locator("[data-preset=quick]").click()
    expect(page.locator("[data-preset=quick]")).to_have_attribute("aria-pressed", "true", timeout=SLOW)
    page.locator("#minutes input").fill("30")
    page.get_by_text("More settings").click()
    choose(page, page.locator("#side input"), "16 × 16")
    choose(page, page.locator("#batch input"), "8")


def start(page: Page, name: str) -> None:
    """Once the report is shown, fill in the form and start."""
    expect(page.locator("#report")).to_contain_text("pictures can be used", timeout=SLOW)
    expect(page.locator(".prepared img").first).to_be_visible(timeout=SLOW)
    fill_in_a_tiny_recipe(page, name)
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#run-head h2")).to_contain_text(name, timeout=SLOW)


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#run-head .chip")).to_have_text("stopped", timeout=SLOW)


def download(page: Page, seed: int, model: str, folder: Path) -> dict[str, Any]:
    """Save a picture from the wall, and return its recipe."""
    with page.expect_download() as saving:
        page.get_by_role("link", name=f"Download PNG: Picture of seed {seed} by {model}").click()
    path = folder / saving.value.suggested_filename
    saving.value.save_as(path)
    recipe = read_recipe(path)
    assert recipe is not None
    return recipe


def test_while_a_zip_is_read_only_the_cross_stands_beside_its_name(visit: Open) -> None:
    page = visit()
    page.route("**/queue/join*", lambda route: None)  # never answered: the file is not read
    drop(page, FIXTURE)
    expect(page.locator("#zip")).to_contain_text("emoji32")
    expect(page.locator("#zip .icon-button:visible")).to_have_count(1)


def test_a_newcomer_trains_a_model_and_makes_pictures_with_it(visit: Open, app: App, tmp_path: Path) -> None:
    page = visit()
    sample = page.locator("#sample img")

    # Drop a zip: the report appears at once, then the pictures as prepared for the network
    drop(page, FIXTURE)
    expect(page.locator("#report")).to_contain_text("225 pictures can be used", timeout=SLOW)
    expect(page.locator("#chosen")).to_contain_text(re.compile(r"animals\s*75"), timeout=SLOW)
    expect(page.locator("[data-step=pictures]")).to_contain_text("emoji32 · 225 pictures")
    expect(page.locator("[data-step=check]")).to_have_attribute("aria-current", "step")

    # Check: leave a picture out, and rename a class
    page.locator("[data-picture='3']").click()
    expect(page.locator("#chosen")).to_contain_text("224 pictures to train on, 1 left out", timeout=SLOW)
    page.locator("[data-class=food] input[type=text]").fill("meals")
    page.locator("[data-class=food] input[type=text]").press("Tab")
    expect(page.locator("#chosen")).to_contain_text(re.compile(r"meals\s*75"), timeout=SLOW)

    # Plan, with a proposed name; then start: the first sample appears, then another, and numbers have units
    page.locator("[data-step=plan]").click()
    expect(page.locator("#run-name").get_by_role("textbox")).to_have_value("emoji32")
    page.get_by_role("button", name="Start from emoji").click(timeout=SLOW)  # the nearest model is proposed
    expect(page.locator("#parent input")).to_have_value("emoji · starter")
    expect(page.locator("#base")).to_contain_text("emoji draws pictures like yours")
    page.locator("#parent input").click()
    page.get_by_role("option", name="Scratch").click()
    page.locator("[data-step=check]").click()
    expect(page.locator("[data-picture='3']")).to_have_attribute("aria-pressed", "true")
    start(page, "journey")
    config = Run.open(app.home, "journey").config
    assert config["classes"] == ["animals", "meals", "smileys"]
    assert len(config["choices"]["left_out"]) == 1
    expect(sample).to_be_visible(timeout=SLOW)
    first = str(sample.get_attribute("src"))
    expect(sample).not_to_have_attribute("src", first, timeout=SLOW)
    expect(page.locator("#run-head")).to_contain_text(re.compile(r"pictures/s, (\d+ h )?\d+ (s|min) left"))
    expect(page.locator(".header-job")).to_contain_text(re.compile(r"journey: \d+ %"))
    expect(page.locator("#plots .plot", has_text="Losses").locator("polyline")).to_have_count(2)

    # A refresh shows the same page again
    page.reload()
    page.get_by_role("tab", name="Train").click()
    expect(page.locator("#run-head h2")).to_contain_text("journey")
    expect(sample).to_be_visible()

    # The history goes back to the first sample and stays at it
    page.locator("#history input[type=range]").press("Home")
    expect(page.locator("#sample")).to_contain_text("After 0 pictures")

    # Stop, then make pictures
    stop(page)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Make pictures with it").click()
    recipe = download(page, 3, "journey", tmp_path)
    assert (recipe["model"]["name"], recipe["seed"]) == ("journey", 3)
    assert Run.open(app.home, "journey").status().state == "paused"


def test_a_second_training_waits_for_the_first_and_can_be_called_off(visit: Open, app: App) -> None:
    page = visit()
    begin(page)
    with Run.create(app.home, "holder", tiny_recipe(app.home)).lock():  # a training that was started elsewhere and continues
        page.get_by_role("button", name="Try the sample set").click()
        start(page, "second")
        expect(page.locator("#run-head .chip")).to_have_text("waiting")
        expect(page.locator("#runs button", has_text="second")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Pause", exact=True).click()
        expect(page.locator("#run-head .chip")).to_have_text("stopped")
        page.locator("#runs button", has_text="holder").click()
        expect(page.locator("#run-head h2")).to_contain_text("holder")


def test_a_training_whose_process_died_reads_as_interrupted_and_goes_on(visit: Open, app: App) -> None:
    run = Run.create(app.home, "fallen", tiny_recipe(app.home))
    run.write_status(state="training", images_seen=0, images_total=8)
    page = visit()
    page.get_by_role("tab", name="Train").click()
    page.locator("#runs button", has_text="fallen").click()
    expect(page.locator("#run-head .chip")).to_have_text("interrupted")
    expect(page.locator("#run-head")).to_contain_text("Resume goes on from the last save")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#run-head .chip")).to_have_text("done", timeout=SLOW)
    expect(page.get_by_role("button", name="Make pictures with it")).to_be_visible()
    expect(page.locator("#plots .plot", has_text="Distance from real pictures").locator("polyline")).to_have_count(1)


def test_a_speed_that_was_measured_on_a_busy_machine_is_measured_again(visit: Open, app: App, tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "noise.zip", pictures(17))
    for preset in CARDS:
        order = Order.of(source=packed, name="noise", preset=preset, minutes=usual_minutes(preset))
        config = order.resolve(order.prepare(app.home))
        rates = dict.fromkeys([*(side for side, _ in config.growth), config.resolution], 0.01)
        keep_estimate(app.home, config, Estimate(rates=rates, memory_bytes=2**30))
    page = visit()
    cards, told = page.locator("#lengths button"), page.locator("#expectation")
    drop(page, packed)
    page.get_by_role("button", name="Next: plan").click(timeout=SLOW)
    expect(told).to_contain_text("Measured on this machine: 100.0 s per picture", timeout=SLOW)
    told.get_by_role("button", name="Measure again").click()
    expect(told).to_contain_text("Measuring the speed of this machine")
    expect(told).to_contain_text(re.compile(r"Measured on this machine: [\d.]+ pictures/s"), timeout=SLOW)
    expect(cards).to_contain_text([re.compile(r"about [\d,]+ pictures")] * 3)


def test_a_folder_is_dropped_on_train_or_on_create_and_its_folders_become_classes(visit: Open, tmp_path: Path) -> None:
    folder, packed = tmp_path / "pets", write_zip(tmp_path / "more.zip", pictures(17))
    for place, content in pictures(20).items():
        path = folder / ("cats" if place < "00010" else "dogs") / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    page = visit()
    summary, chosen = page.locator("[data-step=pictures]"), page.locator("#chosen")
    begin(page)
    drop_path(page.locator("#zip"), folder)
    expect(summary).to_contain_text("pets · 20 pictures", timeout=SLOW)
    expect(chosen).to_contain_text(re.compile(r"cats\s*10.*dogs\s*10"), timeout=SLOW)
    begin(page)
    drop_path(page.locator("#drop-info"), packed)  # beside the field; the page stays
    expect(summary).to_contain_text("more · 17 pictures", timeout=SLOW)
    begin(page)
    expect(page.locator("#zip")).to_be_visible()
    (tmp_path / "<empty>" / "inside").mkdir(parents=True)
    drop_path(page.locator("#zip"), tmp_path / "<empty>")
    expect(page.locator("#refusal")).to_contain_text(
        re.compile(r"<empty>\s*The folder holds no files. Choose one with at least 16")
    )
    expect(summary).to_contain_text("more · 17 pictures")

    other = visit()
    expect(other.locator("#wall img")).to_have_count(8)
    drop_path(other.locator("#wall"), folder)
    expect(other.locator("[data-step=pictures]")).to_contain_text("pets · 20 pictures", timeout=SLOW)
    expect(other.locator("#chosen")).to_contain_text(re.compile(r"cats\s*10.*dogs\s*10"), timeout=SLOW)
    other.get_by_role("tab", name="Create").click()
    expect(other.locator(".said-line")).to_contain_text("pets: pictures to train on")
    expect(other.locator("#wall img")).to_have_count(8)


def test_a_zip_with_too_few_pictures_is_refused_with_the_reason(visit: Open, tmp_path: Path) -> None:
    page = visit()
    drop(page, write_zip(tmp_path / "few.zip", pictures(3) | {"notes.txt": b"not a picture"}))
    expect(page.locator("#refusal")).to_contain_text("few.zip holds 3 readable pictures; training needs at least 16.")
    expect(page.locator("#refusal")).to_contain_text("notes.txt")
    expect(page.get_by_role("button", name="Start training")).to_have_count(0)


def test_refusals_are_in_chinese_and_one_picture_is_a_start_that_others_join(visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "cats.zip"
    path.write_bytes(b"these are no cats")
    page = visit(locale="zh-CN")
    drop(page, path)
    expect(page.locator("#refusal")).to_contain_text("cats.zip 不是 zip")
    files = []
    for name, content in pictures(17).items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    page.locator("#zip input[type=file]").set_input_files(files[0])
    expect(page.locator("#refusal")).to_contain_text("目前有 1 张可用的图片。训练还需要 15 张")
    page.locator("#zip input[type=file]").set_input_files(files[1:])
    expect(page.locator("#report")).to_contain_text("17 张图片可用", timeout=SLOW)
    expect(page.locator("[data-picture]")).to_have_count(17, timeout=SLOW)
