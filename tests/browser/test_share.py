"""The Share tab in a browser: from a model to its published page, previewed first, and to a file."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import App, Open
from tests.tiny_models import write_tiny_model

LONG_MS = 180_000  # an export to ONNX on a busy machine


def test_a_model_becomes_a_page_a_refused_space_and_a_file(visit: Open, app: App, tmp_path: Path) -> None:
    write_tiny_model(app.home / "models" / "scrawl", family="mlp", discriminator=False)
    page = visit()
    page.set_default_timeout(LONG_MS)
    page.get_by_role("tab", name="Share").click()
    expect(page.locator("#share-head h2")).to_be_visible()
    page.locator("#share-model input").click()
    page.get_by_role("option", name="scrawl").click()
    expect(page.locator("#share-head h2")).to_have_text("scrawl")
    expect(page.locator("#share-name").get_by_role("textbox")).to_have_value("scrawl")
    page.locator("#share-dataset").get_by_role("textbox").fill("drawings by Ada")
    page.locator("#share-licence").get_by_role("textbox").fill("CC BY 4.0")

    go, said = page.locator("#share-go"), page.locator("#share-said")
    expect(go).to_have_text("Look at the page first")
    go.click()
    expect(said).to_contain_text("Look at it, then publish it", timeout=LONG_MS)
    shown = page.frame_locator(".share-frame")
    expect(shown.locator("img[data-seed='0'][src]")).to_be_visible(timeout=LONG_MS)
    expect(shown.locator("footer")).to_contain_text("drawings by Ada")
    assert "spaces/ada/scrawl" not in app.hub.repos, "nothing has left the machine"
    expect(go).to_have_text("Publish this page")
    go.click()
    expect(said).to_contain_text("to confirm that you may use these pictures")
    page.locator("#share-may-use input").check()
    go.click()
    expect(said).to_contain_text("Pushing needs a Hugging Face token")
    page.locator("#share-token input").fill("hf_ada")
    go.click()
    expect(said.get_by_role("link")).to_have_attribute("href", re.compile("/spaces/ada/scrawl$"), timeout=LONG_MS)
    assert page.locator("#share-token input").input_value() == ""
    assert b"license: cc-by-4.0" in app.hub.repos["spaces/ada/scrawl"].files["README.md"]

    page.get_by_label("A Space with this whole app").check()
    page.get_by_label("Its own CPU or GPU").check()
    expect(page.locator("#share-look")).to_contain_text("paying accounts (PRO) only")
    page.locator("#share-token input").fill("hf_ada")
    page.locator("#share-name").get_by_role("textbox").fill("ada/scrawl-app")
    go.click()
    expect(said).to_contain_text("The free page is chosen now instead", timeout=LONG_MS)
    expect(page.get_by_label("A page anyone can open, free")).to_be_checked()
    expect(go).to_have_text("Publish this page")

    page.get_by_label("A file").check()
    expect(page.locator("#share-push")).to_be_hidden()
    go.click()
    with page.expect_download() as saved:
        page.locator("#share-result a").first.click()
    assert saved.value.suggested_filename == "scrawl.zip"
