"""Packs a model as one zip, to share it without the Hub, and reads a model from a zip or folder of unknown origin."""

import atexit
import shutil
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from gan.errors import CheckpointError, ModelError
from gan.files import CHUNK_BYTES, open_plain, replace
from gan.models.folder import CONFIG, MODEL_FILES, PREVIEW, REQUIRED_FILES, has_model, read_config
from gan.models.verifying import MEGABYTE, has_usable_preview, verify
from gan.runs import check_name
from gan.runs.changing import plain_name

MAX_RATIO = 100  # ratio of unpacked to packed size; weights hardly shrink when packed
MAX_MEMBERS = 1000  # members of a zip; a model folder has six files
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
MODEL_ENDINGS = (".zip", *sorted({PurePosixPath(name).suffix for name in MODEL_FILES}))  # endings of files that may hold a model


def export_model(folder: Path, target: Path) -> int:
    """Write a model folder as a zip, with its files in one folder of its name. Return the size in bytes. Raises
    CheckpointError.
    """
    verify(folder, str(folder))
    name = target.stem
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w") as packed:
            for file in MODEL_FILES:
                if (folder / file).is_file():
                    with open_plain(folder / file) as source, packed.open(f"{name}/{file}", "w", force_zip64=True) as member:
                        shutil.copyfileobj(source, member, CHUNK_BYTES)
        replace(temporary, target)
        return target.stat().st_size
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(target), reason=error.strerror or str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def add_model(source: Path, home: Path, name: str | None = None) -> Path:
    """Verify the model of a zip or folder, copy it into home/models, and return its folder there.

    `name` is the name of the copy; the default is the valid name closest to that of the source. Adding the same weights again
    changes nothing. Raises CheckpointError for a source without a model, RunError for an invalid name, ModelError where another
    model has the name.
    """
    name = check_name(name or plain_name(source.stem if source.is_file() else source.resolve().name, "model"))
    kept = home / "models" / name
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=kept.parent, prefix=".add-") as temporary:
            arrived = Path(temporary) / "model"
            arrived.mkdir()
            if source.is_file():
                _unpack(source, arrived)
            else:
                _copy(source, arrived)
            weights = check_arrived(arrived, source.name)
            if has_model(kept) and read_config(kept).weights_sha256 == weights:
                return kept
            if kept.exists():
                raise ModelError("model_exists", name=name)
            replace(arrived, kept)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(kept), reason=error.strerror or str(error)) from error
    return kept


def add_beside(source: Path, home: Path) -> Path:
    """Add a model as `add_model` does; where another model has its name, with the first free number after the name."""
    name = plain_name(source.stem if source.is_file() else source.resolve().name, "model")[:60]
    for numbered in (name, *(f"{name}-{count}" for count in range(2, 1000))):
        try:
            return add_model(source, home, numbered)
        except ModelError as error:  # the same weights under this name are no error
            if error.code != "model_exists":
                raise
    raise ModelError("model_exists", name=name)


def check_arrived(folder: Path, shown: str) -> str:
    """Verify a model folder of unknown origin, and return its weights' sha256. Raises CheckpointError."""
    config = verify(folder, shown)
    if not has_usable_preview(folder):
        raise CheckpointError("preview_unusable", path=f"{shown}/{PREVIEW}")
    return config.weights_sha256


def open_zip(path: Path) -> Path:
    """Unpack the model of a zip into a temporary folder that lasts as long as this process. Raises CheckpointError."""
    found = path.stat()
    return _opened(path.resolve(), found.st_size, found.st_mtime_ns)


@cache
def _opened(path: Path, size: int, changed: int) -> Path:
    """Unpack as `open_zip` does; `size` and `changed` make the cache unpack a new file of the same name again."""
    parent = Path(tempfile.mkdtemp(prefix="seedbed-model-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    folder = parent / path.stem
    folder.mkdir()
    _unpack(path, folder)
    check_arrived(folder, path.name)
    return folder


def _copy(source: Path, folder: Path) -> None:
    """Copy the files of a model folder; links are refused."""
    for name in MODEL_FILES:
        if (source / name).is_file():
            with open_plain(source / name) as file, (folder / name).open("xb") as target:
                shutil.copyfileobj(file, target, CHUNK_BYTES)
    if not has_model(folder):
        raise CheckpointError("archive_without_model", path=source.name, files=", ".join(REQUIRED_FILES))


def _unpack(path: Path, folder: Path) -> None:
    """Unpack only the files of a model, which are at the top level of the zip or in one folder. Raises CheckpointError."""
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as packed:
            for name, member in _members(packed, path.name).items():
                with packed.open(member) as source, (folder / name).open("xb") as target:
                    shutil.copyfileobj(source, target, CHUNK_BYTES)  # at most the size that the member declares
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise CheckpointError("archive_damaged", path=path.name) from error


def _members(packed: zipfile.ZipFile, shown: str) -> dict[str, zipfile.ZipInfo]:
    """Return the members that are a model's files, by their names in its folder. Raises CheckpointError."""
    entries = packed.infolist()
    configs = [PurePosixPath(entry.filename) for entry in entries[:MAX_MEMBERS] if PurePosixPath(entry.filename).name == CONFIG]
    parents = {path.parent for path in configs if len(path.parts) <= 2}
    if len(entries) > MAX_MEMBERS or len(parents) != 1:
        raise CheckpointError("archive_without_model", path=shown, files=", ".join(REQUIRED_FILES))
    top = parents.pop()
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.parent != top or path.name not in MODEL_FILES:
            continue
        sound = entry.compress_type in METHODS and not entry.flag_bits & ENCRYPTED and path.name not in found
        fits = entry.file_size <= min(MODEL_FILES[path.name] * MEGABYTE, MAX_RATIO * entry.compress_size + MEGABYTE)
        if not (sound and fits):
            raise CheckpointError("archive_damaged", path=shown)
        found[path.name] = entry
    if not found.keys() >= set(REQUIRED_FILES):
        raise CheckpointError("archive_without_model", path=shown, files=", ".join(REQUIRED_FILES))
    return found
