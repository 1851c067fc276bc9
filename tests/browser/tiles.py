"""Pictures on the page: decoded, with their recipes, chosen, dropped."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from gan.images import read_recipe

DROP = """
(target, [name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  for (const kind of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}
"""


def png_of(image: Locator) -> bytes:
    """Return the PNG file that an <img> shows."""
    return decoded(str(image.get_attribute("src")))


def decoded(src: str) -> bytes:
    """Return the PNG file inside a data URI."""
    return base64.b64decode(src.removeprefix("data:image/png;base64,"))


def array_of(image: Locator) -> Any:
    """Return the picture's pixels, as integers that can be subtracted."""
    return np.asarray(Image.open(io.BytesIO(png_of(image)))).astype(int)


def recipe_of(image: Locator) -> dict[str, Any]:
    """Return the recipe in the picture's PNG."""
    recipe = read_recipe(png_of(image))
    assert recipe is not None
    return recipe


def recipe_when(image: Locator, accepts: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the recipe of the first picture whose recipe is accepted; earlier frames of a drag are skipped."""
    while True:
        src = str(image.get_attribute("src"))
        recipe = read_recipe(decoded(src))
        if recipe is not None and accepts(recipe):
            return recipe
        expect(image).not_to_have_attribute("src", src)


def choose(page: Page, index: int, wall: str = "#wall") -> Locator:
    """Choose a tile of a wall, and return its image."""
    tile = page.locator(f"{wall} button.tile-picture").nth(index)
    tile.click()
    return tile.locator("img")


def from_menu(page: Page, menu: str, item: str) -> None:
    """Choose an entry of one of the bar's menus."""
    page.get_by_role("toolbar").get_by_role("button", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=item).first.click()


def use_in(page: Page, tool: str) -> None:
    """Use the chosen pictures in a tool."""
    from_menu(page, "Use in…", tool)


def drop_path(target: Locator, path: Path) -> None:
    """Drop a file or a folder of this machine on an element, as a user drags it from a file manager."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    browser = target.page.context.new_cdp_session(target.page)
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def drop_file(target: Locator, name: str, content: bytes) -> None:
    """Drop a file on an element as a user does."""
    target.evaluate(DROP, [name, base64.b64encode(content).decode()])
