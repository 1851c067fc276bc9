"""What can be done with the latents of a generator: the contract, and the space of families whose only latent is z.

Seeds are drawn as z, from a standard normal distribution. A *point* is what the generator draws a picture of, after truncation
and every edit. Each family says which space its points lie in; no other code compares its name.
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
    """How a morph may go from picture to picture."""

    space: Space
    through_points: bool
    """Interpolate final points; otherwise z, which needs pictures with a z, neither mixed nor pushed."""
    spherical: bool
    """Along an arc, which keeps the length of normal latents; otherwise straight."""
    across_classes: bool


class LatentSpace(ABC):
    """The latents of one generator.

    All tensors are on the generator's device. `class_row` is the number of a class.
    """

    space: ClassVar[Space]
    """The name that points have in files and recipes."""
    ways: ClassVar[tuple[Way, ...]]
    """The ways a morph may take, the best first."""
    is_normal: ClassVar[bool]
    """Points are z times psi, of a normal distribution: blends are spherical, and a file may hold z in place of points."""
    points_carry_class: ClassVar[bool]
    """Drawing a point needs its class; a blend of points has one class."""
    can_mix_classes: ClassVar[bool]
    """A latent can be mapped for two classes and blended between them."""
    layers: int = 0
    """Layers that take latents of their own, coarse to fine; 0 where one latent serves the whole generator."""
    dim: int
    """Numbers in one latent of a point."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator

    @property
    def z_dim(self) -> int:
        """Numbers in z."""
        dim: int = self.generator.z_dim
        return dim

    @property
    def can_mix_layers(self) -> bool:
        """Layers can come from different pictures (style mixing)."""
        return self.layers > 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a point: (layers, dim), or (dim,) without layers."""
        return (self.layers, self.dim) if self.layers else (self.dim,)

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def way(self, space: Space) -> Way | None:
        """The way through a space, or None where the family lacks the space."""
        return next((way for way in self.ways if way.space == space), None)

    def is_point(self, space: Space, shape: Sequence[int]) -> bool:
        """Whether numbers of a space and shape are a point, or one latent for all layers of it."""
        return space == self.space and tuple(shape) in (self.shape, (self.dim,))

    def is_direction(self, space: Space, shape: Sequence[int], layers: Sequence[int] | None) -> bool:
        """Whether numbers are a direction of this space, for layers that the generator has; None is all layers."""
        return space == self.space and tuple(shape) == (self.dim,) and self.has_layers(layers or ())

    def has_layers(self, layers: Sequence[int]) -> bool:
        """Whether the generator has all of these layers."""
        return all(0 <= layer < self.layers for layer in layers)

    @abstractmethod
    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """z (N, z_dim), class_index (N,) -> latents of points before truncation, (N, dim)."""

    @abstractmethod
    def centre(self, class_row: int | None) -> Tensor:
        """What truncation draws towards, (dim,): the mean of a class, or of all where none is given."""

    @abstractmethod
    def truncate(self, latent: Tensor, centre: Tensor, psi: float) -> Tensor:
        """A latent (…, dim) drawn towards a centre: psi 0 is the centre, 1 leaves the latent as it is."""

    @abstractmethod
    def spread(self, latents: Tensor) -> Tensor:
        """Latents (N, dim) -> points (N, *shape), the same latent for every layer."""

    @abstractmethod
    def draw(self, points: Tensor, class_index: Tensor | None) -> Tensor:
        """Points (N, *shape), classes (N,) -> pictures (N, C, R, R)."""

    @abstractmethod
    def move(self, latent: Tensor, z: Tensor, class_row: int, distance: float, size: float = 1.0) -> Tensor:
        """A latent (…, dim) moved in the random direction of z (z_dim,): `distance` 0 not at all, 1 as far as latents lie apart.

        `size` is the truncation that the latent was drawn with.
        """

    @abstractmethod
    def push(self, point: Tensor, step: Tensor, layers: Sequence[int] | None) -> None:
        """Add a step, (dim,) or of `shape`, to some layers of a point, in place; None is all layers."""

    @abstractmethod
    def sensitivity(self, layers: Sequence[int] | None) -> Tensor | None:
        """The matrix (features, dim) by which latents first enter the generator's layers; None where it is unknown."""

    def first_features(self, z: Tensor, class_index: Tensor | None) -> Tensor | None:
        """What the first layer makes of z, (N, features), for spaces that are normal; None where it is unknown."""
        return None


class NormalLatent(LatentSpace):
    """The only latent is z: the generator takes it, scaled by psi, together with the class."""

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
    """cos θ · latent + sin θ · size · z with θ = distance · π / 2: a normal latent stays normal."""
    angle = distance * math.pi / 2
    return math.cos(angle) * latent + math.sin(angle) * size * z
