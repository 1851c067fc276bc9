"""A model folder: read, write, verify; and the card that goes with it.

folder.py   a model folder, and what a safetensors file must hold
card.py     the model card
"""

from gan.models.folder import (
    CARD,
    CONFIG,
    DIRECTIONS,
    DISCRIMINATOR,
    PREVIEW,
    WEIGHTS,
    read_config,
    read_discriminator,
    read_generator,
    write_model,
)

__all__ = [
    "CARD",
    "CONFIG",
    "DIRECTIONS",
    "DISCRIMINATOR",
    "PREVIEW",
    "WEIGHTS",
    "read_config",
    "read_discriminator",
    "read_generator",
    "write_model",
]
