"""The contract of a family: its networks, its settings, its usual plan and the operations on its latents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from gan.families.latent import LatentSpace
from gan.families.plan import Plan


class Settings(BaseModel):
    """Base class of a family's network settings: frozen, with bounded fields, and without further fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(nn.Module):
    """Base class of generators and discriminators, with the properties of their weights that fine-tuning depends on."""

    class_tables: ClassVar[tuple[str, ...]] = ("class_embedding", "class_embedding.weight")
    """Names of tensors with one row for each class; a network may lack some of them."""
    calibrated: ClassVar[tuple[str, ...]] = ()
    """Names of the buffers that `calibrate` estimates. Fine-tuning does not copy them."""

    def absorb_classes(self, parent: nn.Module) -> None:
        """Keep the mean effect of the parent's classes in a network without classes. Does nothing by default."""


class Generator(Network):
    """Maps latents to pictures, or pictures to pictures where the family has no latent.

    `num_classes` is 0 for an unconditional generator, whose `class_index` is None.
    """

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.channels = channels
        self.z_dim = z_dim
        self.num_classes = num_classes

    def forward(self, inputs: Tensor, class_index: Tensor | None) -> Tensor:
        """Map inputs and class_index, int64 (N,) or None, to pictures (N, C, H, W), roughly in [-1, 1].

        Inputs are z (N, z_dim), or pictures (N, C, H, W) where the family has no latent.
        """
        raise NotImplementedError

    def begin_at(self, side: int) -> None:
        """Prepare an untrained network to grow from a smaller side; only for families with `grows_from`."""
        raise NotImplementedError

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Return pictures drawn with truncation. Families without an intermediate latent scale z by psi."""
        return self(z * psi, class_index)

    def calibrate(self, classes: Sequence[int] | None = None) -> None:
        """Estimate statistics that only sampling needs, from fixed latents. Does nothing by default.

        `classes` limits estimates made for each class to some classes (0 in an unconditional generator).
        """

    def first_layer_weight(self) -> Tensor | None:
        """Return the first layer's matrix on z, (features, z_dim), for families with a `NormalLatent`; None where it is
        unknown.
        """
        return None

    def first_layer_features(self, z: Tensor, class_index: Tensor | None) -> Tensor | None:
        """Return the first layer's outputs, (N, features), for families with a `NormalLatent`; None where they are unknown."""
        return None


class Discriminator(Network):
    """Maps pictures (N, C, H, W) and class_index, int64 (N,) or None, to logits (N,)."""

    def __init__(self, *, resolution: int, channels: int, num_classes: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.channels = channels
        self.num_classes = num_classes

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        raise NotImplementedError

    def begin_at(self, side: int) -> None:
        """Prepare an untrained network to grow from a smaller side; only for families with `grows_from`."""
        raise NotImplementedError

    def feature_layers(self) -> list[nn.Module]:
        """Return the layers whose outputs are compared when two pictures are compared, as in projection, from the input on.
        Returns an empty list by default.
        """
        return []


@dataclass(frozen=True, kw_only=True)
class Family:
    """A generator and a discriminator that are trained together, and the properties of both that the rest of the package uses."""

    settings: type[Settings]
    generator: Callable[..., Generator]
    discriminator: Callable[..., Discriminator]
    resolutions: tuple[int, ...]
    plan: Plan
    latent: Callable[[Any], LatentSpace] | None
    """Builds the operations on a generator's latents; None for a family whose generator takes pictures."""
    batch_multiple: int = 1
    """A batch, and each process's part of it, must be a multiple of this number: the discriminator compares samples in groups."""
    separate_passes: Callable[[Any], bool] = lambda network: False
    """Takes the settings and returns whether the score of a picture depends on its batch, as with batch norm. If so, real and
    generated pictures pass the discriminator separately, and neither gradient penalties nor adaptive augmentation work.
    """
    grows_from: int | None = None
    """The smallest side at which the networks also work, using their coarse blocks alone; None if they work at full side only.
    The generator then takes a `side`, the discriminator takes smaller pictures, and `begin_at` makes finer blocks add nothing at
    first.
    """

    def growing_sides(self, resolution: int) -> list[int]:
        """Return the sides below a resolution at which the networks can train, coarse to fine."""
        first = self.grows_from or resolution
        return [2**power for power in range(first.bit_length() - 1, resolution.bit_length() - 1)]
