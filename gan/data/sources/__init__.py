"""Sources of pictures: one interface, with a file and a line in SOURCES for each source.

base.py      the interface of a source; files checked by name
names.py     the encoding of an archive's names
archive.py   a zip
folder.py    a folder on this machine
loose.py     loose pictures, put together into a folder
dataset.py   a dataset on the Hugging Face Hub
"""

from collections.abc import Callable
from pathlib import Path

from gan.data.sources.archive import ZipSource
from gan.data.sources.base import Opened, Source
from gan.data.sources.dataset import PREFIX, HubSource
from gan.data.sources.folder import FolderSource
from gan.data.sources.loose import Loose, gather

__all__ = ["PREFIX", "SOURCES", "HubSource", "Loose", "Opened", "Source", "find_source", "gather"]

# Each entry consists of a function that tests whether a text names this kind of source, and one that makes the source. The first
# match wins.
SOURCES: dict[str, tuple[Callable[[str], bool], Callable[[str, Path | None], Source]]] = {
    "hub": (lambda text: text.startswith(PREFIX), HubSource),
    "folder": (lambda text: _is_folder(text), lambda text, home: FolderSource(Path(text))),
    "zip": (lambda text: True, lambda text, home: ZipSource(Path(text))),
}


def find_source(text: str | Path, home: Path | None = None) -> Source:
    """Return the source of a path, or of hf:user/dataset[@revision]. Files from the Hub are stored in `home`."""
    words = str(text)
    return next(make(words, home) for is_meant, make in SOURCES.values() if is_meant(words))


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):
        return False
