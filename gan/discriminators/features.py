"""Heads that score pictures by pretrained, frozen features, mixed at random, and the weight of their loss.

After Projected GAN (Sauer et al. 2021): random fixed convolutions mix the features of each scale, then those of neighbouring
scales from coarse to fine, so that no head can rely on a few features. Spectral norm replaces a gradient penalty.
"""

import math
from typing import Self, cast

import torch
import torch.nn.functional as F
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.nn.utils.parametrize import ParametrizationList

from gan.families.base import Settings
from gan.families.layers import MINIBATCH_GROUP, leak, minibatch_deviation, smooth
from gan.losses.objectives import OBJECTIVES
from gan.vision import SCALES, WIDTHS, load_features

TYPICAL_SIZES = (12.0, 10.0, 6.5, 3.5)  # root mean square of the features of photographs, scale by scale
HEAD_SIDE = 4  # side of the feature map from which a head computes its logit


class FeatureSettings(Settings):
    """The heads, their objective and the weight of their loss."""

    side: int = Field(64, ge=32, le=512)
    """Smaller pictures are enlarged to this side before the features are computed; larger ones keep their size."""
    width: int = Field(64, ge=8, le=512)
    """Channels of the mixed features and of the heads."""
    scales: tuple[int, ...] = SCALES
    """The feature maps that have a head, each named by how many times smaller it is than the picture."""
    objective: str = "relativistic"
    """The heads' objective, a name in OBJECTIVES."""
    deviation: bool = True
    """Whether heads also receive the minibatch deviation: how much features vary among neighbours in the batch."""
    class_projection: bool = True
    """Whether heads receive the class."""
    shift: int = Field(8, ge=1, le=32)
    """Pictures are moved by up to half this number of pixels in each direction, at random in each step; 1 leaves them in place.
    Without moves, the features' grids of 4 to 32 pixels would leave dots in the generated pictures.
    """
    softened: int = Field(0, ge=0, le=16)
    """How often pictures are averaged with their neighbours (1 2 1) before the features see them. Heads then score only shapes;
    lines finer than the average affect only the own discriminator.
    """
    dropout: float = Field(0.0, ge=0, lt=1)
    """Fraction of the mixed features that is hidden from a head, chosen for each batch and scale."""
    lr: float = Field(1e-3, gt=0, le=1)
    weight: float = Field(0.3, ge=0, le=100)
    """Weight of the heads' loss; the own discriminator's loss has weight 1."""
    weight_end: float | None = Field(None, ge=0, le=100)
    """The weight at the end of the training; None keeps the weight constant."""
    changes_from: float = Field(0.6, ge=0, lt=1)
    """Fraction of the training after which the weight starts to change towards its end."""
    begins_at: float = Field(0.0, ge=0, lt=1)
    """Fraction of the training after which the heads' loss reaches the generator; the heads train from the start."""

    @property
    def group(self) -> int:
        """Number of neighbours in a batch that are compared by the minibatch deviation."""
        return MINIBATCH_GROUP if self.deviation else 1

    @field_validator("objective")
    @classmethod
    def check_objective(cls, objective: str) -> str:
        known = [name for name, each in OBJECTIVES.items() if not each.needs_penalty]  # heads have no penalty
        if objective not in known:
            raise ValueError(f"objective is {objective!r}; known are {', '.join(known)}")
        return objective

    @field_validator("scales")
    @classmethod
    def check_scales(cls, scales: tuple[int, ...]) -> tuple[int, ...]:
        if not scales or list(scales) != [scale for scale in SCALES if scale in scales]:
            raise ValueError(f"scales is {scales}; it must hold some of {SCALES}, in this order")
        return scales


def weight_at(settings: FeatureSettings, progress: float) -> float:
    """Return the weight of the heads' loss at a fraction of the training, 0 … 1: zero first, then constant, then linear towards
    its end.
    """
    if progress < settings.begins_at:
        return 0.0
    if settings.weight_end is None:
        return settings.weight
    moved = max(0.0, min(1.0, progress) - settings.changes_from) / (1 - settings.changes_from)
    return settings.weight + (settings.weight_end - settings.weight) * moved


def moved(pictures: Tensor, down: int, right: int) -> Tensor:
    """Return pictures (N, C, H, W) moved by whole pixels, with mirrored pixels at the borders that are uncovered."""
    height, width = pictures.shape[2:]
    padded = F.pad(pictures, (max(right, 0), max(-right, 0), max(down, 0), max(-down, 0)), mode="reflect")
    top, left = max(-down, 0), max(-right, 0)
    return padded[:, :, top : top + height, left : left + width]


class RandomMixing(nn.Module):
    """Mixes the feature maps of all scales into as many maps of `width` channels by fixed random projections; nothing is trained.

    The weights are buffers, so that a snapshot holds them. They depend on the seed alone.
    """

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        rng = torch.Generator().manual_seed(seed)
        for place, (inputs, size) in enumerate(zip(WIDTHS, TYPICAL_SIZES, strict=True)):
            weight = torch.randn(width, inputs, 1, 1, generator=rng) / (size * math.sqrt(inputs))
            self.register_buffer(f"channels{place}", weight)
            self.register_buffer(f"scales{place}", torch.randn(width, width, 3, 3, generator=rng) / math.sqrt(9 * width))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        mixed: list[Tensor] = []
        for place in reversed(range(len(maps))):
            x = F.conv2d(maps[place], self.get_buffer(f"channels{place}"))  # (N, M, s, s)
            if mixed:
                coarser = F.interpolate(mixed[0], size=x.shape[2:], mode="bilinear", align_corners=False)
                x = (x + coarser) * math.sqrt(0.5)
            mixed.insert(0, F.conv2d(x, self.get_buffer(f"scales{place}"), padding=1))
        return mixed


class Head(nn.Module):
    """Maps mixed features (N, M, s, s) to logits (N,)."""

    class_embedding: nn.Parameter | None

    def __init__(self, side: int, settings: FeatureSettings, num_classes: int) -> None:
        super().__init__()
        width = settings.width
        halvings = max(0, (side // HEAD_SIDE).bit_length() - 1)
        self.halve = nn.ModuleList(spectral_norm(nn.Conv2d(width, width, 4, 2, 1)) for _ in range(halvings))
        self.deviation = settings.deviation
        self.conv = spectral_norm(nn.Conv2d(width * (1 + settings.deviation), width, 3, padding=1))
        self.logit = spectral_norm(nn.Conv2d(width, 1, 1))
        rows = torch.zeros(num_classes, width) if num_classes and settings.class_projection else None
        self.register_parameter("class_embedding", None if rows is None else nn.Parameter(rows))

    def forward(self, x: Tensor, class_index: Tensor | None) -> Tensor:
        for layer in self.halve:
            x = leak(layer(x))
        if self.deviation:
            x = minibatch_deviation(x, parts=x.shape[1])
        x = leak(self.conv(x))  # (N, M, 4, 4) or smaller
        logits = cast(Tensor, self.logit(x)).mean((1, 2, 3))
        if self.class_embedding is None or class_index is None:
            return logits
        return logits + (x.mean((2, 3)) * self.class_embedding[class_index]).sum(1) / x.shape[1] ** 0.5


class FeatureDiscriminator(nn.Module):
    """A head for each scale of the pretrained features.

    `describe` is expensive and depends on the pictures alone; `forward` is cheap and is trained. Both turns of a step share the
    result of `describe`, which the discriminator's turn detaches. The pretrained network is not part of the state.
    """

    def __init__(self, *, resolution: int, num_classes: int, settings: FeatureSettings, seed: int = 0) -> None:
        super().__init__()
        self.settings = settings
        self.side = max(resolution, settings.side)
        self.offset = (0, 0)  # pixels, set by `move`
        self.mixing = RandomMixing(settings.width, seed)
        self.heads = nn.ModuleDict({str(scale): Head(self.side // scale, settings, num_classes) for scale in settings.scales})

    def train(self, mode: bool = True) -> Self:
        """Keep the estimates of spectral norms fixed; only `renew_norms` changes them. A batch in pieces then gives the same
        result as a whole one.
        """
        super().train(mode)
        for module in self._estimates():
            module.eval()
        return self

    @torch.no_grad()
    def renew_norms(self) -> None:
        """Update the estimates of spectral norms after the weights have changed: once in each step, before the heads' turn."""
        for module in self._estimates():
            module.train()
            module()
            module.eval()

    def _estimates(self) -> list[nn.Module]:
        return [module for module in self.modules() if isinstance(module, ParametrizationList)]

    def move(self, seed: int) -> None:
        """Set the offset by which `describe` shifts pictures from now on; it depends on the seed alone."""
        span = self.settings.shift
        self.offset = (seed % span - span // 2, seed // span % span - span // 2)

    def describe(self, pictures: Tensor) -> list[Tensor]:
        """Map pictures (N, C, r, r) in [-1, 1], of any side, to mixed features: a map (N, M, s, s) for each scale, fine to
        coarse.
        """
        if pictures.shape[3] < self.side:
            pictures = F.interpolate(pictures, size=(self.side, self.side), mode="bilinear", align_corners=False)
        for _ in range(self.settings.softened):
            pictures = smooth(pictures)
        if self.offset != (0, 0):
            pictures = moved(pictures, *self.offset)
        network = load_features(pictures.device)
        return cast(list[Tensor], self.mixing(network(pictures)))

    def forward(self, mixed: list[Tensor], class_index: Tensor | None) -> Tensor:
        """Map the result of `describe` and class_index, int64 (N,) or None, to logits (N, heads)."""
        logits = []
        for scale, x in zip(SCALES, mixed, strict=True):
            if str(scale) not in self.heads:
                continue
            if self.training and self.settings.dropout:
                kept = torch.rand(1, x.shape[1], 1, 1, device=x.device) >= self.settings.dropout
                x = x * kept / (1 - self.settings.dropout)
            logits.append(self.heads[str(scale)](x, class_index))
        return torch.stack(logits, 1)
