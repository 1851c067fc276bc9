"""Finds models by name: a folder or zip on this machine, a run, a kept model, a starter, the Hugging Face Hub."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gan.errors import ModelError
from gan.files import follow_links
from gan.hub import is_repo_name
from gan.models.folder import MODEL_FILES, REQUIRED_FILES, has_model
from gan.models.packing import open_zip
from gan.models.pulling import find_kept, kept_name, pull
from gan.runs import list_runs
from gan.words import printable, shorten

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@%-]*")
SHOWN_NAMES = 30


class Entry(NamedTuple):
    """A model on this machine; `kind` is run, kept or starter."""

    name: str
    kind: str
    folder: Path

    @property
    def key(self) -> str:
        """The model's key, which a browser sends: `run:flowers`, `kept:user/repo` or `starter:emoji`."""
        return f"{self.kind}:{self.name}"


def starters_folder() -> Path:
    """Return the folder of the models that come with the app, next to the package's folder."""
    return Path(__file__).resolve().parents[2] / "checkpoints"


def list_models(home: Path) -> list[Entry]:
    """Return every model on this machine: runs, kept models, then starters, each sorted by name."""
    return [entry for entries in LISTS.values() for entry in entries(home)]


def _runs(home: Path) -> list[Entry]:
    return [Entry(run.name, "run", run.model_folder) for run in list_runs(home) if has_model(run.model_folder)]


def _kept(home: Path) -> list[Entry]:
    return [Entry(kept_name(folder), "kept", folder) for folder in _model_folders(home / "models")]


def _starters(home: Path) -> list[Entry]:
    return [Entry(folder.name, "starter", folder) for folder in _model_folders(starters_folder())]


LISTS: dict[str, Callable[[Path], list[Entry]]] = {"run": _runs, "kept": _kept, "starter": _starters}
"""The models of each kind."""


def find_entry(name: str, home: Path) -> Entry:
    """Return the model on this machine with this key or name; runs take precedence over kept models, and those over starters.

    Only models that `list_models` lists can be reached, whatever name a browser sends. Raises ModelError for a name that is not
    listed.
    """
    of_kind = LISTS.get(name.partition(":")[0])  # each call of the page has a key; it need not look through a thousand runs
    found = next((entry for entry in of_kind(home) if name == entry.key), None) if of_kind else None
    if found is not None:
        return found
    entries = list_models(home)
    found = next((entry for entry in entries if name == entry.name), None)
    if found is None:
        raise not_found(name.partition(":")[2] or name, entries)
    return found


def not_found(name: str, entries: list[Entry]) -> ModelError:
    """Return the error for a name that no model has."""
    names = [entry.name for entry in entries]
    known = ", ".join(names[:SHOWN_NAMES]) + (", …" if len(names) > SHOWN_NAMES else "")
    return ModelError("model_not_found", model=shorten(printable(name)) or "–", known=known or "–")


def find(model: str, home: Path, *, download: bool = True) -> Path:
    """Return the model folder for a name that the user gave.

    Tried in this order: a folder (its files may be links, as in the Hub's cache) or a zip of one, a run, a kept model, a starter,
    the Hub (`user/repo[@revision]`). The network is not used for models on this machine. Raises ModelError where nothing has the
    name, HubError where the Hub cannot provide it, CheckpointError for a zip that holds no model.
    """
    path = _existing(model)
    if path is not None and has_model(path):
        if any((path / name).is_symlink() for name in MODEL_FILES):
            follow_links(path)
        return path
    if path is not None and path.is_file():
        return open_zip(path)
    if NAME.fullmatch(model):
        found = _named(model, home)
        if found is not None:
            return found
    repo, _, revision = model.partition("@")
    if repo.count("/") == 1 and is_repo_name(repo):
        kept = find_kept(home, repo, revision or None)
        if kept is not None:
            return kept
        if download:
            return pull(model, home)
    if path is not None and path.is_dir():
        missing = [name for name in REQUIRED_FILES if not (path / name).is_file()]
        raise ModelError("folder_without_model", path=model, files=", ".join(missing))
    raise not_found(model, list_models(home))


def _named(model: str, home: Path) -> Path | None:
    """Return the folder of a run, a kept model or a starter. Raises ModelError for a run that has no model yet."""
    run = next((run for run in list_runs(home) if run.name == model), None)
    if run is not None and not has_model(run.model_folder):
        raise ModelError("run_without_model", run=model)
    folders = [*([run.model_folder] if run else []), home / "models" / model, starters_folder() / model]
    return next((folder for folder in folders if has_model(folder)), None)


def _model_folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(folder for folder in parent.iterdir() if not folder.name.startswith(".") and has_model(folder))


def _existing(model: str) -> Path | None:
    """Return the path if it exists. Return None otherwise, and for text that is not a path: too long, or of an unknown user."""
    try:
        path = Path(model).expanduser()
        return path if model and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None
