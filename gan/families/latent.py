"""Operations on the latents of a generator: the contract, and the space of families whose only latent is z.

Seeds are drawn as z, from a standard normal distribution. A *point* is the latent that the generator draws a picture from, after
truncation and every edit. Each family states the space of its points; code outside the families does not depend on that space's
name.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from gan.recipes import Space


@dataclass(frozen=True)
class Way:
    """A kind of path that a morph can take from picture to picture."""

    space: Space
    through_points: bool
    """True to interpolate final points. False to interpolate z, which needs pictures that have a z and are neither mixed nor
    pushed.
    """
    spherical: bool
    """True to follow an arc, which keeps the length of normal latents; False to follow a straight line."""
    across_classes: bool


class LatentSpace(ABC):
    """The latents of one generator.

    All tensors are on the generator's device. `class_row` is the index of a class.
    """

    space: ClassVar[Space]
    """The name that files and recipes use for the space of points."""
    ways: ClassVar[tuple[Way, ...]]
    """The paths that a morph can take, the best first."""
    is_normal: ClassVar[bool]
    """Whether points are z times psi, from a normal distribution. Blends are then spherical, and a file may hold z in place of
    points.
    """
    points_carry_class: ClassVar[bool]
    """Whether drawing a point needs its class. A blend of points then has one class."""
    can_mix_classes: ClassVar[bool]
    """Whether a latent can be mapped for two classes and blended between them."""
    layers: int = 0
    """Number of layers with a latent of their own, coarse to fine; 0 where one latent serves the whole generator."""
    dim: int
    """Length of one latent of a point."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator

    @property
    def z_dim(self) -> int:
        """The length of z."""
        dim: int = self.generator.z_dim
        return dim

    @property
    def can_mix_layers(self) -> bool:
        """Whether layers can come from different pictures (style mixing)."""
        return self.layers > 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of a point: (layers, dim), or (dim,) without layers."""
        return (self.layers, self.dim) if self.layers else (self.dim,)

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def way(self, space: Space) -> Way | None:
        """Return the path through a space, or None where the family lacks the space."""
        return next((way for way in self.ways if way.space == space), None)

    def is_point(self, space: Space, shape: Sequence[int]) -> bool:
        """Return whether an array of this space and shape is a point, or one latent for all layers of a point."""
        return space == self.space and tuple(shape) in (self.shape, (self.dim,))

    def is_direction(self, space: Space, shape: Sequence[int], layers: Sequence[int] | None) -> bool:
        """Return whether an array of this space and shape is a direction for points, and the generator has all of `layers`."""
        return space == self.space and tuple(shape) == (self.dim,) and self.has_layers(layers or ())

    def has_layers(self, layers: Sequence[int]) -> bool:
        """Return whether the generator has all of these layers."""
        return all(0 <= layer < self.layers for layer in layers)

    @abstractmethod
    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """Map z (N, z_dim) and class_index (N,) to the latents of points before truncation, (N, dim)."""

    @abstractmethod
    def centre(self, class_row: int | None) -> Tensor:
        """Return the latent (dim,) that truncation gives at psi 0: the mean of a class, or of all classes for None."""

    @abstractmethod
    def truncate(self, latent: Tensor, centre: Tensor, psi: float) -> Tensor:
        """Return a latent (…, dim) moved towards a centre: psi 0 gives the centre, 1 the unchanged latent."""

    @abstractmethod
    def spread(self, latents: Tensor) -> Tensor:
        """Turn latents (N, dim) into points (N, *shape), with the same latent in every layer."""

    @abstractmethod
    def draw(self, points: Tensor, class_index: Tensor | None) -> Tensor:
        """Return the pictures (N, C, R, R) of points (N, *shape) and classes (N,)."""

    @abstractmethod
    def move(self, latent: Tensor, z: Tensor, class_row: int, distance: float, size: float = 1.0) -> Tensor:
        """Move a latent (…, dim) in the random direction of z (z_dim,): `distance` 0 leaves it unchanged, 1 moves it by about the
        spread of the latents.

        `size` is the absolute psi of the latent.
        """

    @abstractmethod
    def push(self, point: Tensor, step: Tensor, layers: Sequence[int] | None) -> None:
        """Add a step, (dim,) or of `shape`, to some layers of a point, in place; None means all layers."""

    @abstractmethod
    def sensitivity(self, layers: Sequence[int] | None) -> Tensor | None:
        """Return the matrix (features, dim) by which latents first enter the generator's layers; None where it is unknown."""

    def first_features(self, z: Tensor, class_index: Tensor | None) -> Tensor | None:
        """Return the first layer's outputs for z, (N, features), for normal spaces; None where they are unknown."""
        return None


class NormalLatent(LatentSpace):
    """The space of families whose only latent is z: the generator takes z, scaled by psi, together with the class."""

    space = "z"
    ways = (Way("z", through_points=True, spherical=True, across_classes=False),)
    is_normal = True
    points_carry_class = True
    can_mix_classes = False

    def __init__(self, generator: Any) -> None:
        super().__init__(generator)
        self.dim = generator.z_dim

    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        return z

    def centre(self, class_row: int | None) -> Tensor:
        return torch.zeros(self.dim, device=self.device)

    def truncate(self, latent: Tensor, centre: Tensor, psi: float) -> Tensor:
        return latent * psi

    def spread(self, latents: Tensor) -> Tensor:
        return latents

    def draw(self, points: Tensor, class_index: Tensor | None) -> Tensor:
        pictures: Tensor = self.generator(points, class_index)
        return pictures

    def move(self, latent: Tensor, z: Tensor, class_row: int, distance: float, size: float = 1.0) -> Tensor:
        return turn(latent, z.to(latent.device), distance, size)

    def push(self, point: Tensor, step: Tensor, layers: Sequence[int] | None) -> None:
        point += step

    def sensitivity(self, layers: Sequence[int] | None) -> Tensor | None:
        weight: Tensor | None = self.generator.first_layer_weight()
        return weight

    def first_features(self, z: Tensor, class_index: Tensor | None) -> Tensor | None:
        features: Tensor | None = self.generator.first_layer_features(z, class_index)
        return features


def turn(latent: Tensor, z: Tensor, distance: float, size: float = 1.0) -> Tensor:
    """Return cos θ · latent + sin θ · size · z with θ = distance · π / 2, which keeps a normal latent normal."""
    angle = distance * math.pi / 2
    return math.cos(angle) * latent + math.sin(angle) * size * z
