"""What a family is: its networks, its settings, its usual plan and what can be done with its latents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from gan.families.latent import LatentSpace
from gan.families.plan import Plan


class Settings(BaseModel):
    """Base of a family's network settings: closed, frozen, bounded."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(nn.Module):
    """What fine-tuning needs to know about the weights of a generator or a discriminator."""

    class_tables: ClassVar[tuple[str, ...]] = ("class_embedding", "class_embedding.weight")
    """Names of the tensors with one row a class, as far as the network has them."""
    calibrated: ClassVar[tuple[str, ...]] = ()
    """Names of the buffers that `calibrate` estimates: they need no copy."""

    def absorb_classes(self, parent: nn.Module) -> None:
        """In a network without classes, keep the mean effect of the classes that its parent had; nothing by default."""


class Generator(Network):
    """Latents to pictures, or pictures to pictures where the family has no latent.

    `num_classes` is 0 for an unconditional generator, whose `class_index` is None.
    """

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.channels = channels
        self.z_dim = z_dim
        self.num_classes = num_classes

    def forward(self, inputs: Tensor, class_index: Tensor | None) -> Tensor:
        """Inputs, class_index int64 (N,) or None -> pictures (N, C, H, W), about [-1, 1].

        Inputs are z (N, z_dim), or pictures (N, C, H, W) where the family has no latent.
        """
        raise NotImplementedError

    def begin_at(self, side: int) -> None:
        """Prepare an untrained network to grow from a smaller side; only for families with `grows_from`."""
        raise NotImplementedError

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Pictures with truncation: families without an intermediate latent scale z by psi."""
        return self(z * psi, class_index)

    def calibrate(self, classes: Sequence[int] | None = None) -> None:
        """Estimate from fixed latents what only sampling needs; nothing by default.

        `classes` limits what is estimated class by class to some classes (0 in an unconditional generator).
        """

    def first_layer_weight(self) -> Tensor | None:
        """The first layer's matrix on z, (features, z_dim), for families with a `NormalLatent`; None where it is unknown."""
        return None

    def first_layer_features(self, z: Tensor, class_index: Tensor | None) -> Tensor | None:
        """The first layer's outputs, (N, features), for families with a `NormalLatent`; None where they are unknown."""
        return None


class Discriminator(Network):
    """Pictures to logits: (N, C, H, W), class_index int64 (N,) or None -> (N,)."""

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
        """The layers whose outputs compare two pictures (projection does so), input first; none by default."""
        return []


@dataclass(frozen=True, kw_only=True)
class Family:
    """Networks that belong together, and what the rest of the package needs to know about them."""

    settings: type[Settings]
    generator: Callable[..., Generator]
    discriminator: Callable[..., Discriminator]
    resolutions: tuple[int, ...]
    plan: Plan
    latent: Callable[[Any], LatentSpace] | None
    """What can be done with the latents of a generator; None for a family whose generator takes pictures."""
    batch_multiple: int = 1
    """A batch, and each process's share of it, is a multiple of this: the discriminator compares samples in groups."""
    separate_passes: Callable[[Any], bool] = lambda network: False
    """From the settings: whether the score of a picture depends on its batch, as with batch norm. Real and generated pictures
    then pass the discriminator separately, and neither gradient penalties nor adaptive augmentation work."""
    grows_from: int | None = None
    """The smallest side at which its networks also work, with their coarse blocks alone: the generator takes a `side`, the
    discriminator smaller pictures, and `begin_at` makes finer blocks add nothing at first. None: full side only."""

    def growing_sides(self, resolution: int) -> list[int]:
        """Sides below a resolution at which the networks can train, coarse to fine."""
        first = self.grows_from or resolution
        return [2**power for power in range(first.bit_length() - 1, resolution.bit_length() - 1)]
