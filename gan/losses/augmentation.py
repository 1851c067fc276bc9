"""Differentiable augmentation of the discriminator's inputs, real and generated, and the adaptation of its strength.

The operations are those of DiffAugment (Zhao et al. 2020), namely colour, translation and cutout, plus mirroring. Random numbers
are drawn beforehand on the CPU for the whole batch, one row of uniform numbers for each sample. The processes of a training then
divide the rows. `apply` is a pure function of pictures and draws: it augments a batch equally on any device and in any number of
processes.
"""

from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor

# Columns of a row of draws. Each operation has its own columns, so that switching one off leaves the others unchanged.
FLIP = 0
COLOUR, BRIGHTNESS, SATURATION, CONTRAST = 1, 2, 3, 4
TRANSLATION, SHIFT_X, SHIFT_Y = 5, 6, 7
CUTOUT, CUT_X, CUT_Y = 8, 9, 10
DRAWS = 11
# the column that decides whether an operation is applied
GATES = {"flip": FLIP, "colour": COLOUR, "translation": TRANSLATION, "cutout": CUTOUT}
OPERATIONS = tuple(GATES)

IMAGES_TO_FULL_STRENGTH = 100_000  # number of pictures in which an adaptive strength could rise from 0 to 1
STRONGEST = 0.6  # beyond about 0.8 augmentations appear in generated pictures (Karras et al. 2020, §2.2)

MIRROR_TOLERANCE = 0.15  # fraction of the set's spread; measured: photographs 0.00, portraits 0.11, digits 0.20 to 0.30


def draw(count: int, rng: torch.Generator) -> Tensor:
    """Return uniform numbers in [0, 1), shape (count, DRAWS), from a CPU generator. `apply` uses no other random numbers."""
    return torch.rand(count, DRAWS, generator=rng)


def apply(pictures: Tensor, draws: Tensor, strength: float, operations: Collection[str] = OPERATIONS) -> Tensor:
    """Augment pictures (N, C, H, W) in [-1, 1], C 1 or 3, by their draws (N, DRAWS). Colours of the result may exceed that range.

    `strength` in [0, 1] is the probability of each operation for each sample; 0 is the identity. A flip has probability ½ at any
    strength. Pixels moved in from outside or cut out become 0, the middle of the range; a nan or inf in their place becomes nan,
    so that the loss is not finite. The result is differentiable with respect to the pictures. Raises ValueError for an unknown
    operation or a missing draw.
    """
    if unknown := set(operations) - set(OPERATIONS):
        raise ValueError(f"unknown augmentation {sorted(unknown)}; known are {OPERATIONS}")
    if draws.shape != (len(pictures), DRAWS):
        raise ValueError(f"{len(pictures)} pictures need draws of shape {(len(pictures), DRAWS)}, not {tuple(draws.shape)}")
    draws = draws.to(pictures.device)
    pictures = pictures.contiguous()  # not channels-last: the operations below are faster this way
    chosen = {
        name: draws[:, column] < (0.5 if name == "flip" else strength)  # (N,)
        for name, column in GATES.items()
        if name in operations and (name == "flip" or strength > 0)
    }
    kept: Tensor | None = None  # (N, H, W), 0 where a pixel is blanked
    if "colour" in chosen:
        pictures = colour(pictures, draws, chosen["colour"])
    if "flip" in chosen or "translation" in chosen:
        pictures, kept = move(pictures, draws, chosen.get("flip"), chosen.get("translation"))
    if "cutout" in chosen:
        rest = cutout(pictures, draws, chosen["cutout"])
        kept = rest if kept is None else kept * rest
    return pictures if kept is None else pictures * kept[:, None]


class AdaptiveStrength:
    """Adapts the strength of augmentation so that the discriminator does not memorise its training pictures (Karras et al. 2020,
    eq. 1).

    Overfitting is (E D(training) - E D(held out)) / (E D(training) - E D(generated)). It is 0 where the discriminator scores
    held-out pictures like training pictures, and 1 where it scores them like generated ones. The measure uses only differences of
    scores, so it suits relativistic objectives too. `sums` is the running sum of scores, float32 (3,) on the device.
    """

    def __init__(self, target: float, device: torch.device) -> None:
        self.target = target
        self.value = 0.0
        self.sums = torch.zeros(3, device=device)

    def look(self, scores: Tensor) -> None:
        """Add the mean scores of training, held-out and generated pictures, (3,), all by the same discriminator."""
        self.sums += scores

    def adjust(self, images: int) -> float | None:
        """Raise the strength if the overfitting exceeds the target, else lower it, by `images` / IMAGES_TO_FULL_STRENGTH within 0
        … STRONGEST. Return the overfitting; where it is undefined, return None and lower the strength.
        """
        training, held_out, generated = self.sums.tolist()
        self.sums.zero_()
        lead = training - generated
        overfitting = (training - held_out) / lead if lead > 0 else None
        direction = 1 if overfitting is not None and overfitting > self.target else -1
        self.value = min(STRONGEST, max(0.0, self.value + direction * images / IMAGES_TO_FULL_STRENGTH))
        return overfitting


def colour(pictures: Tensor, draws: Tensor, chosen: Tensor) -> Tensor:
    """Change brightness by ± ½, then saturation 0 … 2 about each pixel's grey, then contrast ½ … 3/2 about the picture's mean.

    All three are affine and are applied as one map, which is the identity for samples (N,) that are not chosen.
    """
    brightness, saturation, contrast = (
        per_sample(torch.where(chosen, drawn, neutral).to(pictures.dtype))
        for drawn, neutral in (
            (draws[:, BRIGHTNESS] - 0.5, 0.0),
            (draws[:, SATURATION] * 2, 1.0),
            (draws[:, CONTRAST] + 0.5, 1.0),
        )
    )
    grey = pictures.mean(1, keepdim=True)  # (N, 1, H, W)
    mean = grey.mean((2, 3), keepdim=True)  # (N, 1, 1, 1)
    rest = grey * (contrast * (1 - saturation)) + (brightness + (1 - contrast) * mean)
    return torch.addcmul(rest, pictures, contrast * saturation)


def move(pictures: Tensor, draws: Tensor, mirrored: Tensor | None, shifted: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Mirror some samples (N,) left to right, then move some by whole pixels, up to an eighth of the side each way.

    Returns the pictures, and a mask (N, H, W) that is 0 where a pixel came from outside. The mask is None where `shifted` is
    None.
    """
    count, channels, height, width = pictures.shape
    rows, in_rows = origins(draws[:, SHIFT_Y], shifted, height)  # (N, H)
    columns, in_columns = origins(draws[:, SHIFT_X], shifted, width)  # (N, W)
    if mirrored is not None:
        columns = torch.where(mirrored[:, None], width - 1 - columns, columns)
    origin = (rows[:, :, None] * width + columns[:, None, :]).reshape(count, 1, height * width)  # (N, 1, H W)
    moved = pictures.flatten(2).gather(2, origin.expand(-1, channels, -1)).view_as(pictures)
    return moved, None if shifted is None else window(in_rows, in_columns, pictures)


def origins(uniform: Tensor, shifted: Tensor | None, side: int) -> tuple[Tensor, Tensor]:
    """Return two tensors (N, side): the position along an axis from which each pixel comes, clamped to the axis, and whether the
    unclamped position is inside the picture.
    """
    place = torch.arange(side, device=uniform.device).expand(len(uniform), -1)  # (N, side)
    if shifted is not None:
        reach = (side + 4) // 8
        shift = (uniform * (2 * reach + 1)).long().clamp(max=2 * reach) - reach  # (N,) in -reach … reach
        place = place - (shift * shifted)[:, None]
    return place.clamp(0, side - 1), (place >= 0) & (place < side)


def cutout(pictures: Tensor, draws: Tensor, chosen: Tensor) -> Tensor:
    """Return a mask (N, H, W). In chosen samples (N,) it is 0 in a square of half the side, with its centre anywhere in the
    picture and cut off at the border. Elsewhere it is 1.
    """
    height, width = pictures.shape[2:]
    rows = covered(draws[:, CUT_Y], height)  # (N, H)
    columns = covered(draws[:, CUT_X], width)  # (N, W)
    return 1 - window(rows & chosen[:, None], columns, pictures)


def window(rows: Tensor, columns: Tensor, like: Tensor) -> Tensor:
    """Return a mask (N, H, W) that is 1 where both row (N, H) and column (N, W) are set, else 0. Multiplying by it is faster than
    selecting pixels with a boolean mask.
    """
    return rows.to(like.dtype)[:, :, None] * columns.to(like.dtype)[:, None, :]


def covered(uniform: Tensor, side: int) -> Tensor:
    """Return a boolean mask (N, side) of the pixels along an axis that lie in a window of half the axis."""
    start = (uniform * side).long() - side // 4  # (N,)
    place = torch.arange(side, device=uniform.device) - start[:, None]  # (N, side)
    return (place >= 0) & (place < side // 2)


def per_sample(values: Tensor) -> Tensor:
    """Reshape (N,) to (N, 1, 1, 1), to broadcast over pictures."""
    return values[:, None, None, None]


def mirroring_suits(pictures: np.ndarray) -> bool:
    """Return whether mirrored pictures could belong to the set `pictures`, uint8 (N, H, W, C): True for faces and flowers, False
    for digits.

    Compares two sliced Wasserstein distances between pictures shrunk to 8 pixels a side: from one half of the set to the other
    half, and from the first half to the other half mirrored.
    """
    chosen = np.random.RandomState(0).permutation(len(pictures))[: 2 * (min(len(pictures), 2000) // 2)]
    x = torch.from_numpy(pictures[chosen]).permute(0, 3, 1, 2).float() / 255
    first, second = torch.nn.functional.adaptive_avg_pool2d(x, 8).chunk(2)  # (N / 2, C, 8, 8) each
    directions = torch.randn(first[0].numel(), 256, generator=torch.Generator().manual_seed(0))

    def project(half: Tensor) -> Tensor:
        return (half.flatten(1) @ directions).sort(0).values  # (N / 2, 256)

    between = (project(first) - project(second)).abs().mean()
    mirrored = (project(first) - project(second.flip(3))).abs().mean()
    spread = (project(first) - project(first).mean(0)).abs().mean()
    return bool(mirrored - between < MIRROR_TOLERANCE * spread)
