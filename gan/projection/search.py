"""From a picture to the latent that comes closest to it, by gradient descent (Abdal et al. 2019; Karras et al. 2020, §5)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.errors import DataError
from gan.images import to_tensor, to_uint8
from gan.limits import PROJECTION_STEPS
from gan.projection.ground import ground_of
from gan.projection.likeness import Eyes, picture_error, pixel_distance, pyramid
from gan.recipes import Latent, Lineage, Recipe
from gan.sampler import Model, full_precision

MAX_STEPS = 5000
STARTS = 2
LEARNING_RATE = 0.1  # in standard deviations of the latents
RISE, FALL = 0.05, 0.4  # shares of the steps in which the learning rate rises, and falls again
ONE_LATENT = 0.4  # share of the steps in which all layers share one latent: where most of it is decided
FEATURE_WEIGHT = 0.3
FEATURE_EVERY = 2  # the discriminator costs as much as the generator, and every other step does nearly as well
PRIOR_WEIGHT = 3e-4
NOISE, NOISE_END = 0.3, 0.3
TYPICAL_SEEDS = 1000

Pixels = npt.NDArray[np.uint8]
Progress = Callable[[int, int, float], None]
Stop = Callable[[], bool]
Look = Callable[[Pixels], None]


@dataclass(frozen=True, eq=False)
class Projection:
    """What came closest to a picture."""

    recipe: Recipe
    """Its latent, in w one a layer, where the model has w; psi 1; the class it began in."""
    error: float
    """Root of the mean squared difference a value, 0 … 1, of `picture` from the one wanted."""
    picture: Pixels
    """uint8 (R, R, C), as the recipe renders it."""
    steps: int
    """Done; fewer than asked for where it was stopped."""


def project(
    model: Model,
    picture: Pixels,
    *,
    class_name: str | None = None,
    steps: int = PROJECTION_STEPS,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
    look: Look | None = None,
) -> Projection:
    """The recipe whose picture comes closest to `picture`, uint8 (R, R, C) as `fit_picture` makes it.

    The search begins at the two best of a few hundred random latents (of `class_name`; None: of all classes) and descends in
    units of the latents' own deviations, which also draw it back towards what the model knows: first one w for all layers, with
    noise that decays, then the better of the two on its own with a w a layer (Abdal et al. 2019, §4; Karras et al. 2020, §5).
    Without w it is z throughout. What is compared are pixels at several scales and the features of the folder's own
    discriminator, where it has one.

    `progress` is told the steps done, all steps, and the error of the best so far; `look` is shown its picture, uint8 (R, R, C),
    whenever a better one is found; `stop` is asked before each step, and True ends the search with that best. The same on the
    same machine each time for one `seed`. The model's networks are only read: others may sample meanwhile. Raises DataError for a
    picture of another size, ModelError for an unknown class, CheckpointError for a damaged discriminator.
    """
    side, channels = model.config.resolution, model.config.channels
    if picture.shape != (side, side, channels) or picture.dtype != np.uint8:
        raise DataError("picture_misfit", side=side, channels=channels, found=" × ".join(map(str, picture.shape)))
    steps = min(max(steps, 1), MAX_STEPS)
    with torch.inference_mode(False), torch.enable_grad(), full_precision(model.device):
        search = Search(model, picture, class_name, seed)
        done = 0
        while done < steps and not (stop and stop()):
            best = search.best
            search.step(done / steps)
            done += 1
            if progress:
                progress(done, steps, search.best.error)
            if look and search.best is not best:
                look(to_uint8(search.best.picture[None])[0])
        return search.result(done)


def typical_error(
    model: Model,
    pictures: int = 4,
    *,
    steps: int = PROJECTION_STEPS,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> float:
    """The mean error with which a model's own samples (psi 0.7) come back: what the error of a photograph is to be compared with.

    Measured once a model and then remembered. `progress` is told steps over all pictures; where `stop` ends it, the mean over
    those finished, or of the one begun, is returned and not remembered.
    """
    with _remembering:
        known = _typical.setdefault(model, {}).get((pictures, steps))
    if known is not None:
        return known
    errors: list[float] = []
    for number, sample in enumerate(model.generate(range(TYPICAL_SEEDS, TYPICAL_SEEDS + pictures))):
        done = number * steps
        found = project(model, sample, steps=steps, stop=stop, progress=progress and _later(progress, done, pictures * steps))
        if found.steps < steps and errors:
            return fmean(errors)
        errors.append(found.error)
        if found.steps < steps:
            return found.error
    with _remembering:
        _typical[model][pictures, steps] = fmean(errors)
    return fmean(errors)


def _later(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _, error: progress(before + done, total, error)


@dataclass
class Best:
    """The point that came closest so far."""

    error: float
    values: Tensor
    class_row: int
    picture: Tensor
    """(C, R, R), as it was drawn."""


class Search:
    """One descent: what is being moved, and the best point met."""

    def __init__(self, model: Model, picture: Pixels, class_name: str | None, seed: int) -> None:
        self.model = model
        self.generator: Any = model.generator
        self.wanted = picture
        self.target = to_tensor(picture[None]).to(model.device)
        self.levels = pyramid(self.target)
        self.noise = torch.Generator().manual_seed(seed)
        self.ground = ground_of(model)
        values, self.rows = self.ground.nearest(
            self.target, None if class_name is None else model.class_index(class_name), STARTS
        )
        self.eyes = Eyes.of(model)
        first = torch.tensor(self.rows[:1], device=model.device) if model.config.classes else None
        with torch.no_grad():
            self.features = self.eyes.features(self.target, first) if self.eyes else []
        self.steps = 0
        self.alone = False
        self.shared = self.ground.whiten(values).requires_grad_()  # (N, dim)
        self.apart = torch.zeros(len(values), *model.latent_shape, device=model.device, requires_grad=True)
        self.optimiser = torch.optim.Adam([self.shared, self.apart] if model.space == "w" else [self.shared], lr=LEARNING_RATE)
        self.best = Best(math.inf, values[0], self.rows[0], self.target[0])
        with torch.no_grad():
            self._judge(self._draw(self._points(self.shared)), self._points(self.shared))

    def step(self, share: float) -> None:
        """One step of Adam; `share` is the part of all steps that is behind us."""
        if share >= ONE_LATENT and not self.alone:
            self._go_on_alone()
        rate = LEARNING_RATE * min(1.0, share / RISE + 0.1) * (0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - share) / FALL)))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        shared = self.shared
        if share < NOISE_END:
            strength = NOISE * (1 - share / NOISE_END) ** 2
            shared = shared + strength * torch.randn(shared.shape, generator=self.noise).to(shared.device)
        points = self._points(shared)
        pictures = self._draw(points)
        # Past black and white there is nothing to see: where the target is there, going further is no difference.
        pictures = torch.where(
            self.target >= 1, pictures.clamp(max=1), torch.where(self.target <= -1, pictures.clamp(min=-1), pictures)
        )
        loss = pixel_distance(pyramid(pictures), self.levels) + PRIOR_WEIGHT * self.shared.square().mean(1)
        if self.model.space == "w" and self.alone:
            loss = loss + PRIOR_WEIGHT * self.apart.square().mean((1, 2))
        if self.eyes and self.alone and self.steps % FEATURE_EVERY == 0:
            seen = self.eyes.features(pictures, self._classes())
            loss = loss + FEATURE_EVERY * FEATURE_WEIGHT * Eyes.distance(seen, self.features)
        self.optimiser.zero_grad()
        loss.sum().backward()
        self.optimiser.step()
        self.steps += 1
        with torch.no_grad():
            self._judge(pictures, points)

    def result(self, steps: int) -> Projection:
        """The best point, as a recipe."""
        classes = self.model.config.classes
        recipe = self.model.recipe(
            latent=Latent.of(self.model.space, self.best.values.cpu().numpy()),
            psi=1.0,
            class_name=classes[self.best.class_row] if classes else None,
            lineage=Lineage(tool="project", settings={"steps": steps, "error": round(self.best.error, 4)}),
        )
        picture = self.model.render([recipe])[0]
        return Projection(recipe, picture_error(picture, self.wanted), picture, steps)

    def _points(self, shared: Tensor) -> Tensor:
        """(N, dim) -> points of the space, (N, layers, w_dim) or (N, z_dim)."""
        if self.model.space == "z":
            return self.ground.colour(shared)
        return self.ground.colour(shared[:, None] + self.apart if self.alone else shared[:, None].expand_as(self.apart))

    def _draw(self, points: Tensor) -> Tensor:
        pictures: Tensor = (
            self.generator.synthesis(points) if self.model.space == "w" else self.generator(points, self._classes())
        )
        return pictures

    def _classes(self) -> Tensor | None:
        return torch.tensor(self.rows, device=self.model.device) if self.model.config.classes else None

    def _judge(self, pictures: Tensor, points: Tensor) -> None:
        """Remember the point whose picture comes closest; it is that very point which was drawn, noise included."""
        errors = ((pictures.clamp(-1, 1) - self.target) / 2).square().mean((1, 2, 3)).sqrt().tolist()
        row = min(range(len(errors)), key=errors.__getitem__)
        if errors[row] < self.best.error:
            self.best = Best(errors[row], points[row].detach().clone(), self.rows[row], pictures[row].detach().clone())
        self.leader = row

    def _go_on_alone(self) -> None:
        """Give up all starts but the one that leads, and let its layers part."""
        row = self.leader
        self.rows = self.rows[row : row + 1]
        kept = self.optimiser.state.pop(self.shared, {})
        self.shared = self.shared[row : row + 1].detach().clone().requires_grad_()
        self.apart = torch.zeros_like(self.apart[:1]).requires_grad_()
        self.optimiser = torch.optim.Adam([self.shared, self.apart] if self.model.space == "w" else [self.shared])
        self.optimiser.state[self.shared] = {
            name: value[row : row + 1] if name != "step" else value for name, value in kept.items()
        }
        self.alone = True


_remembering = Lock()
_typical: "WeakKeyDictionary[Model, dict[tuple[int, int], float]]" = WeakKeyDictionary()
