"""Renames a model of the home: its run, or its kept folder and the record of where that was pulled from."""

from gan.errors import CheckpointError, ModelError, RunError
from gan.files import replace
from gan.models.finding import Entry
from gan.models.origin import origin_path
from gan.runs import Run, check_name, read_queue


def rename_model(entry: Entry, name: str) -> str:
    """Rename a model, and return its new key.

    Raises ModelError for a starter and for a name that another model has, RunError for an invalid name and for a run that is
    training or waiting, CheckpointError where the system cannot move it.
    """
    if entry.kind == "starter":
        raise ModelError("starter_keeps_name", model=entry.name)
    name = check_name(name.strip())
    if "--" in name:  # "--" stands for the slash of a repository's name
        raise RunError("run_name_invalid", name=name)
    folder = entry.folder
    if entry.kind == "run":
        folder = entry.folder.parent
        home = folder.parents[1]
        if Run.open(home, entry.name).active():
            raise RunError("run_held", name=entry.name)
        if any(waiting.name == entry.name for waiting in read_queue(home)):
            raise RunError("run_waiting", name=entry.name)
    target = folder.with_name(name)
    if target == folder:
        return entry.key
    if target.exists() or origin_path(target).exists():
        raise ModelError("model_exists", name=name)
    try:
        replace(folder, target)
        if origin_path(folder).is_file():
            replace(origin_path(folder), origin_path(target))
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(target), reason=error.strerror or str(error)) from error
    return Entry(name, entry.kind, target).key
