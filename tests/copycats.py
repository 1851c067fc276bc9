"""A run whose training pictures are its own model's pictures of the first seeds, so that all of those are copies."""

from pathlib import Path

from gan import data
from gan.images import encode_png
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.runs import Run
from gan.sampler import Model
from tests.tiny_models import write_tiny_model
from tests.zips import write_zip

TRAINED_ON = 40  # seeds


def copycat_studio(home: Path) -> Studio:
    """Return a studio with the run `copycat`."""
    write_tiny_model(home / "twin")
    pictures = Model.open(home / "twin").generate(range(TRAINED_ON), 1.0)
    path = write_zip(home / "own.zip", {f"{seed}.png": encode_png(picture) for seed, picture in enumerate(pictures)})
    dataset = data.prepare(path, home=home, size=16, channels=3)
    run = Run.create(home, "copycat", {"dataset_hash": dataset.hash})
    write_tiny_model(run.model_folder)
    return Studio(Shelf(home))
