"""The table of observers. A new observer is a file in this folder and a line in OBSERVERS.

base.py      the contract, and the schedules of observations
report.py    progress: losses, scores, speed
sample.py    sample grids of the same seeds
snapshot.py  snapshots and the model folder
metrics.py   quality and variety, and the best model so far
views.py     inside the networks: scores, pixels to which the discriminator is sensitive, what each resolution adds
copies.py    samples with their nearest training pictures
"""

from gan.training.observers.base import Observer, Training
from gan.training.observers.copies import NearestPictures
from gan.training.observers.metrics import Metrics
from gan.training.observers.report import Report
from gan.training.observers.sample import Sample
from gan.training.observers.snapshot import Snapshot
from gan.training.observers.views import InsideViews

__all__ = ["OBSERVERS", "Observer", "Training"]

OBSERVERS: dict[str, type[Observer]] = {
    each.name: each for each in (Report, Sample, Snapshot, Metrics, InsideViews, NearestPictures)
}
"""Observers by name, in the order in which they run."""
