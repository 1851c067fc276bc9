"""The origin of a model folder: its name, and the commit it was pulled at."""

import re
from dataclasses import dataclass
from pathlib import Path

from gan.files import read_json
from gan.words import printable, shorten

CACHED = re.compile(r"models--(\w[\w.-]*--\w[\w.-]*)/snapshots/(\w{1,64})", re.ASCII)  # a repository in the Hub's own cache


@dataclass(frozen=True)
class Origin:
    """The name of a model folder, and where it was pulled from."""

    name: str
    repo: str | None = None
    revision: str | None = None


def origin_path(folder: Path) -> Path:
    """Return the path of the file that records a pulled model's repository. It is next to the model folder, which holds only the
    model.
    """
    return folder.with_name(folder.name + ".json")


def read_origin(folder: Path, weights_sha256: str) -> Origin:
    """Return the origin of a model folder; a record for other weights is ignored."""
    is_run = folder.name == "model" and folder.parent.parent.name == "runs"
    name = shorten(printable(folder.parent.name if is_run else folder.name))
    cached = CACHED.fullmatch("/".join(folder.parts[-3:]))
    if cached:
        repo = cached[1].replace("--", "/", 1)
        return Origin(repo, repo, cached[2])
    path = origin_path(folder)
    record = read_json(path) if path.is_file() else {}
    if record.get("weights_sha256") != weights_sha256:
        return Origin(name)
    repo, revision = (shorten(printable(str(record.get(key)))) for key in ("repo", "revision"))
    return Origin(repo, repo, revision)
