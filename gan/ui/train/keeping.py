"""The best model of a run, and its newest one next to its parent."""

from html import escape
from pathlib import Path

from gan.errors import CheckpointError, ModelError
from gan.files import read_json
from gan.images import data_uri
from gan.models import has_model
from gan.runs import Run
from gan.words import Language, say

PREVIEW = "preview.png"


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
