"""A generator ready to make pictures of seeds, of latents and of whole recipes."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from gan.config import ModelConfig
from gan.errors import ModelError
from gan.families import NETWORKS, Generator
from gan.images import to_uint8
from gan.limits import BATCH, MAX_PSI, NAME_LENGTH, PSI
from gan.machine import detect_device, keep_freed_memory
from gan.models import read_generator, read_origin
from gan.recipes import Latent, ModelReference, Place, Push, Recipe, Space
from gan.sampler.seeds import latents


@dataclass(frozen=True)
class Points:
    """Where pictures lie once every edit is made: w float32 (N, layers, w_dim), and for families without w z float32 (N, z_dim).

    `class_index` int64 (N,) is what families without w still need to know.
    """

    values: Tensor
    class_index: Tensor | None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice) -> "Points":
        return Points(self.values[rows], None if self.class_index is None else self.class_index[rows])


class Model:
    """A generator ready to make pictures: `Model.open(folder)`, then `generate`."""

    def __init__(self, config: ModelConfig, generator: Generator, folder: Path, device: str) -> None:
        self.config = config
        self.folder = folder
        self.device = torch.device(device)
        # With channels last in memory, enlarging is several times as fast, and convolutions are no slower.
        self.generator = generator.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.origin = read_origin(folder, config.weights_sha256)

    @classmethod
    def open(cls, folder: Path | str, device: str | None = None) -> Self:
        """Read and verify a model folder. `device` is cpu, cuda or mps; None is the best there is. Raises CheckpointError.

        With glibc, this process keeps memory that it frees from now on: `gan.machine.keep_freed_memory`.
        """
        folder = Path(folder).resolve()
        device = detect_device(device)
        keep_freed_memory()
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
        self, seeds: Sequence[int], psi: float = PSI, class_name: str | None = None, batch: int = BATCH
    ) -> np.ndarray[Any, Any]:
        """Pictures uint8 (N, H, W, C), one a seed. Without `class_name` a conditional model lets each seed choose its class.

        `psi` is the truncation (Karras et al. 2019, §3.1 of the appendix): 0 is the average picture, 1 the full variety.
        Raises ModelError for an unknown class, a seed outside 0 … 2**32 - 1 or a psi outside -2 … 2.
        """
        pictures = [part for _, part in self.generate_batches(seeds, psi, class_name, batch)]
        return np.concatenate(pictures) if pictures else self._no_pictures()

    def generate_batches(
        self, seeds: Sequence[int], psi: float = PSI, class_name: str | None = None, batch: int = BATCH
    ) -> Iterator[tuple[Sequence[int], np.ndarray[Any, Any]]]:
        """As `generate`, a batch at a time with its seeds, so that many pictures need little memory."""
        chosen = None if class_name is None else self.class_index(class_name)
        for start in range(0, len(seeds), batch):
            part = seeds[start : start + batch]
            z, class_index = latents(part, self.config.z_dim, len(self.config.classes))
            if chosen is not None:
                class_index = torch.full((len(part),), chosen)
            yield part, self.generate_from_z(z, class_index, psi, batch)

    def generate_from_z(
        self, z: Tensor, class_index: Tensor | None, psi: float = PSI, batch: int = BATCH
    ) -> np.ndarray[Any, Any]:
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

    # Recipes

    @property
    def space(self) -> Space:
        """The space that pictures are edited in: w where the family has one, else z."""
        return "w" if NETWORKS[self.config.family].has_w else "z"

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """A point of `space`: (layers, w_dim) or (z_dim,)."""
        generator: Any = self.generator
        return (generator.num_layers, generator.w_dim) if self.space == "w" else (self.config.z_dim,)

    @property
    def reference(self) -> ModelReference:
        """How a recipe names this model."""
        name = self.name[:NAME_LENGTH]
        return ModelReference(name=name, repo=self.origin.repo, revision=self.revision, weights_sha256=self.config.weights_sha256)

    def recipe(
        self,
        seed: int | None = None,
        psi: float = PSI,
        class_name: str | None = None,
        *,
        latent: Latent | None = None,
        **fields: Any,
    ) -> Recipe:
        """All that is needed to make a picture again, of a seed or of a latent; `fields` are others of a Recipe.

        The class is named even where the seed chose it. Raises ModelError for a class or a latent this model does not know.
        """
        if class_name is None and self.config.classes and seed is not None:
            _, class_index = latents([seed], self.config.z_dim, len(self.config.classes))
            assert class_index is not None
            class_name = self.config.classes[int(class_index)]
        licence = self.config.training.licence
        recipe = Recipe(
            model=self.reference,
            seed=seed,
            latent=latent,
            psi=psi,
            class_name=class_name,
            licence=licence[:NAME_LENGTH] if licence else None,
            **fields,
        )
        self.check(recipe)
        return recipe

    def check(self, recipe: Recipe) -> None:
        """Raise ModelError where a recipe belongs to other weights, or asks for what this model has not."""
        if recipe.model.weights_sha256 != self.config.weights_sha256:
            raise ModelError("recipe_foreign", wanted=recipe.model.name, found=self.name)
        for place in [recipe, *([recipe.mix.place] if recipe.mix else [])]:
            self._check_place(place)
        if recipe.mix and self.space == "z":
            raise ModelError("needs_w", model=self.name, family=self.config.family)
        for push in recipe.directions:
            dims = self.latent_shape[-1:]
            if push.vector.space != self.space or push.vector.shape not in (dims, self.latent_shape):
                raise ModelError("latent_foreign", model=self.name, found=_shape(push.vector), wanted=self._wanted())
        layers = [
            *(recipe.mix.layers if recipe.mix else ()),
            *(layer for push in recipe.directions for layer in push.layers or ()),
        ]
        if self.space == "w" and any(not 0 <= layer < self.latent_shape[0] for layer in layers):
            raise ModelError("layer_unknown", model=self.name, layers=self.latent_shape[0])

    def points(self, recipes: Sequence[Recipe]) -> Points:
        """Where the pictures of recipes lie, all edits made. Raises ModelError."""
        for recipe in recipes:
            self.check(recipe)
        with torch.inference_mode(), full_precision(self.device):
            values, class_index = self._locate(recipes)
            mixed = [(row, recipe.mix) for row, recipe in enumerate(recipes) if recipe.mix is not None]
            if mixed:
                others, _ = self._locate([mix.place for _, mix in mixed])
                for (row, mix), other in zip(mixed, others, strict=True):
                    layers = list(mix.layers)
                    values[row, layers] = other[layers]
            for row, recipe in enumerate(recipes):
                for push in recipe.directions:
                    self._push(values[row], push)
        return Points(values, class_index)

    def paint(self, points: Points, batch: int = BATCH) -> np.ndarray[Any, Any]:
        """Points to pictures uint8 (N, H, W, C)."""
        network: Any = self.generator
        pictures = []
        with torch.inference_mode(), full_precision(self.device):
            for start in range(0, len(points), batch):
                part = points[start : start + batch]
                made = network.synthesis(part.values) if self.space == "w" else network(part.values, part.class_index)
                pictures.append(to_uint8(made))
        return np.concatenate(pictures) if pictures else self._no_pictures()

    def render(self, recipes: Sequence[Recipe], batch: int = BATCH) -> np.ndarray[Any, Any]:
        """Recipes to pictures uint8 (N, H, W, C). Raises ModelError."""
        return self.paint(self.points(recipes), batch)

    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """z float32 (N, z_dim), classes int64 (N,) -> points of `space` before truncation: w (N, w_dim), or z itself."""
        self._check_latents(z, class_index)
        if self.space == "z":
            return z.to(self.device)
        network: Any = self.generator
        with torch.inference_mode(), full_precision(self.device):
            mapped: Tensor = network.mapping(z.to(self.device), None if class_index is None else class_index.to(self.device))
        return mapped

    def centre(self, class_name: str | None) -> Tensor:
        """What truncation draws towards, (dim,): the mean w of a class, of all classes where none is named; 0 in z."""
        if self.space == "z":
            return torch.zeros(self.config.z_dim, device=self.device)
        means: Tensor = self.generator.w_mean  # type: ignore[assignment]
        return means.mean(0) if class_name is None and self.config.classes else means[self._row(class_name)]

    def _row(self, class_name: str | None) -> int:
        return 0 if class_name is None else self.class_index(class_name)

    def _locate(self, places: Sequence[Place]) -> tuple[Tensor, Tensor | None]:
        """Places to points after truncation, and their classes."""
        classes = self.config.classes
        values = torch.empty(len(places), *self.latent_shape, device=self.device)
        named = torch.zeros(len(places), dtype=torch.long)
        z = torch.zeros(len(places), self.config.z_dim)
        for row, place in enumerate(places):
            class_name = place.class_name
            if place.seed is not None:
                own, chosen = latents([place.seed], self.config.z_dim, len(classes))
                z[row] = own[0]
                named[row] = 0 if chosen is None else int(chosen)
            elif place.latent is not None and place.latent.space == "z":
                z[row] = torch.from_numpy(place.latent.values)
            if class_name is not None:
                named[row] = self.class_index(class_name)
        class_index = named.to(self.device) if classes else None
        mapped = self.map(z, class_index)
        for row, place in enumerate(places):
            name = classes[int(named[row])] if classes and (place.class_name or place.seed is not None) else None
            values[row] = self._truncated(place, mapped[row], z[row], name)
        return values, class_index if self.space == "z" else None

    def _truncated(self, place: Place, mapped: Tensor, z: Tensor, class_name: str | None) -> Tensor:
        """One point: the class mixed in, then drawn towards the mean."""
        if self.space == "z":
            return mapped * place.psi
        centre, point = self.centre(class_name), mapped
        if place.latent is not None and place.latent.space == "w":
            point = torch.from_numpy(place.latent.values).to(self.device)
        if place.class_mix is not None:
            other = place.class_mix.class_name
            amount = place.class_mix.amount
            if place.latent is None or place.latent.space == "z":
                index = torch.tensor([self.class_index(other)])
                point = torch.lerp(point, self.map(z[None], index)[0], amount)
            else:
                point = point + amount * (self.centre(other) - centre)
            centre = torch.lerp(centre, self.centre(other), amount)
        return torch.lerp(centre, point, place.psi)

    def _push(self, point: Tensor, push: Push) -> None:
        step = push.strength * torch.from_numpy(push.vector.values).to(self.device)
        if self.space == "z" or push.layers is None:
            point += step
        else:
            layers = list(push.layers)
            point[layers] += step[layers] if step.ndim == 2 else step

    def _check_place(self, place: Place) -> None:
        classes = self.config.classes
        for name in (place.class_name, place.class_mix.class_name if place.class_mix else None):
            if name is not None:
                self.class_index(name)
        if place.class_mix and self.space == "z":
            raise ModelError("needs_w", model=self.name, family=self.config.family)
        if place.latent is None:
            return
        if place.latent.space == "z":
            fits = place.latent.shape == (self.config.z_dim,)
        else:
            fits = self.space == "w" and place.latent.shape in (self.latent_shape, self.latent_shape[-1:])
        if not fits:
            raise ModelError("latent_foreign", model=self.name, found=_shape(place.latent), wanted=self._wanted())
        if classes and place.class_name is None and (place.latent.space == "z" or place.class_mix):
            raise ModelError("latent_class_missing", model=self.name, known=", ".join(classes))

    def _wanted(self) -> str:
        z = f"z ({self.config.z_dim})"
        layers_and_dim = " × ".join(map(str, self.latent_shape))
        return z if self.space == "z" else f"{z} / w ({layers_and_dim})"

    def _check_latents(self, z: Tensor, class_index: Tensor | None) -> None:
        classes = len(self.config.classes)
        if z.ndim != 2 or z.shape[1] != self.config.z_dim:
            raise ModelError("latents_misshapen", found=tuple(z.shape), z_dim=self.config.z_dim)
        if (class_index is None) != (classes == 0) or (class_index is not None and class_index.shape != (len(z),)):
            raise ModelError("latent_classes_missing", count=len(z), classes=classes)

    def _no_pictures(self) -> np.ndarray[Any, Any]:
        side = self.config.resolution
        return np.empty((0, side, side, self.config.channels), np.uint8)


def _shape(latent: Latent) -> str:
    return f"{latent.space} ({' × '.join(map(str, latent.shape))})"


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
