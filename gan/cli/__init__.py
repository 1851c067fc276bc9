"""The command line, `python -m gan …`. Results go to stdout, progress and errors to stderr.

options.py     shared options, printing
inspecting.py  inspect, health
training.py    train, resume
generating.py  generate, evaluate
models.py      pull, push, models list, keep, add, export, rename, remove, restore
sharing.py     export, publish

A command is a function in one of these files and a line in `build_app`.
"""

import json
import os
import sys
from collections.abc import Sequence

import typer

from gan import GanError
from gan.cli import models
from gan.cli.generating import evaluate, generate
from gan.cli.inspecting import health, inspect
from gan.cli.options import one_line
from gan.cli.sharing import export, publish
from gan.cli.training import ChoicesInHelp, pace, resume, train
from gan.files import system_refusals
from gan.hub import check_endpoint
from gan.machine import allow_any_letters, spare_loopback

__all__ = ["app", "main"]


def build_app() -> typer.Typer:
    """Build the program with its commands, in the order that the help lists them."""
    app = typer.Typer(
        name="gan",
        help="Grow an image generator from a folder of your own pictures, and make pictures with it.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.command()(inspect)
    app.command(cls=ChoicesInHelp)(train)
    app.command()(resume)
    app.command()(health)
    app.command(hidden=True)(pace)
    app.command()(generate)
    app.command()(evaluate)
    app.command()(models.pull)
    app.command()(models.push)
    app.command()(export)
    app.command()(publish)
    group = typer.Typer(help="The models on this machine: listed, kept, added, exported, renamed, removed.", no_args_is_help=True)
    group.command("list")(models.list_all)
    for command in (models.keep, models.add, models.export, models.rename, models.remove, models.restore):
        group.command()(command)
    app.add_typer(group, name="models")
    return app


app = build_app()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. The process ends with 0 (done), 1 (a GanError, printed as one line on stderr) or 2 (wrong usage)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    allow_any_letters()
    spare_loopback()
    # torch reads this variable when it is loaded. Threads that wait by spinning slow a training many times as soon as another
    # program uses the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # These settings silence the Hub's client, which would print its own messages on stderr. The client reads them once, when it
    # is imported.
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        check_endpoint()
        with system_refusals():
            app(list(arguments), prog_name="python -m gan")
    except GanError as error:
        if "--json" in arguments:
            typer.echo(json.dumps({"error": str(error), "code": error.code}))
        typer.echo(one_line(error), err=True)
        raise SystemExit(1) from error
