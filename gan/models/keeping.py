"""Copies a model of a run to home/models, where later training does not change it."""

import re
import secrets
import shutil
from pathlib import Path

from gan.errors import CheckpointError, ModelError
from gan.files import hash_file
from gan.models.folder import WEIGHTS, has_model, read_config
from gan.runs import Run

TRIES = 3  # attempts to read a model, which a trainer may be replacing


def keep_model(run: Run, folder: Path) -> str:
    """Copy a model of a run, the one in `folder`, to home/models/NAME-IMAGES, and return that name.

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
