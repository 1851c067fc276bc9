"""Seedbed: grow an image generator from a folder of your own pictures, play it like an instrument, and share it.

The data path:

    zip -> data -> trainer -> checkpoint -> sampler -> picture -> Hub

    errors.py            what a user can be told went wrong, and what to do
    files.py             files replaced at once, read within bounds, locked while somebody lives
    images.py            uint8 <-> tensor, grids, PNG with its recipe inside
    recipes.py           what a picture is made of: closed, bounded, exact to the bit
    data/                zip -> checked, prepared pictures; their order
    networks/            a file a family: style, dcgan, mlp
    objectives.py        adversarial losses: pure functions on logits
    penalties.py         gradient penalties
    augment.py           differentiable augmentation
    config/              closed schemas of a run and of a model; presets
    draws.py             the chance of a step
    game.py              the two networks and one step of each
    transfer.py          fine-tuning: what a trained model hands on
    checkpoint/          a model folder and a snapshot: read, write, verify
    runs.py              a run folder: status, events, samples, control, lock
    sampler/             seeds and latents -> pictures; variations, walks, breeding
    directions/          latent directions: found, named, kept
    projection/          a picture of one's own -> its latent
    video.py             pictures in a row -> MP4, GIF
    metrics/             quality, diversity, memorisation
    bulk/                pictures by the thousand, with a manifest
    hub/                 find, pull, push, the model card
    trainer/             the training loop
    jobs.py              starts, watches and stops trainings; the queue
    progress.py          how far something has come, in words on stderr
    __init__.py          gan.load
    cli.py  __main__.py  python -m gan
    ui/                  the page; the only place that knows gradio

A file imports only from above it in this list. `ui` never imports `trainer`: it starts a process and reads files.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from gan.errors import GanError

if TYPE_CHECKING:
    from gan.sampler import Model

__all__ = ["GanError", "__version__", "load"]
__version__ = "0.1.0"


def load(model: str | Path, home: str | Path | None = None, device: str | None = None) -> "Model":
    """A model ready to make pictures: `gan.load("emoji").generate(seeds=[1, 2, 3])`.

    `model` is a folder, a run, a kept model, a starter, or user/repo[@revision] on the Hugging Face Hub. `home` is the folder of
    runs and kept models (else $GAN_HOME, else the working folder). `device` is cpu, cuda or mps; None is the best there is.
    Raises GanError.
    """
    # Imported here, so that `python -m gan --help` need not wait for torch.
    from gan.hub import find
    from gan.runs import home_folder
    from gan.sampler import Model

    return Model.open(find(str(model), home_folder(home)), device)
