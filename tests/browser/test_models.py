"""The Models tab: the list, getting models from the Hub and from files, and the owner's actions."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, Open
from tests.tiny_models import write_tiny_model


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Models").click()
    expect(page.locator(".card").first).to_be_visible()


def test_a_card_tells_what_a_model_is_and_takes_it_to_create(visit: Open) -> None:
    page = visit()
    open_tab(page)
    card = page.locator(".card", has_text="twins").first
    expect(card).to_contain_text("16 × 16 pixels, colour")
    expect(card).to_contain_text("2 classes: cats, dogs")
    expect(card).to_contain_text("Licence: not stated")
    card.get_by_role("button", name="Make pictures").click()
    expect(page.get_by_role("link", name="Download PNG: Picture of seed 0 by twins")).to_be_visible()
    expect(page.locator(".header-model")).to_have_text("twins")


def test_a_model_is_pushed_and_pulled_again_on_the_page(visit: Open, app: App) -> None:
    page = visit()
    open_tab(page)
    twins = page.locator(".card", has_text="twins").first
    twins.get_by_label("More: twins").click()
    twins.get_by_role("button", name="Share").click()
    expect(page.locator("#share-head h2")).to_have_text("twins")
    page.get_by_label("The Hugging Face Hub, as a model").check()
    expect(page.locator("#share-card")).to_contain_text("It has 2 classes: cats, dogs.")
    page.locator("#share-name").get_by_role("textbox").fill("ada/twins")
    page.locator("#share-may-use input").check()
    page.locator("#share-token input").fill("hf_ada")
    page.get_by_role("button", name="Push to the Hub").click()
    expect(page.locator("#share-said")).to_contain_text("ada/twins", timeout=60_000)
    assert not app.hub.repos["ada/twins"].private

    page.get_by_role("tab", name="Models").click()
    page.locator("#repo").get_by_role("textbox").fill("ada/twins")
    page.get_by_role("button", name="Get it").click()
    expect(page.locator("#models-said")).to_contain_text("ada/twins was downloaded", timeout=60_000)
    expect(page.locator(".card h2").filter(has_text="ada/twins")).to_be_visible()


def test_a_model_is_saved_opened_renamed_deleted_and_brought_back(visit: Open, app: App, tmp_path: Path) -> None:
    write_tiny_model(app.home / "models" / "sketch", family="mlp", seed=5, discriminator=False)
    page = visit()
    open_tab(page)
    said = page.locator("#models-said")

    def act(model: str, name: str) -> None:
        card = page.locator(".card", has=page.get_by_role("heading", name=model)).first
        card.locator("summary").click()
        card.get_by_role("button", name=name).click()

    with page.expect_download() as saved:
        act("sketch", "Download as zip")
    zipped = tmp_path / "gift.zip"
    saved.value.save_as(zipped)
    act("sketch", "Show folder")
    expect(said).to_contain_text(str(app.home / "models" / "sketch"))
    page.locator("#model-file input[type=file]").set_input_files(zipped)
    expect(said).to_contain_text("gift was checked and added")
    expect(page.get_by_role("heading", name="gift")).to_be_visible()

    card = page.locator(".card", has=page.get_by_role("heading", name="gift"))
    card.locator("summary").click()
    card.get_by_label("Name", exact=True).fill("present")
    card.get_by_label("Name", exact=True).press("Enter")
    expect(said).to_contain_text("gift is now called present")
    act("present", "Delete")
    expect(said).to_contain_text(re.compile(r"present was deleted \(\d+\.\d MB"))
    expect(page.get_by_role("heading", name="present")).to_have_count(0)
    said.get_by_role("button", name="Undo").click()
    expect(said).to_contain_text("present was restored")
    expect(page.get_by_role("heading", name="present")).to_be_visible()
    files = [path for path in (app.home / "models" / "sketch").iterdir() if path.suffix in (".json", ".safetensors")]
    page.locator("#model-file input[type=file]").set_input_files(files)
    expect(said).to_contain_text("model was checked and added")


def test_a_repository_that_is_not_there_gets_a_sentence(visit: Open) -> None:
    page = visit()
    open_tab(page)
    page.locator("#repo").get_by_role("textbox").fill("ada/nothing")
    page.get_by_role("button", name="Get it").click()
    expect(page.get_by_text("No model ada/nothing was found on the Hugging Face Hub").first).to_be_visible()
