"""The dcgan family's sides and settings."""

from pydantic import Field

from gan.families.base import Settings
from gan.families.layers import Activation

RESOLUTIONS = (28, 32, 64, 128)
WIDEST = 8  # times `width`: the blocks of the paper's 64 px networks have 8, 4, 2 and 1 times


class DCGANSettings(Settings):
    """Sizes and choices of both networks. The paper has a width of 128 in the generator, and batch norm in both networks."""

    width: int = Field(64, ge=4, le=128)
    """Channels of the block nearest to the picture, in both networks. Each further block doubles them, up to 8 times this
    number.
    """
    generator_activation: Activation = "relu"
    discriminator_activation: Activation = "leaky-relu"
    generator_batch_norm: bool = True
    discriminator_batch_norm: bool = True
    """Must be off with a gradient penalty: with batch norm, the score of a picture depends on its batch."""
    dropout: float = Field(0.0, ge=0, le=0.9)
    """Probability that the discriminator drops a feature map after each activation."""


def block_widths(resolution: int, width: int) -> tuple[int, list[int]]:
    """Return the side of the smallest map, and the width of the map at each side below the picture's, smallest side first."""
    side = 7 if resolution == 28 else 4
    doublings = (resolution // side).bit_length() - 1
    return side, [width * min(WIDEST, 2**power) for power in reversed(range(doublings))]
