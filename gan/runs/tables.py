"""Exports a run as text for other programs: its events as CSV, and the command that starts the same training."""

import csv
import io
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

FIRST_COLUMNS = ("kind", "images_seen", "seconds")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would evaluate a cell that starts with one of these

OPTIONS = {
    "--from": "parent",
    "--preset": "preset",
    "--size": "resolution",
    "--network": "family",
    "--discriminator": "discriminator",
    "--objective": "objective",
    "--penalty": "penalty",
    "--batch": "batch",
    "--seed": "seed",
    "--device": "device",
}
"""Options of `python -m gan train`, and the fields of a run's config that they set."""


def events_csv(events: Sequence[Mapping[str, Any]]) -> str:
    """Return events as CSV, one line for each event and one column for each name that occurs."""
    names = dict.fromkeys((*FIRST_COLUMNS, *(name for event in events for name in event)))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_cell(event.get(name)) for name in names] for event in events])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return a value in a form that a spreadsheet shows and does not evaluate."""
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def train_command(name: str, config: Mapping[str, Any]) -> str:
    """Return the command line that starts a training with the same choices; it names the set in place of its source."""
    words = ["python", "-m", "gan", "train", str(config.get("dataset") or "SOURCE"), "--name", name]
    for option, field in OPTIONS.items():
        if config.get(field) is not None:
            words += [option, str(config[field])]
    if config.get("device") == "cpu" and config.get("fit_threads") is False:  # the number was chosen
        words += ["--threads", str(config["threads"])]
    if config.get("minutes") is not None:
        words += ["--minutes", f"{config['minutes']:g}"]
    elif config.get("images_total") is not None:
        words += ["--images", str(config["images_total"])]
    return shlex.join(words)
