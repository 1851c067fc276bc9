"""The Models tab: what is here, giving a model to the Hub, and getting one from it."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, Open


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
    page.locator(".card", has_text="twins").first.get_by_role("button", name="Share").click()
    page.locator("#to-repo").get_by_role("textbox").fill("ada/twins")
    page.get_by_role("button", name="Push to the Hub").click()
    expect(page.get_by_text("Pushing needs a Hugging Face token").first).to_be_visible()
    page.locator("#token input").fill("hf_ada")
    page.get_by_role("button", name="Push to the Hub").click()
    expect(page.locator("#models-said")).to_contain_text("ada/twins", timeout=60_000)
    assert page.locator("#token input").input_value() == ""
    assert app.hub.repos["ada/twins"].private

    app.hub.repos["ada/twins"].private = False
    page.locator("#repo").get_by_role("textbox").fill("ada/twins")
    page.get_by_role("button", name="Get it").click()
    expect(page.locator("#models-said")).to_contain_text("ada/twins is here now", timeout=60_000)
    expect(page.locator(".card h3").filter(has_text="ada/twins")).to_be_visible()


def test_a_repository_that_is_not_there_gets_a_sentence(visit: Open) -> None:
    page = visit()
    open_tab(page)
    page.locator("#repo").get_by_role("textbox").fill("ada/nothing")
    page.get_by_role("button", name="Get it").click()
    expect(page.get_by_text("The Hugging Face Hub shows no model ada/nothing").first).to_be_visible()
