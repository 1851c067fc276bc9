"""Copies the best and the newest model of a run to home/models, where later training does not change them; shows a model next to
its parent.
"""

import re
import secrets
import shutil
from html import escape
from pathlib import Path

from gan.errors import CheckpointError, ModelError
from gan.files import hash_file, read_json
from gan.images import data_uri
from gan.models import has_model, read_config
from gan.runs import Run
from gan.words import Language, say

PREVIEW = "preview.png"
WEIGHTS = "model.safetensors"
TRIES = 3  # attempts to read a model, which a trainer may be replacing


def best_images(run: Run) -> int | None:
    """Return the number of pictures seen when the best model so far was saved; None before that."""
    if not has_model(run.best_folder):
        return None
    try:
        training = read_json(run.best_folder / "config.json").get("training")
    except CheckpointError:
        return None
    seen = training.get("images_seen") if isinstance(training, dict) else None
    return seen if isinstance(seen, int) else None


def keep(run: Run, folder: Path) -> str:
    """Copy a model of a run, `run.model_folder` or `run.best_folder`, to home/models/NAME-IMAGES, and return that name.

    Raises ModelError where there is no model, CheckpointError for one that is damaged or cannot be written.
    """
    if not has_model(folder):
        raise ModelError("run_without_model", run=run.name)
    models = run.home / "models"
    temporary = models / f".{run.name}.{secrets.token_hex(4)}.tmp"
    try:
        for attempt in range(TRIES):
            shutil.copytree(folder, temporary)
            config = read_config(temporary)
            if hash_file(temporary / WEIGHTS) == config.weights_sha256:
                break
            shutil.rmtree(temporary)
            if attempt == TRIES - 1:
                raise CheckpointError("weights_changed", path=str(folder / WEIGHTS))
        name = re.sub(r"[^A-Za-z0-9._-]", "-", f"{run.name}-{config.training.images_seen}")
        target = models / name
        if has_model(target):
            if read_config(target).weights_sha256 == config.weights_sha256:
                return name  # copied already
            raise ModelError("model_exists", name=name)
        temporary.rename(target)
        return name
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(models), reason=error.strerror or str(error)) from error
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


def parent_preview(run: Run) -> Path | None:
    """Return the preview of the model that a run started from, if that model still exists."""
    try:
        folder = run.config.get("parent_folder")
    except CheckpointError:
        return None
    path = Path(folder) / PREVIEW if isinstance(folder, str) else None
    return path if path is not None and path.is_file() else None


def beside_parent_html(run: Run, language: Language) -> str:
    """Return seeds 0 to 15 of the parent and of the run's model, side by side. Raises ModelError where one is missing."""
    parent, own = parent_preview(run), run.model_folder / PREVIEW
    if parent is None or not own.is_file():
        raise ModelError("run_without_model", run=run.name)
    figures = "".join(
        f'<figure><img src="{data_uri(path.read_bytes())}" alt="{escape(name)}"><figcaption>{escape(name)}</figcaption></figure>'
        for path, name in ((parent, str(run.config.get("parent"))), (own, run.name))
    )
    return f'<div class="beside">{figures}</div><p class="hint">{escape(say(language, "compare_same_seeds"))}</p>'
