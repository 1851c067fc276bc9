"""The random numbers of a step, drawn on the CPU for the whole batch, as a function of (seed, images_seen) alone."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from gan.config import RunConfig
from gan.losses import augmentation as augment
from gan.machine import send


@dataclass(frozen=True)
class Draws:
    """All random numbers of one step, for the whole batch, one row for each sample."""

    z: Tensor  # (B, z_dim): both turns of a step use the same latents
    real_augment: Tensor  # (B, DRAWS)
    held_out_augment: Tensor  # (B, DRAWS)
    fake_augment: Tensor  # (2, B, DRAWS): the discriminator's turn, the generator's turn
    mix: Tensor  # (B, 1, 1, 1)
    seed: int  # seeds dropout

    def to(self, device: torch.device) -> "Draws":
        """Return the numbers on a device, copied in one asynchronous transfer."""
        if device.type == "cpu":
            return self
        tensors = {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}
        flat = torch.cat([tensor.flatten() for tensor in tensors.values()])
        parts = send(flat, device).split([tensor.numel() for tensor in tensors.values()])
        return replace(self, **{name: part.view_as(tensors[name]) for name, part in zip(tensors, parts, strict=True)})


def draw_step(config: RunConfig, images_seen: int) -> Draws:
    """Return the random numbers of the step that begins at `images_seen`."""
    seed = int(np.random.SeedSequence([config.seed, images_seen]).generate_state(1, np.uint64)[0] >> np.uint64(1))
    rng = torch.Generator().manual_seed(seed)
    return Draws(
        z=torch.randn(config.batch, config.z_dim, generator=rng),
        real_augment=augment.draw(config.batch, rng),
        held_out_augment=augment.draw(config.batch, rng),
        fake_augment=torch.stack([augment.draw(config.batch, rng) for _ in range(2)]),
        mix=torch.rand(config.batch, 1, 1, 1, generator=rng),
        seed=seed,
    )
