"""The options that several commands share, and the printing of results and errors."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.errors import GanError
from gan.limits import LARGEST_SIDE, LEAST_SIDE

if TYPE_CHECKING:
    from gan.data.choices import Choices
    from gan.hub import Pushed

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
FitOption = Annotated[str, typer.Option("--fit", help="crop keeps the middle square, pad adds a border.")]
Background = Annotated[str, typer.Option(help="Colour of borders and of what is transparent: a name or #rrggbb.")]
LeaveOut = Annotated[
    list[str] | None, typer.Option("--leave-out", metavar="PICTURE", help="A picture to leave out, with its folders; repeatable.")
]
ClassesLevel = Annotated[
    int | None,
    typer.Option(
        "--classes-level", min=0, max=64, help="The level of folders that become classes, 1 the outermost; 0: no classes."
    ),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="CLASS", help="A class to leave out; repeatable.")]
Rename = Annotated[
    list[str] | None,
    typer.Option("--rename", metavar="OLD=NEW", help="A new name of a class; two of one name become one class; repeatable."),
]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="Train for about so long.")]


def choices_of(leave_out: list[str] | None, level: int | None, ignore: list[str] | None, rename: list[str] | None) -> "Choices":
    """Return the user's choices of pictures and classes. Raises ConfigError."""
    from pydantic import ValidationError

    from gan.data.choices import Choices
    from gan.errors import ConfigError

    pairs = [each.rpartition("=") for each in rename or []]
    if wrong := next(
        (whole for whole, (old, _, new) in zip(rename or [], pairs, strict=True) if not old or not new.strip()), None
    ):
        raise ConfigError("config_field", field="--rename", found=wrong, expected="OLD=NEW")
    renamed = {old: new.strip() for old, _, new in pairs}
    try:
        return Choices(left_out=tuple(leave_out or ()), level=level, ignored=tuple(ignore or ()), renamed=renamed)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError("config_field", field=str(first["loc"][0]), found=first["input"], expected=first["msg"]) from error


def counted(count: int, thing: str) -> str:
    """Return a count with its noun: "1 picture", "1,332 pictures"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def one_line(error: GanError) -> str:
    """Return an error as one line, whatever text it quotes."""
    return " ".join(str(error).split())


def print_result(values: dict[str, Any], words: str, as_json: bool) -> None:
    """Print a command's result on stdout, as one JSON object or as the text `words`."""
    typer.echo(json.dumps(values) if as_json else words)


def print_pushed(pushed: "Pushed", private: bool, as_json: bool) -> None:
    """Print the address on the Hub of what was pushed, and whether the push changed anything."""
    words = pushed.url if pushed.changed else f"{pushed.url}: nothing changed"
    print_result({"url": pushed.url, "private": private, "changed": pushed.changed}, words, as_json)
