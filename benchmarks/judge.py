"""Who scores the pictures: a small classifier of CIFAR-10 and digits, and distances between sets of pictures in its features.

It is kept with the results, because figures of two judges cannot be compared; the product never sees it, and what it finds is no
FID, which means Inception's features. `python -m benchmarks.judge --data FOLDER` trains another one from FOLDER/cifar10.zip and
FOLDER/digits.zip in some minutes on one core, and with it all that was measured counts no more.

Everything is float32 on one thread from fixed seeds: the same machine and torch give the same weights, whose sha256 stands in
every result. Its input is 32 x 32 in colour; grey is repeated. A picture of 64 pixels is shown to it twice: whole, each 2 x 2
pixels averaged into one, and as its four quarters at full size, whose features are averaged; so the finest octave is judged too.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors.torch import load, save
from torch import Tensor, nn

from gan import data
from gan.files import write_file

Array = npt.NDArray[Any]
Features = npt.NDArray[np.float32]

CACHE = Path(__file__).parents[1] / ".benchmarks_cache"
RESULTS = Path(__file__).parent / "results"  # what was measured and who judged it; what is half done is in the cache
WEIGHTS = "judge.safetensors"
READINGS = "judge.json"
SIDE = 32
WIDTHS = (32, 64, 128)
EPOCHS = 5
BATCH = 256
PEAK_LR = 0.25
SHIFT = 4  # pixels that training pictures are moved by, at most
CHUNK = 256
NEIGHBOURS = 3  # of the manifolds of precision and recall, as in the paper


class Classifier(nn.Module):
    """Pictures (N, 3, 32, 32) in [-1, 1] -> logits (N, classes), by way of features (N, 128)."""

    def __init__(self, classes: int = 20, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        first, second, third = widths
        self.layers = nn.Sequential(
            *layer(3, first, kernel=4, stride=2),  # (N, 32, 16, 16)
            *layer(first, second),
            nn.MaxPool2d(2),  # (N, 64, 8, 8)
            *layer(second, third),
            *layer(third, third),
            nn.MaxPool2d(2),  # (N, 128, 4, 4)
            *layer(third, third),
            *layer(third, third),
        )
        self.logits = nn.Linear(third, classes)

    def features(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 128), not negative."""
        return self.layers(x).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(self.features(x))


def layer(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    """Convolution, batch norm, ReLU."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


class Judge:
    """A trained classifier that turns pictures into features: `load_judge(cache)`."""

    def __init__(self, network: Classifier, sha256: str) -> None:
        self.network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.sha256 = sha256

    def features(self, pictures: Array) -> Features:
        """uint8 (N, H, W, C), square of 16, 32 or 64 pixels, grey or colour -> float32 (N, 128), at 64 pixels (N, 256)."""
        with one_thread(), torch.inference_mode():
            parts = [self._describe(pictures[start : start + CHUNK]) for start in range(0, len(pictures), CHUNK)]
        return torch.cat(parts).numpy()

    def _describe(self, pictures: Array) -> Tensor:
        x = as_input(pictures)
        side = x.shape[3]
        whole = x if side == SIDE else resize(x)
        described = self.network.features(whole)  # (N, D)
        if side <= SIDE:
            return described
        tiles = x.unfold(2, SIDE, SIDE).unfold(3, SIDE, SIDE)  # (N, 3, 2, 2, 32, 32)
        tiles = tiles.permute(0, 2, 3, 1, 4, 5).reshape(-1, 3, SIDE, SIDE)  # (4 N, 3, 32, 32)
        near = self.network.features(tiles.contiguous(memory_format=torch.channels_last))
        return torch.cat([described, near.view(len(x), -1, near.shape[1]).mean(1)], 1)


def as_input(pictures: Array) -> Tensor:
    """uint8 (N, H, W, 1 or 3) -> float32 (N, 3, H, W) in [-1, 1]."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def resize(x: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) -> (N, 3, 32, 32): larger ones by averaging whole pixels, smaller ones bilinearly."""
    if x.shape[3] % SIDE == 0:
        return F.avg_pool2d(x, x.shape[3] // SIDE)
    return F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False)


@contextmanager
def one_thread() -> Iterator[None]:
    """Results differ between numbers of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


# Distances


def frechet(first: Features, second: Features) -> float:
    """Fréchet distance between two sets of features taken as Gaussians (Heusel et al. 2017): 0 … ∞, biased upwards for few."""
    (mean_a, cov_a), (mean_b, cov_b) = (moments(features) for features in (first, second))
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # tr √(A B) = tr √(√A B √A), which is symmetric
    between = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    return float(np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * between)


def moments(features: Features) -> tuple[Array, Array]:
    """Mean (D,) and covariance (D, D), in double precision."""
    wide = features.astype(np.float64)
    return wide.mean(0), np.cov(wide, rowvar=False)


def kernel_distance(first: Features, second: Features) -> float:
    """Squared maximum mean discrepancy with the kernel (x·y / D + 1)³ (Bińkowski et al. 2018), unbiased: about 0 for equals."""

    def within(x: Array) -> float:
        kernel = (x @ x.T / x.shape[1] + 1) ** 3
        return float(kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))

    a, b = first.astype(np.float64), second.astype(np.float64)
    return within(a) + within(b) - 2 * float(((a @ b.T / a.shape[1] + 1) ** 3).mean())


def precision_recall(real: Features, fake: Features, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """Shares of fakes within the manifold of the real ones, and the reverse (Kynkäänniemi et al. 2019): 0 … 1 each.

    Compare only numbers from as many pictures of each.
    """
    a, b = torch.from_numpy(real), torch.from_numpy(fake)
    across = torch.cdist(a, b)  # (R, F)
    radius_a, radius_b = (torch.cdist(x, x).kthvalue(neighbours + 1, 1).values for x in (a, b))  # itself is the first
    precision = (across <= radius_a[:, None]).any(0).float().mean()
    recall = (across <= radius_b[None, :]).any(1).float().mean()
    return float(precision), float(recall)


# Training


def load_judge(results: Path = RESULTS) -> Judge:
    """The judge that was trained before. Raises FileNotFoundError with the command that trains it."""
    path = Path(results) / WEIGHTS
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; python -m benchmarks.judge --data FOLDER trains the judge")
    content = path.read_bytes()
    tensors = load(content)
    widths = tuple(tensors[f"layers.{index}.weight"].shape[0] for index in (0, 3, 7))
    network = Classifier(len(tensors["logits.bias"]), (widths[0], widths[1], widths[2]))
    network.load_state_dict(tensors)
    return Judge(network, hashlib.sha256(content).hexdigest())


def train_judge(folder: Path, results: Path = RESULTS, cache: Path = CACHE, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Train on cifar10.zip and digits.zip of a folder, keep the weights and say how well it reads pictures it never saw."""
    sets = [data.prepare(Path(folder) / name, home=Path(cache), size=SIDE, channels=3) for name in ("cifar10.zip", "digits.zip")]
    begun = time.monotonic()
    offsets = np.cumsum([0] + [len(each.classes) for each in sets])
    pictures = np.concatenate([each.pictures[each.train_indices] for each in sets])
    labels = np.concatenate([each.labels[each.train_indices] + offset for each, offset in zip(sets, offsets, strict=False)])
    mirrored = labels < offsets[1]  # a digit in a mirror is no digit
    with one_thread():
        network = fit(pictures, labels, mirrored, int(offsets[-1]), say=say)
    content = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    results.mkdir(parents=True, exist_ok=True)
    write_file(results / WEIGHTS, content)
    judge = load_judge(results)
    result: dict[str, Any] = {"sha256": judge.sha256, "minutes": round((time.monotonic() - begun) / 60, 1)}
    for each, offset in zip(sets, offsets, strict=False):
        rows = each.held_out_indices
        result[f"accuracy_{each.name}"] = round(accuracy(judge.network, each.pictures[rows], each.labels[rows] + offset), 4)
    write_file(results / READINGS, (json.dumps(result) + "\n").encode())
    return result


def fit(
    pictures: Array, labels: Array, mirrored: Array, classes: int, epochs: int = EPOCHS, say: Callable[[str], None] = print
) -> Classifier:
    """A classifier of uint8 pictures (N, 32, 32, 3); those in `mirrored` are shown left-right reversed half of the time."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Classifier(classes).to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(network.parameters(), lr=PEAK_LR, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = epochs * (len(pictures) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_LR, steps, pct_start=0.25, anneal_strategy="linear")
    for epoch in range(epochs):
        order, right, total = rng.permutation(len(pictures)), 0, 0
        for start in range(0, len(pictures) - BATCH + 1, BATCH):
            rows = order[start : start + BATCH]
            x, y = as_input(vary(pictures[rows], mirrored[rows], rng)), torch.from_numpy(labels[rows])
            logits = network(x)
            loss = F.cross_entropy(logits, y, label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            right, total = right + int((logits.argmax(1) == y).sum()), total + len(rows)
        say(f"epoch {epoch + 1} of {epochs}: {right / total:.1%} of the training pictures recognised")
    return network.eval()


def vary(pictures: Array, mirrored: Array, rng: np.random.Generator) -> Array:
    """Move each picture by a few pixels, its border repeated, and mirror some."""
    count, side = pictures.shape[:2]
    rows, columns = (np.arange(side) + rng.integers(-SHIFT, SHIFT + 1, (count, 1)) for _ in range(2))
    turned = mirrored & (rng.random(count) < 0.5)
    columns = np.where(turned[:, None], side - 1 - columns, columns)
    rows, columns = (np.clip(places, 0, side - 1) for places in (rows, columns))
    return pictures[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def accuracy(network: Classifier, pictures: Array, labels: Array) -> float:
    """Share of pictures whose class is found: 0 … 1."""
    with one_thread(), torch.inference_mode():
        found = [network(as_input(pictures[start : start + CHUNK])).argmax(1) for start in range(0, len(pictures), CHUNK)]
    return float((torch.cat(found).numpy() == labels).mean())


def main() -> None:
    """Train the judge, and print what it can do."""
    parser = argparse.ArgumentParser(description="Train the classifier in whose features pictures are compared.")
    parser.add_argument("--data", type=Path, required=True, help="folder with cifar10.zip and digits.zip")
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    print(json.dumps(train_judge(options.data, cache=options.cache), indent=2))


if __name__ == "__main__":
    main()
