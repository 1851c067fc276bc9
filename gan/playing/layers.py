"""Measures what the layers of a model change: shape, colour and detail, for its coarse, middle and fine layers."""

from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.directions import layer_groups
from gan.limits import PSI
from gan.playing.studio import Answer, Call, Studio
from gan.recipes import Mix
from gan.sampler import Model
from gan.words import Language

PAIRS = 12  # pairs of pictures that exchange layers
OTHER = 1000  # the distance between the two seeds of a pair
LOW_SIDE = 16  # pixels: a picture reduced to this side shows its shape; what is lost is detail
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
FLAT = 1e-3  # contrast at or below which no contrast is visible
MOST_REMEMBERED = 32

Floats = npt.NDArray[np.float32]

_measured: dict[str, dict[str, dict[str, float]]] = {}  # results by the weights' sha256
_measuring = Lock()  # measures one model at a time, so that simultaneous requests share one measurement


class LayersCall(Call):
    """The model whose layers are measured."""


def effects(studio: Studio, call: LayersCall, language: Language) -> Answer:
    """Return what each group of layers changes, as fractions of the change by all layers; {} without layers."""
    model = studio.open(call.model)
    weights = model.config.weights_sha256
    with _measuring:
        if weights not in _measured:
            if len(_measured) >= MOST_REMEMBERED:
                _measured.pop(next(iter(_measured)))
            _measured[weights] = measure(studio, model)
        return {"groups": _measured[weights]}


def measure(studio: Studio, model: Model) -> dict[str, dict[str, float]]:
    """Measure each group's fractions: give pictures the group's layers of others in their class, and compare before and after.

    Shape is the contrast of the reduced picture, colour its chroma and brightness. Detail is the change of everything that the
    reduced picture does not show, minus the part that a change of shape causes.
    """
    groups = layer_groups(model)
    if not groups:
        return {}
    own = [model.recipe(seed, PSI) for seed in range(PAIRS)]
    others = [model.recipe(seed + OTHER, PSI, recipe.class_name) for seed, recipe in enumerate(own)]
    before = studio.pool.render(model, own)
    whole = changes(before, studio.pool.render(model, others))
    found = {}
    for name, layers in groups.items():
        mixed = [recipe.changed(mix=Mix(start=other.start, layers=layers)) for recipe, other in zip(own, others, strict=True)]
        part = changes(before, studio.pool.render(model, mixed))
        shares = {kind: value / max(whole[kind], FLAT) for kind, value in part.items()}
        shares["detail"] = max(0.0, shares["detail"] ** 2 - shares["shape"] ** 2) ** 0.5
        found[name] = {kind: round(share, 3) for kind, share in shares.items() if kind != "colour" or before[0].shape[2] == 3}
    return found


def changes(before: Any, after: Any) -> dict[str, float]:
    """Return how much pictures (N, H, W, C) differ from others, as root mean squares."""
    one, other = aspects(np.asarray(before)), aspects(np.asarray(after))
    return {kind: float(np.sqrt(np.mean((one[kind] - other[kind]) ** 2))) for kind in one}


def aspects(pictures: npt.NDArray[np.uint8]) -> dict[str, Floats]:
    """Return contrast, chroma, brightness and detail of pictures uint8 (N, H, W, C), for a comparison."""
    colours: Floats = pictures.astype(np.float32) / np.float32(255)
    luma: Floats = colours @ LUMA if colours.shape[3] == 3 else colours[..., 0]
    small = lowered(luma)
    mean = small.mean((1, 2), keepdims=True)
    contrast = (small - mean) / (small.std((1, 2), keepdims=True) + FLAT)
    chroma = lowered((colours - luma[..., None]).transpose(0, 3, 1, 2).reshape(-1, *luma.shape[1:]))
    side = luma.shape[1] // small.shape[1]
    return {
        "shape": contrast,
        "colour": np.concatenate([chroma.ravel(), np.repeat(mean.ravel(), small[0].size)]),
        "detail": luma - small.repeat(side, 1).repeat(side, 2),
    }


def lowered(pictures: Floats) -> Floats:
    """Reduce (N, R, R) to the means of (N, 16, 16) squares; smaller pictures stay as they are."""
    count, side = pictures.shape[:2]
    step = max(1, side // LOW_SIDE)
    return pictures.reshape(count, side // step, step, side // step, step).mean((2, 4))
