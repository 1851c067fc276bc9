"""Chooses the pictures that are never trained on: 5 %, by content, near-duplicates together, and never a class's last picture."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

HELD_OUT_FROM = 200
HELD_OUT_SHARE = 20  # one picture in 20: 5 %
CHUNK = 1024  # pictures read at once
COARSE, FINE = 8, 16  # sides of the thumbnails that are compared
# Thresholds for near-duplicates: the least correlation, from -1 to 1, of two thumbnails after subtraction of their means, and the
# largest distance of their mean colours. They were set on clothing, digits, emoji, flowers and CIFAR-10, so that copies that were
# scaled or compressed again count as near-duplicates, and different pictures of one kind do not.
NEAR_COARSE, NEAR_FINE, NEAR_COLOUR = 0.985, 0.985, 24 / 255
FLAT = 1 / 255  # a picture without contrast can be recognised by its colour only

Array = npt.NDArray[np.float32]


def choose_held_out(contents: Sequence[bytes], labels: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return the positions, ascending, of the held-out pictures: int64. The choice does not depend on names or order.

    `contents` are the files' hashes, `labels` the classes, int64 (N,), `pictures` uint8 (N, H, W, C). Pictures are taken in the
    order of their hashes until 5 % are held out, each together with its near-duplicates, mirrored ones included. A group is
    skipped if it is too large for the remaining number, or would take a class's last pictures.
    """
    wanted = len(contents) // HELD_OUT_SHARE if len(contents) >= HELD_OUT_FROM else 0
    if not wanted:
        return np.zeros(0, np.int64)
    nearby = _Nearby(pictures)
    left = np.bincount(labels)
    taken, settled = np.zeros(len(contents), bool), np.zeros(len(contents), bool)
    count = 0
    for group in nearby.groups(sorted(range(len(contents)), key=contents.__getitem__), settled, wanted):
        settled[group] = True
        of_class = np.bincount(labels[group], minlength=len(left))
        if count + len(group) > wanted or (left - of_class < np.minimum(left, 1)).any():
            continue
        taken[group] = True
        left -= of_class
        count += len(group)
        if count == wanted:
            break
    return np.flatnonzero(taken).astype(np.int64)


def near_duplicates(pictures: np.ndarray) -> list[list[int]]:
    """Return the groups of pictures, uint8 (N, H, W, C), that are nearly the same, mirrored ones included, as ascending
    positions.
    """
    settled = np.zeros(len(pictures), bool)
    groups = []
    for group in _Nearby(pictures).groups(list(range(len(pictures))), settled, CHUNK):
        if not settled[group].any() and len(group) > 1:
            groups.append(sorted(group))
        settled[group] = True
    return groups


class _Nearby:
    """Finds the near-duplicates of pictures among all pictures."""

    def __init__(self, pictures: np.ndarray) -> None:
        self._pictures = pictures
        coarse = [_thumbnails(pictures[start : start + CHUNK], COARSE) for start in range(0, len(pictures), CHUNK)]
        thumbs = np.concatenate(coarse)  # (N, 8, 8, C)
        self._colours = thumbs.mean((1, 2))
        grey = thumbs.mean(3)
        self._coarse = _unit(grey)  # (N, 64)
        self._mirrored = _unit(grey[:, :, ::-1])

    def groups(self, order: list[int], settled: np.ndarray, block: int) -> Iterator[list[int]]:
        """Yield a group for each picture in this order that is not settled: the picture, its near-duplicates, their
        near-duplicates, and so on.
        """
        block = min(max(block, 16), 256)
        for start in range(0, len(order), block):
            first = order[start : start + block]
            for picture, others in zip(first, self._neighbours(first), strict=True):
                if not settled[picture]:
                    yield self._grow(picture, others) if len(others) else [picture]

    def _grow(self, picture: int, others: np.ndarray) -> list[int]:
        group, waiting = {picture}, set(others.tolist())
        while waiting and len(group) + len(waiting) <= len(self._pictures) // HELD_OUT_SHARE:  # larger groups are never held out
            group |= waiting
            found = self._neighbours(sorted(waiting))
            waiting = {int(each) for others in found for each in others} - group
        return [picture, *sorted((group | waiting) - {picture})]

    def _neighbours(self, rows: list[int]) -> list[np.ndarray]:
        """Return the near-duplicates of some pictures, as one array of positions for each."""
        alike = np.maximum(self._coarse[rows] @ self._coarse.T, self._mirrored[rows] @ self._coarse.T)  # (n, N)
        alike[np.arange(len(rows)), rows] = -1  # a picture is not its own duplicate
        places, columns = _sparse_nonzero(alike > NEAR_COARSE)
        near = np.abs(self._colours[np.asarray(rows)[places]] - self._colours[columns]).max(1) < NEAR_COLOUR
        places, columns = places[near], columns[near]
        sure = self._are_copies(np.asarray(rows)[places], columns)
        places, columns = places[sure], columns[sure]
        return [columns[places == place] for place in range(len(rows))]

    def _are_copies(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return for each picture whether it is a copy of the one at the other position, by finer thumbnails: bool (n,)."""
        sure = np.zeros(len(first), bool)
        for start in range(0, len(first), CHUNK):
            part = slice(start, start + CHUNK)
            ones, others = (_thumbnails(self._pictures[rows[part]], FINE) for rows in (first, second))
            seen = (np.einsum("nf,nf->n", _unit(ones), _unit(each)) for each in (others, others[:, :, ::-1]))
            sure[part] = np.maximum(*seen) > NEAR_FINE
        return sure


def _sparse_nonzero(wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of the few True in bool (n, N), as np.nonzero does, in a tenth of its time."""
    flat = wanted.reshape(-1)
    whole = len(flat) // 8 * 8
    eights = np.flatnonzero(flat[:whole].view(np.uint64))  # eight at a time
    near = (eights[:, None] * 8 + np.arange(8)).reshape(-1)
    near = np.concatenate([near, np.arange(whole, len(flat))])
    found = near[flat[near]]
    return found // wanted.shape[1], found % wanted.shape[1]


def _thumbnails(pictures: np.ndarray, side: int) -> Array:
    """Reduce uint8 (N, H, H, C) to (N, side, side, C) in 0 … 1, by means over areas."""
    count, height, _, channels = pictures.shape
    side = min(side, height)
    means = np.zeros((side, height), np.float32)
    for row, part in enumerate(np.array_split(np.arange(height), side)):
        means[row, part] = 1 / len(part)
    rows = means @ pictures.reshape(count, height, -1).astype(np.float32)  # (N, side, H C)
    columns = rows.reshape(count, side, height, channels).transpose(0, 2, 1, 3).reshape(count, height, -1)
    return (means @ columns).reshape(count, side, side, channels).transpose(0, 2, 1, 3) / np.float32(255)


def _unit(thumbs: np.ndarray) -> Array:
    """Return thumbnails as rows of length 1 with mean 0. Pictures without contrast become rows of 0."""
    flat = thumbs.reshape(len(thumbs), -1)
    flat = flat - flat.mean(1, keepdims=True)
    deviation = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.where(deviation > FLAT * flat.shape[1] ** 0.5, flat / np.maximum(deviation, 1e-6), 0).astype(np.float32)
