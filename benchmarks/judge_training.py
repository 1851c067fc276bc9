"""Trains the judge: `python -m benchmarks.judge_training --data FOLDER`, about ten minutes on one core.

The judge learns all classes of all sets at once from the pictures on which the compared systems train. The unseen pictures
(benchmarks/sets.py) are not used in the training; its accuracy is measured on them. Everything is float32 on one thread from
fixed seeds: the same machine and torch give the same weights. Pictures are moved, mirrored where mirrored pictures could belong
to the set, sometimes made grey or coarse, and partly covered. They are never blurred, shuffled, compressed or given noise, so
that the judge does not learn to tolerate these faults.

With `--textured`, some pictures are drawn over with stripes or dots and belong to a class of their own. Such a judge
distinguishes the textures that some discriminators leave in photographs from real ones. Its weights are in the same folder as
those of the other judge.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors.torch import save
from torch import Tensor

from benchmarks.judge import (
    CACHE,
    READINGS,
    RESULTS,
    SPREAD,
    TEXTURED_READINGS,
    TEXTURED_WEIGHTS,
    WEIGHTS,
    WIDTHS,
    Classifier,
    Judge,
    as_input,
    load_judge,
    one_thread,
)
from benchmarks.sets import prepare_set
from benchmarks.textures import textures
from gan.files import write_file

Array = npt.NDArray[Any]

IMAGES = 170_000
BATCH = 128
PEAK_LR = 0.1
WEIGHT_DECAY = 5e-4
SHIFT = 6  # pixels that training pictures are moved by, at most
COVERED = 20  # pixels a side that are covered
GREY_SHARE = 0.1
COARSE_SHARE = 0.2  # share of pictures reduced to 32 pixels
TEXTURED_SHARE = 0.15  # share of pictures drawn over with stripes or dots
TEXTURE_STRENGTHS = (0.08, 0.5)  # of a range from -1 to 1
TEXTURED = "damaged/texture"  # the class of these pictures, the last one
# The share of each set among the training pictures. Digits are not mirrored, since a mirrored digit is not a digit.
TAUGHT = {"emoji64": 0.12, "digits32": 0.08, "flowers64": 0.24, "clothing64": 0.22, "cifar32": 0.34}
NOT_MIRRORED = ("digits32",)
SPREAD_OVER = 1000  # pictures of each set that determine the scale of the features


@dataclass(frozen=True, eq=False)
class Lesson:
    """Pictures of one set, uint8 (N, H, W, C), their classes' indices in the judge's list, and their share of the training."""

    pictures: Array
    labels: npt.NDArray[np.int64]
    share: float
    mirrored: bool


def train_judge(
    folder: Path,
    results: Path = RESULTS,
    cache: Path = CACHE,
    images: int = IMAGES,
    say: Callable[[str], None] = print,
    *,
    textured: bool = False,
) -> dict[str, Any]:
    """Train on the zips of a folder, store the weights in `cache`, and write accuracies and sha256 to `results`.

    With `textured`, pictures drawn over with textures are a class of their own, and both files have other names.
    """
    sets = {name: prepare_set(name, Path(folder), Path(cache)) for name in TAUGHT}
    classes = [name for known in sets.values() for name in known.names(np.arange(len(known.dataset.classes)))]
    offsets = dict(zip(sets, np.cumsum([0] + [len(known.dataset.classes) for known in sets.values()])[:-1], strict=True))
    lessons = [
        Lesson(
            known.training,
            known.dataset.labels[known.dataset.train_indices] + offsets[name],
            TAUGHT[name],
            name not in NOT_MIRRORED,
        )
        for name, known in sets.items()
    ]
    begun = time.process_time()
    with one_thread():
        if textured:
            classes.append(TEXTURED)
        network = fit(lessons, len(classes), images, say=say, textured=textured)
        scale(network, [lesson.pictures[:: max(1, len(lesson.pictures) // SPREAD_OVER)] for lesson in lessons])
    weights, readings = (TEXTURED_WEIGHTS, TEXTURED_READINGS) if textured else (WEIGHTS, READINGS)
    keep_judge(network, classes, cache, weights)
    judge = load_judge(cache, weights)
    result: dict[str, Any] = {"sha256": judge.sha256, "minutes": round((time.process_time() - begun) / 60, 1)}
    for known in sets.values():
        wanted = known.names(known.unseen_labels)
        result[f"accuracy_{wanted[0].partition('/')[0]}"] = round(judge.recognised(known.unseen, wanted), 4)
    write_file(results / readings, (json.dumps(result) + "\n").encode())
    return result


def keep_judge(network: Classifier, classes: list[str], cache: Path = CACHE, weights: str = WEIGHTS) -> None:
    """Write a judge's weights and classes where `load_judge` finds them."""
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    write_file(Path(cache) / weights, save(tensors, {"classes": json.dumps(classes)}))


def fit(
    lessons: list[Lesson],
    classes: int,
    images: int,
    widths: tuple[int, int, int, int, int] = WIDTHS,
    batch: int = BATCH,
    say: Callable[[str], None] = print,
    *,
    textured: bool = False,
) -> Classifier:
    """Return a classifier trained on `images` pictures of the lessons. With `textured`, the last class is that of pictures drawn
    over.
    """
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Classifier(classes, widths).to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(network.parameters(), lr=PEAK_LR, momentum=0.9, nesterov=True, weight_decay=WEIGHT_DECAY)
    steps = images // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_LR, steps, pct_start=0.2, anneal_strategy="linear")
    streams = [Stream(len(lesson.pictures), rng) for lesson in lessons]
    right = torch.zeros(())
    for step in range(steps):
        x, y = batch_of(lessons, streams, batch, rng)
        if textured:
            y[draw_over(x, rng)] = classes - 1
        logits = network(x)
        loss = F.cross_entropy(logits, y, label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        right += (logits.argmax(1) == y).float().mean()
        if step % 100 == 99:
            say(f"{(step + 1) * batch} of {images} pictures, {float(right):.1f} % of the last {100 * batch} recognised")
            right.zero_()
    return network.eval()


class Stream:
    """A stream of a set's rows, which are reshuffled in every epoch."""

    def __init__(self, count: int, rng: np.random.Generator) -> None:
        self.count = count
        self.rng = rng
        self.waiting = np.zeros(0, np.int64)

    def take(self, count: int) -> npt.NDArray[np.int64]:
        """Return the next `count` rows."""
        while len(self.waiting) < count:
            self.waiting = np.concatenate([self.waiting, self.rng.permutation(self.count)])
        rows, self.waiting = self.waiting[:count], self.waiting[count:]
        return rows


def batch_of(lessons: list[Lesson], streams: list[Stream], batch: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return augmented pictures (N, 3, 64, 64) and their classes (N,), for a batch of N."""
    shares = np.array([lesson.share for lesson in lessons])
    counts = rng.multinomial(batch, shares / shares.sum())
    inputs, labels = [], []
    for lesson, stream, count in zip(lessons, streams, counts, strict=True):
        if count:
            rows = stream.take(int(count))
            inputs.append(as_input(lesson.pictures[rows]))
            labels.append(lesson.labels[rows])
    x = torch.cat(inputs)
    mirrored = np.repeat([lesson.mirrored for lesson in lessons], counts)
    return vary(x, mirrored, rng), torch.from_numpy(np.concatenate(labels))


def vary(x: Tensor, mirrored: npt.NDArray[np.bool_], rng: np.random.Generator) -> Tensor:
    """Move each picture (N, 3, H, W) by a few pixels, with repeated borders; mirror, grey, coarsen and cover some."""
    count, side = len(x), x.shape[3]
    rows, columns = (np.arange(side) + rng.integers(-SHIFT, SHIFT + 1, (count, 1)) for _ in range(2))
    turned = mirrored & (rng.random(count) < 0.5)
    columns = np.where(turned[:, None], side - 1 - columns, columns)
    rows, columns = (np.clip(places, 0, side - 1) for places in (rows, columns))
    places = torch.from_numpy(np.arange(count))[:, None, None], slice(None), torch.from_numpy(rows)[:, :, None]
    x = x[places[0], :, places[2], torch.from_numpy(columns)[:, None, :]].permute(0, 3, 1, 2)  # channels last in memory
    grey = torch.from_numpy(rng.random(count) < GREY_SHARE)
    x[grey] = x[grey].mean(1, keepdim=True).expand(-1, 3, -1, -1)
    coarse = torch.from_numpy(rng.random(count) < COARSE_SHARE)
    if coarse.any():
        x[coarse] = F.interpolate(F.avg_pool2d(x[coarse], 2), size=(side, side), mode="bilinear", align_corners=False)
    covered = rng.random(count) < 0.5
    top, left = rng.integers(0, side - COVERED, (2, count))
    for place in np.flatnonzero(covered):
        x[place, :, top[place] : top[place] + COVERED, left[place] : left[place] + COVERED] = 0
    return x.contiguous(memory_format=torch.channels_last)


def draw_over(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Draw textures over some of the pictures (N, 3, H, W) in place; return which pictures were changed, bool (N,)."""
    chosen = np.flatnonzero(rng.random(len(x)) < TEXTURED_SHARE)
    strengths = rng.uniform(*TEXTURE_STRENGTHS, (len(chosen), 1, 1))
    drawn = strengths * textures(len(chosen), x.shape[3], rng, rng.random(len(chosen)) < 0.5)
    x[chosen] = (x[chosen] + torch.from_numpy(drawn.astype(np.float32))[:, None]).clamp(-1, 1)
    return torch.from_numpy(np.isin(np.arange(len(x)), chosen))


@torch.no_grad()
def scale(network: Classifier, pictures: list[Array]) -> None:
    """Scale each group of features so that its total variance within a set, averaged over the sets, is SPREAD."""
    judge = Judge(network, "")
    network.scale.fill_(1)
    first = network.parts[-2].num_features  # width of the batch norm
    variances = []
    for some in pictures:
        features = torch.from_numpy(judge.features(some))
        variances.append([float(part.var(0).sum()) for part in (features[:, :first], features[:, first:])])
    network.scale.copy_((SPREAD / torch.tensor(variances).mean(0)).sqrt())


def main() -> None:
    """Train the judge, and print its accuracies."""
    parser = argparse.ArgumentParser(description="Train the classifier in whose features pictures are compared.")
    parser.add_argument("--data", type=Path, required=True, help="folder with cifar10, clothing, digits, emoji and flowers.zip")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--textured", action="store_true", help="train the judge that tells stripes and dots apart, too")
    options = parser.parse_args()
    print(json.dumps(train_judge(options.data, cache=options.cache, textured=options.textured), indent=2))


if __name__ == "__main__":
    main()
