"""The mlp family's sides and settings."""

from typing import Annotated

from pydantic import Field

from gan.families.base import Settings
from gan.families.layers import Activation

RESOLUTIONS = (28, 32)

Widths = Annotated[tuple[Annotated[int, Field(ge=4, le=2048)], ...], Field(min_length=1, max_length=6)]


class MLPSettings(Settings):
    """Sizes and choices of both mlp networks."""

    generator_widths: Widths = (256, 512, 1024)
    """Hidden layers from the latent to the picture."""
    discriminator_widths: Widths = (1024, 512, 256)
    """Hidden layers from the picture to the logit."""
    activation: Activation = "leaky-relu"
    dropout: float = Field(0.3, ge=0, le=0.9)
    """Probability that the discriminator drops a feature after each activation, as in the paper."""
