"""Verifies a model folder of unknown origin: reads it as later code will, and draws one picture."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from gan.config import ModelConfig
from gan.errors import CheckpointError
from gan.families import FAMILIES, Generator, LatentSpace
from gan.files import png_chunks
from gan.models.directions import read_directions
from gan.models.folder import CONFIG, PREVIEW, WEIGHTS, read_discriminator, read_generator
from gan.words import is_printable, printable, shorten

MEGABYTE = 2**20
MAX_PREVIEW_SIDE = 8192
MAX_PREVIEW_CHUNKS = 10_000  # about twice as many as the largest accepted file has when an encoder wrote it


@dataclass(frozen=True)
class _Opened:
    """A model with the attributes that `read_directions` needs."""

    name: str
    folder: Path
    config: ModelConfig
    latent: LatentSpace


def verify(folder: Path, shown: str) -> ModelConfig:
    """Read every file of a model folder and draw one picture. Raises CheckpointError, which names the folder as `shown`."""
    try:
        config, generator = read_generator(folder)
        read_discriminator(folder)
        family = FAMILIES[config.family]
        if family.latent is not None:
            read_directions(_Opened(folder.name, folder, config, family.latent(generator)))
        _check_names(folder, config)
        _check_drawing(folder, config, generator)
    except CheckpointError as error:
        file = Path(str(error.values.get("path", ""))).name
        raise CheckpointError(error.code, **{**error.values, "path": f"{shown}/{file}"}) from error
    return config


def has_usable_preview(folder: Path) -> bool:
    """Return False for a preview that is too large, is not a PNG, or has more than MAX_PREVIEW_CHUNKS chunks.

    Nothing is unpacked.
    """
    path = folder / PREVIEW
    if not path.exists():
        return True
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            if max(picture.size) > MAX_PREVIEW_SIDE:
                return False
        return sum(1 for _ in png_chunks(path.read_bytes())) <= MAX_PREVIEW_CHUNKS
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False


def _check_names(folder: Path, config: ModelConfig) -> None:
    """Refuse class names with characters that change the text around them, such as terminal escapes and direction overrides."""
    for name in config.classes:
        if not is_printable(name):
            problem = f"the name {shorten(printable(name))!r} holds control or direction characters"
            raise CheckpointError("model_config_invalid", path=str(folder / CONFIG), where="classes", problem=problem)


def _check_drawing(folder: Path, config: ModelConfig, generator: Generator) -> None:
    """Refuse weights that are finite but draw pictures that are not."""
    if FAMILIES[config.family].latent is None:  # such a family takes pictures as input
        return
    z = torch.from_numpy(np.random.RandomState(0).standard_normal((1, config.z_dim)).astype(np.float32))
    with torch.inference_mode():
        picture = generator.sample(z, torch.zeros(1, dtype=torch.long) if config.classes else None, 1.0)
    if not bool(torch.isfinite(picture).all()):
        raise CheckpointError("weights_draw_nothing", path=str(folder / WEIGHTS))
