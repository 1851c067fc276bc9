"""The package lightweight-gan itself, version 1.2: its networks, losses, augmentation and order of steps, on the CPU.

Importing the package fails without CUDA, so CUDA is reported as available during the import. Settings are those of its command
line (`attn_res_layers` 32, one output, cutout and translation, Adam 2e-4 with betas 0.5 and 0.9), with one change in its favour:
since it processes few pictures in the given time, each batch of 10 pictures makes a step, while the package accumulates the
gradients of 4 such batches. The package's moving average would begin after 20,000 steps, so this peer uses the moving average
that all peers share.
"""

import importlib
import random
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.peers.base import Peer

PENALTY_EVERY = 4
PENALTY_WEIGHT = 10.0
AUGMENTATIONS = ["cutout", "translation"]


def import_package() -> ModuleType:
    """Return the package's module, even on machines without CUDA."""
    there = torch.cuda.is_available
    torch.cuda.is_available = lambda: True
    try:
        return importlib.import_module("lightweight_gan.lightweight_gan")
    finally:
        torch.cuda.is_available = there


class LightweightGAN(Peer):
    """Batch 10, hinge losses on two outputs, a decoder's loss, gradient penalty on every fourth step."""

    batch = 10
    z_dim = 256
    calibration_batches = 2  # few, because the network is slow
    sampling_precision = torch.bfloat16
    memory_format = torch.contiguous_format  # faster by measurement: its attention then copies less

    def build(self) -> None:
        package: Any = import_package()
        package.Blur = nn.Identity  # as the package's Trainer does without antialiasing
        stay: Any = type("OnCPU", (package.LightweightGAN,), {"cuda": lambda self, *_: self})
        self.package = package
        self.both = stay(
            latent_dim=self.z_dim,
            image_size=self.dataset.resolution,
            attn_res_layers=[32],
            disc_output_size=1,
            greyscale=self.dataset.channels == 1,
        )
        self.generator, self.discriminator = self.both.G, self.both.D
        self.generator_optimiser, self.discriminator_optimiser = self.both.G_opt, self.both.D_opt
        # The rule of the package's Trainer for small sets.
        self.augmentation: Any = {"prob": min(0.5, (1e5 - len(self.dataset.train_indices)) * 3e-6), "types": AUGMENTATIONS}
        self.steps = 0

    def make(self, generator: nn.Module, z: Tensor, classes: Tensor | None) -> Tensor:
        return generator(z).float().clamp(0, 1) * 2 - 1

    def play(self, real: Tensor, classes: Tensor | None) -> None:
        # the package also draws from Python's generator
        random.seed(int(np.random.RandomState(torch.initial_seed() % 2**32).randint(2**31)))
        real = real / 2 + 0.5
        penalised = self.steps % PENALTY_EVERY == 0
        self._discriminator_turn(real, penalised)
        self.both.G_opt.zero_grad()
        with self.autocast():
            made = self.generator(torch.randn(len(real), self.z_dim))
            logits, small_logits, _ = self.both.D_aug(made, **self.augmentation)
            losses = [self.package.gen_hinge_loss(output.float(), None) for output in (logits, small_logits)]
        sum(losses).backward()
        self.both.G_opt.step()
        self.steps += 1

    def _discriminator_turn(self, real: Tensor, penalised: bool) -> None:
        self.both.D_opt.zero_grad()
        real.requires_grad_(penalised)
        aug = self.augmentation
        with self.autocast():
            with torch.no_grad():
                fake = self.generator(torch.randn(len(real), self.z_dim))
            fake, (fake_logits, fake_small, _) = self.both.D_aug(
                fake.float(), detach=True, input_requires_grad=penalised, return_discr_input=True, **aug
            )
            real_logits, real_small, decoded = self.both.D_aug(real, calc_aux_loss=True, **aug)
        pairs = [(real_logits.float(), fake_logits.float()), (real_small.float(), fake_small.float())]
        loss = sum(self.package.hinge_loss(*pair) for pair in pairs) + decoded.float()
        if penalised:
            gradients = [
                torch.autograd.grad([pair[side].sum() for pair in pairs], picture, create_graph=True)[0].flatten(1)
                for side, picture in ((0, real), (1, fake))
            ]
            loss = loss + PENALTY_WEIGHT * torch.cat(gradients).norm(2, dim=1).square().mean()
        loss.backward()
        self.both.D_opt.step()
        real.requires_grad_(False)

    def numbers(self) -> dict[str, float]:
        return {"steps": self.steps}

    def set_numbers(self, numbers: dict[str, float]) -> None:
        self.steps = int(numbers["steps"])
