"""A dataset of picture files on the Hugging Face Hub (imagefolder): listed, checked, fetched once, then read as a folder."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from gan.data.report import Skipped, Unusable
from gan.data.sources.base import (
    ARCHIVES,
    LABEL_FILES,
    Listing,
    add,
    check_count,
    check_total,
    ending,
    is_inside,
)
from gan.data.sources.folder import Folder, FolderSource
from gan.errors import CheckpointError, DataError, HubError
from gan.files import read_json, write_file
from gan.hub import api, download, hub_errors
from gan.words import printable, shorten

PREFIX = "hf:"
NAME = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/)?[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
REVISION = re.compile(r"[\w./-]{1,100}", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")
PICTURES = {
    *(".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"),
}
REPORTED = PICTURES | ARCHIVES
PACKED = {".parquet", ".arrow", ".zip", ".tar", ".gz", ".tgz", ".7z", ".rar"}  # named in the error if there is no picture
FETCHED_AT_ONCE = 8
COMPLETE = "complete"  # a file in a commit's folder, written once all its pictures are fetched; it lists the skipped files
MOST_COMPLETE_BYTES = 64 << 20
TIMEOUT_SECONDS = 30.0


class HubSource:
    """hf:user/dataset[@revision]. Fetched files are kept in home/data/hub, in a folder named by the commit."""

    def __init__(self, text: str, home: Path | None) -> None:
        self._repo, _, self._revision = text.removeprefix(PREFIX).strip("/").partition("@")
        if not NAME.fullmatch(self._repo) or not (REVISION.fullmatch(self._revision) or not self._revision):
            raise HubError("hub_name_invalid", repo=shorten(text.removeprefix(PREFIX)))
        if home is None:
            raise DataError("hub_source_home", repo=self._repo)
        self._store = home / "data" / "hub" / self._repo.replace("/", "--")
        self.name, self.stem = f"{PREFIX}{self._repo}", self._repo.rpartition("/")[2]

    def pinned(self) -> str:
        """Fetch the dataset, and return the source as text with the current commit of its revision.

        Raises HubError and DataError.
        """
        return f"{PREFIX}{self._repo}@{self._fetched().name}"

    def digest(self) -> bytes:
        """Return a hash of the repository's name and the commit, which fixes every file."""
        return hashlib.sha256(f"{self._repo}@{self._fetched().name}".encode()).digest()

    @contextmanager
    def open(self) -> Iterator[Folder]:
        """Open the dataset's pictures as a folder; its listing names the files that were not fetched.

        Raises HubError and DataError.
        """
        folder = self._fetched()
        with FolderSource(folder / "files", self.name).open() as opened:
            opened.listing.skipped += _skipped_in(folder) or []
            yield opened

    def _fetched(self) -> Path:
        """Return the folder of the revision's current commit; fetch its files first if they are missing."""
        known = self._store / self._revision
        if COMMIT.fullmatch(self._revision) and _skipped_in(known) is not None:
            return known  # a commit never changes, so no request to the Hub is needed
        with hub_errors(self._repo, self._revision or None, "dataset"):
            commit, sizes = _listed(self._repo, self._revision or None)
        folder = self._store / commit
        if _skipped_in(folder) is None:
            wanted, skipped = _choose(self.name, sizes)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _check_room(folder, sum(wanted.values()))
                with hub_errors(self._repo, self._revision or None, "dataset"):
                    _fetch(self._repo, commit, wanted, folder / "files")
                shutil.rmtree(folder / "files" / ".cache", ignore_errors=True)  # written by the Hub's client
                write_file(folder / COMPLETE, json.dumps({"skipped": [asdict(each) for each in skipped]}).encode())
            except OSError as error:
                raise DataError("dataset_not_written", path=str(folder), reason=error.strerror or str(error)) from error
        return folder


def _skipped_in(folder: Path) -> list[Skipped] | None:
    """Return the files of a commit that were not fetched, though they look like pictures; None if the commit is not complete."""
    path = folder / COMPLETE
    if not path.is_file():
        return None
    if not path.stat().st_size:  # written by a version that stored no list
        return []
    try:
        return [Skipped(**each) for each in read_json(path, MOST_COMPLETE_BYTES)["skipped"]]
    except (CheckpointError, KeyError, TypeError):
        return None  # damaged: the commit is listed again, and files already fetched are kept


def _listed(repo: str, revision: str | None) -> tuple[str, dict[str, int]]:
    """Return a revision's current commit, and the sizes of its files by name."""
    info = api(None).dataset_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT_SECONDS)
    return str(info.sha), {file.rfilename: file.size or 0 for file in info.siblings or []}


def _choose(name: str, sizes: Mapping[str, int]) -> tuple[dict[str, int], list[Skipped]]:
    """Return the sizes of the pictures and label files to be fetched, and the pictures and archives that cannot be used.

    Other files belong to the repository and are ignored. Raises DataError if there is no picture, or too much.
    """
    listing = Listing()
    for path, size in sizes.items():
        parts = PurePosixPath(path).parts
        if parts[-1].lower() not in LABEL_FILES and ending(path) not in REPORTED:
            continue
        if is_inside(path, parts):
            add(listing, parts, size, size)
        else:
            listing.skipped.append(Unusable("skip_name").skip(printable(path)))
    if not listing.members:
        packed = sorted({ending(path) for path in sizes} & PACKED)
        code = "hub_dataset_packed" if packed else "hub_dataset_empty"
        raise DataError(code, path=name, found=", ".join(each.lstrip(".") for each in packed))
    wanted = {member.name: member.handle for member in (*listing.members, *listing.labels)}
    check_count(len(wanted), name)
    check_total(sum(wanted.values()), name)
    return wanted, listing.skipped


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError("dataset_disk", path=str(folder), needed=(needed >> 20) + 1, free=free >> 20)


def _fetch(repo: str, commit: str, wanted: Mapping[str, int], target: Path) -> None:
    """Download files of one commit, several at a time; files already fetched are kept."""
    with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
        waiting = [pool.submit(download, repo, path, commit, target, size=size, kind="dataset") for path, size in wanted.items()]
        try:
            for each in waiting:
                each.result()
        finally:
            pool.shutdown(cancel_futures=True)
