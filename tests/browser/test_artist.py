"""From a finished training to a page that anyone can open: the clicks, the time, and the page as the Hub would serve it."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from gan.runs import Run
from gan.sampler import Model
from gan.training import train
from tests.browser.conftest import App, Open
from tests.browser.static_pages import check_against_python, served, settled, shown, visitor
from tests.tiny_runs import tiny_run

LONG_MS = 180_000  # an export to ONNX on a busy machine
MOST_CLICKS = 10


@pytest.fixture
def trained(app: App) -> Iterator[Run]:
    run = tiny_run(app.home, "drawings", "mlp", images=16)
    train(run)
    yield run
    shutil.rmtree(run.folder)


def test_a_finished_training_becomes_a_public_page_in_ten_clicks(
    visit: Open, app: App, browser: Browser, trained: Run, tmp_path: Path
) -> None:
    page = visit()
    clicks = 0

    def click(control: Locator) -> None:
        nonlocal clicks
        clicks += 1
        control.click()

    def type_in(field: Locator, words: str) -> None:
        click(field)
        field.press_sequentially(words)

    began = time.monotonic()
    click(page.get_by_role("tab", name="Train", exact=True))
    click(page.locator("#runs button", has_text="drawings"))
    click(page.locator("#live").get_by_role("button", name="Share", exact=True))
    expect(page.locator("#share-head h2")).to_have_text("drawings")
    go, said = page.locator("#share-go"), page.locator("#share-said")
    type_in(page.locator("#share-licence").get_by_role("textbox"), "CC BY 4.0")
    click(go)
    expect(said).to_contain_text("Writing the page")
    expect(said).to_contain_text("Look at it, then publish it", timeout=LONG_MS)
    expect(said).to_be_in_viewport()
    expect(page.frame_locator(".share-frame").locator("img[data-seed='0'][src]")).to_be_visible(timeout=LONG_MS)
    click(page.locator("#share-may-use input"))
    type_in(page.locator("#share-token input"), "hf_ada")
    click(go)
    link = said.get_by_role("link")
    expect(link).to_be_in_viewport(timeout=LONG_MS)
    expect(link).to_have_attribute("href", f"{app.hub.endpoint}/spaces/ada/drawings")
    assert clicks < MOST_CLICKS

    for path, content in app.hub.repos["spaces/ada/drawings"].files.items():
        (tmp_path / "page" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "page" / path).write_bytes(content)
    with served(tmp_path / "page") as url, visitor(browser) as visit_page:
        public = visit_page(url)
        settled(public)
        expect(public.locator("footer")).to_contain_text("CC BY 4.0")
        check_against_python(Model.open(trained.folder / "model", "cpu"), [png for _, png in shown(public, "img[data-seed]")])
    print(f"{clicks} clicks and {time.monotonic() - began:.0f} s from Watch to the public page")
