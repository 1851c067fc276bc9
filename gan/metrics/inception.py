"""FID and KID: distances between features of the Inception network that papers use. They are an optional extra.

The package torch-fidelity computes them. The network's weights are fetched once, on request, and loaded only if their SHA-256 is
the one named in this module.
"""

import hashlib
import secrets
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from gan.errors import MetricError
from gan.metrics.measures import Array, PictureMaker, RealPictures, evenly, make_samples, take

FILE = "weights-inception-2015-12-05-6726825d.pth"
URL = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{FILE}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
BYTES = 95_628_359
TIMEOUT_SECONDS = 30
CHUNK_BYTES = 1 << 20
MOST_REFERENCES = 10_000
KID_SUBSET = 1000  # pictures; all of them if a set has fewer
BATCH = 32

Progress = Callable[[int, int], None]


def fetch_inception(
    home: Path, *, url: str = URL, sha256: str = SHA256, size: int = BYTES, progress: Progress | None = None
) -> Path:
    """Return the path of the weights in home/inception, downloading them if they are missing. Raises MetricError if that fails.

    The package torch-fidelity is checked first, because the download is useless without it.
    """
    _library()
    path = Path(home) / "inception" / FILE
    if not path.is_file():
        temporary = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _download(url, temporary, size, progress)
            _check(temporary, sha256)
            temporary.replace(path)
        except OSError as error:  # urllib's errors are OSErrors too
            raise MetricError("inception_not_fetched", url=url, reason=str(error), path=str(path)) from error
        finally:
            temporary.unlink(missing_ok=True)
    _check(path, sha256)
    return path


def evaluate_inception(
    model: PictureMaker, dataset: RealPictures, weights: Path, *, count: int = 1000, progress: Progress | None = None
) -> dict[str, float]:
    """Return FID (Heusel et al. 2017) and KID (Bińkowski et al. 2018) of `count` samples, psi 1, against the training pictures.

    Few samples raise FID, so compare it only at equal counts. `weights` is the result of `fetch_inception`.
    """
    rows = np.random.default_rng(0).choice(dataset.train_indices, count)
    samples = make_samples(model, dataset, rows, progress)
    known = evenly(dataset.train_indices, min(MOST_REFERENCES, len(dataset.train_indices)))
    return inception_distances(samples, take(dataset, known), weights)


def inception_distances(samples: Array, references: Array, weights: Path) -> dict[str, float]:
    """Return `fid` and `kid` between two sets of pictures uint8 (N, H, W, C), grey or colour. A GPU is used if the machine has
    one.
    """
    measured = _library()(
        input1=_Pictures(samples),
        input2=_Pictures(references),
        fid=True,
        kid=True,
        kid_subset_size=min(KID_SUBSET, len(samples), len(references)),
        feature_extractor_weights_path=str(weights),
        batch_size=BATCH,
        cuda=torch.cuda.is_available(),
        cache=False,
        save_cpu_ram=True,  # otherwise four worker processes would copy pictures that are already in memory
        verbose=False,
    )
    return {"fid": float(measured["frechet_inception_distance"]), "kid": float(measured["kernel_inception_distance_mean"])}


class _Pictures(Dataset[Tensor]):
    """Pictures in the format of torch-fidelity: uint8 (3, H, W)."""

    def __init__(self, pictures: Array) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Tensor:
        picture = torch.from_numpy(np.ascontiguousarray(self.pictures[index].transpose(2, 0, 1)))
        return picture.expand(3, -1, -1).contiguous()


def _library() -> Callable[..., dict[str, float]]:
    """Return torch-fidelity's function `calculate_metrics`."""
    try:
        from torch_fidelity import calculate_metrics
    except ImportError as error:
        raise MetricError("inception_absent") from error
    function: Callable[..., dict[str, float]] = calculate_metrics
    return function


def _download(url: str, path: Path, size: int, progress: Progress | None) -> None:
    """Download at most `size` bytes, reporting progress."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:
        done = 0
        while part := answer.read(CHUNK_BYTES):
            done += len(part)
            if done > size:
                break
            file.write(part)
            if progress is not None:
                progress(done, size)


def _check(path: Path, sha256: str) -> None:
    """Raise MetricError unless this is the known file. The format can contain code that runs when the file is loaded."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise MetricError("inception_changed", path=str(path), found=found, expected=sha256)
