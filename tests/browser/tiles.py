"""Pictures as they stand on the page: decoded, with their recipes, chosen, dropped."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

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
    """The PNG file that an <img> shows."""
    return base64.b64decode(str(image.get_attribute("src")).removeprefix("data:image/png;base64,"))


def array_of(image: Locator) -> Any:
    """Its pixels, as integers that can be subtracted."""
    return np.asarray(Image.open(io.BytesIO(png_of(image)))).astype(int)


def recipe_of(image: Locator) -> dict[str, Any]:
    """The recipe inside it."""
    recipe = read_recipe(png_of(image))
    assert recipe is not None
    return recipe


def choose(page: Page, index: int, wall: str = "#wall") -> Locator:
    """Choose a tile of a wall; its image."""
    tile = page.locator(f"{wall} button.tile-picture").nth(index)
    tile.click()
    return tile.locator("img")


def drop_file(target: Locator, name: str, content: bytes) -> None:
    """Drop a file where a person would."""
    target.evaluate(DROP, [name, base64.b64encode(content).decode()])
