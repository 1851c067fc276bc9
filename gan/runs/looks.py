"""Looks: pictures that a trainer writes for the page. Each look is a folder of PNG files and one JSON file, `views/000064000/`.

views/   inside the networks: pictures with their scores, the pixels that change them most, what each resolution adds
copies/  samples with their nearest training pictures
"""

import math
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan.errors import CheckpointError
from gan.files import read_json
from gan.images import encode_png
from gan.runs.folder import Run, snapshot_name

VIEWS, COPIES = "views", "copies"  # folders of a run
VIEWS_KEPT = 40
COPIES_KEPT = 1
NUMBERS = "values.json"
NAME = re.compile(r"\d{9,}")

Scores = list[float]


class Look(BaseModel):
    """Base of the values in a look's JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class View(Look):
    """A view inside the networks. Scores are the discriminator's logits; the first `shown` of each kind belong to the
    pictures.
    """

    side: int = Field(ge=1)
    shown: int = Field(ge=0, le=64)
    real_scores: Scores = Field(max_length=4096)
    generated_scores: Scores = Field(max_length=4096)
    held_out_scores: Scores = Field(max_length=4096)
    stage_sides: list[int] = Field(max_length=16)
    """Sides at which the generator's blocks draw; empty for families without such stages."""


class Copies(Look):
    """Samples, their nearest training pictures, and the distances between them. Distances are root mean squares, 0 … 1."""

    distances: list[float] = Field(max_length=64)
    closest: float
    """The distance below which a picture counts as a copy. 5 % of original pictures are also nearer than this."""
    measured: int = Field(ge=0)
    """Number of pictures that the shares were measured on."""
    near_share: float
    """The fraction of these pictures whose distance is below `closest`; for original pictures it is 0.05."""
    alike_distances: list[float] = Field([], max_length=64)
    """The distances in pretrained features, measured at the end of a training; empty before."""
    alike_closest: float = 0.0
    """As `closest`, in pretrained features."""
    mixture_ratio: float | None = None
    """How far these pictures are from mixtures of the training pictures: about 1 for new ones (`gan.metrics.Mixtures`)."""
    copied_share: float | None = None
    copied_share_low: float | None = None
    copied_share_high: float | None = None


Kind = TypeVar("Kind", bound=Look)


class Written(NamedTuple):
    """A look that has been written to the disk."""

    folder: Path
    images_seen: int

    def picture(self, name: str) -> Path:
        """Return the path of one of the look's PNG files, which need not exist."""
        return self.folder / f"{name}.png"


def write_look(run: Run, parent: str, images_seen: int, values: Look, pictures: Mapping[str, np.ndarray], keep: int) -> Path:
    """Write a look so that it appears as a whole, and remove looks beyond the limit. Raises CheckpointError."""
    folder = run.folder / parent / snapshot_name(images_seen)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir(parents=True)
        for name, picture in pictures.items():
            (temporary / f"{name}.png").write_bytes(encode_png(picture))
        (temporary / NUMBERS).write_text(values.model_dump_json(), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(folder), reason=error.strerror or str(error)) from error
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)
    thin_out(run, parent, keep)
    return folder


def looks(run: Run, parent: str) -> list[Written]:
    """Return every look of a kind, oldest first."""
    folder = run.folder / parent
    if not folder.is_dir():
        return []
    return [Written(path, int(path.name)) for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name)]


def look_at(found: list[Written], images_seen: int | None) -> Written | None:
    """Return the newest look that is not later than `images_seen`; the newest of all for None, the oldest where all are later."""
    if not found:
        return None
    earlier = [look for look in found if images_seen is None or look.images_seen <= images_seen]
    return earlier[-1] if earlier else found[0]


def read_look(look: Written | None, kind: type[Kind]) -> Kind | None:
    """Return the values of a look; None where it is missing, damaged or of another version, so that the page can leave it out."""
    if look is None:
        return None
    try:
        return kind.model_validate(read_json(look.folder / NUMBERS))
    except (CheckpointError, ValidationError):
        return None


def thin_out(run: Run, parent: str, keep: int) -> None:
    """Remove looks until `keep` are left: first those whose neighbours are closest in time, so that the whole training stays
    covered.
    """
    found = looks(run, parent)
    while len(found) > keep:
        if keep == 1:
            superfluous = 0
        else:
            gaps = [
                math.log1p(after.images_seen) - math.log1p(before.images_seen)
                for before, after in zip(found[:-2], found[2:], strict=True)
            ]
            superfluous = 1 + gaps.index(min(gaps))
        shutil.rmtree(found.pop(superfluous).folder, ignore_errors=True)
