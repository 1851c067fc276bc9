"""The models that are shipped in checkpoints/, each by one command that can be broken off and given again:

    python -m benchmarks.starters digits --data FOLDER --minutes 20
    python -m benchmarks.starters emoji --data FOLDER --minutes 90 --device cuda --preset best --ship

A training that is done can be extended by `python -m gan resume emoji --minutes 60 --home .benchmarks_cache/starters`; then the
same command again measures and ships it, and the card is to say so.

It trains on FOLDER/digits.zip or FOLDER/emoji.zip with the product's recipe and prints how the result stands beside the starter
that is shipped. With --ship it takes that one's place, with a card; the words under "Limits" are a person's to write, who has
looked at the preview.
"""

import argparse
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import ROOT, machine
from benchmarks.judge import CACHE
from benchmarks.search import score
from gan import data, metrics
from gan.checkpoint import CARD, read_discriminator, read_generator, write_model
from gan.config import ModelConfig
from gan.hub import model_card
from gan.images import grid
from gan.networks import Discriminator, Generator, build_discriminator, build_generator
from gan.runs import Run
from gan.sampler import Model
from gan.transfer import transfer

CHECKPOINTS = ROOT / "checkpoints"
PREVIEW_SEEDS = range(16)


@dataclass(frozen=True)
class Starter:
    """What a starter is trained on, and whose pictures they are."""

    zip_name: str
    side: int
    classes: tuple[str, ...]  # of the zip's folders; none means all
    dataset: str
    licence: str
    source: str
    # Folders that it learns from, too, and then gives up: variety makes the better parent, but what it draws of them is mush.
    given_up: tuple[str, ...] = ()


STARTERS = {
    "emoji": Starter(
        "emoji.zip",
        64,
        ("people", "hands", "smileys"),
        "Noto Emoji, the groups people, hands and smileys, and beside them animals and food",
        "Apache-2.0 (Noto Emoji, Google Inc. and contributors)",
        "Noto Emoji by Google Inc. and contributors, Apache-2.0",
        given_up=("animals", "food"),
    ),
    "digits": Starter(
        "digits.zip",
        32,
        (),
        "MNIST",
        "CC-BY-SA-3.0",
        "the MNIST digits of Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0, enlarged from 28 pixels",
    ),
}


def zip_of(starter: Starter, folder: Path, home: Path, *, kept: bool = False) -> Path:
    """The zip itself, or one of the folders in it that the starter learns from; `kept`: only of those that it has as classes."""
    source = Path(folder) / starter.zip_name
    if not starter.classes:
        return source
    folders = set(starter.classes if kept else starter.classes + starter.given_up)
    target = home / ("kept" if kept else "") / starter.zip_name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with zipfile.ZipFile(source) as whole, zipfile.ZipFile(part, "w") as chosen:
            for name in sorted(whole.namelist()):
                if not name.endswith("/") and set(Path(name).parts[:-1]) & folders:
                    chosen.writestr(zipfile.ZipInfo(name), whole.read(name))
        part.replace(target)
    return target


def train(name: str, path: Path, home: Path, options: argparse.Namespace) -> Run:
    """Begin the training or go on with it, as a user would."""
    own = ["--home", str(home)]
    if (home / "runs" / name).is_dir():
        command = ["resume", name, *own]
    else:
        chosen = ["--minutes", f"{options.minutes:g}", "--preset", options.preset, "--size", str(STARTERS[name].side)]
        chosen += ["--device", options.device] if options.device else []
        command = ["train", str(path), "--name", name, *chosen, *own]
    subprocess.run([sys.executable, "-m", "gan", *command], cwd=ROOT, check=True)
    run = Run.open(home, name)
    if run.status().state != "done":
        raise SystemExit(f"{name} is {run.status().state}: give the same command again, and it goes on")
    return run


def measure(model: Model, dataset: data.Dataset) -> dict[str, float]:
    """The product's own figures, and the Fréchet distance in the judge's features."""
    found, _ = score(model, dataset)
    return {**metrics.evaluate(model, dataset), "judge_frechet": found["frechet"]}


def give_up(names: tuple[str, ...], folder: Path) -> tuple[ModelConfig, Generator, Discriminator]:
    """A model folder's networks without some classes: every picture of the others stays the same."""
    config, generator = read_generator(folder)
    discriminator = read_discriminator(folder)
    assert discriminator is not None  # runs keep theirs
    left = config.model_copy(update={"classes": tuple(name for name in config.classes if name not in names)})
    sizes: dict[str, Any] = {"resolution": left.resolution, "channels": left.channels, "num_classes": len(left.classes)}
    new = (
        build_generator(left.family, z_dim=left.z_dim, network=left.network, **sizes),
        build_discriminator(left.family, network=left.network, **sizes),
    )
    for old, target in zip((generator, discriminator), new, strict=True):
        transfer(old, target, config.classes, left.classes)
    new[0].calibrate()
    return left, *new


def keep(name: str, run: Run, dataset: data.Dataset, target: Path) -> dict[str, float]:
    """The run's model as a starter, with preview, figures and a card that says how it was trained; returns the figures."""
    starter = STARTERS[name]
    config, generator, discriminator = give_up(starter.given_up, run.model_folder)
    model = Model(config, generator, run.model_folder, "cpu")
    figures = measure(model, dataset)
    known = {key: round(value, 4) for key, value in figures.items() if key != "judge_frechet"}
    record = config.training.model_copy(update={"dataset": starter.dataset, "licence": starter.licence, "metrics": known})
    config = config.model_copy(update={"training": record})
    preview = grid(model.generate(list(PREVIEW_SEEDS), psi=0.7), columns=4)
    card = model_card(config, name).replace("## Limits", describe(name, run) + "\n## Limits")
    write_model(target, config, generator, discriminator, np.asarray(preview), card)
    return figures


def describe(name: str, run: Run) -> str:
    """The section of the card that tells how it was trained, from what the run says of itself."""
    config, status = run.config, run.status()
    grown = " and ".join(f"{side}" for side, _ in config["growth"])
    growth = f"; pictures of {grown} pixels at first" if grown else ""
    begun = f" from the model `{config['parent']}`" if config["parent"] else ""
    facts: dict[str, Any] = machine()
    where = facts["machine"] if config["device"] == "cpu" else config["device"]
    threads = "1 thread" if config["threads"] == 1 else f"{config['threads']} threads"
    return f"""## How it was trained

- One training of {status.seconds / 60:.0f} minutes{begun}, preset `{config["preset"]}`{growth}.
- Recipe: {config["objective"]} with {config["penalty"]} every {config["penalty_every"]} steps, batch {config["batch"]},
  Adam at {config["generator_lr"]:g} (generator) and {config["discriminator_lr"]:g} (discriminator), {config["precision"]}.
- Hardware: {threads} of {where}.
- Figures: 1,000 samples, psi 1, against the training set; see `python -m gan evaluate`.
- Data: {STARTERS[name].source}.

It can be fine-tuned: `python -m gan train your.zip --name yours --from {name}`. The discriminator is included.
"""


def main() -> None:
    """Train a starter, stand it beside the one that is shipped, and ship it if that was asked for."""
    parser = argparse.ArgumentParser(description="Train a starter.")
    parser.add_argument("name", choices=tuple(STARTERS))
    parser.add_argument("--data", type=Path, required=True, help="folder of the zips")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--preset", default="good")
    parser.add_argument("--device")
    parser.add_argument("--home", type=Path, default=CACHE / "starters")
    parser.add_argument("--ship", action="store_true", help="put it into checkpoints/")
    options = parser.parse_args()
    name, home = options.name, options.home
    path = zip_of(STARTERS[name], options.data, home)
    run = train(name, path, home, options)
    dataset = data.prepare(zip_of(STARTERS[name], options.data, home, kept=True), home=home, size=STARTERS[name].side)
    target = home / "models" / name
    beside = {"new": keep(name, run, dataset, target)}
    if (CHECKPOINTS / name / CARD).is_file():
        beside["shipped"] = measure(Model.open(CHECKPOINTS / name, "cpu"), dataset)
    print(json.dumps(beside, indent=1))
    print(f"{target} is written")
    if options.ship:
        shutil.rmtree(CHECKPOINTS / name, ignore_errors=True)
        shutil.copytree(target, CHECKPOINTS / name)
        print(f"{CHECKPOINTS / name} is written")


if __name__ == "__main__":
    main()
