"""Where a model folder comes from: its name, and the commit it was pulled at."""

from dataclasses import dataclass
from pathlib import Path

from gan.files import read_json


@dataclass(frozen=True)
class Origin:
    """The name of a model folder, and where it was pulled from."""

    name: str
    repo: str | None = None
    revision: str | None = None


def origin_path(folder: Path) -> Path:
    """The file beside a pulled model folder that records its repository; the folder itself holds only the model."""
    return folder.with_name(folder.name + ".json")


def read_origin(folder: Path, weights_sha256: str) -> Origin:
    """The origin of a model folder; a record of other weights is ignored."""
    is_run = folder.name == "model" and folder.parent.parent.name == "runs"
    name = folder.parent.name if is_run else folder.name
    path = origin_path(folder)
    record = read_json(path) if path.is_file() else {}
    if record.get("weights_sha256") != weights_sha256:
        return Origin(name)
    return Origin(str(record.get("repo")), str(record.get("repo")), str(record.get("revision")))
