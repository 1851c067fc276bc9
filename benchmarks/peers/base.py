"""Code that all peers share: pictures in the product's order, an averaged generator, seeded random numbers, a state to resume."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gan.data import Dataset, order
from gan.images import to_uint8
from gan.losses.augmentation import mirroring_suits
from gan.sampler import full_precision, latents

EMA_HALF_LIFE_IMAGES = 10_000
EMA_RAMP = 0.05  # the half-life is at most this share of the pictures seen
SAMPLING_BATCH = 32


class Peer:
    """A generator and a discriminator in training: call `step` repeatedly, then `generate`.

    A subclass builds `generator`, `discriminator` and their optimisers in `build`, and trains them on a batch in `play`.
    """

    batch = 32
    z_dim = 128
    conditional = False
    calibration_batches = 8
    sampling_precision: torch.dtype = torch.float32
    memory_format: torch.memory_format = torch.channels_last
    generator: nn.Module
    discriminator: nn.Module
    generator_optimiser: torch.optim.Optimizer
    discriminator_optimiser: torch.optim.Optimizer

    def __init__(self, dataset: Dataset, seed: int = 0) -> None:
        self.dataset = dataset
        self.seed = seed
        self.images_seen = 0
        self.num_classes = len(dataset.classes) if self.conditional else 0
        rows = np.sort(np.random.RandomState(0).permutation(dataset.train_indices)[:4000])
        self.mirrors = mirroring_suits(np.asarray(dataset.pictures[rows]))  # by the product's rule
        self.half_precision = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        torch.manual_seed(seed)
        self.build()
        for network in (self.generator, self.discriminator):
            network.to(memory_format=self.memory_format)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)

    def build(self) -> None:
        """Build the networks and their optimisers."""
        raise NotImplementedError

    def play(self, real: Tensor, classes: Tensor | None) -> None:
        """Train each network for one turn on real pictures (N, C, H, W) in [-1, 1]."""
        raise NotImplementedError

    def make(self, generator: nn.Module, z: Tensor, classes: Tensor | None) -> Tensor:
        """Map latents (N, z_dim) to pictures (N, C, H, W) in [-1, 1]."""
        return generator(z)

    def autocast(self) -> torch.autocast:
        """Use bfloat16 where the processor multiplies it faster, as the product does."""
        return torch.autocast("cpu", torch.bfloat16, enabled=self.half_precision)

    def step(self) -> None:
        """Train both networks on the next batch."""
        torch.manual_seed(
            int(np.random.SeedSequence([self.seed, self.images_seen]).generate_state(1, np.uint64)[0] >> np.uint64(1))
        )
        chosen = order(len(self.dataset.train_indices), self.seed, self.images_seen, self.batch)
        rows = self.dataset.train_indices[chosen]
        real = torch.from_numpy(self.dataset.pictures[rows]).permute(0, 3, 1, 2).float() / 127.5 - 1
        if self.mirrors:
            real = torch.where(torch.rand(len(real), 1, 1, 1) < 0.5, real.flip(3), real)
        classes = torch.from_numpy(self.dataset.labels[rows]) if self.conditional else None
        self.generator.train()
        self.discriminator.train()
        self.play(real.contiguous(memory_format=self.memory_format), classes)
        self.images_seen += self.batch
        self._average()

    @torch.no_grad()
    def _average(self) -> None:
        half_life = min(EMA_HALF_LIFE_IMAGES, EMA_RAMP * self.images_seen)
        weight = 1 - 0.5 ** (self.batch / half_life)
        here, there = self.average.state_dict(), self.generator.state_dict()
        for name, tensor in here.items():
            if tensor.is_floating_point():
                tensor.lerp_(there[name], weight)
            else:
                tensor.copy_(there[name])

    @torch.no_grad()
    def calibrate(self) -> None:
        """Measure the batch norm statistics of the averaged weights."""
        norms = [module for module in self.average.modules() if isinstance(module, nn.BatchNorm2d)]
        if not norms:
            return
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        self.average.train()
        rng = torch.Generator().manual_seed(0)
        for _ in range(self.calibration_batches):
            with self.autocast():
                self.make(self.average, torch.randn(SAMPLING_BATCH, self.z_dim, generator=rng), None)

    def generate(self, seeds: Sequence[int], class_index: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.uint8]:
        """Return pictures uint8 (N, H, W, C) of the averaged generator. Without `class_index`, each seed chooses its class."""
        self.average.eval()
        made = []
        lower = self.sampling_precision != torch.float32 and self.half_precision
        with torch.inference_mode(), full_precision(torch.device("cpu")):
            for start in range(0, len(seeds), SAMPLING_BATCH):
                z, classes = latents(seeds[start : start + SAMPLING_BATCH], self.z_dim, self.num_classes)
                if classes is not None and class_index is not None:
                    classes = torch.from_numpy(class_index[start : start + SAMPLING_BATCH])
                torch.manual_seed(start)  # seeds the network's noise
                with torch.autocast("cpu", self.sampling_precision if lower else torch.bfloat16, enabled=lower):
                    made.append(to_uint8(self.make(self.average, z, classes)))
        return np.concatenate(made)

    # State for a resume

    def parameters(self) -> dict[str, int]:
        """Return the number of parameters of each network."""
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        return {name: count(network) for name, network in networks.items()}

    def numbers(self) -> dict[str, float]:
        """Return the numbers that a subclass must save in addition to its tensors."""
        return {}

    def set_numbers(self, numbers: dict[str, float]) -> None:
        """Restore the result of `numbers`."""

    def save(self, path: Path, seconds: float) -> None:
        """Write the state from which training can resume."""
        tensors: dict[str, Tensor] = {}
        for name, network in self._networks().items():
            tensors |= {f"{name}/{key}": value.contiguous() for key, value in network.state_dict().items()}
        for name, optimiser in self._optimisers().items():
            for index, state in optimiser.state_dict()["state"].items():
                tensors |= {f"{name}/{index}/{key}": value.contiguous() for key, value in state.items()}
        numbers = {"images_seen": float(self.images_seen), "seconds": seconds, **self.numbers()}
        save_file(tensors, path.with_suffix(".part"), {key: repr(value) for key, value in numbers.items()})
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> float:
        """Restore a saved state, and return the seconds trained by then."""
        from safetensors import safe_open

        tensors = load_file(path)
        with safe_open(path, "pt") as file:
            numbers = {key: float(value) for key, value in file.metadata().items()}
        for name, network in self._networks().items():
            network.load_state_dict({k.removeprefix(f"{name}/"): v for k, v in tensors.items() if k.startswith(f"{name}/")})
        for name, optimiser in self._optimisers().items():
            state: dict[int, dict[str, Any]] = {}
            parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
            for key, value in tensors.items():
                if key.startswith(f"{name}/"):
                    _, index, part = key.split("/")
                    # in the parameter's own memory layout, which a fused optimiser requires
                    like = torch.empty_like(parameters[int(index)], requires_grad=False)
                    state.setdefault(int(index), {})[part] = like.copy_(value) if value.ndim else value
            optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        self.images_seen = int(numbers.pop("images_seen"))
        seconds = numbers.pop("seconds")
        self.set_numbers(numbers)
        return seconds

    def _networks(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "discriminator": self.discriminator, "average": self.average}

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {"generator_adam": self.generator_optimiser, "discriminator_adam": self.discriminator_optimiser}


def count(*networks: nn.Module) -> int:
    """Return the number of parameters of networks."""
    return sum(parameter.numel() for network in networks for parameter in network.parameters())
