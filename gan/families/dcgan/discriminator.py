"""The dcgan family's discriminator: strided convolutions."""

from itertools import pairwise

from torch import Tensor, nn

from gan.families.base import Discriminator
from gan.families.dcgan.blocks import batch_norm, deviation, initialise
from gan.families.dcgan.settings import DCGANSettings, block_widths
from gan.families.layers import activation, embedding, fill_normal


class DCGANDiscriminator(Discriminator):
    """Maps pictures (N, C, R, R) to logits (N,). Batch norm follows every layer except the first, as in the paper; classes enter
    by projection.

    The product of the class embedding with the last features is added to the logit (Miyato & Koyama 2018, eq. 4). The embedding
    has a weight for each pixel of the features, as the last convolution has: features summed over pixels separate classes poorly.
    """

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: DCGANSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        side, widths = block_widths(resolution, network.width)
        norm, kind = network.discriminator_batch_norm, network.discriminator_activation
        self.picture = nn.Sequential(
            nn.Conv2d(channels, widths[-1], 4, stride=2, padding=1), activation(kind), nn.Dropout2d(network.dropout)
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width_in, width, 4, stride=2, padding=1, bias=not norm),
                *batch_norm(width, norm),
                activation(kind),
                nn.Dropout2d(network.dropout),
            )
            for width_in, width in pairwise(reversed(widths))
        )
        self.logit = nn.Conv2d(widths[0], 1, side)
        self.class_embedding = embedding(num_classes, widths[0] * side * side) if num_classes else None
        initialise(self, norm)
        if self.class_embedding is not None:
            fill_normal(self.class_embedding.weight, 0.0, deviation(self.logit, norm))

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        x = self.picture(pictures)  # (N, W, R/2, R/2)
        for block in self.blocks:
            x = block(x)  # (N, W, r, r), W doubled and r halved, at last to 4 or 7
        logits = self.logit(x).flatten()  # (N, 1, 1, 1) -> (N,)
        if self.class_embedding is None:
            return logits
        return logits + (x.flatten(1) * self.class_embedding(class_index)).sum(1)  # (N, W r r) -> (N,)

    def feature_layers(self) -> list[nn.Module]:
        return list(self.blocks.children())
