"""Carries out an order for many pictures, block by block, and reuses the pictures of an earlier attempt."""

import io
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan.bulk.guard import CopyGuard
from gan.bulk.order import BulkOrder, folder_names
from gan.bulk.targets import Row, Target, open_target
from gan.errors import CheckpointError, DataError, ModelError
from gan.images import encode_png, read_recipe, write_png
from gan.limits import BATCH, PSI
from gan.recipes import Latent, Recipe, parse_recipe
from gan.sampler import Model, recipe_of_latent

Progress = Callable[[int, int], None]
Picture = npt.NDArray[Any]

GUARD_BLOCK = 256  # pictures compared with the training set at once; the training set is read once for each block
GUARD_BYTES = 64 << 20
MOST_DROPPED = 10  # dropped pictures allowed for each picture ordered


@dataclass(frozen=True)
class Made:
    """The result of an order: the number of all its pictures, of those made by this call, and of the candidates dropped as
    copies.
    """

    pictures: int
    new: int
    dropped: int


def write_seeds(
    model: Model,
    seeds: Sequence[int],
    folder: Path,
    psi: float = PSI,
    class_name: str | None = None,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one picture for each seed, FOLDER/0000000042.png, with its recipe inside. Raises ModelError, CheckpointError."""
    _make_folder(folder)
    files: list[Path] = []
    for part, pictures in model.generate_batches(seeds, psi, class_name, batch):
        for seed, picture in zip(part, pictures, strict=True):
            files.append(folder / f"{seed:010d}.png")
            write_png(files[-1], picture, model.recipe(seed, psi, class_name).as_json())
        if progress is not None:
            progress(len(files), len(seeds))
    return files


def write_latent_pictures(
    model: Model,
    wanted: Sequence[Latent],
    folder: Path,
    psi: float | None = None,
    class_name: str | None = None,
    batch: int = 32,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one picture for each latent, FOLDER/latent-0000.png in the latents' order, with its recipe inside.

    `psi` and `class_name` are those of `gan.sampler.recipe_of_latent`. Raises ModelError, CheckpointError.
    """
    recipes = [recipe_of_latent(model, latent, psi, class_name) for latent in wanted]
    _make_folder(folder)
    files: list[Path] = []
    for start in range(0, len(recipes), batch):
        part = recipes[start : start + batch]
        for recipe, picture in zip(part, model.render(part, batch), strict=True):
            files.append(folder / f"latent-{len(files):04d}.png")
            write_png(files[-1], picture, recipe.as_json())
        if progress is not None:
            progress(len(files), len(recipes))
    return files


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(folder), reason=error.strerror or str(error)) from error


def make_bulk(
    model: Model,
    order: BulkOrder,
    path: Path,
    *,
    as_zip: bool = False,
    guard: CopyGuard | None = None,
    batch: int = BATCH,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Made:
    """Fill a folder or a zip at `path` with pictures, their manifest and their order.

    Each picture is CLASS/0000000042.png; without classes the CLASS folder is omitted. `order.json` holds the order.
    `manifest.jsonl` holds one line for each picture: {"file", "seed", "class", "psi"} and, with a guard, "nearest_training" (0 …
    1).

    Memory use is small. An attempt that was interrupted, or ended by `stop`, continues when the same order is given again; a zip
    has a hidden name in the same folder until it is complete. Raises RunError where the path holds something else,
    CheckpointError where the system cannot write, and ModelError where nearly every picture was dropped.
    """
    with open_target(path, order, as_zip) as target:
        if target is None:
            total = order.total(model.config.classes)
            return Made(total, 0, 0)
        work = _Work(model, order, target, guard, batch)
        for kept in work.blocks():
            if progress is not None:
                progress(kept, work.total)
            if stop is not None and stop():
                return work.made
        target.finish()
        return work.made


class _Work:
    """The progress of an order."""

    def __init__(self, model: Model, order: BulkOrder, target: Target, guard: CopyGuard | None, batch: int) -> None:
        self.model, self.order, self.target, self.guard = model, order, target, guard
        self.total = order.total(model.config.classes)
        self.folders = folder_names(model.config.classes)
        self.kept: Counter[str | None] = Counter()  # stored pictures: by class with per_class, else under None
        self.new = self.dropped = 0
        picture_bytes = model.config.resolution**2 * model.config.channels
        self.block = batch if guard is None else max(1, min(GUARD_BLOCK, GUARD_BYTES // picture_bytes))
        self.batch = batch

    @property
    def made(self) -> Made:
        return Made(self.kept.total(), self.new, self.dropped)

    def blocks(self) -> Iterator[int]:
        """Carry the order out, and yield the number of pictures after each block."""
        listed_to = max(self.target.rows, default=-1)
        waiting: list[tuple[int, Recipe]] = []
        wanted: Counter[str | None] = Counter()  # pictures waiting in `waiting`, by class
        for seed, class_name in self.order.candidates(self.model.config.classes):
            share = class_name if self.order.per_class else None
            if waiting and (len(waiting) == self.block or self.kept[share] + wanted[share] == self.order.count):
                yield self._make(waiting)
                waiting, wanted = [], Counter()
            if self.kept.total() >= self.total:
                return
            if self.kept[share] == self.order.count:
                continue
            row = self.target.rows.get(seed)
            if row is not None and self.target.has(str(row.get("file"))):
                self.kept[share] += 1
            elif row is None and seed <= listed_to and self.order.closest is not None:
                self.dropped += 1  # an earlier attempt dropped it
            else:
                waiting.append((seed, self.model.recipe(seed, self.order.psi, class_name)))
                wanted[share] += 1

    def _make(self, waiting: Sequence[tuple[int, Recipe]]) -> int:
        """Make one block, drop its copies, store the other pictures and then list them in the manifest."""
        there = {seed: picture for seed, recipe in waiting if (picture := self._picture_of(recipe)) is not None}
        missing = [(seed, recipe) for seed, recipe in waiting if seed not in there]
        rendered = self.model.render([recipe for _, recipe in missing], self.batch)
        pictures = there | {seed: picture for (seed, _), picture in zip(missing, rendered, strict=True)}
        distances = self.guard.distances(np.stack([pictures[seed] for seed, _ in waiting])) if self.guard else None
        rows: list[Row] = []
        for number, (seed, recipe) in enumerate(waiting):
            row: Row = {"file": self._name(recipe), "seed": seed, "class": recipe.class_name, "psi": recipe.psi}
            if distances is not None:
                row["nearest_training"] = round(float(distances[number]), 6)
                if self.order.closest is not None and distances[number] <= self.order.closest:
                    self.dropped += 1
                    continue
            if seed not in there:
                self.target.add(row["file"], encode_png(pictures[seed], recipe.as_json()))
                self.new += 1
            self.kept[recipe.class_name if self.order.per_class else None] += 1
            if seed not in self.target.rows:
                rows.append(row)
        self.target.note(rows)
        if self.dropped > MOST_DROPPED * self.total:
            raise ModelError("bulk_copies", model=self.model.name, dropped=self.dropped, kept=self.kept.total())
        return self.kept.total()

    def _name(self, recipe: Recipe) -> str:
        name = f"{recipe.seed:010d}.png"
        return name if recipe.class_name is None else f"{self.folders[recipe.class_name]}/{name}"

    def _picture_of(self, recipe: Recipe) -> Picture | None:
        """Return a picture that an interrupted attempt stored but did not list, or None if its file is missing or damaged."""
        content = self.target.read(self._name(recipe))
        if content is None:
            return None
        try:
            values = read_recipe(content)
            same = values is not None and parse_recipe(values, "").fingerprint == recipe.fingerprint
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                picture = np.asarray(Image.open(io.BytesIO(content), formats=("PNG",)))
        except (DataError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
            return None  # damaged: the picture is made again
        config = self.model.config
        shape = (config.resolution, config.resolution, config.channels)
        return picture.reshape(shape) if same and picture.size == np.prod(shape) else None
