"""The judge: a small classifier of all measured sets. Its features compare pictures, and its classes recognise them.

It takes pictures at 64 pixels and names one of all classes of all sets in `TAUGHT` (benchmarks/judge_training.py). It therefore
cannot recognise a sample by elimination. Smaller pictures are enlarged, and grey ones are repeated in three channels; both occur
in its training. It was not trained on ImageNet, because networks trained with pretrained features must not be graded by the same
features (Kynkäänniemi et al. 2022). Its distances are not FID. The product does not use the judge.

Its weights are not in the repository. `python -m benchmarks.judge_training --data FOLDER` trains them, and gives equal weights on
the same machine. Their sha256 is in results/judge.json and in every result; figures of two judges cannot be compared.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load
from torch import Tensor, nn

Array = npt.NDArray[Any]
Features = npt.NDArray[np.float32]

CACHE = Path(__file__).parents[1] / ".benchmarks_cache"
RESULTS = Path(__file__).parent / "results"  # the measurements, and the sha256 of the judge that made them
WEIGHTS = "judge.safetensors"  # a file in the cache
READINGS = "judge.json"  # a file in the results
TEXTURED_WEIGHTS, TEXTURED_READINGS = "judge-textured.safetensors", "judge-textured.json"
SIDE = 64
WIDTHS = (16, 48, 64, 128, 192)
CHUNK = 256
SPREAD = 10.0  # total variance of real pictures in each group of features
NEIGHBOURS = 3  # neighbours that define the manifolds of precision and recall, as in the paper


class Classifier(nn.Module):
    """Maps pictures (N, 3, 64, 64) in [-1, 1] to logits (N, classes)."""

    scale: Tensor

    def __init__(self, classes: int, widths: tuple[int, int, int, int, int] = WIDTHS) -> None:
        super().__init__()
        first, second, third, fourth, fifth = widths
        self.parts = nn.Sequential(
            *layer(3, first, kernel=4, stride=2),  # (N, 16, 32, 32)
            *layer(first, second, kernel=4, stride=2),  # (N, 48, 16, 16)
            *layer(second, third),
            nn.MaxPool2d(2),  # (N, 64, 8, 8)
            *layer(third, fourth),
            *layer(fourth, fourth),
        )
        self.whole = nn.Sequential(
            nn.MaxPool2d(2),  # (N, 128, 4, 4)
            *layer(fourth, fifth),
            *layer(fifth, fifth),
        )
        self.logits = nn.Linear(fifth, classes)
        self.register_buffer("scale", torch.ones(2))

    def describe(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return features of parts (N, 128) and of classes (N, 192) for (N, 3, 64, 64): means over all positions, at least 0."""
        parts = self.parts(x)  # (N, 128, 8, 8)
        return parts.mean((2, 3)), self.whole(parts).mean((2, 3))

    def look(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (N, 320), both kinds scaled to the variance SPREAD over real pictures, and logits, for (N, 3, 64,
        64).
        """
        described = self.describe(x)
        features = [part * factor for part, factor in zip(described, self.scale, strict=True)]
        return torch.cat(features, 1), self.logits(described[1])

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(self.describe(x)[1])


def layer(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    """Return a convolution, batch norm and ReLU."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


class Judge:
    """A trained classifier that describes and recognises pictures; `load_judge()` returns it."""

    def __init__(self, network: Classifier, sha256: str, classes: Sequence[str] = ()) -> None:
        self.network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.sha256 = sha256
        self.classes = list(classes)
        """Names as SET/CLASS, such as `flowers/rose`, in the order of the logits."""

    def features(self, pictures: Array) -> Features:
        """Return features float32 (N, 320) of uint8 (N, H, W, C), square, grey or colour."""
        return self.look(pictures)[0]

    def recognise(self, pictures: Array) -> npt.NDArray[np.int64]:
        """Return for each of uint8 (N, H, W, C) the index in `classes` of its most likely class, (N,)."""
        return self.look(pictures)[1]

    def look(self, pictures: Array) -> tuple[Features, npt.NDArray[np.int64]]:
        """Return features and recognised classes, in one pass."""
        with one_thread(), torch.inference_mode():
            parts = [self.network.look(x) for x in parts_of(pictures)]
        features, logits = (torch.cat(each) for each in zip(*parts, strict=True))
        return features.numpy(), logits.argmax(1).numpy()

    def recognised(self, pictures: Array, wanted: Sequence[str]) -> float:
        """Return the share of pictures, 0 … 1, that are recognised among all classes as their class in `wanted` (SET/CLASS)."""
        places = np.array([self.classes.index(name) for name in wanted])
        return float((self.recognise(pictures) == places).mean())


def parts_of(pictures: Array) -> Iterator[Tensor]:
    """Yield pictures as inputs of the network, CHUNK at a time."""
    return (as_input(pictures[start : start + CHUNK]) for start in range(0, len(pictures), CHUNK))


def as_input(pictures: Array) -> Tensor:
    """Convert uint8 (N, H, W, 1 or 3) to float32 (N, 3, 64, 64) in [-1, 1]: large pictures are reduced by averages, small ones
    enlarged smoothly.
    """
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    side = x.shape[3]
    if side != SIDE and side % SIDE == 0:
        x = F.avg_pool2d(x, side // SIDE)
    elif side != SIDE:
        x = F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    return x.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one thread, since results depend on the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def load_judge(cache: Path = CACHE, weights: str = WEIGHTS) -> Judge:
    """Return a judge that was trained before. Raises FileNotFoundError with the command that trains it."""
    path = Path(cache) / weights
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; python -m benchmarks.judge_training --data FOLDER trains the judge")
    content = path.read_bytes()
    with safe_open(path, "pt") as file:
        classes = json.loads(file.metadata()["classes"])
    tensors = load(content)
    first, second, third, fourth = (tensors[f"parts.{place}.weight"].shape[0] for place in (0, 3, 6, 10))
    network = Classifier(len(classes), (first, second, third, fourth, tensors["whole.1.weight"].shape[0]))
    network.load_state_dict(tensors)
    return Judge(network, hashlib.sha256(content).hexdigest(), classes)


# Distances


def frechet(first: Features, second: Features) -> float:
    """Return the Fréchet distance between two sets of features taken as Gaussians (Heusel et al. 2017): at least 0, and
    overestimated for small sets.
    """
    (mean_a, cov_a), (mean_b, cov_b) = (moments(features) for features in (first, second))
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # tr √(A B) = tr √(√A B √A), which is symmetric
    between = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    return float(np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * between)


def moments(features: Features) -> tuple[Array, Array]:
    """Return the mean (D,) and covariance (D, D), in double precision."""
    wide = features.astype(np.float64)
    return wide.mean(0), np.cov(wide, rowvar=False)


def kernel_distance(first: Features, second: Features) -> float:
    """Return the squared maximum mean discrepancy with the kernel (x·y / D + 1)³ (Bińkowski et al. 2018), unbiased: about 0 for
    equal sets.
    """

    def within(x: Array) -> float:
        kernel = (x @ x.T / x.shape[1] + 1) ** 3
        return float(kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))

    a, b = first.astype(np.float64), second.astype(np.float64)
    return within(a) + within(b) - 2 * float(((a @ b.T / a.shape[1] + 1) ** 3).mean())


def precision_recall(real: Features, fake: Features, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """Return precision and recall, 0 … 1 each (Kynkäänniemi et al. 2019): the share of `fake` within the manifold of `real`, and
    the share of `real` within that of `fake`.

    Numbers are comparable only between equally large sets.
    """
    a, b = torch.from_numpy(real), torch.from_numpy(fake)
    across = torch.cdist(a, b)  # (R, F)
    radius_a, radius_b = (torch.cdist(x, x).kthvalue(neighbours + 1, 1).values for x in (a, b))  # nearest: the picture itself
    precision = (across <= radius_a[:, None]).any(0).float().mean()
    recall = (across <= radius_b[None, :]).any(1).float().mean()
    return float(precision), float(recall)
