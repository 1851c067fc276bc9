"""A generator ready to make pictures of seeds, of latents and of recipes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from gan.config import ModelConfig
from gan.errors import ModelError
from gan.families import FAMILIES, Family, Generator, LatentSpace
from gan.limits import BATCH, MAX_PSI, NAME_LENGTH, PSI
from gan.machine import detect_device, keep_freed_memory
from gan.models import read_generator, read_origin
from gan.recipes import Latent, ModelReference, Recipe, Space, Start
from gan.sampler.drawing import draw_pictures, full_precision
from gan.sampler.seeds import latents


@dataclass(frozen=True)
class Points:
    """Final latents, after truncation and every edit: float32 (N, *latent.shape).

    `class_index` is int64 (N,) where the generator needs the class to draw them, else None.
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
        # In channels-last memory enlarging is several times as fast, and convolutions are no slower.
        self.generator = generator.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.origin = read_origin(folder, config.weights_sha256)
        self._latent = self.family.latent(generator) if self.family.latent else None

    @classmethod
    def open(cls, folder: Path | str, device: str | None = None) -> Self:
        """Read and verify a model folder. `device` is cpu, cuda or mps; None takes the fastest one available. Raises
        CheckpointError.

        With glibc, this process keeps memory that it frees from now on: `gan.machine.keep_freed_memory`.
        """
        folder = Path(folder).resolve()
        device = detect_device(device)
        keep_freed_memory()
        config, generator = read_generator(folder, device)
        return cls(config, generator, folder, device)

    @property
    def name(self) -> str:
        """The model's name: its repository, else its run, else its folder."""
        return self.origin.name

    @property
    def revision(self) -> str | None:
        """The commit of the repository that the model was pulled from; None if it was not pulled."""
        return self.origin.revision

    @property
    def family(self) -> Family:
        """The description of the networks' family."""
        return FAMILIES[self.config.family]

    @property
    def latent(self) -> LatentSpace:
        """The model's latent space. Raises ModelError for a family that makes pictures from pictures."""
        if self._latent is None:
            raise ModelError("model_without_latents", model=self.name, family=self.config.family)
        return self._latent

    def generate(
        self, seeds: Sequence[int], psi: float = PSI, class_name: str | None = None, batch: int = BATCH
    ) -> np.ndarray[Any, Any]:
        """Return pictures uint8 (N, H, W, C), one for each seed. Without `class_name`, each seed of a conditional model chooses
        its class.

        `psi` is the truncation (Karras et al. 2019, §3.1 of the appendix): 0 is the average picture, 1 the full variety. Raises
        ModelError for an unknown class, a seed outside 0 … 2**32 - 1 or a psi outside -2 … 2.
        """
        pictures = [part for _, part in self.generate_batches(seeds, psi, class_name, batch)]
        return np.concatenate(pictures) if pictures else self._no_pictures()

    def generate_batches(
        self, seeds: Sequence[int], psi: float = PSI, class_name: str | None = None, batch: int = BATCH
    ) -> Iterator[tuple[Sequence[int], np.ndarray[Any, Any]]]:
        """Yield the pictures of `generate` in batches with their seeds, so that many pictures need little memory."""
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
        """Return pictures uint8 (N, H, W, C) of latents float32 (N, z_dim) and, for a conditional model, classes int64 (N,)."""
        self._check_latents(z, class_index)
        if not (math.isfinite(psi) and abs(psi) <= MAX_PSI):
            raise ModelError("psi_out_of_range", found=psi, most=MAX_PSI)
        if not len(z):
            return self._no_pictures()

        def draw(rows: slice) -> Tensor:
            classes = None if class_index is None else class_index[rows].to(self.device)
            return self.generator.sample(z[rows].to(self.device, torch.float32), classes, psi)

        return draw_pictures(draw, len(z), self.device, batch)

    def class_index(self, class_name: str) -> int:
        """Return the index of a class. Raises ModelError for an unknown one."""
        classes = self.config.classes
        if not classes:
            raise ModelError("model_without_classes", model=self.name, found=class_name)
        if class_name not in classes:
            raise ModelError("class_unknown", model=self.name, found=class_name, known=", ".join(classes))
        return classes.index(class_name)

    # Recipes

    @property
    def space(self) -> Space:
        """The name that recipes use for the space of points."""
        return self.latent.space

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """The shape of a point: (layers, dim), or (dim,) without layers."""
        return self.latent.shape

    @property
    def reference(self) -> ModelReference:
        """This model, in the form that recipes hold."""
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
        """Return the recipe of a picture, from a seed or a latent; `fields` are further fields of a Recipe.

        The class is named even where the seed chose it. Raises ModelError for a class or a latent that is not of this model.
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
        """Raise ModelError where a recipe belongs to other weights, or does not fit this model's latents and classes."""
        if recipe.model.weights_sha256 != self.config.weights_sha256:
            raise ModelError("recipe_foreign", wanted=recipe.model.name, found=self.name)
        latent = self.latent
        for start in [recipe, *([recipe.mix.start] if recipe.mix else [])]:
            self._check_start(start)
        if recipe.mix and not latent.can_mix_layers:
            raise ModelError("needs_w", model=self.name, family=self.config.family)
        for push in recipe.directions:
            if not latent.is_point(push.vector.space, push.vector.shape):
                raise ModelError("latent_foreign", model=self.name, found=_shape(push.vector), wanted=self._wanted())
        layers = [
            *(recipe.mix.layers if recipe.mix else ()),
            *(layer for push in recipe.directions for layer in push.layers or ()),
        ]
        if latent.layers and not latent.has_layers(layers):
            raise ModelError("layer_unknown", model=self.name, layers=latent.layers)

    def points(self, recipes: Sequence[Recipe]) -> Points:
        """Return the final latents of recipes, with all edits applied. Raises ModelError."""
        for recipe in recipes:
            self.check(recipe)
        with torch.inference_mode(), full_precision(self.device):
            values, class_index = self._locate(recipes)
            mixed = [(row, recipe.mix) for row, recipe in enumerate(recipes) if recipe.mix is not None]
            if mixed:
                others, _ = self._locate([mix.start for _, mix in mixed])
                for (row, mix), other in zip(mixed, others, strict=True):
                    layers = list(mix.layers)
                    values[row, layers] = other[layers]
            for row, recipe in enumerate(recipes):
                for push in recipe.directions:
                    step = push.strength * torch.from_numpy(push.vector.values).to(self.device)
                    self.latent.push(values[row], step, push.layers)
        return Points(values, class_index)

    def paint(self, points: Points, batch: int = BATCH) -> np.ndarray[Any, Any]:
        """Draw points as pictures uint8 (N, H, W, C)."""
        if not len(points):
            return self._no_pictures()

        def draw(rows: slice) -> Tensor:
            part = points[rows]
            return self.latent.draw(part.values, part.class_index)

        return draw_pictures(draw, len(points), self.device, batch)

    def render(self, recipes: Sequence[Recipe], batch: int = BATCH) -> np.ndarray[Any, Any]:
        """Draw recipes as pictures uint8 (N, H, W, C). Raises ModelError."""
        return self.paint(self.points(recipes), batch)

    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """Map z float32 (N, z_dim) and classes int64 (N,) to latents before truncation, (N, dim)."""
        self._check_latents(z, class_index)
        with torch.inference_mode(), full_precision(self.device):
            return self.latent.map(z.to(self.device), None if class_index is None else class_index.to(self.device))

    def centre(self, class_name: str | None) -> Tensor:
        """Return the latent that truncation gives at psi 0, (dim,): the mean of a class, or of all classes for None."""
        return self.latent.centre(None if class_name is None else self.class_index(class_name))

    def _locate(self, starts: Sequence[Start]) -> tuple[Tensor, Tensor | None]:
        """Return the points of starts after truncation, and their classes where drawing needs them."""
        classes = self.config.classes
        values = torch.empty(len(starts), *self.latent.shape, device=self.device)
        named = torch.zeros(len(starts), dtype=torch.long)
        z = torch.zeros(len(starts), self.config.z_dim)
        for row, start in enumerate(starts):
            if start.seed is not None:
                own, chosen = latents([start.seed], self.config.z_dim, len(classes))
                z[row] = own[0]
                named[row] = 0 if chosen is None else int(chosen)
            elif start.latent is not None and start.latent.is_input:
                z[row] = torch.from_numpy(start.latent.values)
            if start.class_name is not None:
                named[row] = self.class_index(start.class_name)
        class_index = named.to(self.device) if classes else None
        mapped = self.map(z, class_index)
        for row, start in enumerate(starts):
            name = classes[int(named[row])] if classes and (start.class_name or start.seed is not None) else None
            values[row] = self._truncated(start, mapped[row], z[row], name)
        return values, class_index if self.latent.points_carry_class else None

    def _truncated(self, start: Start, mapped: Tensor, z: Tensor, class_name: str | None) -> Tensor:
        """Return one latent: another class is mixed in, then truncation moves the latent towards the mean of its class."""
        centre, latent = self.centre(class_name), mapped
        given = None if start.latent is None or start.latent.is_input else torch.from_numpy(start.latent.values).to(self.device)
        if given is not None:
            latent = given
        if start.class_mix is not None:
            other, amount = self.class_index(start.class_mix.class_name), start.class_mix.amount
            if given is None:
                latent = torch.lerp(latent, self.map(z[None], torch.tensor([other]))[0], amount)
            else:
                latent = latent + amount * (self.latent.centre(other) - centre)
            centre = torch.lerp(centre, self.latent.centre(other), amount)
        return self.latent.truncate(latent, centre, start.psi)

    def _check_start(self, start: Start) -> None:
        classes = self.config.classes
        for name in (start.class_name, start.class_mix.class_name if start.class_mix else None):
            if name is not None:
                self.class_index(name)
        if start.class_mix and not self.latent.can_mix_classes:
            raise ModelError("needs_w", model=self.name, family=self.config.family)
        latent = start.latent
        if latent is None:
            return
        is_z = latent.is_input and latent.shape == (self.config.z_dim,)
        if not is_z and not self.latent.is_point(latent.space, latent.shape):
            raise ModelError("latent_foreign", model=self.name, found=_shape(latent), wanted=self._wanted())
        if classes and start.class_name is None and (latent.is_input or start.class_mix):
            raise ModelError("latent_class_missing", model=self.name, known=", ".join(classes))

    def _wanted(self) -> str:
        """Return the formats of latents that a recipe of this model may hold."""
        known = {f"z ({self.config.z_dim})": None, f"{self.latent.space} ({' × '.join(map(str, self.latent.shape))})": None}
        return " / ".join(known)

    def _check_latents(self, z: Tensor, class_index: Tensor | None) -> None:
        classes = len(self.config.classes)
        if z.ndim != 2 or z.shape[1] != self.latent.z_dim:
            raise ModelError("latents_misshapen", found=tuple(z.shape), z_dim=self.config.z_dim)
        if (class_index is None) != (classes == 0) or (class_index is not None and class_index.shape != (len(z),)):
            raise ModelError("latent_classes_missing", count=len(z), classes=classes)

    def _no_pictures(self) -> np.ndarray[Any, Any]:
        side = self.config.resolution
        return np.empty((0, side, side, self.config.channels), np.uint8)


def _shape(latent: Latent) -> str:
    return f"{latent.space} ({' × '.join(map(str, latent.shape))})"
