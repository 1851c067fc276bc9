"""Tests the judge: scores pictures that were damaged on purpose, at several strengths, and blots of a set's own colours.

`python -m benchmarks.judge_corruptions --data FOLDER` damages unseen pictures of the sets in `SHOWN` and writes JUDGE.md and
judge_corruptions.json in the folder of this file. Distances must grow with the damage; a test reads the JSON file and checks
this. With `--textured` it tests the judge that was trained with textures, draws stripes and dots over pictures too, and writes
judge_corruptions_textured.json.
"""

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from benchmarks.judge import CACHE, READINGS, RESULTS, TEXTURED_WEIGHTS, Judge, frechet, load_judge, precision_recall
from benchmarks.report import table
from benchmarks.sets import PictureSet, prepare_set
from benchmarks.textures import textures
from gan import metrics
from gan.files import write_file

Array = npt.NDArray[Any]
Corruption = Callable[[Array, float, np.random.Generator], Array]

HERE = Path(__file__).parent
FIGURES, REPORT = "judge_corruptions.json", "JUDGE.md"
TEXTURED_FIGURES = "judge_corruptions_textured.json"
SHOWN = ("flowers64", "clothing64", "emoji64", "cifar32")
MOST_TRAINING, MOST_UNSEEN = 4000, 500  # pictures
BLOT_BLUR = 6.0  # pixels of 64
TILE = 16  # pixels of 64


def blur(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Blur by a Gaussian; `strength` is its radius in pixels of a picture of 64."""
    radius = ImageFilter.GaussianBlur(strength * pictures.shape[1] / 64)
    return through_pillow(pictures, lambda image: image.filter(radius))


def shuffled_tiles(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Exchange the given share of the tiles; a tile has a quarter of the side."""
    side = pictures.shape[1] * TILE // 64
    places = [(row, column) for row in range(0, 4 * side, side) for column in range(0, 4 * side, side)]
    damaged = pictures.copy()
    for source, target in zip(pictures, damaged, strict=True):
        chosen = rng.permutation(len(places))[: round(strength * len(places))]
        for old, new in zip(chosen, np.roll(chosen, 1), strict=True):
            (row, column), (to_row, to_column) = places[old], places[new]
            target[to_row : to_row + side, to_column : to_column + side] = source[row : row + side, column : column + side]
    return damaged


def swapped_halves(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Exchange the left and the right half in the given share of the pictures."""
    chosen = rng.random(len(pictures)) < strength
    damaged = pictures.copy()
    damaged[chosen] = np.roll(pictures[chosen], pictures.shape[2] // 2, axis=2)
    return damaged


def jpeg(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Compress as JPEG; `strength` is 100 minus the quality."""

    def compress(image: Image.Image) -> Image.Image:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=round(100 - strength))
        return Image.open(stream)

    return through_pillow(pictures, compress)


def noise(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Add Gaussian noise with the given standard deviation, in levels of 255, to each value."""
    return (pictures + strength * rng.standard_normal(pictures.shape)).clip(0, 255).round().astype(np.uint8)


def blots(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Blur the given share of the pictures to blots of colour, and restore their contrast."""
    chosen = rng.random(len(pictures)) < strength
    damaged = pictures.copy()
    if not chosen.any():
        return damaged
    blurred = blur(pictures[chosen], BLOT_BLUR, rng).astype(np.float64)
    mean = blurred.mean((1, 2), keepdims=True)
    gain = pictures[chosen].std((1, 2), keepdims=True) / (blurred.std((1, 2), keepdims=True) + 1e-3)
    damaged[chosen] = (mean + (blurred - mean) * gain).clip(0, 255).round().astype(np.uint8)
    return damaged


def stripes(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Draw stripes over parts of each picture; `strength` is their amplitude in levels of 255."""
    return drawn_over(pictures, strength, rng, dotted=False)


def dots(pictures: Array, strength: float, rng: np.random.Generator) -> Array:
    """Draw dots over parts of each picture; `strength` is their amplitude in levels of 255."""
    return drawn_over(pictures, strength, rng, dotted=True)


def drawn_over(pictures: Array, strength: float, rng: np.random.Generator, dotted: bool) -> Array:
    """Add a texture to each picture, the same in all channels."""
    count, side = pictures.shape[:2]
    drawn = textures(count, side, rng, np.full(count, dotted))
    return (pictures + strength * drawn[..., None]).clip(0, 255).round().astype(np.uint8)


def through_pillow(pictures: Array, change: Callable[[Image.Image], Image.Image]) -> Array:
    """Change each picture by a function of Pillow."""
    grey = pictures.shape[3] == 1
    images = (Image.fromarray(picture[..., 0] if grey else picture) for picture in pictures)
    changed = np.stack([np.asarray(change(image)) for image in images])
    return changed[..., None] if grey else changed


CORRUPTIONS: dict[str, tuple[Corruption, tuple[float, ...]]] = {
    "blur (pixels)": (blur, (0.0, 0.5, 1.0, 2.0, 4.0)),
    "shuffled tiles (share)": (shuffled_tiles, (0.0, 0.25, 0.5, 1.0)),
    "swapped halves (share)": (swapped_halves, (0.0, 0.25, 0.5, 1.0)),
    "JPEG (100 - quality)": (jpeg, (0.0, 50.0, 80.0, 90.0, 95.0)),
    "noise (levels)": (noise, (0.0, 8.0, 16.0, 32.0, 64.0)),
    "blots (share)": (blots, (0.0, 0.25, 0.5, 1.0)),
}
TEXTURES: dict[str, tuple[Corruption, tuple[float, ...]]] = {
    "stripes (levels)": (stripes, (0.0, 8.0, 16.0, 32.0, 64.0)),
    "dots (levels)": (dots, (0.0, 8.0, 16.0, 32.0, 64.0)),
}
ONE_CLASS = "one class (share of the others left out)"
LEFT_OUT = (0.0, 0.5, 0.75, 1.0)


def without_others(labels: npt.NDArray[np.int64], strength: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return rows of pictures in which the most frequent class replaces the given share of all other classes."""
    kept = np.bincount(labels).argmax()
    rows = np.arange(len(labels))
    replaced = (labels != kept) & (rng.random(len(labels)) < strength)
    rows[replaced] = rng.choice(np.flatnonzero(labels == kept), int(replaced.sum()))
    return rows


def examine(
    known: PictureSet, judge: Judge, corruptions: dict[str, tuple[Corruption, tuple[float, ...]]] = CORRUPTIONS
) -> dict[str, list[dict[str, float]]]:
    """Return for each corruption one dict for each strength: Fréchet distance to the training pictures, precision, recall, share
    recognised.
    """
    reference = judge.features(metrics.evenly(known.training, min(MOST_TRAINING, len(known.training))))
    unseen, labels = known.unseen[:MOST_UNSEEN], known.unseen_labels[:MOST_UNSEEN]
    some = metrics.evenly(reference, len(unseen))
    places = np.array([judge.classes.index(name) for name in known.names(labels)])

    def score(pictures: Array, wanted: npt.NDArray[np.int64], strength: float) -> dict[str, float]:
        described, shown = judge.look(pictures)
        precision, recall = precision_recall(some, described)
        figures = {"frechet": frechet(described, reference), "precision": precision, "recall": recall}
        figures["recognised"] = float((shown == wanted).mean())
        return {"strength": strength, **{key: round(value, 4) for key, value in figures.items()}}

    found: dict[str, list[dict[str, float]]] = {}
    for title, (corrupt, strengths) in corruptions.items():
        found[title] = [
            score(corrupt(unseen, strength, np.random.default_rng(0)) if strength else unseen, places, strength)
            for strength in strengths
        ]
    found[ONE_CLASS] = []
    for strength in LEFT_OUT:
        rows = without_others(labels, strength, np.random.default_rng(0))
        found[ONE_CLASS].append(score(unseen[rows], places[rows], strength))
    return found


def write_report(folder: Path, cache: Path = CACHE, target: Path = HERE) -> Path:
    """Test the judge on all sets, and write the results."""
    judge = load_judge(cache)
    found = {name: examine(prepare_set(name, folder, cache), judge) for name in SHOWN}
    write_file(target / FIGURES, (json.dumps({"judge": judge.sha256, "sets": found}, indent=1) + "\n").encode())
    told = json.loads((RESULTS / READINGS).read_text(encoding="utf-8"))
    readings = [[key.removeprefix("accuracy_"), f"{told[key]:.1%}"] for key in told if key.startswith("accuracy_")]
    parts = [HEAD.format(sha256=judge.sha256, classes=len(judge.classes)), table(["set", "recognised"], readings)]
    for name, corruptions in found.items():
        rows = [
            [title] + [" → ".join(f"{figures[key]:.3g}" for figures in each) for key in ("strength", "frechet", "recognised")]
            for title, each in corruptions.items()
        ]
        parts.append(f"## {name}\n\n{table(['damage', 'strength', 'Fréchet distance', 'share recognised'], rows)}")
    path = target / REPORT
    write_file(path, ("\n\n".join(part.strip() for part in parts) + "\n").encode())
    return path


HEAD = """# Tests of the judge

`python -m benchmarks.judge_corruptions` writes this page. The judge is a small convolutional network trained on the {classes}
classes of all measured sets. The sha256 of its weights is `{sha256}`.

The first table lists the share of unseen pictures whose class the judge recognises, among all classes. The other tables are of
unseen pictures that were damaged on purpose, with increasing strength from left to right. They list the Fréchet distance to the
training pictures and the share still recognised as their class. The first distance in a row, without damage, is the floor.
*Blots* are pictures blurred by 6 pixels and restored to their contrast. They resemble the samples of a generator that has learnt
colours but no shapes.

At 64 pixels the distance grows with the strength of every damage. At 32 pixels (cifar32) the weakest blur and the weakest swap of
halves change the distance by less than random variation does, and the first JPEG quality has a larger distance than the second,
stronger compression. The share recognised falls with the damage, but not at every step. It does not measure variety: pictures of
a single class are recognised as well as those of all classes.
"""


def write_textured(folder: Path, cache: Path = CACHE, target: Path = HERE) -> Path:
    """Test the judge that was trained with textures on all sets, by textures too, and write its figures."""
    judge, sets = load_judge(cache, TEXTURED_WEIGHTS), (prepare_set(name, folder, cache) for name in SHOWN)
    found = {known.name: examine(known, judge, CORRUPTIONS | TEXTURES) for known in sets}
    path = target / TEXTURED_FIGURES
    write_file(path, (json.dumps({"judge": judge.sha256, "sets": found}, indent=1) + "\n").encode())
    return path


def main() -> None:
    """Test the judge."""
    parser = argparse.ArgumentParser(description="Show the judge damaged pictures, and write JUDGE.md.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the zips")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--textured", action="store_true", help="test the judge that judge_training --textured trains")
    options = parser.parse_args()
    print((write_textured if options.textured else write_report)(options.data, options.cache))


if __name__ == "__main__":
    main()
