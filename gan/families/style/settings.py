"""The style family's sides and settings."""

from pydantic import Field

from gan.families.base import Settings

RESOLUTIONS = (16, 32, 64, 128, 256, 512)


class StyleSettings(Settings):
    """Sizes of both networks: at side r they have capacity / r channels, at least `narrowest` and at most `width`."""

    w_dim: int = Field(128, ge=8, le=1024)
    mapping_layers: int = Field(2, ge=1, le=8)
    deviation_parts: int = Field(1, ge=1, le=1024)
    """Channels of minibatch deviation: the discriminator's features are averaged in this many parts, at most one for each
    feature.
    """
    class_gain: float = Field(1.0, gt=0, le=1)
    """Scale of the class signal relative to the latent. With a larger value the networks learn classes sooner; with too large a
    value each class collapses to one picture.
    """
    maps: int = Field(0, ge=0, le=8)
    """Spatial maps that the latent makes in each block of the generator (`Placement`)."""
    fine_width: int = Field(16, ge=1, le=256)
    """Channels in which a block of the generator prepares the detail that it draws at twice its side."""
    narrowest: int = Field(16, ge=8, le=1024)
    generator_width: int = Field(128, ge=8, le=1024)
    generator_capacity: int = Field(2048, ge=64, le=65536)
    discriminator_width: int = Field(128, ge=8, le=1024)
    discriminator_capacity: int = Field(2048, ge=64, le=65536)


def block_sides(resolution: int) -> list[int]:
    """Return the sides at which blocks work: 4, 8, … resolution / 2."""
    return [2**i for i in range(2, resolution.bit_length() - 1)]


def width_at(side: int, width: int, capacity: int, narrowest: int) -> int:
    """Return the channels at a side. They depend on the side alone, so networks of two resolutions share the shapes of common
    blocks.
    """
    return min(width, max(narrowest, capacity // side))
