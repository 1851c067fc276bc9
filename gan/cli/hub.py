"""The commands that talk to the Hugging Face Hub: `pull` and `push`."""

from typing import Annotated

import typer

from gan.cli.options import Home, Json, print_result
from gan.progress import Progress


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
    print_result({"model": repo, "revision": commit, "folder": str(folder)}, f"{repo} is kept in {folder}", as_json)


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
    print_result({"url": url, "private": private}, url, as_json)
