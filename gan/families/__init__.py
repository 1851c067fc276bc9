"""The table of network families. Each family is a folder.

base.py    the contracts: Generator, Discriminator, Settings, Family
plan.py    the usual plan of a family's trainings
latent.py  the operations on a generator's latents
layers.py  layers that several families share
style/  dcgan/  mlp/

A new family is a folder in this one and a line in FAMILIES.
"""

from gan.families.base import Discriminator, Family, Generator, Network, Settings
from gan.families.dcgan import DCGAN
from gan.families.latent import LatentSpace, NormalLatent, Way, turn
from gan.families.mlp import MLP
from gan.families.plan import Plan
from gan.families.style import STYLE

__all__ = [
    "FAMILIES",
    "Discriminator",
    "Family",
    "Generator",
    "LatentSpace",
    "Network",
    "NormalLatent",
    "Plan",
    "Settings",
    "Way",
    "build_discriminator",
    "build_generator",
    "turn",
]

FAMILIES: dict[str, Family] = {"style": STYLE, "dcgan": DCGAN, "mlp": MLP}
"""Families by name. The first one is the default."""


def build_generator(family: str, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: Settings) -> Generator:
    """Return an untrained generator of a family; `num_classes` 0 makes it unconditional."""
    return FAMILIES[family].generator(
        resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes, network=network
    )


def build_discriminator(family: str, *, resolution: int, channels: int, num_classes: int, network: Settings) -> Discriminator:
    """Return an untrained discriminator of a family; `num_classes` 0 makes it unconditional."""
    return FAMILIES[family].discriminator(resolution=resolution, channels=channels, num_classes=num_classes, network=network)
