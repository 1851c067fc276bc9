"""Turns pictures into a checked, prepared dataset, in an order that can be resumed.

sources/       a zip, a folder, a dataset on the Hub: their lists, and their files one by one, within bounds
formats.py     the picture formats that are read
containers.py  the metadata of a picture file
colour.py      colour profiles, converted to sRGB
pictures.py    a picture file decoded, and fitted into a square
labels.py      label files
classes.py     sorts pictures into classes
choices.py     pictures that the user leaves out, and changes to the classes
report.py      the report: usable pictures, skipped files and their reasons
examine.py     reads a source once, for inspecting and for preparing
held_out.py    chooses the pictures that are never trained on
writing.py     writes the files of a set under preparation
prepared.py    home/data/HASH: written once, then only opened
order.py       the order in which pictures are trained on
"""

from pathlib import Path

from gan.data.choices import Choices
from gan.data.examine import Findings
from gan.data.held_out import HELD_OUT_FROM
from gan.data.order import order
from gan.data.prepared import Dataset, Survey, default_size, inspect, open_dataset, prepare, reattach, survey
from gan.data.report import FEW_PICTURES, MIN_PICTURES, Report, Skipped, TooFewPicturesError

__all__ = [
    "FEW_PICTURES",
    "HELD_OUT_FROM",
    "MIN_PICTURES",
    "Choices",
    "Dataset",
    "Findings",
    "Report",
    "Skipped",
    "Survey",
    "TooFewPicturesError",
    "default_size",
    "inspect",
    "open_dataset",
    "order",
    "prepare",
    "reattach",
    "sample_zip",
    "survey",
]


def sample_zip() -> Path:
    """Return the path of the small sample set of emoji that comes with the app; their licence is in the same folder."""
    return Path(__file__).parent / "samples" / "emoji-sample.zip"
