"""What the commands share: their common options, and how results and errors are printed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gan.errors import GanError
from gan.limits import LARGEST_SIDE, LEAST_SIDE

Home = Annotated[Path | None, typer.Option(help="Folder of runs, data and kept models; else $GAN_HOME, else the working folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else there.")]
Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="A zip or folder of pictures, or hf:user/dataset[@revision]; folders in it are classes."
    ),
]
ModelName = Annotated[str, typer.Option("--model", help="A folder, run, kept model, starter, or user/repo[@revision].")]
Images = Annotated[int | None, typer.Option(min=1, help="Stop after this number of pictures, counted from the beginning.")]
Side = Annotated[
    int | None, typer.Option(min=LEAST_SIDE, max=LARGEST_SIDE, help="Side in pixels; the pictures decide if left out.")
]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="Train for about so long.")]


def one_line(error: GanError) -> str:
    """An error as one line, whatever was quoted in it."""
    return " ".join(str(error).split())


def print_result(values: dict[str, Any], words: str, as_json: bool) -> None:
    """Print a command's result on stdout, as one JSON object or in words."""
    typer.echo(json.dumps(values) if as_json else words)
