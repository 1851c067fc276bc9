"""Seedbed: grow an image generator from a folder of your own pictures, play it like an instrument, and share it.

The data path:

    zip -> data -> trainer -> checkpoint -> sampler -> picture -> Hub

    errors.py       GanError and its tree: the only errors a user sees; each carries a code and its values
    files.py        files written whole or not at all, read with bounds, and locked
    images.py       uint8 <-> tensor, grids, PNG with its recipe inside
    data.py         zip -> checked, prepared dataset; resumable order
    networks/       one file a family (style, dcgan, mlp) + shared layers + the table NETWORKS
    objectives.py   adversarial losses: pure functions on logits, the table OBJECTIVES
    penalties.py    gradient penalties on (discriminator, pictures), the table PENALTIES
    augment.py      differentiable augmentation and its strength
    config.py       closed, bounded schemas of a run and of a model; PRESETS
    checkpoint.py   a model folder: read, write, verify
    runs.py         a run folder: status, events, samples, snapshots, control, lock
    sampler.py      seeds and latents -> pictures; truncation
    metrics.py      quality, diversity, memorisation
    hub/            models by name; pull, push, model card
    trainer.py      the training loop
    jobs.py         starts, watches and stops trainers as detached processes; the queue
    cli.py          `python -m gan …`: thin
    ui/             one file a tab + theme + texts; the only place that imports gradio

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
