"""Builds the untrained networks that the config of a model or of a run describes."""

from gan.config.schemas import NetworkChoice
from gan.families import Discriminator, Generator, build_discriminator, build_generator


def new_generator(config: NetworkChoice) -> Generator:
    """Return an untrained generator of the config's family, on torch's default device."""
    return build_generator(
        config.family,
        resolution=config.resolution,
        channels=config.channels,
        z_dim=config.z_dim,
        num_classes=len(config.classes),
        network=config.network,
    )


def new_discriminator(config: NetworkChoice) -> Discriminator:
    """Return an untrained discriminator of the config's family, on torch's default device."""
    return build_discriminator(
        config.family,
        resolution=config.resolution,
        channels=config.channels,
        num_classes=len(config.classes),
        network=config.network,
    )
