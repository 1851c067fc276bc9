"""Model folders with random weights, as small as each family allows."""

from pathlib import Path
from typing import Any

import torch

from gan.config import ModelConfig
from gan.families import FAMILIES, Generator, build_discriminator, build_generator
from gan.models import write_model
from tests.tiny_runs import TINY


def with_detail(generator: Generator) -> Generator:
    """Fill the weights that begin at zero (those of the blocks' detail and maps), as if the network had been trained for a
    step.
    """
    for name, parameter in generator.named_parameters():
        if name.endswith(("detail.weight", "placement.weight")):
            torch.nn.init.normal_(parameter, std=0.25)
    return generator


def write_tiny_model(
    folder: Path,
    family: str = "style",
    classes: tuple[str, ...] = (),
    channels: int = 3,
    seed: int = 0,
    discriminator: bool = True,
) -> ModelConfig:
    """Write a model folder at the family's smallest size, with the weights of a seed."""
    entry = FAMILIES[family]
    network = entry.settings(**TINY[family])
    sizes: dict[str, Any] = {"resolution": entry.resolutions[0], "channels": channels}
    torch.manual_seed(seed)
    generator = with_detail(build_generator(family, z_dim=8, num_classes=len(classes), network=network, **sizes)).eval()
    generator.calibrate()
    judge = build_discriminator(family, num_classes=len(classes), network=network, **sizes) if discriminator else None
    config = ModelConfig(family=family, z_dim=8, classes=classes, network=network, **sizes)
    return write_model(folder, config, generator, judge)
