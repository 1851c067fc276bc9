"""The mlp family: two multilayer perceptrons, the networks of the first GANs (Goodfellow et al. 2014).

The networks take a picture as a list of numbers and do not model which pixels are neighbours. They suit small grey pictures and
learning how GANs work. Shape letters: N samples, C channels of the picture, R its side, D z_dim, E the class embedding, W a
hidden layer's width.
"""

from gan.families.base import Family
from gan.families.latent import NormalLatent
from gan.families.mlp.discriminator import MLPDiscriminator
from gan.families.mlp.generator import MLPGenerator
from gan.families.mlp.plan import MLP_PLAN
from gan.families.mlp.settings import RESOLUTIONS, MLPSettings

__all__ = ["MLP", "MLPDiscriminator", "MLPGenerator", "MLPSettings"]

MLP = Family(
    settings=MLPSettings,
    generator=MLPGenerator,
    discriminator=MLPDiscriminator,
    resolutions=RESOLUTIONS,
    plan=MLP_PLAN,
    latent=NormalLatent,
)
