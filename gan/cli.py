"""The command line, `python -m gan …`: thin. Results go to stdout, progress and errors to stderr."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from gan import GanError
from gan.progress import Progress, describe

if TYPE_CHECKING:
    from gan.data import Report
    from gan.runs import Run, Status

app = typer.Typer(
    name="gan",
    help="Grow an image generator from a folder of your own pictures, and make pictures with it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Home = Annotated[Path | None, typer.Option(help="Folder of runs, data and kept models; else $GAN_HOME, else the working folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else there.")]
Zip = Annotated[Path, typer.Argument(metavar="ZIP", help="A zip of pictures; folders in it are classes.")]
ModelName = Annotated[str, typer.Option("--model", help="A folder, run, kept model, starter, or user/repo[@revision].")]
Images = Annotated[int | None, typer.Option(min=1, help="Stop after so many pictures, counted from the beginning.")]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="Train for about so long.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: ends the process with 0 (done), 1 (a GanError, one line on stderr) or 2 (usage)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # Read when torch is loaded. Threads that wait by spinning slow a training manyfold as soon as anything else wants the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # The Hub's client would talk on stderr too, in its own words; it reads these once, when it is imported.
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        app(list(arguments), prog_name="python -m gan")
    except GanError as error:
        if "--json" in arguments:
            typer.echo(json.dumps({"error": str(error), "code": error.code}))
        typer.echo(_line(error), err=True)
        raise SystemExit(1) from error


@app.command()
def inspect(
    zip_path: Zip,
    size: Annotated[int | None, typer.Option(min=16, max=512, help="Side in pixels to train at.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say which pictures of a zip can be used, and why others cannot."""
    from gan import data

    try:
        with Progress("checked", "pictures") as progress:
            report = data.inspect(zip_path, progress=progress)
    except data.TooFewPicturesError as error:
        _result({**error.report.as_json(), "error": str(error)}, _found(error.report), as_json)
        typer.echo(_line(error), err=True)
        raise typer.Exit(1) from error
    side = size or data.default_size(report)
    _result(report.as_json(), f"{_found(report)}\nTraining would use {side} × {side} pixels.", as_json)


class ChoicesInHelp(TyperCommand):
    """Ends its help with what the tables hold, which are read only then: torch comes with them."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from gan.config import PRESETS
        from gan.families import NETWORKS
        from gan.losses.objectives import OBJECTIVES
        from gan.losses.penalties import PENALTIES

        tables: dict[str, Iterable[str]] = {
            "--preset": PRESETS,
            "--network": NETWORKS,
            "--objective": OBJECTIVES,
            "--penalty": PENALTIES,
        }
        with formatter.section("Choices"):
            formatter.write_dl([(option, ", ".join(table)) for option, table in tables.items()])


@app.command(cls=ChoicesInHelp)
def train(
    zip_path: Zip,
    name: Annotated[str, typer.Option(help="What the run and its model are called.")],
    parent: Annotated[str | None, typer.Option("--from", metavar="MODEL", help="A model to start from.")] = None,
    preset: Annotated[str, typer.Option(help="The recipe to begin with; see below.")] = "good",
    size: Annotated[int | None, typer.Option(min=16, max=512, help="Side in pixels; else as the pictures suggest.")] = None,
    images: Images = None,
    minutes: Minutes = None,
    network: Annotated[str | None, typer.Option(help="The family of networks; see below.")] = None,
    objective: Annotated[str | None, typer.Option(help="The adversarial loss; see below.")] = None,
    penalty: Annotated[str | None, typer.Option(help="The gradient penalty; see below.")] = None,
    batch: Annotated[int | None, typer.Option(min=2, help="Pictures a step.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Another seed is another training.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Train a model on a zip of pictures, in the foreground. Ctrl-C ends it with a usable model; `resume` goes on."""
    _check_length(images, minutes)
    from gan import data, hub
    from gan.config import choose_channels, choose_size, resolve_run
    from gan.errors import RunError
    from gan.machine import detect_device
    from gan.models import read_config
    from gan.runs import Run, check_name, home_folder
    from gan.sampler import read_origin
    from gan.training import share_creation

    place, device = home_folder(home), detect_device(device)

    def create() -> Run:
        if (place / "runs" / check_name(name)).exists():
            raise RunError("run_exists", name=name)
        folder = hub.find(parent, place).resolve() if parent else None
        kept = read_config(folder) if folder else None
        side = choose_size(preset, kept, 0, size)
        if not side:  # only the pictures can tell
            with Progress("checked", "pictures") as progress:
                side = data.default_size(data.inspect(zip_path, progress=progress))
        with Progress("prepared", "pictures") as progress:
            channels = choose_channels(preset, kept)
            dataset = data.prepare(zip_path, home=place, size=side, channels=channels, progress=progress)
        config = resolve_run(
            dataset,
            preset=preset,
            parent=kept,
            parent_name=read_origin(folder, kept.weights_sha256).name if folder and kept else None,
            parent_folder=str(folder) if folder else None,
            device=device,
            images=images,
            minutes=minutes,
            family=network,
            objective=objective,
            penalty=penalty,
            batch=batch,
            seed=seed,
        )
        return Run.create(place, name, config.model_dump(mode="json"))

    _train(share_creation(create, lambda: Run.open(place, name), device), as_json)


@app.command()
def resume(name: str, images: Images = None, minutes: Minutes = None, home: Home = None, as_json: Json = False) -> None:
    """Go on with a run: to its total, to a new total of pictures, or for so many minutes more."""
    _check_length(images, minutes)
    from gan.errors import RunError
    from gan.runs import Run, home_folder
    from gan.training import extend

    run = Run.open(home_folder(home), name)
    if _leads() and run.alive():
        raise RunError("run_held", name=name)
    if extend(run, images, minutes):
        _train(run, as_json)
    elif _leads():
        _trained(run, run.status(), as_json)


@app.command()
def generate(
    model: ModelName,
    seeds: Annotated[str | None, typer.Option(help="Seeds and ranges, like 0-15,42: DIR/0000000042.png each.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Or so many pictures, in folders by class, with a manifest.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the pictures.")] = None,
    zip_path: Annotated[Path | None, typer.Option("--zip", metavar="FILE", help="With --count: a zip, no folder.")] = None,
    first_seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="With --count: where to begin.")] = 0,
    per_class: Annotated[bool, typer.Option("--per-class", help="With --count: so many of each class.")] = False,
    like: Annotated[Path | None, typer.Option(metavar="ZIP", help="With --count: the training pictures to compare with.")] = None,
    drop_copies: Annotated[bool, typer.Option("--drop-copies", help="With --like: leave out what looks copied.")] = False,
    psi: Annotated[float | None, typer.Option(help="0 is the average, 1 the full variety; 0.7, with --count 1.0.")] = None,
    class_name: Annotated[str | None, typer.Option("--class", help="A class by name; the seed chooses one if left out.")] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures made at once; changes speed and memory, not pictures.")] = 32,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Make a picture a seed, or thousands by --count, each with its recipe inside.

    The same --count again goes on where it was cut off. --like ZIP writes down how far each picture is from the nearest training
    picture, 0 to 1; --drop-copies leaves out those that are nearer than 95 % of the zip's held-out pictures are, which were never
    trained on, and lets later seeds take their places.
    """
    _check_generate(seeds, count, out, zip_path, bool(first_seed or per_class or like), drop_copies and not like)
    from gan import bulk, data
    from gan.hub import find
    from gan.runs import home_folder
    from gan.sampler import Model, parse_seeds

    wanted, place = parse_seeds(seeds) if seeds is not None else [], home_folder(home)
    source, target = Model.open(find(model, place), device), out or zip_path
    assert target is not None
    if count is None:
        with Progress("made", "pictures") as progress:
            files = bulk.write_seeds(source, wanted, target, 0.7 if psi is None else psi, class_name, batch, progress)
        _result({"files": [str(path) for path in files]}, f"{len(files):,} pictures in {target}", as_json)
        return
    guard = None
    if like is not None:
        with Progress("prepared", "pictures") as progress:
            channels, size = source.config.channels, source.config.resolution
            guard = bulk.CopyGuard(data.prepare(like, home=place, size=size, channels=channels, progress=progress))
    psi = 1.0 if psi is None else psi
    order = bulk.BulkOrder.of(source, count, first_seed, psi, class_name, per_class, guard, drop_copies)
    with Progress("made", "pictures") as progress:
        made = bulk.make_bulk(source, order, target, as_zip=out is None, guard=guard, batch=batch, progress=progress)
    values = {"path": str(target), "pictures": made.pictures, "new": made.new, "dropped": made.dropped, "closest": order.closest}
    _result(values, f"{made.pictures:,} pictures in {target}, {made.new:,} new, {made.dropped:,} dropped as copies", as_json)


@app.command()
def evaluate(
    model: ModelName,
    zip_path: Zip,
    samples: Annotated[int, typer.Option(min=16, max=50_000, help="Pictures to make and measure.")] = 1000,
    closest: Annotated[Path | None, typer.Option(metavar="PNG", help="Show what looks most like a training picture.")] = None,
    inception: Annotated[bool, typer.Option("--inception", help="FID and KID too: needs torch-fidelity, fetches 96 MB.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Measure a model's quality, variety and memorisation against the pictures of a zip.

    --closest writes the samples that lie closest to training pictures, each left of its original.
    """
    from gan import data, metrics
    from gan.hub import find
    from gan.runs import home_folder
    from gan.sampler import Model

    place = home_folder(home)
    source = Model.open(find(model, place))
    with Progress("prepared", "pictures") as progress:
        channels = source.config.channels
        dataset = data.prepare(zip_path, home=place, size=source.config.resolution, channels=channels, progress=progress)
    weights: Path | None = None
    if inception:  # first, so that what is missing is said at once
        with Progress("downloaded", "bytes") as progress:
            weights = metrics.fetch_inception(place, progress=progress)
    with Progress("made", "pictures") as progress:
        show = None if closest is None else partial(show_pairs, closest)
        measures = metrics.evaluate(source, dataset, count=samples, progress=progress, show=show)
        if weights is not None:
            measures |= metrics.evaluate_inception(source, dataset, weights, count=samples, progress=progress)
    _result(measures, "\n".join(f"{label}: {value:.4g}" for label, value in measures.items()), as_json)


@app.command()
def pull(
    repo: Annotated[str, typer.Argument(metavar="REPO[@REVISION]", help="user/repo on the Hugging Face Hub.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Download a model from the Hugging Face Hub and keep it for use offline."""
    from gan import hub
    from gan.models import read_config
    from gan.runs import home_folder
    from gan.sampler import read_origin

    with Progress("downloaded", "bytes") as progress:
        folder = hub.pull(repo, home_folder(home), progress=progress)
    commit = read_origin(folder, read_config(folder).weights_sha256).revision
    _result({"model": repo, "revision": commit, "folder": str(folder)}, f"{repo} is kept in {folder}", as_json)


@app.command()
def push(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A folder, run, kept model or starter.")],
    repo: Annotated[str, typer.Argument(metavar="REPO", help="user/repo on the Hugging Face Hub, or a name of your own.")],
    private: Annotated[bool, typer.Option("--private/--public", help="Who may see it.")] = True,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Put a model on the Hugging Face Hub, with its card. Needs a token: hf auth login."""
    from gan import hub
    from gan.runs import home_folder

    folder = hub.find(model, home_folder(home), download=False)
    with Progress("uploaded", "bytes") as progress:
        url = hub.push(folder, repo, private, progress=progress)
    _result({"url": url, "private": private}, url, as_json)


def _line(error: GanError) -> str:
    """An error as one line, whatever was quoted in it."""
    return " ".join(str(error).split())


def _found(report: "Report") -> str:
    """A zip's report in plain words."""
    lines = [f"{report.usable:,} usable pictures, {report.duplicates:,} duplicates left out"]
    lines += [f"  class {name}: {count:,}" for name, count in report.classes.items()]
    lines += [f"  skipped {skipped.name}: {skipped.reason}" for skipped in report.skipped]
    lines += [f"  note: {sentence}" for sentence in report.as_json()["warnings"]]
    return "\n".join(lines)


def _leads() -> bool:
    """Whether this is the first of the processes that torchrun started, or the only one."""
    return int(os.environ.get("RANK", "0")) == 0


def _train(run: "Run", as_json: bool) -> None:
    """Train in this process, then let the next in the queue begin."""
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
    from gan.hub import has_model

    model = str(run.model_folder) if has_model(run.model_folder) else None
    values = {
        "name": run.name,
        "state": status.state,
        "images_seen": status.images_seen,
        "seconds": round(status.seconds, 2),
        "images_per_second": status.images_per_second,
        "model": model,
    }
    _result(values, f"{describe(status)}; its model is in {model}", as_json)


def show_pairs(path: Path, pairs: Any) -> None:
    """Write pairs of pictures, two of them a row."""
    from gan.images import grid, write_png

    write_png(path, grid(pairs, columns=2, gap=2))


def _check_length(images: int | None, minutes: float | None) -> None:
    if images is not None and minutes is not None:
        raise typer.BadParameter("give --images or --minutes, not both")


def _check_generate(
    seeds: str | None, count: int | None, out: Path | None, zip_path: Path | None, in_bulk: bool, nothing_like: bool
) -> None:
    if (seeds is None) == (count is None):
        raise typer.BadParameter("give --seeds or --count, one of them")
    if (out is None) == (zip_path is None):
        raise typer.BadParameter("give --out or --zip, one of them")
    if count is None and (zip_path or in_bulk):
        raise typer.BadParameter("--zip, --first-seed, --per-class and --like go with --count")
    if nothing_like:
        raise typer.BadParameter("--drop-copies needs --like ZIP")


def _result(values: dict[str, Any], words: str, as_json: bool) -> None:
    typer.echo(json.dumps(values) if as_json else words)
