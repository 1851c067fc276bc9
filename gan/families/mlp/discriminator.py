"""The mlp family's discriminator."""

from itertools import pairwise

from torch import Tensor, nn

from gan.families.base import Discriminator
from gan.families.layers import activation, embedding, fill_normal
from gan.families.mlp.generator import initialise
from gan.families.mlp.settings import MLPSettings


class MLPDiscriminator(Discriminator):
    """Maps pictures (N, C, R, R) to logits (N,); the loss contains the sigmoid. Classes enter by projection.

    The product of the class embedding with the last features is added to the logit (Miyato & Koyama 2018, eq. 4).
    """

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: MLPSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        widths = network.discriminator_widths
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.Linear(width_in, width), activation(network.activation), nn.Dropout(network.dropout))
            for width_in, width in pairwise([channels * resolution * resolution, *widths])
        )
        self.logit = nn.Linear(widths[-1], 1)
        self.class_embedding = embedding(num_classes, widths[-1]) if num_classes else None
        initialise(self)
        if self.class_embedding is not None:
            fill_normal(self.class_embedding.weight, 0.0, 1 / widths[-1] ** 0.5)

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        x = pictures.flatten(1)  # (N, C R R)
        for layer in self.hidden:
            x = layer(x)  # (N, W)
        logits = self.logit(x).squeeze(1)  # (N, 1) -> (N,)
        if self.class_embedding is None:
            return logits
        return logits + (x * self.class_embedding(class_index)).sum(1)  # (N,)

    def feature_layers(self) -> list[nn.Module]:
        return list(self.hidden.children())
