"""A plain file server for gan/web and for the modules of these tests, and pages that load them."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from gan.limits import for_browser
from gan.ui.web import WEB
from gan.words import CREATE

HERE = Path(__file__).parent
BLANK = "<!doctype html><html lang='en'><title>test</title><div id='studio'><div class='studio'></div></div></html>"


class Files(SimpleHTTPRequestHandler):
    """Serves files of gan/web, those of this folder below /tests/, and a blank page at /."""

    extensions_map = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", "": "application/octet-stream"}  # noqa: RUF012

    def do_GET(self) -> None:
        """Send the blank page, or a file."""
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(BLANK.encode())
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Map `/tests/x.js` to this folder."""
        name = path.removeprefix("/tests/")
        return str(HERE / name) if name != path else super().translate_path(path)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing."""


@pytest.fixture(scope="session")
def files() -> Iterator[str]:
    """Yield the file server's address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(WEB))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def blank(files: str, browser: Browser) -> Iterator[Page]:
    """Yield a page that has loaded nothing yet; no error may have occurred in it at the end."""
    trouble: list[str] = []
    page = browser.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(files)
    yield page
    page.close()
    assert trouble == []


Run = Callable[..., Any]

PREPARE = """async ({ words, limits }) => {
  (await import("/core/words.js")).useWords(words, "en");
  (await import("/core/limits.js")).useLimits(limits);
}"""


@pytest.fixture
def run(blank: Page) -> Run:
    """Return `run("/core/seeds.js", "({ countOf }, text) => countOf(text)", "0-7")`, which calls a module's exports in the
    browser.

    Texts and limits are set, as on the app's page.
    """
    blank.evaluate(PREPARE, {"words": CREATE, "limits": for_browser()})

    def run_in_page(module: str, function: str, value: Any = None) -> Any:
        return blank.evaluate(f"async ([module, value]) => ({function})(await import(module), value)", [module, value])

    return run_in_page


BUILD = """async ({ words, limits }) => {
  (await import("/core/words.js")).useWords(words, "en");
  (await import("/core/limits.js")).useLimits(limits);
  const { buildInstrument } = await import("/instrument.js");
  const { coloursPainter } = await import("/tests/colours.js");
  const element = document.querySelector("#studio");
  buildInstrument({ element, root: element.firstElementChild, painter: coloursPainter(), first: {}, opened() {} });
}"""


@pytest.fixture
def plain(blank: Page) -> Page:
    """Return a page with the user interface of Create alone: without the app and its server, and with a painter that has only the
    required operations.
    """
    blank.evaluate(BUILD, {"words": CREATE, "limits": for_browser()})
    expect(blank.locator("#wall img")).to_have_count(8)
    return blank
