"""The style family: a small relative of StyleGAN2 for machines with little memory bandwidth.

Pictures are formed coarse to fine. The block of side r computes features at side r and adds detail to the picture at side 2r. The
detail passes through a few channels, which are enlarged, activated and turned into colours, so that the most expensive octave
costs one small convolution. The discriminator mirrors the generator: each block receives the picture at its own scale. A network
of resolution R is therefore a network of R/2 with one more block at its fine end. Resolution grows by a new block that is silent
at first, which changes no picture.

Sources: Karras et al. 2019 (mapping, styles), 2020 (modulation, skip-RGB, residual discriminator); Miyato & Koyama 2018
(projection).
"""

from gan.families.base import Family
from gan.families.layers import MINIBATCH_GROUP
from gan.families.style.discriminator import StyleDiscriminator
from gan.families.style.generator import StyleBlock, StyleGenerator
from gan.families.style.latent import StyleLatent
from gan.families.style.plan import STYLE_PLAN
from gan.families.style.settings import RESOLUTIONS, StyleSettings

__all__ = ["STYLE", "StyleBlock", "StyleDiscriminator", "StyleGenerator", "StyleLatent", "StyleSettings"]

STYLE = Family(
    settings=StyleSettings,
    generator=StyleGenerator,
    discriminator=StyleDiscriminator,
    resolutions=RESOLUTIONS,
    plan=STYLE_PLAN,
    latent=StyleLatent,
    batch_multiple=MINIBATCH_GROUP,
    grows_from=8,
)
