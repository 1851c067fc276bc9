"""The dcgan family: strided and transposed convolutions with batch norm (Radford et al. 2015).

Sides double from a first map of 4 × 4 (7 × 7 for pictures of 28 pixels) to the picture, while widths halve. Shape letters: N
samples, C channels of the picture, R its side, D z_dim, E the class embedding, W a block's width, r its side.
"""

from gan.families.base import Family
from gan.families.dcgan.discriminator import DCGANDiscriminator
from gan.families.dcgan.generator import DCGANGenerator
from gan.families.dcgan.plan import DCGAN_PLAN
from gan.families.dcgan.settings import RESOLUTIONS, DCGANSettings
from gan.families.latent import NormalLatent

__all__ = ["DCGAN", "DCGANDiscriminator", "DCGANGenerator", "DCGANSettings"]

DCGAN = Family(
    settings=DCGANSettings,
    generator=DCGANGenerator,
    discriminator=DCGANDiscriminator,
    resolutions=RESOLUTIONS,
    plan=DCGAN_PLAN,
    latent=NormalLatent,
    separate_passes=lambda network: network.discriminator_batch_norm,
)
