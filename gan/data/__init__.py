"""From a zip to a checked, prepared dataset, in an order that can be resumed.

archive.py    what a stranger's zip lists, and its files one by one, within bounds
pictures.py   a picture file decoded, and fitted into a square
report.py     what was found: usable pictures, skipped files and their reasons
examine.py    the one pass over a zip that inspecting and preparing share
prepared.py   home/data/HASH: written once, opened ever after
order.py      in which order pictures are trained on
"""

from pathlib import Path

from gan.data.order import order
from gan.data.prepared import HELD_OUT_FROM, Dataset, default_size, inspect, open_dataset, prepare
from gan.data.report import FEW_PICTURES, MIN_PICTURES, Report, Skipped, TooFewPicturesError

__all__ = [
    "FEW_PICTURES",
    "HELD_OUT_FROM",
    "MIN_PICTURES",
    "Dataset",
    "Report",
    "Skipped",
    "TooFewPicturesError",
    "default_size",
    "inspect",
    "open_dataset",
    "order",
    "prepare",
    "sample_zip",
]


def sample_zip() -> Path:
    """The small sample set that comes with the app: emoji, with their licence beside them."""
    return Path(__file__).parent / "samples" / "emoji-sample.zip"
