"""Seeds and latents to pictures, from a model folder: the same seed is the same picture everywhere."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from gan.checkpoint import read_generator
from gan.config import ModelConfig, detect_device
from gan.errors import ModelError
from gan.files import read_json
from gan.images import to_uint8
from gan.networks import Generator

MAX_SEED = 2**32 - 1
MAX_SEEDS = 100_000
MAX_PSI = 2.0
RECIPE_VERSION = 1


@dataclass(frozen=True)
class Origin:
    """What a model folder is called, and where it was pulled from."""

    name: str
    repo: str | None = None
    revision: str | None = None


def origin_path(folder: Path) -> Path:
    """The file beside a pulled model folder that remembers its repository: the folder itself holds nothing but the model."""
    return folder.with_name(folder.name + ".json")


def read_origin(folder: Path, weights_sha256: str) -> Origin:
    """What is known of a model folder; a record of other weights than these is of no account."""
    is_run = folder.name == "model" and folder.parent.parent.name == "runs"
    name = folder.parent.name if is_run else folder.name
    path = origin_path(folder)
    record = read_json(path) if path.is_file() else {}
    if record.get("weights_sha256") != weights_sha256:
        return Origin(name)
    return Origin(str(record.get("repo")), str(record.get("repo")), str(record.get("revision")))


def parse_seeds(text: str) -> list[int]:
    """ "0-15,42" -> [0, 1, …, 15, 42], each once. Raises ModelError for anything else, or for more than 100,000."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = [first, last] if dash else [first]
        if not all(end.isascii() and end.isdigit() and len(end) <= 10 for end in ends):
            raise ModelError("seeds_unreadable", found=text)
        start, stop = int(ends[0]), int(ends[-1])
        if start > stop:
            raise ModelError("seeds_unreadable", found=text)
        if stop > MAX_SEED:
            raise ModelError("seed_out_of_range", found=stop, highest=MAX_SEED)
        if stop - start >= MAX_SEEDS:
            raise ModelError("too_many_seeds", found=stop - start + 1, most=MAX_SEEDS)
        seeds.update(dict.fromkeys(range(start, stop + 1)))
    if len(seeds) > MAX_SEEDS:
        raise ModelError("too_many_seeds", found=len(seeds), most=MAX_SEEDS)
    return list(seeds)


def latents(seeds: Sequence[int], z_dim: int, num_classes: int) -> tuple[Tensor, Tensor | None]:
    """Seeds to z float32 (N, z_dim) and, for a conditional model (`num_classes` > 0), the class each seed chooses, int64 (N,).

    The legacy generator is meant: its stream is frozen for good, and small enough to be written again in a browser.
    """
    z = np.empty((len(seeds), z_dim), np.float32)
    class_index = np.empty(len(seeds), np.int64)
    for row, seed in enumerate(seeds):
        if not 0 <= seed <= MAX_SEED:
            raise ModelError("seed_out_of_range", found=seed, highest=MAX_SEED)
        rng = np.random.RandomState(seed)
        z[row] = rng.standard_normal(z_dim)
        class_index[row] = int(rng.random_sample() * num_classes)
    return torch.from_numpy(z), torch.from_numpy(class_index) if num_classes else None


class Model:
    """A generator ready to make pictures: `Model.open(folder)`, then `generate`."""

    def __init__(self, config: ModelConfig, generator: Generator, folder: Path, device: str) -> None:
        self.config = config
        self.folder = folder
        self.device = torch.device(device)
        self.generator = generator.eval().requires_grad_(False)
        self.origin = read_origin(folder, config.weights_sha256)

    @classmethod
    def open(cls, folder: Path | str, device: str | None = None) -> Self:
        """Read and verify a model folder. `device` is cpu, cuda or mps; None is the best there is. Raises CheckpointError."""
        folder = Path(folder).resolve()
        device = detect_device(device)
        config, generator = read_generator(folder, device)
        return cls(config, generator, folder, device)

    @property
    def name(self) -> str:
        """What the model is called: its repository, else its run, else its folder."""
        return self.origin.name

    @property
    def revision(self) -> str | None:
        """The commit it was pulled at, if it was pulled."""
        return self.origin.revision

    def generate(
        self, seeds: Sequence[int], psi: float = 0.7, class_name: str | None = None, batch: int = 32
    ) -> np.ndarray[Any, Any]:
        """Pictures uint8 (N, H, W, C), one a seed. Without `class_name` a conditional model lets each seed choose its class.

        `psi` is the truncation (Karras et al. 2019, §3.1 of the appendix): 0 is the average picture, 1 the full variety.
        Raises ModelError for an unknown class, a seed outside 0 … 2**32 - 1 or a psi outside -2 … 2.
        """
        pictures = [part for _, part in self.generate_batches(seeds, psi, class_name, batch)]
        return np.concatenate(pictures) if pictures else self._no_pictures()

    def generate_batches(
        self, seeds: Sequence[int], psi: float = 0.7, class_name: str | None = None, batch: int = 32
    ) -> Iterator[tuple[Sequence[int], np.ndarray[Any, Any]]]:
        """As `generate`, a batch at a time with its seeds, so that many pictures need little memory."""
        chosen = None if class_name is None else self.class_index(class_name)
        for start in range(0, len(seeds), batch):
            part = seeds[start : start + batch]
            z, class_index = latents(part, self.config.z_dim, len(self.config.classes))
            if chosen is not None:
                class_index = torch.full((len(part),), chosen)
            yield part, self.generate_from_z(z, class_index, psi, batch)

    def generate_from_z(self, z: Tensor, class_index: Tensor | None, psi: float = 0.7, batch: int = 32) -> np.ndarray[Any, Any]:
        """Latents float32 (N, z_dim), and for a conditional model classes int64 (N,) -> pictures uint8 (N, H, W, C)."""
        self._check_latents(z, class_index)
        if not (math.isfinite(psi) and abs(psi) <= MAX_PSI):
            raise ModelError("psi_out_of_range", found=psi, most=MAX_PSI)
        pictures = []
        with torch.inference_mode(), full_precision(self.device):
            for start in range(0, len(z), batch):
                rows = slice(start, start + batch)
                classes = None if class_index is None else class_index[rows].to(self.device)
                made = self.generator.sample(z[rows].to(self.device, torch.float32), classes, psi)
                pictures.append(to_uint8(made))
        return np.concatenate(pictures) if pictures else self._no_pictures()

    def class_index(self, class_name: str) -> int:
        """The number of a class. Raises ModelError where the model does not know it."""
        classes = self.config.classes
        if not classes:
            raise ModelError("model_without_classes", model=self.name, found=class_name)
        if class_name not in classes:
            raise ModelError("class_unknown", model=self.name, found=class_name, known=", ".join(classes))
        return classes.index(class_name)

    def recipe(self, seed: int, psi: float = 0.7, class_name: str | None = None) -> dict[str, Any]:
        """All that is needed to make the picture of a seed again; the class is named even where the seed chose it."""
        if class_name is None and self.config.classes:
            _, class_index = latents([seed], self.config.z_dim, len(self.config.classes))
            assert class_index is not None
            class_name = self.config.classes[int(class_index)]
        model = {
            "name": self.name,
            "repo": self.origin.repo,
            "revision": self.revision,
            "weights_sha256": self.config.weights_sha256,
        }
        return {"version": RECIPE_VERSION, "model": model, "seed": int(seed), "psi": psi, "class": class_name}

    def _check_latents(self, z: Tensor, class_index: Tensor | None) -> None:
        classes = len(self.config.classes)
        if z.ndim != 2 or z.shape[1] != self.config.z_dim:
            raise ModelError("latents_misshapen", found=tuple(z.shape), z_dim=self.config.z_dim)
        if (class_index is None) != (classes == 0) or (class_index is not None and class_index.shape != (len(z),)):
            raise ModelError("latent_classes_missing", count=len(z), classes=classes)

    def _no_pictures(self) -> np.ndarray[Any, Any]:
        side = self.config.resolution
        return np.empty((0, side, side, self.config.channels), np.uint8)


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Float32 as it is written, whatever the process has allowed elsewhere: one seed is one picture on every device."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with (
            torch.autocast(device.type, enabled=False),
            torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False),
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)
