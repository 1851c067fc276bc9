"""The published page for tests: written, served as plain files, opened, and its pictures read and compared with Python's."""

import base64
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

from gan.images import read_recipe
from gan.playing.sharing import write_model_page
from gan.recipes import Recipe, parse_recipe
from gan.sampler import Model

LARGEST_DIFFERENCE = 1
DRAWING_MILLISECONDS = 180_000
# Every visible PNG as base64, with its data attributes.
PNGS = """
async (selector) => Promise.all([...document.querySelectorAll(selector)].filter((it) => it.offsetParent).map(async (image) => {
  const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
  return [image.dataset.seed ?? null, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))];
}))
"""

Published = tuple[Model, Path]


def published(folder: Path, out: Path) -> Published:
    model = Model.open(folder, "cpu")
    write_model_page(model, out, out.parent / "home")
    return model, out


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as `python -m http.server` does, and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
        server.shutdown()
        thread.join()


Open = Callable[..., Page]


@contextmanager
def visitor(browser: Browser) -> Iterator[Open]:
    """Yield `visit(url)`, which opens a page that must log no error and request no other host."""
    trouble: list[str] = []
    opened: list[Page] = []

    def open_page(url: str, **options: Any) -> Page:
        settings = {"locale": "en-US", "viewport": {"width": 1400, "height": 900}, **options}
        page = browser.new_context(**settings).new_page()
        page.on("request", lambda asked: trouble.append(asked.url) if not is_own(asked.url, url) else None)
        page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        opened.append(page)
        page.goto(url)
        return page

    yield open_page
    for page in opened:
        page.context.close()
    assert trouble == []


def is_own(asked: str, url: str) -> bool:
    return asked.startswith(("blob:", "data:")) or urlsplit(asked).netloc == urlsplit(url).netloc


def settled(page: Page, state: str = "ready") -> None:
    page.wait_for_selector("body:not([data-state=busy])", timeout=DRAWING_MILLISECONDS)
    assert page.evaluate("document.body.dataset.state") == state, page.locator("#said").inner_text()


def shown(page: Page, selector: str = "img") -> list[tuple[str | None, bytes]]:
    """Return (the text of data-seed, the PNG) of every visible picture."""
    return [(seed, base64.b64decode(content)) for seed, content in page.evaluate(PNGS, selector)]


def pixels(png: bytes) -> np.ndarray[Any, Any]:
    picture = np.asarray(Image.open(io.BytesIO(png)))
    return picture[:, :, None] if picture.ndim == 2 else picture


def recipe_in(png: bytes) -> Recipe:
    return parse_recipe(read_recipe(png), "a picture of the page")


def check_seeds(page: Page, model: Model, psi: float, class_name: str | None) -> None:
    """Assert that every picture of a seed, and the recipe in it, equals Python's."""
    pictures = [(int(str(seed)), png) for seed, png in shown(page, "img[data-seed]")]
    expected = model.generate([seed for seed, _ in pictures], psi, class_name)
    found = np.stack([pixels(png) for _, png in pictures])
    assert np.abs(found.astype(int) - expected).max() <= LARGEST_DIFFERENCE
    assert [recipe_in(png) for _, png in pictures] == [model.recipe(seed, psi, class_name) for seed, _ in pictures]


def check_against_python(model: Model, pngs: list[bytes]) -> None:
    """Assert that every picture equals Python's picture of the recipe that the PNG holds."""
    made = model.render([recipe_in(png) for png in pngs])
    found = np.stack([pixels(png) for png in pngs])
    assert found.shape == made.shape
    assert np.abs(found.astype(int) - made).max() <= LARGEST_DIFFERENCE
