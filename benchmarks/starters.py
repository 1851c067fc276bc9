"""Trains the models in checkpoints/. Each takes one command, which resumes the training if it was interrupted:

    python -m benchmarks.starters digits --data FOLDER --minutes 20
    python -m benchmarks.starters emoji --data FOLDER --minutes 90 --device cuda --preset best --ship

A finished training can be extended by `python -m gan resume emoji --minutes 60 --home .benchmarks_cache/starters`. Then the same
command measures and ships it again, and the developer adds the extension to the card. The shipped `emoji` was trained twice more
from an earlier one, with other classes and other rates, as its card says.

The command trains on the zip of the same name in FOLDER with the product's recipe and prints a comparison with the shipped
starter. With --ship the result replaces that starter, with a card. The developer looks at the preview and writes the text under
"Limits".
"""

import argparse
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cells import ROOT, machine
from benchmarks.judge import CACHE, Judge, load_judge
from benchmarks.search import score
from gan import data, metrics
from gan.config import ModelConfig, new_discriminator, new_generator
from gan.families import Discriminator, Generator
from gan.images import grid
from gan.models import CARD, read_discriminator, read_generator, write_model
from gan.models.card import model_card
from gan.runs import Run
from gan.sampler import Model
from gan.training.transfer import transfer

CHECKPOINTS = ROOT / "checkpoints"
PREVIEW_SEEDS = range(16)


@dataclass(frozen=True)
class Starter:
    """The training set of a starter, and its source and licence."""

    zip_name: str
    side: int
    classes: tuple[str, ...]  # folders of the zip; empty means all
    dataset: str
    licence: str
    source: str
    # Folders on which the starter also trains, and whose classes are then removed: more variety makes a better parent for
    # fine-tuning, but the starter's pictures of these classes are poor.
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
    "clothing": Starter(
        "clothing.zip",
        64,
        (),
        "Clothing dataset (small), photographs of ten kinds of clothes",
        "CC0-1.0",
        "the clothing dataset by Alexey Grigorev and contributors, CC0, in its small version",
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


def zip_of(starter: Starter, folder: Path, home: Path) -> Path:
    """Return the zip itself, or a zip of the folders that the starter learns from."""
    source, folders = Path(folder) / starter.zip_name, starter.classes + starter.given_up
    if not folders:
        return source
    target = home / "-".join(folders) / starter.zip_name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with zipfile.ZipFile(source) as whole, zipfile.ZipFile(part, "w") as chosen:
            for name in sorted(whole.namelist()):
                if not name.endswith("/") and set(Path(name).parts[:-1]) & set(folders):
                    chosen.writestr(zipfile.ZipInfo(name), whole.read(name))
        part.replace(target)
    return target


def train(name: str, path: Path, home: Path, options: argparse.Namespace) -> Run:
    """Start the training or resume it, as a user would."""
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


def measure(model: Model, dataset: data.Dataset, judge: Judge) -> dict[str, float]:
    """Return the product's own figures, and the Fréchet distance in the judge's features, for the model's classes."""
    shown = restrict(dataset, model.config.classes)
    found, _ = score(model, shown, judge)
    return {**metrics.evaluate(model, shown), "judge_frechet": found["frechet"]}


def restrict(dataset: data.Dataset, classes: tuple[str, ...]) -> data.Dataset:
    """Return the dataset's pictures of some of its classes, again divided into training pictures and held-out pictures."""
    if not classes:
        return dataset
    places = np.array([dataset.classes.index(name) for name in classes])
    numbers = np.full(len(dataset.classes), -1)
    numbers[places] = np.arange(len(classes))
    labels = numbers[dataset.labels]
    train, held_out = (rows[labels[rows] >= 0] for rows in (dataset.train_indices, dataset.held_out_indices))
    return replace(dataset, classes=list(classes), labels=labels, train_indices=train, held_out_indices=held_out)


def give_up(names: tuple[str, ...], folder: Path) -> tuple[ModelConfig, Generator, Discriminator]:
    """Return the networks of a `style` model without some of its classes. At least two classes remain, and their pictures do not
    change.
    """
    config, old_generator = read_generator(folder)
    old_discriminator = read_discriminator(folder)
    known, classes = config.classes, tuple(name for name in config.classes if name not in names)
    if not set(names) <= set(known) or (names and len(classes) < 2) or old_discriminator is None:
        raise ValueError(f"{folder} has the classes {known}: it cannot give up {names} and keep two, and a discriminator")
    config = config.model_copy(update={"classes": classes})
    generator, discriminator = new_generator(config), new_discriminator(config)
    transfer(old_generator, generator, known, classes)
    transfer(old_discriminator, discriminator, known, classes)
    generator.calibrate()
    return config, generator, discriminator


def keep(name: str, run: Run, dataset: data.Dataset, target: Path, judge: Judge) -> dict[str, float]:
    """Write the run's model as a starter, with preview, figures and a card that describes its training; return the figures."""
    starter = STARTERS[name]
    config, generator, discriminator = give_up(starter.given_up, run.model_folder)
    model = Model(config, generator, run.model_folder, "cpu")
    figures = measure(model, dataset, judge)
    changes: dict[str, Any] = {"dataset": starter.dataset, "licence": starter.licence}
    changes["metrics"] = {key: round(value, 4) for key, value in figures.items() if key != "judge_frechet"}
    if config.training.parent == name:
        changes["parent"] = f"an earlier {name}"
    config = config.model_copy(update={"training": config.training.model_copy(update=changes)})
    preview = grid(model.generate(list(PREVIEW_SEEDS), psi=0.7), columns=4)
    card = model_card(config, name).replace("## Limits", describe(name, run) + "\n## Limits")
    write_model(target, config, generator, discriminator, np.asarray(preview), card)
    return figures


def describe(name: str, run: Run) -> str:
    """Return the card's section on the training, from the run's own records."""
    config, status = run.config, run.status()
    grown = " and ".join(f"{side}" for side, _ in config["growth"])
    growth = f" The training began with pictures of {grown} pixels." if grown else ""
    facts: dict[str, Any] = machine()
    where = facts["machine"] if config["device"] == "cpu" else config["device"]
    threads = "1 thread" if config["threads"] == 1 else f"{config['threads']} threads"
    return f"""## How it was trained

- The model was trained for {status.seconds / 60:.0f} minutes with the preset `{config["preset"]}`.{growth}
- Recipe: {config["objective"]} with {config["penalty"]} every {config["penalty_every"]} steps, batch {config["batch"]},
  Adam at {config["generator_lr"]:g} (generator) and {config["discriminator_lr"]:g} (discriminator), {config["precision"]}.
- Hardware: {threads} of {where}.
- Figures: 1,000 samples at psi 1 were compared with the training pictures of the model's classes, as in `python -m gan evaluate`.
- Data: {STARTERS[name].source}.

The model can be fine-tuned: `python -m gan train your.zip --name yours --from {name}`. The discriminator is included.
"""


def main() -> None:
    """Train a starter, compare it with the shipped one, and ship it with --ship."""
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
    dataset = data.open_dataset(home, run.config["dataset_hash"])
    target = home / "models" / name
    judge = load_judge()
    beside = {"new": keep(name, run, dataset, target, judge)}
    if (CHECKPOINTS / name / CARD).is_file():
        shipped = Model.open(CHECKPOINTS / name, "cpu")
        if set(shipped.config.classes) <= set(dataset.classes):
            beside[" ".join(["shipped", *shipped.config.classes])] = measure(shipped, dataset, judge)
    print(json.dumps(beside, indent=1))
    print(f"{target} is written")
    if options.ship:
        shutil.rmtree(CHECKPOINTS / name, ignore_errors=True)
        shutil.copytree(target, CHECKPOINTS / name)
        print(f"{CHECKPOINTS / name} is written")


if __name__ == "__main__":
    main()
