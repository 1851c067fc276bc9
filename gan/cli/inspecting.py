"""The commands that inspect a source of pictures, and the health of a training."""

from typing import TYPE_CHECKING, Annotated

import typer

from gan.cli.options import (
    ClassesLevel,
    Home,
    Ignore,
    Json,
    LeaveOut,
    Rename,
    Side,
    Source,
    choices_of,
    counted,
    one_line,
    print_result,
)
from gan.progress import Progress
from gan.words import shorten

if TYPE_CHECKING:
    from gan.data import Report


def inspect(
    source: Source,
    size: Side = None,
    leave_out: LeaveOut = None,
    classes_level: ClassesLevel = None,
    ignore: Ignore = None,
    rename: Rename = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say which pictures of a zip, a folder or a dataset on the Hub can be used, and why the others cannot."""
    from gan import data
    from gan.runs import home_folder

    choices = choices_of(leave_out, classes_level, ignore, rename)
    try:
        with Progress("checked", "pictures") as progress:
            report = data.inspect(source, home=home_folder(home), choices=choices, progress=progress)
    except data.TooFewPicturesError as error:
        print_result({**error.report.as_json(), "error": str(error)}, _found(error.report), as_json)
        typer.echo(one_line(error), err=True)
        raise typer.Exit(1) from error
    side = size or data.default_size(report)
    print_result(report.as_json(), f"{_found(report)}\nTraining would use {side} × {side} pixels.", as_json)


def _found(report: "Report") -> str:
    """Return the report on a source of pictures in plain words."""
    lines = [f"{counted(report.usable, 'usable picture')}, {counted(report.duplicates, 'duplicate')} left out"]
    lines += [f"  {report.left_out:,} left out by choice"] if report.left_out else []
    if report.labels_from == "folders":
        lines.append(f"  classes from the folders of level {report.level}, as in {shorten(report.example or '')}")
    elif report.labels_from is not None:
        lines.append(f"  classes from {report.labels_from}")
    lines += [f"  class {name}: {count:,}" for name, count in report.classes.items()]
    lines += [f"  skipped {skipped.name}: {skipped.reason}" for skipped in report.skipped]
    lines += [f"  note: {sentence}" for sentence in report.as_json()["warnings"]]
    return "\n".join(lines)


def health(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A run.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say how a training goes: balanced, collapsing, copying and so on, and what helps in each case."""
    from gan.runs import Run, home_folder
    from gan.runs.health import health_of
    from gan.words import say

    found = health_of(Run.open(home_folder(home), name))
    lines = [
        f"{say('en', f'health_{finding.code}', **finding.values)} {say('en', f'remedy_{finding.remedy}')}"
        for finding in found.findings
    ]
    print_result(found.as_json(), "\n".join(lines), as_json)
