"""The commands that give a model away in other forms: `export` and `publish`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gan.cli.options import Home, Json, print_pushed, print_result
from gan.progress import Progress

Shared = Annotated[str, typer.Argument(metavar="MODEL", help="A folder, run, kept model, starter, or user/repo[@revision].")]


def export(
    model: Shared,
    onnx: Annotated[Path, typer.Option("--onnx", metavar="FILE", help="Where to write the ONNX file.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Write a generator as ONNX: z, class_index and psi to pictures. Takes about half a minute."""
    from gan.models import find
    from gan.models.export import export_onnx
    from gan.runs import home_folder

    export_onnx(find(model, home_folder(home)), onnx)
    print_result({"file": str(onnx)}, f"{model} is written to {onnx}", as_json)


def publish(
    model: Shared,
    space: Annotated[str | None, typer.Argument(metavar="[SPACE]", help="user/name of a Space, or a name of your own.")] = None,
    kind: Annotated[
        Literal["static", "zerogpu", "gradio"],
        typer.Option(help="static: runs in the visitor's browser, and costs nothing. zerogpu, gradio: this app with the model."),
    ] = "static",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the Space to a folder; no network is used.")] = None,
    private: Annotated[bool, typer.Option("--private/--public", help="Who may see the Space.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Publish a page on which a model makes pictures. A static page takes about a minute."""
    if (space is None) == (out is None):
        raise typer.BadParameter("give SPACE or --out, one of them")
    from gan.models import find
    from gan.playing import sharing
    from gan.runs import home_folder

    place = home_folder(home)
    folder = find(model, place, download=out is None)
    if out is not None:
        files = sharing.write_space(folder, out, place, kind)
        print_result({"folder": str(out), "files": [str(path) for path in files]}, f"The Space is in {out}", as_json)
        return
    assert space is not None
    with Progress("uploaded", "bytes") as progress:
        pushed = sharing.publish(folder, space, place, kind, private=private, progress=progress)
    print_pushed(pushed, private, as_json)
