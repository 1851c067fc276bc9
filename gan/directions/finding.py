"""Finds directions in a model's own weights and in its samples, without labels or training."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.directions.direction import unit_rows
from gan.errors import ModelError
from gan.models import Direction, Source
from gan.sampler import Model, full_precision

SAMPLES = 1024
MAX_SAMPLES = 100_000

Rows = npt.NDArray[np.float64]


def factorise(model: Model, count: int = 8, layers: Sequence[int] | None = None) -> list[Direction]:
    """Return the `count` directions that move a model's styles most, strongest first (Shen & Zhou 2021, eq. 6).

    They are the leading right singular vectors of `LatentSpace.sensitivity`, the matrix by which latents enter the generator: the
    style matrices of the convolutions of `layers` (None takes all) stacked vertically, or the first layer's matrix on z.

    The result is deterministic and orthonormal; there are at most as many directions as the latent has numbers. Raises ModelError
    for layers that the model does not have, and for a family without such a matrix.
    """
    chosen = _checked(model, layers)
    with torch.inference_mode(), full_precision(model.device):
        matrix = _known(model, model.latent.sensitivity(chosen))
        vectors = np.linalg.svd(_rows(matrix), full_matrices=False)[2]
    return _described(model, vectors[:count], "weights", chosen)


def principal(model: Model, count: int = 8, *, samples: int = SAMPLES, class_name: str | None = None) -> list[Direction]:
    """Return the `count` directions along which a model's own latents vary most, strongest first (Härkönen et al. 2020, §2).

    They are the principal components of `samples` fixed latents. Each latent is measured from the mean of its class, so that
    directions do not just lead from class to class; `class_name` restricts the latents to one class. Normal latents vary equally
    in every direction. For these, the components of the first layer's features are taken, and least squares maps each back to z.

    The result is deterministic and orthonormal; there are at most as many directions as the latent has numbers. Raises ModelError
    for an unknown class, and for a family that gives no access to its first layer.
    """
    samples = min(max(samples, 2 * model.latent.dim), MAX_SAMPLES)
    with torch.inference_mode(), full_precision(model.device):
        z, class_index = _fixed_latents(model, samples, class_name)
        if model.latent.is_normal:
            rows = None if class_index is None else class_index.to(model.device)
            seen = _known(model, model.latent.first_features(z.to(model.device), rows))
            features = _within_classes(_rows(seen), class_index)
            scores = features @ _components(features, min(count, z.shape[1])).T  # (samples, count)
            led_back, *_ = np.linalg.lstsq(scores, _rows(z), rcond=None)
            vectors = np.linalg.qr(led_back.T)[0].T
        else:
            vectors = _components(_within_classes(_rows(model.map(z, class_index)), class_index), count)
    return _described(model, vectors, "samples", None)


def adopt(model: Model, direction: Direction) -> Direction:
    """Return the direction for this model's weights, with its scale measured again.

    After a little further training, a direction mostly keeps its meaning; the user must judge whether it did. Raises ModelError
    where the direction belongs to another space.
    """
    if not model.latent.is_direction(direction.space, direction.vector.shape, direction.layers):
        raise ModelError("direction_other_space", name=direction.name, model=model.name)
    scale = float(_deviations(model, direction.vector[None])[0])
    return replace(direction, scale=scale, weights_sha256=model.config.weights_sha256)


def _described(model: Model, vectors: Rows, source: Source, layers: Sequence[int] | None) -> list[Direction]:
    rows = unit_rows(vectors)
    chosen = None if layers is None else tuple(sorted(set(layers)))
    return [
        Direction(f"{source} {number}", row, float(scale), source, model.space, model.config.weights_sha256, chosen)
        for number, (row, scale) in enumerate(zip(rows, _deviations(model, rows), strict=True), 1)
    ]


def _deviations(model: Model, rows: npt.NDArray[np.float32]) -> Rows:
    """Return the standard deviation of the model's latents along each row, within a class. Normal latents have deviation 1."""
    if model.latent.is_normal:
        return np.ones(len(rows))
    z, class_index = _fixed_latents(model, max(SAMPLES, 2 * len(model.config.classes)), None)
    with torch.inference_mode(), full_precision(model.device):
        latents = _within_classes(_rows(model.map(z, class_index)), class_index)
    return np.maximum((latents @ rows.T).std(0), 1e-6)


def _fixed_latents(model: Model, samples: int, class_name: str | None) -> tuple[Tensor, Tensor | None]:
    """Return fixed z, float32 (samples, z_dim), equal in every call, and their classes: the named one, or all in turn."""
    z = np.random.RandomState(0).standard_normal((samples, model.config.z_dim)).astype(np.float32)
    named = None if class_name is None else model.class_index(class_name)
    if not model.config.classes:
        return torch.from_numpy(z), None
    in_turn = torch.arange(samples) % len(model.config.classes)
    return torch.from_numpy(z), in_turn if named is None else torch.full_like(in_turn, named)


def _within_classes(values: Rows, class_index: Tensor | None) -> Rows:
    """Return each row minus the mean of its class."""
    if class_index is None:
        return values - values.mean(0)
    labels, counts = class_index.numpy(), np.bincount(class_index.numpy())
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, labels, values)
    return values - (sums / np.maximum(counts, 1)[:, None])[labels]


def _components(centred: Rows, count: int) -> Rows:
    """Return the leading principal components, (count, dim)."""
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return vectors.T[::-1][:count]


def _rows(values: Tensor) -> Rows:
    return values.cpu().double().numpy()


def _checked(model: Model, layers: Sequence[int] | None) -> list[int] | None:
    """Return the layers in order, each once; None, which means all, where none are named or the model has no layers."""
    if layers is None or not model.latent.layers:
        return None
    chosen = sorted(set(layers))
    if not chosen or not model.latent.has_layers(chosen):
        raise ModelError("layer_unknown", model=model.name, layers=model.latent.layers)
    return chosen


def _known(model: Model, values: Tensor | None) -> Tensor:
    """Return the values unless they are None. Raises ModelError otherwise, since the family does not provide them."""
    if values is None:
        raise ModelError("directions_none", model=model.name, family=model.config.family)
    return values
