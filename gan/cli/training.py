"""The commands that train: `train` and `resume`."""

import os
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from gan.cli.options import (
    Background,
    ClassesLevel,
    FitOption,
    Home,
    Ignore,
    Images,
    Json,
    LeaveOut,
    Minutes,
    Rename,
    Side,
    Source,
    choices_of,
    print_result,
)
from gan.limits import MAX_SEED
from gan.progress import Progress, describe

if TYPE_CHECKING:
    from gan.runs import Run, Status


class ChoicesInHelp(TyperCommand):
    """A command whose help ends with the names in the tables. The tables are read only for the help, because importing them
    imports torch.
    """

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from gan.config import PRESETS
        from gan.discriminators import DISCRIMINATORS
        from gan.families import FAMILIES
        from gan.losses.objectives import OBJECTIVES
        from gan.losses.penalties import PENALTIES

        tables: dict[str, Iterable[str]] = {
            "--preset": PRESETS,
            "--network": FAMILIES,
            "--discriminator": DISCRIMINATORS,
            "--objective": OBJECTIVES,
            "--penalty": PENALTIES,
        }
        with formatter.section("Choices"):
            for option, table in tables.items():  # printed line by line, because `write_dl` would break names at their hyphens
                first = f"  {option:<17}"
                names = textwrap.fill(
                    ", ".join(table), formatter.width, initial_indent=first, subsequent_indent=" " * 19, break_on_hyphens=False
                )
                formatter.write(f"{names}\n")


def train(
    source: Source,
    name: Annotated[str, typer.Option(help="What the run and its model are called.")],
    parent: Annotated[str | None, typer.Option("--from", metavar="MODEL", help="A model to start from.")] = None,
    preset: Annotated[str, typer.Option(help="The plan to begin with; see below.")] = "good",
    size: Side = None,
    fit: FitOption = "crop",
    background: Background = "white",
    leave_out: LeaveOut = None,
    classes_level: ClassesLevel = None,
    ignore: Ignore = None,
    rename: Rename = None,
    images: Images = None,
    minutes: Minutes = None,
    network: Annotated[str | None, typer.Option(help="The family of networks; see below.")] = None,
    discriminator: Annotated[
        str | None, typer.Option(help="What judges: the network's own, pretrained features, or both; see below.")
    ] = None,
    objective: Annotated[str | None, typer.Option(help="The adversarial loss; see below.")] = None,
    penalty: Annotated[str | None, typer.Option(help="The gradient penalty; see below.")] = None,
    batch: Annotated[int | None, typer.Option(min=2, help="Pictures a step.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=MAX_SEED, help="Another seed is another training.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, help="On a CPU; all cores it may use if left out.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Train a model on a zip, a folder or a dataset on the Hub, in the foreground.

    Ctrl-C ends the training with a usable model; `resume` continues it.
    """
    _check_length(images, minutes)
    chosen = choices_of(leave_out, classes_level, ignore, rename)
    from gan.data import open_dataset
    from gan.machine import detect_device
    from gan.models import find, read_config, read_origin
    from gan.order import Order, Parent
    from gan.runs import Run, home_folder
    from gan.training import share_creation

    place, device = home_folder(home), detect_device(device)

    def create() -> Run:
        choices: dict[str, Any] = {"preset": preset, "size": size, "images": images, "minutes": minutes, "network": network}
        choices |= {"discriminator": discriminator, "objective": objective, "penalty": penalty}
        choices |= {"batch": batch, "seed": seed, "device": device, "threads": threads}
        choices |= {"fit": fit, "background": background, "choices": chosen}
        wanted = Order.of(source=source, name=name, **choices)
        wanted.check_free(place)  # checked before a parent is fetched
        if parent is not None:
            folder = find(parent, place).resolve()
            origin = read_origin(folder, read_config(folder).weights_sha256)
            wanted = wanted.model_copy(update={"parent": Parent(name=origin.name, folder=folder)})
        with Progress("checked", "pictures") as checking, Progress("prepared", "pictures") as preparing:
            run = wanted.create(place, checking=checking, preparing=preparing)
        for sentence in open_dataset(place, run.config["dataset_hash"]).report.as_json()["warnings"]:
            typer.echo(f"note: {sentence}", err=True)
        return run

    _train(share_creation(create, lambda: Run.open(place, name), device), as_json)


def resume(
    name: str,
    images: Images = None,
    minutes: Minutes = None,
    rewarm: Annotated[bool, typer.Option("--rewarm", help="Raise the learning rates of a finished run again.")] = False,
    source: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="What it was trained on, where its pictures were left behind."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Continue a run to its total, to a new total of pictures, or for some minutes more."""
    _check_length(images, minutes)
    from gan.errors import RunError
    from gan.runs import Run, home_folder
    from gan.training import extend

    run = Run.open(home_folder(home), name)
    if _leads() and run.alive():
        raise RunError("run_held", name=name)
    if source is not None and _leads():
        _reattach(run, source)
    if extend(run, images, minutes, rewarm=rewarm):
        _train(run, as_json)
    elif _leads():
        _trained(run, run.status(), as_json)


def _reattach(run: "Run", source: str) -> None:
    """Prepare the pictures of a run again, with the settings of the first time."""
    from gan import data
    from gan.config import parse_run

    config = parse_run(run.config)
    with Progress("prepared", "pictures") as progress:
        how: dict[str, Any] = {"choices": config.choices, "background": config.background, "progress": progress}
        data.reattach(source, home=run.home, dataset_hash=config.dataset_hash, size=config.resolution, **how)


def _leads() -> bool:
    """Return whether this process is the only one, or the first of those that torchrun started."""
    return int(os.environ.get("RANK", "0")) == 0


def _train(run: "Run", as_json: bool) -> None:
    """Train in this process, then start the next run in the queue."""
    from gan import training as trainer
    from gan.runs import queue as jobs

    try:
        with Progress("trained", "pictures") as progress:
            status = trainer.train(run, progress.report)
        if _leads():
            _trained(run, status, as_json)
    finally:
        if _leads():
            jobs.start_next(run.home)


def _trained(run: "Run", status: "Status", as_json: bool) -> None:
    from gan.models import has_model

    model = str(run.model_folder) if has_model(run.model_folder) else None
    values = {
        "name": run.name,
        "state": status.state,
        "images_seen": status.images_seen,
        "seconds": round(status.seconds, 2),
        "images_per_second": status.images_per_second,
        "model": model,
    }
    print_result(values, f"{describe(status)}; its model is in {model}", as_json)


def _check_length(images: int | None, minutes: float | None) -> None:
    if images is not None and minutes is not None:
        raise typer.BadParameter("give --images or --minutes, not both")


def pace(home: Home = None) -> None:
    """Measure how fast this machine trains a plan and print the result, which the page shows. The plan comes on stdin, as in a
    run's config.json.
    """
    import json
    import sys

    from gan.config import parse_run
    from gan.data import open_dataset
    from gan.runs import home_folder, list_runs
    from gan.runs.estimates import keep_estimate
    from gan.training.pace import measure_plan

    config, place = parse_run(json.load(sys.stdin)), home_folder(home)
    estimate = measure_plan(config, open_dataset(place, config.dataset_hash))
    if not any(run.active() for run in list_runs(place)):  # a training that began meanwhile has slowed the steps
        keep_estimate(place, config, estimate)
