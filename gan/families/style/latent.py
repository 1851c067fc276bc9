"""The latents of the style family: z is mapped to w, and every layer takes a w of its own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gan.families.latent import LatentSpace, Way


class StyleLatent(LatentSpace):
    """The space of w. A point has one w for each layer: (layers, w_dim). Truncation moves them towards the mean w of a class."""

    space = "w"
    ways = (
        Way("w", through_points=True, spherical=False, across_classes=True),
        Way("z", through_points=False, spherical=True, across_classes=False),
    )
    is_normal = False
    points_carry_class = False
    can_mix_classes = True

    def __init__(self, generator: Any) -> None:
        super().__init__(generator)
        self.dim = generator.w_dim
        self.layers = generator.num_layers

    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        w: Tensor = self.generator.mapping(z, class_index)
        return w

    def centre(self, class_row: int | None) -> Tensor:
        means: Tensor = self.generator.w_mean
        return means.mean(0) if class_row is None and self.generator.num_classes else means[class_row or 0]

    def truncate(self, latent: Tensor, centre: Tensor, psi: float) -> Tensor:
        return torch.lerp(centre, latent, psi)

    def spread(self, latents: Tensor) -> Tensor:
        return latents[:, None].expand(-1, self.layers, -1)

    def draw(self, points: Tensor, class_index: Tensor | None) -> Tensor:
        pictures: Tensor = self.generator.synthesis(points)
        return pictures

    def move(self, latent: Tensor, z: Tensor, class_row: int, distance: float, size: float = 1.0) -> Tensor:
        """Move along a straight line, in the direction from the class's mean w to the w of z, in which pictures of that class
        vary.
        """
        row = torch.tensor([class_row], device=self.device) if self.generator.num_classes else None
        step = self.map(z[None].to(self.device), row)[0] - self.centre(class_row)
        return latent + distance * size * step

    def push(self, point: Tensor, step: Tensor, layers: Sequence[int] | None) -> None:
        if layers is None:
            point += step
        else:
            chosen = list(layers)
            point[chosen] += step[chosen] if step.ndim == 2 else step

    def sensitivity(self, layers: Sequence[int] | None) -> Tensor:
        """Return the style matrices of the convolutions of some layers, stacked vertically: (features, w_dim).

        The matrices for colours and detail are left out, since they only draw the features that the convolutions formed. The
        spatial maps are left out too, since they do not change any direction noticeably. A convolution divides out a factor
        common to all its channels, so the part of each style along its mean style is subtracted first. Otherwise the strongest
        direction would change little.
        """
        return torch.cat([self._style_matrix(layer) for layer in (range(self.layers) if layers is None else layers)])

    def _style_matrix(self, layer: int) -> Tensor:
        block = self.generator.blocks[layer // 2]
        style = (block.conv0, block.conv1)[layer % 2].style
        matrix: Tensor = style.weight * style.weight_gain
        mean: Tensor = style(self.centre(None)[None])[0]  # (channels,)
        mean = mean / mean.norm()
        return matrix - torch.outer(mean, mean @ matrix)
