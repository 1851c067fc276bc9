"""The commands that use a model: `generate` and `evaluate`."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from gan.cli.options import Home, Json, ModelName, Source, print_result
from gan.progress import Progress


def generate(
    model: ModelName,
    seeds: Annotated[str | None, typer.Option(help="Seeds and ranges, like 0-15,42: DIR/0000000042.png each.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Or so many pictures, in folders by class, with a manifest.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the pictures.")] = None,
    zip_path: Annotated[Path | None, typer.Option("--zip", metavar="FILE", help="With --count: a zip, no folder.")] = None,
    first_seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="With --count: where to begin.")] = 0,
    per_class: Annotated[bool, typer.Option("--per-class", help="With --count: so many of each class.")] = False,
    like: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="With --count: the training pictures to compare with.")
    ] = None,
    drop_copies: Annotated[bool, typer.Option("--drop-copies", help="With --like: leave out what looks copied.")] = False,
    psi: Annotated[float | None, typer.Option(help="0 is the average, 1 the full variety; 0.7, with --count 1.0.")] = None,
    class_name: Annotated[str | None, typer.Option("--class", help="A class by name; the seed chooses one if left out.")] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures made at once; changes speed and memory, not pictures.")] = 32,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Make a picture a seed, or thousands by --count, each with its recipe inside.

    The same --count again goes on where it was cut off. --like SOURCE writes down how far each picture is from the nearest
    training picture, 0 to 1; --drop-copies leaves out those that are nearer than 95 % of its held-out pictures are, which were
    never trained on, and lets later seeds take their places.
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
        print_result({"files": [str(path) for path in files]}, f"{len(files):,} pictures in {target}", as_json)
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
    print_result(values, f"{made.pictures:,} pictures in {target}, {made.new:,} new, {made.dropped:,} dropped as copies", as_json)


def evaluate(
    model: ModelName,
    pictures: Source,
    samples: Annotated[int, typer.Option(min=16, max=50_000, help="Pictures to make and measure.")] = 1000,
    closest: Annotated[Path | None, typer.Option(metavar="PNG", help="Show what looks most like a training picture.")] = None,
    inception: Annotated[bool, typer.Option("--inception", help="FID and KID too: needs torch-fidelity, fetches 96 MB.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Measure a model's quality, variety and memorisation against the pictures of a zip, a folder or a dataset on the Hub.

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
        dataset = data.prepare(pictures, home=place, size=source.config.resolution, channels=channels, progress=progress)
    weights: Path | None = None
    if inception:  # first, so that what is missing is said at once
        with Progress("downloaded", "bytes") as progress:
            weights = metrics.fetch_inception(place, progress=progress)
    with Progress("made", "pictures") as progress:
        show = None if closest is None else partial(show_pairs, closest)
        measures = metrics.evaluate(source, dataset, count=samples, progress=progress, show=show)
        if weights is not None:
            measures |= metrics.evaluate_inception(source, dataset, weights, count=samples, progress=progress)
    print_result(measures, "\n".join(f"{label}: {value:.4g}" for label, value in measures.items()), as_json)


def show_pairs(path: Path, pairs: Any) -> None:
    """Write pairs of pictures, two of them a row."""
    from gan.images import grid, write_png

    write_png(path, grid(pairs, columns=2, gap=2))


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
