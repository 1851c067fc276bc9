"""The commands that use a model: `generate` and `evaluate`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from gan.cli.options import Home, Json, ModelName, Source, counted, print_result
from gan.limits import BATCH, FULL_PSI, MAX_SEED, PSI
from gan.progress import Progress


def generate(
    model: ModelName,
    seeds: Annotated[str | None, typer.Option(help="Seeds and ranges, like 0-15,42: DIR/0000000042.png each.")] = None,
    latents: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Or latents, .npz or .safetensors: DIR/latent-0000.png each.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Or this many pictures, in folders by class, with a manifest.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the pictures.")] = None,
    zip_path: Annotated[Path | None, typer.Option("--zip", metavar="FILE", help="With --count: a zip, no folder.")] = None,
    first_seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="With --count: the first seed.")] = 0,
    per_class: Annotated[bool, typer.Option("--per-class", help="With --count: this many of each class.")] = False,
    like: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="With --count: the training pictures to compare with.")
    ] = None,
    drop_copies: Annotated[bool, typer.Option("--drop-copies", help="With --like: leave out pictures that look copied.")] = False,
    psi: Annotated[
        float | None, typer.Option(help="0: average, 1: full variety. 0.7; 1.0 with --count and for latents in w.")
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", help="A class by name; else each seed chooses one. Latents in z need it.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures made at once; changes speed and memory, not pictures.")] = BATCH,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Make one picture for each seed or latent, or thousands of pictures with --count, each with its recipe inside.

    The same command given again continues an interrupted order of --count. --like SOURCE records the distance of each picture to
    the nearest training picture, 0 to 1. --drop-copies replaces likely copies by pictures of later seeds: those nearer to a
    training picture than 95 % of the held-out pictures, which were never trained on.
    """
    in_bulk = bool(zip_path or first_seed or per_class or like)
    _check_generate([seeds, latents, count], out, zip_path, in_bulk and count is None, drop_copies and not like)
    from gan import bulk, data
    from gan.models import find
    from gan.runs import home_folder
    from gan.sampler import Model, parse_seeds, read_latents

    wanted = parse_seeds(seeds) if seeds is not None else []
    given = read_latents(latents) if latents is not None else []
    home_path = home_folder(home)
    source, target = Model.open(find(model, home_path), device), out or zip_path
    assert target is not None
    if count is None:
        with Progress("made", "pictures") as progress:
            if latents is None:
                files = bulk.write_seeds(source, wanted, target, PSI if psi is None else psi, class_name, batch, progress)
            else:
                files = bulk.write_latent_pictures(source, given, target, psi, class_name, batch, progress)
        print_result({"files": [str(path) for path in files]}, f"{counted(len(files), 'picture')} in {target}", as_json)
        return
    guard = None
    if like is not None:
        with Progress("prepared", "pictures") as progress:
            channels, size = source.config.channels, source.config.resolution
            guard = bulk.CopyGuard(data.prepare(like, home=home_path, size=size, channels=channels, progress=progress))
    psi = FULL_PSI if psi is None else psi
    order = bulk.BulkOrder.of(source, count, first_seed, psi, class_name, per_class, guard, drop_copies)
    with Progress("made", "pictures") as progress:
        made = bulk.make_bulk(source, order, target, as_zip=out is None, guard=guard, batch=batch, progress=progress)
    values = {"path": str(target), "pictures": made.pictures, "new": made.new, "dropped": made.dropped, "closest": order.closest}
    print_result(values, f"{made.pictures:,} pictures in {target}, {made.new:,} new, {made.dropped:,} dropped as copies", as_json)


def evaluate(
    model: ModelName,
    pictures: Source,
    samples: Annotated[int, typer.Option(min=16, max=50_000, help="Pictures to make and measure.")] = 1000,
    closest: Annotated[Path | None, typer.Option(metavar="PNG", help="Show the samples closest to training pictures.")] = None,
    inception: Annotated[bool, typer.Option("--inception", help="FID and KID too: needs torch-fidelity, fetches 96 MB.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Measure a model's quality, variety and memorisation against the pictures of a zip, a folder or a dataset on the Hub.

    --closest writes the samples that lie closest to training pictures, each left of its original.
    """
    from gan import data, metrics
    from gan.models import find
    from gan.runs import home_folder
    from gan.sampler import Model

    home_path = home_folder(home)
    source = Model.open(find(model, home_path))
    with Progress("prepared", "pictures") as progress:
        channels = source.config.channels
        dataset = data.prepare(pictures, home=home_path, size=source.config.resolution, channels=channels, progress=progress)
    weights: Path | None = None
    if inception:  # checked first, so that a missing package is reported at once
        with Progress("downloaded", "bytes") as progress:
            weights = metrics.fetch_inception(home_path, progress=progress)
    with Progress("made", "pictures") as progress:
        show = None if closest is None else partial(show_pairs, closest)
        measures = metrics.evaluate(source, dataset, count=samples, progress=progress, show=show)
        if weights is not None:
            measures |= metrics.evaluate_inception(source, dataset, weights, count=samples, progress=progress)
    print_result(measures, "\n".join(f"{label}: {value:.4g}" for label, value in measures.items()), as_json)


def show_pairs(path: Path, pairs: Any) -> None:
    """Write pairs of pictures as a grid, two pairs in a row."""
    from gan.images import grid, write_png

    write_png(path, grid(pairs, columns=2, gap=2))


def _check_generate(
    inputs: Sequence[object], out: Path | None, zip_path: Path | None, bulk_alone: bool, drop_without_like: bool
) -> None:
    if sum(each is not None for each in inputs) != 1:
        raise typer.BadParameter("give exactly one of --seeds, --latents and --count")
    if (out is None) == (zip_path is None):
        raise typer.BadParameter("give exactly one of --out and --zip")
    if bulk_alone:
        raise typer.BadParameter("--zip, --first-seed, --per-class and --like go with --count")
    if drop_without_like:
        raise typer.BadParameter("--drop-copies needs --like SOURCE")
