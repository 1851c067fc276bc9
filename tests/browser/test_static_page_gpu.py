"""The published page on a graphics processor, which Chromium imitates in software: it is used only if its pictures equal Python's
and come sooner.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from gan.models.publish import LEVELS, RUNTIMES
from tests.browser.static_pages import DRAWING_MILLISECONDS, Open, Published, check_seeds, published, served, settled, visitor
from tests.conftest import BROWSER_OPTIONS
from tests.install_browser import find_browser
from tests.tiny_models import write_tiny_model

# Runs the choice in the page itself, where the imitated graphics processor can pass as a real one.
IMPROVED = """
async (url) => {
  Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });
  const { openBest } = await import("./web/static/processors.js");
  const model = await (await fetch("model.json")).json();
  return (await openBest(model, new URL(".", url))).improve({ wanted: false });
}
"""
IMITATED = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the page of a tiny grey model, of the family whose network opens fastest in software."""
    place = tmp_path_factory.mktemp("twins")
    write_tiny_model(place / "twins", "dcgan", classes=("cats", "dogs"), channels=1, discriminator=False)
    return published(place / "twins", place / "page")


@pytest.fixture(scope="module")
def gpu_browser(browser: Browser) -> Iterator[Browser]:
    """Yield a browser that offers a graphics processor."""
    launched = browser.browser_type.launch(executable_path=find_browser(), args=[*BROWSER_OPTIONS, *IMITATED])
    yield launched
    launched.close()


@pytest.fixture
def visit(gpu_browser: Browser) -> Iterator[Open]:
    with visitor(gpu_browser) as visit:
        yield visit


def processor(page: Page) -> str:
    """Return what the network runs on, once that is decided."""
    page.wait_for_selector("body[data-processor]", timeout=DRAWING_MILLISECONDS)
    return str(page.evaluate("document.body.dataset.processor"))


def test_a_graphics_processor_that_is_wanted_makes_pythons_pictures(page: Published, visit: Open) -> None:
    model, folder = page
    with served(folder) as url:
        opened = visit(f"{url}?webgpu#seeds=0-1")
        assert processor(opened) == "webgpu"
        for seeds, psi, name in (("8-11,31337", 0.7, None), ("5", 1.0, "dogs")):
            chosen = f"&class={name}" if name else ""
            opened.evaluate("(hash) => { location.hash = hash; }", f"seeds={seeds}&psi={psi}{chosen}")
            opened.wait_for_selector(f"img[data-seed='{seeds.split('-')[0]}']")
            settled(opened)
            check_seeds(opened, model, psi, name)


def test_one_that_is_imitated_in_software_is_not_used_nor_its_runtime_fetched(page: Published, visit: Open) -> None:
    with served(page[1]) as url:
        opened = visit(url)
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        assert processor(opened) == "wasm"
        assert not [each for each in asked if each.endswith(RUNTIMES["webgpu"])]


def test_one_that_is_later_than_wasm_is_not_used(page: Published, visit: Open) -> None:
    with served(page[1]) as url:
        opened = visit(url)
        assert processor(opened) == "wasm"
        assert opened.evaluate(IMPROVED, url) == "wasm"


def test_one_that_paints_other_pictures_is_not_used(page: Published, visit: Open, tmp_path: Path) -> None:
    folder = shutil.copytree(page[1], tmp_path / "page")
    levels = np.frombuffer((folder / LEVELS).read_bytes(), np.uint8).copy()
    levels[-1] ^= 8
    (folder / LEVELS).write_bytes(levels.tobytes())
    with served(folder) as url:
        assert processor(visit(f"{url}?webgpu")) == "wasm"
