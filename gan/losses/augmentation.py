"""Differentiable augmentation of the discriminator's inputs, real and generated alike, and its strength.

After DiffAugment (Zhao et al. 2020): colour, translation and cutout, and mirroring. Random numbers are drawn beforehand on the
CPU for the whole batch, one row of uniforms for each sample, and processes then divide the rows among them. `apply` is a pure
function of pictures and draws: a batch is augmented equally on any device and in any number of processes.
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
# columns that decide whether an operation happens
GATES = {"flip": FLIP, "colour": COLOUR, "translation": TRANSLATION, "cutout": CUTOUT}
OPERATIONS = tuple(GATES)

IMAGES_TO_FULL_STRENGTH = 100_000  # number of pictures in which an adaptive strength could rise from 0 to 1
STRONGEST = 0.6  # beyond about 0.8 the generator learns the augmentation itself (Karras et al. 2020, §2.2)

MIRROR_TOLERANCE = 0.15  # fraction of the set's spread: photographs come out at 0.00, portraits at 0.11, digits at 0.20 to 0.30


def draw(count: int, rng: torch.Generator) -> Tensor:
    """Return uniforms in [0, 1), shape (count, DRAWS), from a CPU generator: all random numbers that `apply` uses."""
    return torch.rand(count, DRAWS, generator=rng)


def apply(pictures: Tensor, draws: Tensor, strength: float, operations: Collection[str] = OPERATIONS) -> Tensor:
    """Augment pictures (N, C, H, W) in [-1, 1], C 1 or 3, by their draws (N, DRAWS). Colours may leave the range.

    `strength` in [0, 1] is the probability of each operation for each sample; 0 is the identity. A flip has probability ½ at any
    strength. Pixels moved in from outside or cut out become 0, the middle of the range; nan and inf become nan there, so that a
    loss shows them. The result is differentiable with respect to the pictures. Raises ValueError for an unknown operation or a
    missing draw.
    """
    if unknown := set(operations) - set(OPERATIONS):
        raise ValueError(f"unknown augmentation {sorted(unknown)}; known are {OPERATIONS}")
    if draws.shape != (len(pictures), DRAWS):
        raise ValueError(f"{len(pictures)} pictures need draws of shape {(len(pictures), DRAWS)}, not {tuple(draws.shape)}")
    draws = draws.to(pictures.device)
    pictures = pictures.contiguous()  # channel by channel: faster in all that follows
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
    """Adjusts the augmentation so far that the discriminator does not memorise its pictures (Karras et al. 2020, eq. 1).

    Overfitting is (E D(training) - E D(held out)) / (E D(training) - E D(generated)). It is 0 where the discriminator scores
    held-out pictures like training pictures, and 1 where it scores them like generated ones. Only differences of scores count, so
    the measure suits relativistic objectives too. `sums` is the running sum of scores, float32 (3,) on the device.
    """

    def __init__(self, target: float, device: torch.device) -> None:
        self.target = target
        self.value = 0.0
        self.sums = torch.zeros(3, device=device)

    def look(self, scores: Tensor) -> None:
        """Add the mean scores of training, held-out and generated pictures, (3,), by the same discriminator."""
        self.sums += scores

    def adjust(self, images: int) -> float | None:
        """Raise or lower the strength by at most the step that `images` pictures allow. Return the overfitting, None where it is
        undefined.
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
    """Return where along an axis each pixel comes from, clamped to the axis, and whether that is inside: two (N, side)."""
    place = torch.arange(side, device=uniform.device).expand(len(uniform), -1)  # (N, side)
    if shifted is not None:
        reach = (side + 4) // 8
        shift = (uniform * (2 * reach + 1)).long().clamp(max=2 * reach) - reach  # (N,) in -reach … reach
        place = place - (shift * shifted)[:, None]
    return place.clamp(0, side - 1), (place >= 0) & (place < side)


def cutout(pictures: Tensor, draws: Tensor, chosen: Tensor) -> Tensor:
    """Return a mask (N, H, W) that is 0 in a square of half the side, else 1. Its centre is anywhere; the border may cut it."""
    height, width = pictures.shape[2:]
    rows = covered(draws[:, CUT_Y], height)  # (N, H)
    columns = covered(draws[:, CUT_X], width)  # (N, W)
    return 1 - window(rows & chosen[:, None], columns, pictures)


def window(rows: Tensor, columns: Tensor, like: Tensor) -> Tensor:
    """Return (N, H, W) that is 1 where both row (N, H) and column (N, W) are set, else 0. Multiplying by it is faster than
    masking.
    """
    return rows.to(like.dtype)[:, :, None] * columns.to(like.dtype)[:, None, :]


def covered(uniform: Tensor, side: int) -> Tensor:
    """Return which pixels along an axis lie in a window of half its length: (N, side)."""
    start = (uniform * side).long() - side // 4  # (N,)
    place = torch.arange(side, device=uniform.device) - start[:, None]  # (N, side)
    return (place >= 0) & (place < side // 2)


def per_sample(values: Tensor) -> Tensor:
    """Reshape (N,) to (N, 1, 1, 1), to broadcast over pictures."""
    return values[:, None, None, None]


def mirroring_suits(pictures: np.ndarray) -> bool:
    """Return whether mirrored pictures could belong to the set, uint8 (N, H, W, C): true of faces and flowers, not of digits.

    Compares sliced Wasserstein distances on small versions: from one half of the set to the other half, and to the mirrored other
    half.
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
