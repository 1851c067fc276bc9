"""Models by name, on this machine and on the Hugging Face Hub: find, pull, push, and the card that goes with a model."""

import re
from pathlib import Path
from typing import NamedTuple

from gan.errors import ModelError
from gan.hub.client import is_repo_name
from gan.hub.pulling import find_kept, has_model, kept_name, pull
from gan.hub.pushing import push
from gan.models.card import model_card
from gan.runs import list_runs

__all__ = ["Entry", "find", "has_model", "list_models", "model_card", "pull", "push", "starters_folder"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@%-]*")


class Entry(NamedTuple):
    """A model on this machine; `kind` is run, kept or starter."""

    name: str
    kind: str
    folder: Path


def starters_folder() -> Path:
    """Where the models that come with the app are: beside the package."""
    return Path(__file__).resolve().parents[2] / "checkpoints"


def list_models(home: Path) -> list[Entry]:
    """Every model on this machine: runs, kept models, then starters, each by name."""
    runs = [Entry(run.name, "run", run.model_folder) for run in list_runs(home) if has_model(run.model_folder)]
    kept = [Entry(kept_name(folder), "kept", folder) for folder in _model_folders(home / "models")]
    starters = [Entry(folder.name, "starter", folder) for folder in _model_folders(starters_folder())]
    return [*runs, *kept, *starters]


def find(model: str, home: Path, *, download: bool = True) -> Path:
    """The model folder meant by a name: a folder, then a run, a kept model, a starter, the Hub (`user/repo[@revision]`).

    What is on this machine is found without asking the network. Raises ModelError where nothing has the name, HubError where the
    Hub refuses.
    """
    folder = _folder_called(model)
    if folder is not None:
        return folder
    if NAME.fullmatch(model):
        run = next((run for run in list_runs(home) if run.name == model), None)
        if run is not None and not has_model(run.model_folder):
            raise ModelError("run_without_model", run=model)
        places = [*([run.model_folder] if run else []), home / "models" / model, starters_folder() / model]
        found = next((place for place in places if has_model(place)), None)
        if found is not None:
            return found
    repo, _, revision = model.partition("@")
    if repo.count("/") == 1 and is_repo_name(repo):
        kept = find_kept(home, repo, revision or None)
        if kept is not None:
            return kept
        if download:
            return pull(model, home)
    known = ", ".join(entry.name for entry in list_models(home)) or "none"
    raise ModelError("model_not_found", model=model, known=known)


def _model_folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(folder for folder in parent.iterdir() if not folder.name.startswith(".") and has_model(folder))


def _folder_called(model: str) -> Path | None:
    """The model folder at a path, None where there is none or the name is no path at all: too long, of an unknown user."""
    try:
        folder = Path(model).expanduser()
        return folder if has_model(folder) else None
    except (OSError, RuntimeError, ValueError):
        return None
