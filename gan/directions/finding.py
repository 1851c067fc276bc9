"""Directions found in a model's own weights, and in its samples: no labels, no training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gan.directions.direction import unit_rows
from gan.errors import ModelError
from gan.families import Generator
from gan.families.dcgan import DCGANGenerator
from gan.families.mlp import MLPGenerator
from gan.models import Direction, Source
from gan.sampler import Model, full_precision

SAMPLES = 1024
MAX_SAMPLES = 100_000

Rows = npt.NDArray[np.float64]


def factorise(model: Model, count: int = 8, layers: Sequence[int] | None = None) -> list[Direction]:
    """The `count` directions that move a model's styles most, strongest first (Shen & Zhou 2021, eq. 6).

    They are the leading right singular vectors of the matrix that first meets the latent. With w these are the style matrices of
    the convolutions of `layers` (None: of all), one below the other: what moves all layers most is what a w shared by them all
    can do. What a block colours and draws with is left out, since it shows what the convolutions formed, and so are the maps by
    which it says where, since they turn no direction noticeably. A convolution divides a factor common to all its channels out
    again, so a style's part along its mean style is taken away first; else the strongest direction would be one that changes
    little. Without w it is the first layer's matrix on z, batch norm included.

    Deterministic and orthonormal; at most as many as the latent has numbers. Raises ModelError for layers the model has not, and
    where nothing is known of the family's first layer.
    """
    with torch.inference_mode(), full_precision(model.device):
        if model.space == "w":
            matrix = torch.cat([_style_change(model, layer) for layer in _checked(model, layers)])
        else:
            matrix = _first_layer(model).weight(model.generator)
        vectors = np.linalg.svd(_rows(matrix), full_matrices=False)[2]
    return _described(model, vectors[:count], "weights", layers if model.space == "w" else None)


def principal(model: Model, count: int = 8, *, samples: int = SAMPLES, class_name: str | None = None) -> list[Direction]:
    """The `count` directions along which a model's own latents vary most, strongest first (Härkönen et al. 2020, §2).

    With w they are the principal components of the w of `samples` fixed latents, each seen from the mean of its class, so that
    no direction merely leads from class to class; `class_name` looks at that class alone. Every direction of z varies alike, so
    without w the components are those of the first layer's activations, and each is led back to z by least squares.

    Deterministic and orthonormal; at most as many as the latent has numbers. Raises ModelError for an unknown class, and where
    nothing is known of the family's first layer.
    """
    samples = min(max(samples, 2 * model.latent_shape[-1]), MAX_SAMPLES)
    with torch.inference_mode(), full_precision(model.device):
        z, class_index = _fixed_latents(model, samples, class_name)
        if model.space == "w":
            vectors = _components(_within_classes(_rows(model.map(z, class_index)), class_index), count)
        else:
            seen = _first_layer(model).activations(model.generator, z.to(model.device), _to(class_index, model.device))
            activations = _within_classes(_rows(seen), class_index)
            scores = activations @ _components(activations, min(count, z.shape[1])).T  # (samples, count)
            led_back, *_ = np.linalg.lstsq(scores, _rows(z), rcond=None)
            vectors = np.linalg.qr(led_back.T)[0].T
    return _described(model, vectors, "samples", None)


def adopt(model: Model, direction: Direction) -> Direction:
    """The direction for this model's weights, because somebody says so, its scale measured anew.

    Weights that were trained on a little mostly keep what a direction means. Raises ModelError where it is of another space.
    """
    dim = model.latent_shape[-1]
    layers = direction.layers or ()
    if (
        direction.space != model.space
        or direction.vector.shape != (dim,)
        or any(layer >= model.latent_shape[0] for layer in layers)
    ):
        raise ModelError("direction_foreign", name=direction.name, model=model.name)
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
    """The standard deviation of the model's latents along each row, within a class; z has deviation 1 by definition."""
    if model.space == "z":
        return np.ones(len(rows))
    z, class_index = _fixed_latents(model, max(SAMPLES, 2 * len(model.config.classes)), None)
    with torch.inference_mode(), full_precision(model.device):
        latents = _within_classes(_rows(model.map(z, class_index)), class_index)
    return np.maximum((latents @ rows.T).std(0), 1e-6)


def _fixed_latents(model: Model, samples: int, class_name: str | None) -> tuple[Tensor, Tensor | None]:
    """The same z float32 (samples, z_dim) each time, and their classes: the one named, or all in turn."""
    z = np.random.RandomState(0).standard_normal((samples, model.config.z_dim)).astype(np.float32)
    named = None if class_name is None else model.class_index(class_name)
    if not model.config.classes:
        return torch.from_numpy(z), None
    in_turn = torch.arange(samples) % len(model.config.classes)
    return torch.from_numpy(z), in_turn if named is None else torch.full_like(in_turn, named)


def _within_classes(values: Rows, class_index: Tensor | None) -> Rows:
    """Each row seen from the mean of its class."""
    if class_index is None:
        return values - values.mean(0)
    labels, counts = class_index.numpy(), np.bincount(class_index.numpy())
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, labels, values)
    return values - (sums / np.maximum(counts, 1)[:, None])[labels]


def _components(centred: Rows, count: int) -> Rows:
    """The leading principal components, (count, dim)."""
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return vectors.T[::-1][:count]


def _rows(values: Tensor) -> Rows:
    return values.cpu().double().numpy()


def _to(values: Tensor | None, device: torch.device) -> Tensor | None:
    return None if values is None else values.to(device)


# Where a latent first meets a family's weights


def _checked(model: Model, layers: Sequence[int] | None) -> list[int]:
    known = range(model.latent_shape[0])
    chosen = list(known) if layers is None else sorted(set(layers))
    if not chosen or any(layer not in known for layer in chosen):
        raise ModelError("layer_unknown", model=model.name, layers=len(known))
    return chosen


def _style_change(model: Model, layer: int) -> Tensor:
    """How the style of a layer's convolution moves with w, (channels, w_dim), but for the part that demodulation takes away."""
    generator: Any = model.generator
    block = generator.blocks[layer // 2]
    style = (block.conv0, block.conv1)[layer % 2].style
    matrix: Tensor = style.weight * style.weight_gain
    mean: Tensor = style(model.centre(None)[None])[0]  # (channels,)
    mean = mean / mean.norm()
    return matrix - torch.outer(mean, mean @ matrix)


@dataclass(frozen=True)
class FirstLayer:
    """How a family without w takes in z: the matrix on z (features, z_dim), and what it makes of latents (N, features)."""

    weight: Callable[[Any], Tensor]
    activations: Callable[[Any, Tensor, Tensor | None], Tensor]


def _first_layer(model: Model) -> FirstLayer:
    first = FIRST_LAYERS.get(type(model.generator))
    if first is None:
        raise ModelError("directions_none", model=model.name, family=model.config.family)
    return first


def _with_class(network: Any, z: Tensor, class_index: Tensor | None) -> Tensor:
    return z if network.class_embedding is None else torch.cat([z, network.class_embedding(class_index)], 1)


def _dcgan_weight(network: DCGANGenerator) -> Tensor:
    weight = network.project.weight[:, : network.z_dim]
    norm = network.first[0]
    if isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None:
        gain = norm.weight / (norm.running_var + norm.eps).sqrt()  # (W,), each for all places of a feature map
        weight = weight * gain.repeat_interleave(len(weight) // len(gain))[:, None]
    return weight


def _dcgan_activations(network: DCGANGenerator, z: Tensor, class_index: Tensor | None) -> Tensor:
    projected = network.reshape(network.project(_with_class(network, z, class_index)))
    return network.first(projected).flatten(1)


def _mlp_weight(network: Any) -> Tensor:
    return network.hidden[0][0].weight[:, : network.z_dim]


def _mlp_activations(network: MLPGenerator, z: Tensor, class_index: Tensor | None) -> Tensor:
    return network.hidden[0](_with_class(network, z, class_index))


FIRST_LAYERS: dict[type[Generator], FirstLayer] = {
    DCGANGenerator: FirstLayer(_dcgan_weight, _dcgan_activations),
    MLPGenerator: FirstLayer(_mlp_weight, _mlp_activations),
}
