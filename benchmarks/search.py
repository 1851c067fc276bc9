"""Short trainings that choose the recipe. A cell is a set, a side, a time and changes to the product's recipe.

`python -m benchmarks.search CELL… --data FOLDER` trains each cell with the product's training code on one thread, for exactly its
seconds, and stores figures and the grid of seeds 0-15 in .benchmarks_cache/search. A cell that is already stored is only printed.
A cell is written SET:SIDE:SECONDS[:field=value,…], with values as in JSON; `network.field` and `features.field` name settings of
the network and of the heads on pretrained features.
"""

import argparse
import hashlib
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.judge import CACHE, Judge, frechet, load_judge, precision_recall
from gan import data, metrics
from gan.config import ModelConfig, RunConfig, parse_run, resolve_run
from gan.files import write_file
from gan.images import grid, write_png
from gan.models import write_model
from gan.runs.estimates import images_in
from gan.sampler import Model
from gan.training.accelerator import accelerator_for
from gan.training.feed import PictureFeed
from gan.training.games.adversarial import AdversarialGame
from gan.training.pace import measure_rates

SETS: dict[str, tuple[str, str | None]] = {
    "people": ("emoji.zip", "people"),
    "hands": ("emoji.zip", "hands"),
    "emoji": ("emoji.zip", None),
    "flowers": ("flowers.zip", None),
    "digits": ("digits.zip", None),
}
SAMPLES = 1000


def zip_of(name: str, folder: Path) -> Path:
    """Return the zip of a set. For one class of a zip, a separate zip is made once."""
    source, only = SETS[name]
    if only is None:
        return folder / source
    target = CACHE / "search" / f"{name}.zip"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / source) as whole, zipfile.ZipFile(target, "w") as part:
            for member in whole.namelist():
                if f"/{only}/" in f"/{member}" and not member.endswith("/"):
                    part.writestr(member.rsplit("/", 1)[1], whole.read(member))
    return target


def change(config: RunConfig, changes: dict[str, Any]) -> RunConfig:
    """Return the recipe with some fields replaced, validated again."""
    values = config.model_dump(mode="json")
    for field, value in changes.items():
        part, _, inner = field.partition(".")
        if inner:
            values[part][inner] = value
        else:
            values[field] = value
    return parse_run(values)


def train(
    dataset: data.Dataset, seconds: float, changes: dict[str, Any], say: Any = print
) -> tuple[AdversarialGame, dict[str, float]]:
    """Train for `seconds`, with schedules planned for this time; return the game and its last reported values."""
    preset = changes.pop("preset", "good")
    torch.set_num_threads(1)
    config = resolve_run(dataset, preset=preset, device="cpu", minutes=seconds / 60)
    config = change(config, {"threads": 1, **changes})
    game = AdversarialGame(config, accelerator_for(config))
    feed = PictureFeed.of(dataset, config, torch.device("cpu"))
    begun = time.monotonic()
    state, numbers = game.state()
    kept = {name: tensor.detach().clone() for name, tensor in state.items()}

    def step(index: int, side: int) -> None:
        game.step(index * config.batch, 10**9, feed, side)

    rates = measure_rates(config, game.period_steps, step, lambda: None)
    game.restore(kept, numbers)
    total = images_in(config, rates, 0.97 * (seconds - (time.monotonic() - begun)))
    say(f"  {total} pictures planned at {rates}")
    images_seen, told, said = 0, dict[str, list[float]](), begun
    while images_seen < total and time.monotonic() - begun < seconds:
        for name, value in game.step(images_seen, total, feed).items():
            told.setdefault(name, []).append(float(value))
        images_seen += config.batch
        if time.monotonic() - said > 30:
            means = {name: round(sum(values) / len(values), 3) for name, values in told.items()}
            said, told = time.monotonic(), {}
            say(f"  {images_seen} of {total} after {said - begun:.0f} s: {means}")
    spent = time.monotonic() - begun
    return game, {"images_seen": images_seen, "images_per_second": round(images_seen / spent, 1), "seconds": round(spent, 1)}


def score(model: Model, dataset: data.Dataset, judge: Judge) -> tuple[dict[str, float], npt.NDArray[np.uint8]]:
    """Score samples against as many real pictures, and return the figures and the samples.

    The figures are the Fréchet distance in the judge's features and that of two halves of the real set, precision and recall,
    sliced Wasserstein distance, and diversity.
    """
    rng = np.random.default_rng(0)
    rows = rng.permutation(np.concatenate([dataset.train_indices, dataset.held_out_indices]))
    count = min(SAMPLES, len(rows))
    real = np.asarray(dataset.pictures[np.sort(rows[:count])])
    samples = metrics.make_samples(model, dataset, np.sort(rows[:count]))
    half = count // 2
    drawn, wanted = judge.features(samples), judge.features(real)
    precision, recall = precision_recall(wanted, drawn)
    return {
        "frechet": round(frechet(drawn, wanted), 2),
        "precision": round(precision, 2),
        "recall": round(recall, 2),
        "frechet_half": round(frechet(judge.features(real[::2][:half]), judge.features(real[1::2][:half])), 2),
        "sliced_wasserstein": round(metrics.sliced_wasserstein(samples, real), 1),
        "diversity": round(metrics.diversity(samples, real), 3),
    }, samples


def run_cell(cell: str, folder: Path, version: str) -> dict[str, Any]:
    """Return a cell's figures, from the cache or from a training."""
    kept = CACHE / "search" / hashlib.sha256(f"{version} {cell}".encode()).hexdigest()[:16]
    if (kept / "result.json").exists():
        return dict(json.loads((kept / "result.json").read_text()))
    name, side, seconds, *rest = cell.split(":", 3)
    changes = json.loads("{" + ",".join(f'"{key}":{value}' for key, value in parts(rest[0])) + "}") if rest else {}
    dataset = data.prepare(zip_of(name, folder), home=CACHE, size=int(side))
    game, told = train(dataset, float(seconds), changes)
    model = keep(game, kept / "model")
    figures, _ = score(model, dataset, load_judge())
    write_png(kept / "seeds.png", grid(model.generate(list(range(16)), psi=0.7), columns=4))
    result = {"cell": cell, **figures, **told, "folder": kept.name}
    write_file(kept / "result.json", json.dumps(result).encode())
    return result


def parts(text: str) -> list[tuple[str, str]]:
    """Split `a=1,b=[2,3]` into [("a", "1"), ("b", "[2,3]")]: commas within brackets do not divide."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text + ","):
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and not depth:
            key, value = text[start:place].split("=", 1)
            found.append((key, value))
            start = place + 1
    return found


def keep(game: AdversarialGame, folder: Path) -> Model:
    """Store the averaged generator and its discriminator as a model folder."""
    config, generator = game.config, game.average.generator
    game.average.finish()
    names = ("family", "resolution", "channels", "z_dim", "classes", "network")
    model = ModelConfig(**{name: getattr(config, name) for name in names})
    blank = np.zeros((config.resolution, config.resolution, 3), np.uint8)
    write_model(folder, model, generator, game.own.network if game.own else None, preview=blank, card="-")
    return Model.open(folder, "cpu")


def main() -> None:
    """Train the missing cells, and print all of them."""
    parser = argparse.ArgumentParser(description="Short trainings that choose the recipe.")
    parser.add_argument("cells", nargs="+", metavar="SET:SIDE:SECONDS[:field=value,…]")
    parser.add_argument("--data", type=Path, required=True, help="folder with the zips")
    parser.add_argument("--version", default="", help="any word; another word trains all cells anew")
    options = parser.parse_args()
    for cell in options.cells:
        print(json.dumps(run_cell(cell, options.data, options.version)), flush=True)


if __name__ == "__main__":
    main()
