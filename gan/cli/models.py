"""The commands on models: `pull`, `push`, `models list`, `keep`, `add`, `export`, `rename`, `remove` and `restore`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gan.cli.options import Home, Json, print_pushed, print_result
from gan.progress import Progress

Name = Annotated[str, typer.Argument(metavar="MODEL", help="A run, kept model or starter, as `models list` names it.")]


def pull(
    repo: Annotated[str, typer.Argument(metavar="REPO[@REVISION]", help="user/repo on the Hugging Face Hub.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Download a model from the Hugging Face Hub and keep it for use offline."""
    from gan import models
    from gan.runs import home_folder

    with Progress("downloaded", "bytes") as progress:
        folder = models.pull(repo, home_folder(home), progress=progress)
    commit = models.read_origin(folder, models.read_config(folder).weights_sha256).revision
    print_result({"model": repo, "revision": commit, "folder": str(folder)}, f"{repo} is kept in {folder}", as_json)


def push(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A folder, run, kept model or starter.")],
    repo: Annotated[str, typer.Argument(metavar="REPO", help="user/repo on the Hugging Face Hub, or a name of your own.")],
    private: Annotated[bool, typer.Option("--private/--public", help="Who may see it.")] = True,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Put a model on the Hugging Face Hub, with its card. Needs a token: hf auth login."""
    from gan import sharing
    from gan.models import find
    from gan.runs import home_folder

    folder = find(model, home_folder(home), download=False)
    with Progress("uploaded", "bytes") as progress:
        pushed = sharing.push(folder, repo, private, progress=progress)
    print_pushed(pushed, private, as_json)


def list_all(home: Home = None, as_json: Json = False) -> None:
    """List every model on this machine with its origin, size and classes."""
    from gan.models import list_models
    from gan.runs import home_folder

    rows = [_row(entry) for entry in list_models(home_folder(home))]
    print_result({"models": rows}, "\n".join(_line(row) for row in rows) or "There is no model here yet.", as_json)


def keep(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A training.")],
    best: Annotated[bool, typer.Option("--best", help="Its best model, not its newest.")] = False,
    images: Annotated[int | None, typer.Option(help="Its earlier model nearest to this number of pictures.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Keep a copy of a training's model, which later training does not change."""
    from gan.models import keep_model
    from gan.runs import Run, home_folder
    from gan.runs.earlier import nearest_model

    if best and images is not None:
        raise typer.BadParameter("give --best or --images, not both")
    source = Run.open(home_folder(home), run)
    earlier = nearest_model(source, images) if images is not None else None
    folder = source.best_folder if best else source.model_folder if images is None else earlier
    name = keep_model(source, folder or source.earlier_folder)
    print_result({"model": name, "folder": str(source.home / "models" / name)}, f"{run} is kept as {name}", as_json)


def add(
    source: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="A model as `models export` writes it, or its folder.")],
    name: Annotated[str | None, typer.Option(help="What it is called here; else like the file or folder.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Check a model that somebody gave you, and keep a copy of it."""
    from gan.models import add_model
    from gan.runs import home_folder

    folder = add_model(source, home_folder(home), name)
    print_result({"model": folder.name, "folder": str(folder)}, f"{folder.name} is kept in {folder}", as_json)


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A folder, run, kept model or starter.")],
    target: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The zip to write.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Write a model as one zip, to give it away without the Hub; `models add` takes the zip in."""
    from gan.models import export_model, find
    from gan.runs import home_folder

    size = export_model(find(model, home_folder(home), download=False), target)
    print_result({"file": str(target), "bytes": size}, f"{model} is in {target}, {_megabytes(size)}", as_json)


def remove(model: Name, home: Home = None, as_json: Json = False) -> None:
    """Move a model, or the whole run it belongs to, into the folder `trash` of the home; `models restore` moves it back."""
    from gan.models import find_entry, remove_model
    from gan.runs import home_folder

    place = home_folder(home)
    removed = remove_model(find_entry(model, place), place)
    values = {"model": model, "bytes": removed.bytes, "trash": str(removed.folder)}
    print_result(values, f"{model}, {_megabytes(removed.bytes)}, is now in {removed.folder}", as_json)


def rename(
    model: Name,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called from now on.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Give a model, or the whole run it belongs to, another name."""
    from gan.models import find_entry, rename_model
    from gan.runs import home_folder

    rename_model(find_entry(model, home_folder(home)), name)
    print_result({"model": name, "before": model}, f"{model} is called {name} now", as_json)


def restore(
    trash: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder in the home's trash, as `models remove` names it.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Move a removed model back from the folder `trash` of the home."""
    from gan.models import restore_model
    from gan.runs import home_folder

    name = restore_model(Path(trash).name, home_folder(home))
    print_result({"model": name}, f"{name} is back", as_json)


def _row(entry: Any) -> dict[str, Any]:
    """Return a row of the list for a model. The row of a damaged model holds an error instead of its facts."""
    from gan.errors import GanError
    from gan.models import folder_bytes, read_config

    row = {"name": entry.name, "kind": entry.kind, "folder": str(entry.folder), "bytes": folder_bytes(entry.folder)}
    try:
        config = read_config(entry.folder)
    except GanError as error:
        return row | {"error": str(error)}
    fields = {"family": config.family, "resolution": config.resolution, "channels": config.channels}
    return row | fields | {"classes": list(config.classes), "weights_sha256": config.weights_sha256}


def _line(row: dict[str, Any]) -> str:
    from gan.words import printable, shorten

    head = f"{printable(row['name'])}  {row['kind']}  {_megabytes(row['bytes'])}"
    if "error" in row:
        return f"{head}  {row['error']}"
    classes = f"{len(row['classes'])} classes: {', '.join(row['classes'])}" if row["classes"] else "no classes"
    return f"{head}  {row['family']}  {row['resolution']} × {row['resolution']}  {shorten(printable(classes))}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
