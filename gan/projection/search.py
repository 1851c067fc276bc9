"""Finds the latent closest to a picture, by gradient descent (Abdal et al. 2019; Karras et al. 2020, §5)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.errors import DataError
from gan.images import to_tensor, to_uint8
from gan.limits import PROJECTION_STEPS
from gan.projection.likeness import FeatureLoss, picture_error, pixel_distance, pyramid
from gan.projection.statistics import statistics_of
from gan.recipes import Latent, Lineage, Recipe
from gan.sampler import Model, full_precision

MAX_STEPS = 5000
STARTS = 2
LEARNING_RATE = 0.1  # in standard deviations of the latents
RISE, FALL = 0.05, 0.4  # fractions of the steps in which the learning rate rises, and falls
ONE_LATENT = 0.4  # fraction of the steps in which all layers share one latent; these steps find most of the picture
FEATURE_WEIGHT = 0.3
FEATURE_EVERY = 2  # steps; the discriminator costs as much as the generator, and using it in every other step is nearly as good
PRIOR_WEIGHT = 3e-4
NOISE, NOISE_END = 0.3, 0.3
TYPICAL_SEEDS = 1000

Pixels = npt.NDArray[np.uint8]
Progress = Callable[[int, int, float], None]
Stop = Callable[[], bool]
Look = Callable[[Pixels], None]


@dataclass(frozen=True, eq=False)
class Projection:
    """The closest picture that a search found."""

    recipe: Recipe
    """Holds the latent that was found (one for each layer where the model has layers), psi 1, and the class that was asked for.
    Without one it names no class, since the nearest latent says nothing about a photograph's class; only a latent that is the
    network's input needs the class of its start.
    """
    error: float
    """Root of the mean squared difference per value, 0 … 1, between `picture` and the wanted picture."""
    picture: Pixels
    """uint8 (R, R, C), as the recipe renders it."""
    steps: int
    """Number of steps done; fewer than requested if the search was stopped."""


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
    """Return the recipe whose picture is closest to `picture`, uint8 (R, R, C) as `fit_picture` returns it.

    The search starts from the two best of a few hundred random latents, of `class_name` or for None of all classes. It descends
    in units of the latents' deviations, with a penalty on distance from their mean. At first all layers share one latent, with
    decaying noise. Then the better start continues alone, with one latent for each layer where the model has layers (Abdal et al.
    2019, §4; Karras et al. 2020, §5). The loss compares pixels at several scales, and features of the folder's discriminator, if
    there is one.

    `progress` receives the steps done, all steps, and the best error so far; `look` receives the best picture, uint8 (R, R, C),
    whenever a better one is found; `stop` is called before each step, and True ends the search. The result is deterministic for a
    `seed` on a machine. The model's networks are not changed, so other threads may sample meanwhile. Raises DataError for a
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
    """Return the mean error of projecting a model's own samples (psi 0.7), as a scale for the error of a photograph.

    It is measured once for each model, then cached. `progress` counts steps over all pictures. If `stop` ends the measurement,
    the mean over the finished pictures, or else the error of the unfinished first one, is returned and not cached.
    """
    with _lock:
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
    with _lock:
        _typical[model][pictures, steps] = fmean(errors)
    return fmean(errors)


def _later(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _, error: progress(before + done, total, error)


@dataclass
class Best:
    """The closest point that the search has found so far."""

    error: float
    values: Tensor
    class_row: int
    picture: Tensor
    """(C, R, R), in the range of the generator's output."""


class Search:
    """One descent: its variables, and the best point found."""

    def __init__(self, model: Model, picture: Pixels, class_name: str | None, seed: int) -> None:
        self.model = model
        self.wanted = picture
        self.target = to_tensor(picture[None]).to(model.device)
        self.levels = pyramid(self.target)
        self.noise = torch.Generator().manual_seed(seed)
        self.latent = model.latent
        self.statistics = statistics_of(model)
        self.class_name = class_name
        class_row = None if class_name is None else model.class_index(class_name)
        values, self.rows = self.statistics.nearest(self.target, class_row, STARTS)
        self.feature_loss = FeatureLoss.of(model)
        first = torch.tensor(self.rows[:1], device=model.device) if model.config.classes else None
        with torch.no_grad():
            self.features = self.feature_loss.features(self.target, first) if self.feature_loss else []
        self.steps = 0
        self.alone = False
        self.shared = self.statistics.whiten(values).requires_grad_()  # (N, dim)
        self.apart = torch.zeros(len(values), *model.latent.shape, device=model.device, requires_grad=True)
        self.optimiser = torch.optim.Adam(self._variables(), lr=LEARNING_RATE)
        self.best = Best(math.inf, values[0], self.rows[0], self.target[0])
        with torch.no_grad():
            self._judge(self._draw(self._points(self.shared)), self._points(self.shared))

    def step(self, share: float) -> None:
        """Do one step of Adam; `share` is the fraction of all steps already done."""
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
        # Pictures are shown clipped, so values beyond a black or white target count as equal to it.
        pictures = torch.where(
            self.target >= 1, pictures.clamp(max=1), torch.where(self.target <= -1, pictures.clamp(min=-1), pictures)
        )
        loss = pixel_distance(pyramid(pictures), self.levels) + PRIOR_WEIGHT * self.shared.square().mean(1)
        if self.latent.layers and self.alone:
            loss = loss + PRIOR_WEIGHT * self.apart.square().mean((1, 2))
        if self.feature_loss and self.alone and self.steps % FEATURE_EVERY == 0:
            seen = self.feature_loss.features(pictures, self._classes())
            loss = loss + FEATURE_EVERY * FEATURE_WEIGHT * FeatureLoss.distance(seen, self.features)
        self.optimiser.zero_grad()
        loss.sum().backward()
        self.optimiser.step()
        self.steps += 1
        with torch.no_grad():
            self._judge(pictures, points)

    def result(self, steps: int) -> Projection:
        """Return the best point, as a recipe."""
        classes = self.model.config.classes
        latent = Latent.of(self.latent.space, self.best.values.cpu().numpy())
        needed = classes[self.best.class_row] if classes and latent.is_input else None
        recipe = self.model.recipe(
            latent=latent,
            psi=1.0,
            class_name=self.class_name or needed,
            lineage=Lineage(tool="project", settings={"steps": steps, "error": round(self.best.error, 4)}),
        )
        picture = self.model.render([recipe])[0]
        return Projection(recipe, picture_error(picture, self.wanted), picture, steps)

    def _variables(self) -> list[Tensor]:
        """Return the variables of the descent: the shared latent and, where the model has layers, each layer's difference from
        it.
        """
        return [self.shared, self.apart] if self.latent.layers else [self.shared]

    def _points(self, shared: Tensor) -> Tensor:
        """Map whitened latents (N, dim) to points (N, *shape)."""
        if not self.latent.layers:
            return self.statistics.colour(shared)
        return self.statistics.colour(shared[:, None] + self.apart if self.alone else shared[:, None].expand_as(self.apart))

    def _draw(self, points: Tensor) -> Tensor:
        return self.latent.draw(points, self._classes())

    def _classes(self) -> Tensor | None:
        return torch.tensor(self.rows, device=self.model.device) if self.model.config.classes else None

    def _judge(self, pictures: Tensor, points: Tensor) -> None:
        """Update the best point if one of these pictures, drawn from points with noise, is closer."""
        errors = ((pictures.clamp(-1, 1) - self.target) / 2).square().mean((1, 2, 3)).sqrt().tolist()
        row = min(range(len(errors)), key=errors.__getitem__)
        if errors[row] < self.best.error:
            self.best = Best(errors[row], points[row].detach().clone(), self.rows[row], pictures[row].detach().clone())
        self.leader = row

    def _go_on_alone(self) -> None:
        """Drop all starts but the leading one, and let its layers differ."""
        row = self.leader
        self.rows = self.rows[row : row + 1]
        kept = self.optimiser.state.pop(self.shared, {})
        self.shared = self.shared[row : row + 1].detach().clone().requires_grad_()
        self.apart = torch.zeros_like(self.apart[:1]).requires_grad_()
        self.optimiser = torch.optim.Adam(self._variables())
        self.optimiser.state[self.shared] = {
            name: value[row : row + 1] if name != "step" else value for name, value in kept.items()
        }
        self.alone = True


_lock = Lock()
_typical: "WeakKeyDictionary[Model, dict[tuple[int, int], float]]" = WeakKeyDictionary()
