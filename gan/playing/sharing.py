"""Shares a model: first as a draft on this machine, then as a page, a Space, a repository on the Hub or a file."""

import secrets
import shutil
import tempfile
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Literal, get_args

from gan import sharing
from gan.directions import layer_groups
from gan.errors import GanError
from gan.hub import Progress, Pushed
from gan.hub.spaces import push_space
from gan.images import encode_png, grid
from gan.limits import SAMPLE_SEEDS
from gan.models import PREVIEW, export_model, find, read_config, read_directions, read_origin
from gan.models.export import export_onnx
from gan.models.finding import starters_folder
from gan.models.publish import PageFacts, write_page
from gan.playing.directions import described
from gan.sampler import Model
from gan.sharing import Statement, copy_stated
from gan.sharing.app_space import HARDWARE
from gan.words import CREATE, LANGUAGES, Language

Kind = Literal["static", "gradio", "zerogpu"]
"""Kinds of Space on the Hub: a page that computes in the visitor's browser, this app on the Space's own hardware, or this app on
ZeroGPU.
"""

FileKind = Literal["zip", "onnx", "page"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)
COMPARED = 4  # pictures by which a page tests a graphics processor
MOST_DRAFTS = 3  # pages stored on the disk


def write_model_page(model: Model, out: Path, home: Path) -> list[Path]:
    """Write the static page of a model to a folder, without any network, and return its files. Raises CheckpointError."""
    preview = model.folder / PREVIEW
    facts = PageFacts(
        reference=model.reference,
        pictures=model.generate(range(COMPARED), psi=1.0),
        preview=preview.read_bytes() if preview.is_file() else _preview(model),
        groups=layer_groups(model),
        class_names=_class_names(model),
        directions=[described(model, each) for each in read_directions(model) if each.fits(model)],
        parent_licence=_licence_of(model.config.training.parent, home),
    )
    return write_page(model.folder, out, facts)


def _class_names(model: Model) -> dict[Language, dict[str, str]]:
    """Return the names of a starter's classes in every language; none for other models, whose classes their owners named."""
    if model.folder.resolve().parent != starters_folder():
        return {}
    keys = {name: f"create_class_name_{name}" for name in model.config.classes}
    known = {name: key for name, key in keys.items() if key in CREATE["en"]}
    return {language: {name: CREATE[language][key] for name, key in known.items()} for language in LANGUAGES}


def write_space(folder: Path, out: Path, home: Path, kind: Kind) -> list[Path]:
    """Write a Space of a kind for a model folder, without any network, and return its files. Raises CheckpointError."""
    if kind == "static":
        return write_model_page(Model.open(folder, "cpu"), out, home)
    return sharing.write_app_space(folder, out, kind)


def publish(
    folder: Path,
    space: str,
    home: Path,
    kind: Kind = "static",
    private: bool = False,
    token: str | None = None,
    progress: Progress | None = None,
) -> Pushed:
    """Put a model on the Hub as a Space of a kind. Raises HubError and CheckpointError."""
    with TemporaryDirectory(prefix="seedbed-space-") as temporary:
        out = Path(temporary) / "space"
        write_space(folder, out, home, kind)
        return push_written(out, space, kind, private, token, progress)


def push_written(
    written: Path, space: str, kind: Kind, private: bool = False, token: str | None = None, progress: Progress | None = None
) -> Pushed:
    """Put a folder that `write_space` wrote on the Hub, unchanged. Raises HubError."""
    hardware = None if kind == "static" else HARDWARE[kind].asked
    sdk: Literal["static", "gradio"] = "static" if kind == "static" else "gradio"
    return push_space(written, space, sdk=sdk, hardware=hardware, private=private, token=token, progress=progress)


def write_model_file(folder: Path, parent: Path, home: Path, kind: FileKind) -> Path:
    """Write a model as one file below `parent`: its folder as a zip, ONNX, or the static page as a zip. Raises
    CheckpointError.
    """
    name = read_origin(folder, read_config(folder).weights_sha256).name.replace("/", "--")
    if kind == "zip":
        target = parent / f"{name}.zip"
        export_model(folder, target)
        return target
    if kind == "onnx":
        target = parent / f"{name}.onnx"
        export_onnx(folder, target)
        return target
    page = parent / f"{name}-page"
    write_space(folder, page, home, "static")
    return zipped(page)


def zipped(folder: Path) -> Path:
    """Write a folder as a zip of the same name in the same parent folder."""
    return Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))


@dataclass(frozen=True)
class Draft:
    """A static page on this machine: its folder, and the secret word by which a browser requests it."""

    word: str
    folder: Path


class Drafts:
    """Static pages in temporary folders: the owner looks at a page before it leaves the machine, and then publishes the same
    files.

    The newest MOST_DRAFTS are stored; all are removed when the process ends.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], Draft] = OrderedDict()
        self._lock = Lock()
        self._parent = Path(tempfile.mkdtemp(prefix="seedbed-drafts-"))
        weakref.finalize(self, shutil.rmtree, self._parent, ignore_errors=True)

    def page(self, folder: Path, statement: Statement, home: Path) -> Draft:
        """Return the page of a model with the owner's statement, written if it is not there yet. Raises CheckpointError."""
        if (known := self.find(folder, statement)) is not None:
            return known
        key = _key(folder, statement)
        word = secrets.token_urlsafe(16)
        draft = Draft(word, self._parent / word)
        with TemporaryDirectory(prefix="seedbed-stated-") as temporary:
            write_space(copy_stated(folder, Path(temporary), statement), draft.folder, home, "static")
        with self._lock:
            self._kept[key] = draft
            while len(self._kept) > MOST_DRAFTS:
                shutil.rmtree(self._kept.popitem(last=False)[1].folder, ignore_errors=True)
        return draft

    def find(self, folder: Path, statement: Statement) -> Draft | None:
        """Return the page of a model with the owner's statement, if it is written. Raises CheckpointError for a damaged model."""
        key = _key(folder, statement)
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def folder(self, word: str) -> Path | None:
        """Return the folder of a draft; None for a word that no draft has."""
        with self._lock:
            return next((draft.folder for draft in self._kept.values() if secrets.compare_digest(draft.word, word)), None)


def _key(folder: Path, statement: Statement) -> tuple[str, ...]:
    return (str(folder), read_config(folder).weights_sha256, statement.dataset, statement.licence)


def _preview(model: Model) -> bytes:
    return encode_png(grid(model.generate(range(SAMPLE_SEEDS)), columns=4), machine_made=True)


def _licence_of(parent: str | None, home: Path) -> str | None:
    """Return the licence that a parent on this machine states; None where the parent is not on this machine or states no
    licence.
    """
    if parent is None:
        return None
    try:
        return read_config(find(parent, home, download=False)).training.licence
    except GanError:
        return None  # not on this machine; the page then says that the parent's licence is not stated
