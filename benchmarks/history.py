"""Measures how long the page takes to show many trainings: `python -m benchmarks.history [--runs 1000] [--times 5]`.

The command writes run folders that have ended, each with a config, a status and one sample, starts the app on them, and opens
the page in a browser as a new visitor, `--times` times. The exit status is 1 if a visit exceeds `MOST_SECONDS`.

- click_to_list: milliseconds from the click on *Train* to the visible list of trainings, in each visit
- header: milliseconds that the server takes for the page's first line, which every page requests every two seconds
- model: milliseconds in which the server finds a starter by its key, as each call of the page does
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from gan.images import encode_png
from gan.models import find_entry
from gan.ui.header import header_html
from tests.conftest import BROWSER_OPTIONS
from tests.install_browser import find_browser
from tests.served import served
from tests.tiny_runs import tiny_run

MOST_SECONDS = 1.0
SAMPLE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
CLICK_TO_LIST = """
async () => {
  const begun = performance.now();
  document.querySelector("#tabs [role=tab][data-tab-id=train]").click();
  while (!document.querySelector("#runs button[data-run]")?.checkVisibility()) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}
"""


def write_runs(home: Path, count: int) -> None:
    """Write finished runs into a home."""
    first = tiny_run(home, "first", "mlp", images=16)
    config = first.config
    shutil.rmtree(first.folder)
    for number in range(count):
        folder = home / "runs" / f"run-{number:04d}"
        (folder / "samples").mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        status = {"state": "done", "images_seen": 16, "images_total": 16, "seconds": 5}
        (folder / "status.json").write_text(json.dumps(status), encoding="utf-8")
        (folder / "samples" / "000000016.png").write_bytes(encode_png(SAMPLE))


def open_page(browser: Browser, url: str) -> Page:
    """Open the page as a new visitor, until it shows pictures."""
    page = browser.new_page()
    page.goto(url)
    page.locator("#wall img").first.wait_for()
    return page


def click_to_list(page: Page) -> float:
    """Return the milliseconds from the click on Train to the visible list."""
    milliseconds: float = page.evaluate(CLICK_TO_LIST)
    return milliseconds


def lasts(call: Callable[[], object]) -> float:
    """Return the milliseconds of a call, after a first one that fills caches."""
    call()
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


def measure(home: Path, count: int, times: int) -> dict[str, Any]:
    """Return the figures for `count` runs, in milliseconds."""
    write_runs(home, count)
    with served(home) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_OPTIONS)
        clicks = [round(click_to_list(open_page(browser, url))) for _ in range(times)]
        browser.close()
    header = lasts(lambda: header_html(None, home, "en"))
    model = lasts(lambda: find_entry("starter:emoji", home))
    return {"runs": count, "click_to_list": clicks, "header": round(header, 1), "model": round(model, 1)}


def main() -> int:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seedbed-history-") as folder:
        figures = measure(Path(folder), options.runs, options.times)
    print(json.dumps(figures))
    return int(max(figures["click_to_list"]) > 1000 * MOST_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
