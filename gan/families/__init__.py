"""The table of network families. One file a family; a new one is a file here and a line in NETWORKS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gan.families.dcgan import RESOLUTIONS as DCGAN_RESOLUTIONS
from gan.families.dcgan import DCGANDiscriminator, DCGANGenerator, DCGANSettings
from gan.families.layers import MINIBATCH_GROUP, Discriminator, Generator, Settings
from gan.families.mlp import RESOLUTIONS as MLP_RESOLUTIONS
from gan.families.mlp import MLPDiscriminator, MLPGenerator, MLPSettings
from gan.families.style import RESOLUTIONS as STYLE_RESOLUTIONS
from gan.families.style import StyleDiscriminator, StyleGenerator, StyleSettings

__all__ = ["NETWORKS", "Discriminator", "Family", "Generator", "Settings", "build_discriminator", "build_generator"]


@dataclass(frozen=True)
class Family:
    """A pair of networks that belong together, and what the rest of the package must know of them."""

    settings: type[Settings]
    generator: Callable[..., Generator]
    discriminator: Callable[..., Discriminator]
    resolutions: tuple[int, ...]
    has_w: bool
    discriminator_has_batch_norm: Callable[[Any], bool]
    batch_multiple: int = 1
    """A batch, and each process's share of it, is a multiple of this: samples that the discriminator looks at together."""
    grows_from: int | None = None
    """Its networks also play at sides from this one up, doubling, by their coarse blocks alone: the generator takes a `side`, the
    discriminator pictures of it, and `begin_at` makes finer blocks add nothing at first. None: at their full side only."""


NETWORKS: dict[str, Family] = {
    "style": Family(
        StyleSettings,
        StyleGenerator,
        StyleDiscriminator,
        STYLE_RESOLUTIONS,
        True,
        lambda network: False,
        MINIBATCH_GROUP,
        grows_from=8,
    ),
    "dcgan": Family(
        DCGANSettings,
        DCGANGenerator,
        DCGANDiscriminator,
        DCGAN_RESOLUTIONS,
        has_w=False,
        discriminator_has_batch_norm=lambda network: network.discriminator_batch_norm,
    ),
    "mlp": Family(MLPSettings, MLPGenerator, MLPDiscriminator, MLP_RESOLUTIONS, False, lambda network: False),
}


def build_generator(family: str, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: Settings) -> Generator:
    """A fresh generator of a family; `num_classes` 0 is unconditional."""
    return NETWORKS[family].generator(
        resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes, network=network
    )


def build_discriminator(family: str, *, resolution: int, channels: int, num_classes: int, network: Settings) -> Discriminator:
    """A fresh discriminator of a family; `num_classes` 0 is unconditional."""
    return NETWORKS[family].discriminator(resolution=resolution, channels=channels, num_classes=num_classes, network=network)
