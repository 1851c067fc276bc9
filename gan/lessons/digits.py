"""Draws digits: a small grey set for lessons, equal on every machine with the same version of Pillow."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan.files import write_file

SIDE = 28
DRAWN_SIDE = 112  # digits are drawn this large and reduced, which smooths their edges
SIZES = (72, 100)  # font sizes
TILT = 14.0  # degrees to either side
SHIFT = 8  # pixels of DRAWN_SIDE to either side


def draw_digit(digit: int, rng: np.random.RandomState) -> Image.Image:
    """Draw one digit, white on black, at a random size, tilt and position."""
    picture = Image.new("L", (DRAWN_SIDE, DRAWN_SIDE), 0)
    font = ImageFont.load_default(float(rng.uniform(*SIZES)))
    middle = DRAWN_SIDE / 2
    place = (middle + rng.uniform(-SHIFT, SHIFT), middle + rng.uniform(-SHIFT, SHIFT))
    ImageDraw.Draw(picture).text(place, str(digit), fill=255, font=font, anchor="mm")
    tilted = picture.rotate(float(rng.uniform(-TILT, TILT)), Image.Resampling.BICUBIC)
    return tilted.resize((SIDE, SIDE), Image.Resampling.BOX)


def write_digits(path: Path, count: int) -> Path:
    """Write a zip of `count` digits, with equally many of 0 to 9, unless it exists already. Raises CheckpointError."""
    if path.is_file():
        return path
    rng = np.random.RandomState(0)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for index in range(count):
            file = io.BytesIO()
            draw_digit(index % 10, rng).save(file, "PNG")
            archive.writestr(zipfile.ZipInfo(f"{index:04d}.png"), file.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, content.getvalue())
    return path
