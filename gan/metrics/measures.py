"""Quality, diversity and memorisation of generated pictures, measured against real ones without any pretrained network.

The functions take uint8 arrays (N, H, W, C). The distance between two pictures is the root mean square difference of their
values, from 0 (equal) to 1 (black against white), at 32 pixels a side at most. The numbers are comparable only between models on
the same data at the same resolution.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

Array = npt.NDArray[Any]

PATCH = 7  # pixels a side, as in the paper
SMALLEST_LEVEL = 14  # side of the pyramid's last level: 16, or 14 for pictures of 28
DESCRIPTORS = 8192  # patches of each level and set; the paper takes 128 of each picture, which costs more and changes little
PROJECTIONS = 256
FEATURE_SIDE = 32
CHUNK = 64  # pictures converted to float at once
REFERENCE_CHUNK = 2048
BOOTSTRAPS = 1000
# Attractors are the real pictures that are nearest to most samples. At least this many of them must be expected to be held out:
# at 3, the chance that none is held out is e^-3 = 5 %.
LEAST_ATTRACTORS = 3.0
WIDEST_INTERVAL = 1.0  # a wider interval of a share is useless


class PictureMaker(Protocol):
    """The methods of a model that `evaluate` calls; `gan.sampler.Model` has them."""

    @property
    def config(self) -> Any: ...

    def generate(self, seeds: Sequence[int], psi: float, class_name: str | None) -> Array: ...


class RealPictures(Protocol):
    """The attributes of a dataset that `evaluate` reads; `gan.data.Dataset` has them."""

    @property
    def pictures(self) -> Array: ...

    @property
    def labels(self) -> Array: ...

    @property
    def classes(self) -> list[str]: ...

    @property
    def train_indices(self) -> Array: ...

    @property
    def held_out_indices(self) -> Array: ...


def evaluate(
    model: PictureMaker,
    dataset: RealPictures,
    *,
    count: int = 1000,
    progress: Callable[[int, int], None] | None = None,
    show: Callable[[Array], None] | None = None,
) -> dict[str, float]:
    """Measure a model (`count` samples: psi 1, seeds 0, 1, …) against a dataset of its own resolution and channels.

    The classes are as frequent among the samples as in the dataset. Returns

    - `samples`: the number of samples.
    - `sliced_wasserstein`: quality and variety of texture and shape, by the function of this name; 0 is best.
    - `sliced_wasserstein_real`: the same between two sets of real pictures of that size: the score of a perfect model.
    - `diversity`: mean distance within the samples divided by that within the real pictures; 1: as varied, 0: one picture.
    - `nearest_training`: median distance of a sample to the nearest training picture, mirrored or not; 0 … 1.
    - `memorisation`: the result of the function of this name. ½: samples are as close to training pictures as held-out pictures
      are; 1: samples are always closer. Blurred samples raise it too.
    - `copied_share`: the result of the function of this name; about 0 without copies, 1 if all are copies, however blurred.
      `copied_share_low` and `copied_share_high` are the ends of its 95 % interval. All three are missing where a few pictures are
      nearest to most samples.

    `memorisation` and `copied_share` are missing where no picture is held out. `show` receives the result of `closest_pairs`.
    """
    rng = np.random.default_rng(0)
    everything = rng.permutation(np.concatenate([dataset.train_indices, dataset.held_out_indices]))
    half = min(count, len(everything) // 2)
    references, others = (take(dataset, np.sort(rows)) for rows in (everything[:half], everything[half : 2 * half]))
    samples = make_samples(model, dataset, rng.choice(everything, count, replace=count > len(everything)), progress)
    originals, to_training = nearest(samples, dataset.pictures, dataset.train_indices)
    if show is not None:
        show(closest_pairs(samples, dataset, originals, to_training))
    result = {
        "samples": float(count),
        "sliced_wasserstein": sliced_wasserstein(samples, references),
        "sliced_wasserstein_real": sliced_wasserstein(others, references),
        "diversity": diversity(samples, references),
        "nearest_training": float(np.median(to_training)),
    }
    if len(dataset.held_out_indices):
        _, new_to_training = nearest(take(dataset, dataset.held_out_indices), dataset.pictures, dataset.train_indices)
        result["memorisation"] = memorisation(to_training, new_to_training)
        result |= copying(samples, dataset, originals, to_training)
    return result


def copying(samples: Array, dataset: RealPictures, originals: Array, to_training: Array) -> dict[str, float]:
    """Return `copied_share` with the ends of its interval; `originals` and `to_training` come from `nearest` for the training
    pictures.

    The result is empty where no picture is held out, a few pictures attract most samples, or the interval is too wide.
    """
    training, held_out = dataset.train_indices, dataset.held_out_indices
    if not len(held_out):
        return {}
    new, to_held_out = nearest(samples, dataset.pictures, held_out)
    is_new = to_held_out < to_training
    attracted = [np.bincount(rows, minlength=len(dataset.pictures)) for rows in (originals[~is_new], new[is_new])]
    fraction = len(held_out) / (len(training) + len(held_out))
    counts = (attracted[0] + attracted[1]).astype(np.float64)
    attractors = counts.sum() ** 2 / max(np.square(counts).sum(), 1.0)  # 1 where one picture attracts all samples
    low, high = copied_interval(attracted[0][training], attracted[1][held_out])
    if attractors * fraction < LEAST_ATTRACTORS or high - low > WIDEST_INTERVAL:
        return {}
    share = copied_share(to_training, to_held_out, fraction)
    return {"copied_share": share, "copied_share_low": low, "copied_share_high": high}


def observe(samples: Array, references: Array) -> dict[str, float]:
    """Return measures cheap enough to repeat during training: `sliced_wasserstein` and `diversity`. 256 pictures take half a
    second.

    They are comparable within a training if the number and size of samples and references stay the same.
    """
    return {"sliced_wasserstein": sliced_wasserstein(samples, references), "diversity": diversity(samples, references)}


def mean_picture_distance(references: Array) -> float:
    """Return the sliced Wasserstein distance of a set in which every picture is the mean of the references.

    A generator whose own distance is larger has learnt less than that mean.
    """
    mean = references.astype(np.float64).mean(0, keepdims=True).round().astype(np.uint8)
    return sliced_wasserstein(np.repeat(mean, len(references), axis=0), references)


def closest_pairs(samples: Array, dataset: RealPictures, originals: Array, distances: Array, most: int = 16) -> Array:
    """Return the samples that are closest to a training picture, each left of that picture: uint8 (pairs, H, 2 W, C), closest
    first.

    `originals` and `distances` come from `nearest`. Each original appears once, so that one copy does not fill all pairs.
    """
    chosen: dict[int, int] = {}
    for sample in np.argsort(distances, kind="stable"):
        chosen.setdefault(int(originals[sample]), int(sample))
        if len(chosen) == most:
            break
    return np.concatenate([samples[list(chosen.values())], np.asarray([dataset.pictures[row] for row in chosen])], axis=2)


def take(dataset: RealPictures, rows: Array) -> Array:
    """Return the dataset's pictures at `rows` as an array in memory, uint8 (N, H, W, C)."""
    return np.asarray(dataset.pictures[rows])


def make_samples(
    model: PictureMaker, dataset: RealPictures, rows: Array, progress: Callable[[int, int], None] | None = None
) -> Array:
    """Return one sample for each real picture in `rows`, of its class if model and dataset have the same classes; psi 1."""
    classes = list(model.config.classes)
    labels = dataset.labels[rows] if classes and classes == list(dataset.classes) else np.full(len(rows), -1)
    samples: Array | None = None
    done = 0
    for label in np.unique(labels):
        (of_class,) = np.nonzero(labels == label)
        for start in range(0, len(of_class), CHUNK):
            part = of_class[start : start + CHUNK]
            made = model.generate([int(seed) for seed in part], psi=1.0, class_name=None if label < 0 else classes[label])
            samples = np.empty((len(rows), *made.shape[1:]), np.uint8) if samples is None else samples
            samples[part] = made
            done += len(part)
            if progress is not None:
                progress(done, len(rows))
    if samples is None:
        raise ValueError("there are no pictures to compare with")
    return samples


def sliced_wasserstein(samples: Array, references: Array, seed: int = 0) -> float:
    """Return the sliced Wasserstein distance between patches, averaged over a Laplacian pyramid (Karras et al. 2018, §5).

    0 means equal patches; the unit is a thousandth of a reference standard deviation. Coarse levels compare shapes, the finest
    compares texture. Two sets of 1,000 real pictures are about 20 apart, smaller sets more.
    """
    levels = sliced_wasserstein_levels(samples, references, seed)
    return sum(levels.values()) / len(levels)


def sliced_wasserstein_levels(samples: Array, references: Array, seed: int = 0) -> dict[int, float]:
    """Return the distance at each level, {side: distance}. Where one set is larger, evenly spaced pictures of it are used.

    Both sets are scaled by the references' mean and deviation. The paper scales each by its own, which hides wrong brightness.
    """
    if samples.shape[1:] != references.shape[1:]:
        raise ValueError(f"pictures of {samples.shape[1:]} cannot be compared with pictures of {references.shape[1:]}")
    count = min(len(samples), len(references))
    ours, theirs = (patches(evenly(pictures, count), seed) for pictures in (samples, references))
    rng = np.random.default_rng(seed)
    distances = {}
    for side, reference in theirs.items():
        mean, deviation = reference.mean((0, 2), keepdims=True), reference.std((0, 2), keepdims=True) + 1e-3
        directions = rng.standard_normal((reference[0].size, PROJECTIONS)).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=0)
        projected = [((x - mean) / deviation).reshape(len(x), -1) @ directions for x in (ours[side], reference)]
        first, second = (np.sort(np.ascontiguousarray(x.T), axis=1) for x in projected)
        distances[side] = 1000 * float(np.abs(first - second).mean())
    return distances


def evenly(pictures: Array, count: int) -> Array:
    """Return `count` evenly spaced elements of an array."""
    return pictures if len(pictures) == count else pictures[np.linspace(0, len(pictures) - 1, count).round().astype(np.int64)]


def patches(pictures: Array, seed: int) -> dict[int, npt.NDArray[np.float32]]:
    """Return patches at random positions of each level of the pictures' pyramids: {side: (M, C, 49)}, equal for equal seeds."""
    each = max(1, DESCRIPTORS // len(pictures))
    rng = np.random.default_rng(seed)
    found: dict[int, list[npt.NDArray[np.float32]]] = {}
    for start in range(0, len(pictures), CHUNK):
        for level in laplacian_pyramid(to_float(pictures[start : start + CHUNK])):
            x = level.numpy()  # (n, C, r, r)
            windows = np.lib.stride_tricks.sliding_window_view(x, (PATCH, PATCH), axis=(2, 3))  # (n, C, r - 6, r - 6, 7, 7)
            which = np.repeat(np.arange(len(x)), each)
            rows, columns = rng.integers(windows.shape[2], size=(2, len(which)))
            found.setdefault(x.shape[3], []).append(windows[which, :, rows, columns].reshape(len(which), x.shape[1], -1))
    return {side: np.concatenate(parts) for side, parts in found.items()}


def laplacian_pyramid(x: Tensor) -> Iterator[Tensor]:
    """Yield the difference of each octave from the next coarser one, finest first, then the coarsest pictures: (N, C, r, r)
    each.
    """
    while x.shape[3] % 2 == 0 and x.shape[3] // 2 >= SMALLEST_LEVEL:
        smaller = F.avg_pool2d(x, 2)  # (N, C, r/2, r/2)
        yield x - F.interpolate(smaller, scale_factor=2.0, mode="bilinear", align_corners=False)
        x = smaller
    yield x


def diversity(pictures: Array, references: Array) -> float:
    """Return the mean distance within `pictures` divided by that within `references`: 1: as varied, 0: one picture repeated."""
    return spread(pictures) / max(spread(references), 1e-6)


def spread(pictures: Array) -> float:
    """Return the mean distance between two different pictures of a set: 0 … 1."""
    x = features(pictures)
    distances = torch.pdist(torch.from_numpy(x))
    return float(distances.mean()) if len(distances) else 0.0


def nearest(samples: Array, references: Array, rows: Array | None = None) -> tuple[Array, npt.NDArray[np.float32]]:
    """Find the nearest reference of each sample, mirrored or not. `rows` limits the references.

    Returns the indices in `references`, int64 (N,), and the distances, float32 (N,) in 0 … 1. References are read a part at a
    time and may be a memory map.
    """
    rows = np.arange(len(references)) if rows is None else np.asarray(rows)
    if not len(rows):
        raise ValueError("there are no pictures to compare with")
    wanted = features(np.concatenate([samples, samples[:, :, ::-1]]))  # (2 N, F)
    best, index = np.full(len(wanted), np.inf, np.float32), np.zeros(len(wanted), np.int64)
    for start in range(0, len(rows), REFERENCE_CHUNK):
        part = rows[start : start + REFERENCE_CHUNK]
        candidates = features(references[part])  # (n, F)
        squares = np.square(candidates).sum(1) - 2 * wanted @ candidates.T  # (2 N, n), up to a constant for each sample
        found = squares.argmin(1)
        # Distances of the pairs are computed directly: differences of squares lose all digits where pictures are close.
        distances = np.linalg.norm(wanted - candidates[found], axis=1)
        closer = distances < best
        best[closer], index[closer] = distances[closer], part[found[closer]]
    plain, mirrored = best.reshape(2, -1)
    indices = index.reshape(2, -1)
    return np.where(mirrored < plain, indices[1], indices[0]), np.minimum(plain, mirrored)


def memorisation(sample_distances: Array, held_out_distances: Array) -> float:
    """Return how often a sample is closer to the training set than a held-out picture is: 0 … 1, ½ where both distances are
    distributed alike.

    Takes the distances of samples and of held-out pictures to their nearest training pictures. This is the Mann-Whitney statistic
    of Meehan et al. 2020, §3, as a fraction of pairs.
    """
    ordered = np.sort(held_out_distances)
    closer = len(ordered) - np.searchsorted(ordered, sample_distances, side="right")
    equal = np.searchsorted(ordered, sample_distances, side="right") - np.searchsorted(ordered, sample_distances, side="left")
    return float((closer + equal / 2).mean() / len(ordered))


def copied_share(to_training: Array, to_held_out: Array, held_out_fraction: float) -> float:
    """Return the fraction of copies among samples, from each sample's distances to the training and to the held-out pictures.

    Held-out pictures are chosen at random. The nearest real picture of an original sample is a held-out one with probability
    `held_out_fraction`, however blurred the sample is. The nearest real picture of a copy is never a held-out one. So the
    fraction is 1 - observed / expected: 1 if all samples are copies, about 0 if none is, below 0 by chance. `copied_interval`
    returns its uncertainty.
    """
    return 1 - float(np.mean(to_held_out < to_training)) / held_out_fraction


def copied_interval(by_training: Array, by_held_out: Array) -> tuple[float, float]:
    """Return the 95 % interval of `copied_share`, by a bootstrap over the choice of held-out pictures.

    Takes for each training and each held-out picture the number of samples it is nearest to. Where a few pictures are nearest to
    most samples, the share depends on whether these few were held out, and the interval is wide.
    """
    rng = np.random.default_rng(0)
    sums = []
    for counts in (by_training, by_held_out):
        values, times = np.unique(counts, return_counts=True)
        sums.append(rng.multinomial(len(counts), times / len(counts), BOOTSTRAPS) @ values)
    expected = (sums[0] + sums[1]) * len(by_held_out) / (len(by_training) + len(by_held_out))
    shares = 1 - sums[1] / np.maximum(expected, 1e-9)
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(low), float(high)


def features(pictures: Array) -> npt.NDArray[np.float32]:
    """Return pictures as rows whose Euclidean distances are root mean squares in 0 … 1: (N, H, W, C) -> float32 (N, F)."""
    side = min(FEATURE_SIDE, pictures.shape[1])
    parts = []
    for start in range(0, len(pictures), CHUNK):
        x = F.adaptive_avg_pool2d(to_float(pictures[start : start + CHUNK]), side).flatten(1)  # (n, F)
        parts.append(x.numpy() / x.shape[1] ** 0.5)
    return np.concatenate(parts)


def to_float(pictures: Array) -> Tensor:
    """Convert uint8 (N, H, W, C) to float32 (N, C, H, W) in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float() / 255
