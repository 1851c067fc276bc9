"""Seedbed: grow an image generator from a folder of your own pictures, play it like an instrument, and share it.

The data path:

    zip -> data -> training -> model folder -> sampler -> picture -> Hub

    limits.py            shared defaults and bounds
    words/               all texts that a person reads, in English and Chinese
    errors.py            errors for users: what went wrong, and what to do
    files.py             files replaced at once, read within bounds, locked while a process lives
    machine.py           device, precision, threads, memory
    images.py            uint8 <-> tensor, grids, PNG with its recipe inside
    tensors.py           safetensors files, verified before anything is allocated
    recipes.py           recipes of pictures: closed, bounded, exact to the bit
    convolution.py       a convolution with a fast double backward
    losses/              objectives, penalties, augmentation: pure functions
    families/            pairs of networks: style, dcgan, mlp
    vision/              a small pretrained network, frozen: features of pictures
    discriminators/      discriminators of a training: the family's own, heads on features, or both
    hub/                 the Hugging Face Hub's client
    data/                zip -> checked, prepared pictures; their order
    config/              closed schemas of a run and of a model; presets
    runs/                a run folder, and the queue of runs
    models/              a model folder: read, write, verify; find by name; pull, export, add; the card
    order.py             a source of pictures and a person's choices -> a run
    sampler/             seeds and latents -> pictures; variations, walks, breeding
    directions/          latent directions, found in weights and samples
    projection/          a user's picture -> its latent
    video.py             pictures in a row -> MP4, GIF
    metrics/             quality, diversity, memorisation; FID and KID as an extra
    bulk/                pictures by the thousand, with a manifest
    sharing/             push a model to the Hub
    training/            games, the loop, snapshots
    playing/             calls and their answers, without gradio
    web/                 the instrument's scripts, for the browser
    progress.py          progress in words on stderr
    __init__.py          gan.load
    cli/  __main__.py   python -m gan
    ui/                  the page; the only folder that imports gradio

A file imports only from above it in this list. `ui` never imports `training`: it starts a process and reads files.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from gan.errors import GanError

if TYPE_CHECKING:
    from gan.sampler import Model

__all__ = ["GanError", "__version__", "load"]
__version__ = "0.2.0"


def load(model: str | Path, home: str | Path | None = None, device: str | None = None) -> "Model":
    """Open a model that makes pictures: `gan.load("emoji").generate(seeds=[1, 2, 3])`.

    `model` is the path of a model folder or of its zip, the name of a run, of a kept model or of a starter, or
    user/repo[@revision] on the Hugging Face Hub. `home` is the folder of runs and kept models; the default is $GAN_HOME, then the
    working folder. `device` is cpu, cuda or mps; None takes the fastest one available. Raises GanError.
    """
    # These imports are inside the function so that `python -m gan --help` does not load torch.
    from gan.models import find
    from gan.runs import home_folder
    from gan.sampler import Model

    return Model.open(find(str(model), home_folder(home)), device)
