"""A dataset of picture files on the Hugging Face Hub (imagefolder): listed, checked, fetched once, then read as a folder."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gan.data.report import Unusable
from gan.data.sources.base import LABEL_FILES, MAX_MEMBER_BYTES, check_count, check_listed, check_total, is_inside, is_litter
from gan.data.sources.folder import Folder, FolderSource
from gan.errors import DataError, HubError
from gan.files import shorten, write_file

PREFIX = "hf:"
NAME = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/)?[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
REVISION = re.compile(r"[\w./-]{1,100}", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")
PICTURES = {
    *(".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"),
}
PACKED = {".parquet", ".arrow", ".zip", ".tar", ".gz", ".tgz", ".7z", ".rar"}
FETCHED_AT_ONCE = 8
COMPLETE = "complete"  # a file beside the pictures of a commit, written when all have arrived
TIMEOUT_SECONDS = 30.0


class HubSource:
    """hf:user/dataset[@revision]. What is fetched is kept in home/data/hub by its commit, and read from there ever after."""

    def __init__(self, text: str, home: Path | None) -> None:
        self._repo, _, self._revision = text.removeprefix(PREFIX).strip("/").partition("@")
        if not NAME.fullmatch(self._repo) or not (REVISION.fullmatch(self._revision) or not self._revision):
            raise HubError("hub_name_invalid", repo=shorten(text.removeprefix(PREFIX)))
        if home is None:
            raise DataError("hub_source_home", repo=self._repo)
        self._store = home / "data" / "hub" / self._repo.replace("/", "--")
        self.name, self.stem = f"{PREFIX}{self._repo}", self._repo.rpartition("/")[2]

    def pinned(self) -> str:
        """The source as text with the commit that its revision is now, fetched. Raises HubError and DataError."""
        return f"{PREFIX}{self._repo}@{self._fetched().parent.name}"

    def digest(self) -> bytes:
        """Of the repository and the commit, which fixes every file."""
        return hashlib.sha256(f"{self._repo}@{self._fetched().parent.name}".encode()).digest()

    @contextmanager
    def open(self) -> Iterator[Folder]:
        """The dataset's pictures as a folder. Raises HubError and DataError."""
        with FolderSource(self._fetched(), self.name).open() as opened:
            yield opened

    def _fetched(self) -> Path:
        """The folder of the commit that the revision is now, fetched unless it is there."""
        known = self._store / self._revision
        if COMMIT.fullmatch(self._revision) and (known / COMPLETE).is_file():
            return known / "files"  # a commit never changes: the Hub need not be asked
        with _hub_errors(self._repo, self._revision or None):
            commit, sizes = _listed(self._repo, self._revision or None)
        folder = self._store / commit
        if not (folder / COMPLETE).is_file():
            wanted = _choose(self.name, sizes)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _check_room(folder, sum(wanted.values()))
                with _hub_errors(self._repo, self._revision or None):
                    _fetch(self._repo, commit, wanted, folder / "files")
                shutil.rmtree(folder / "files" / ".cache", ignore_errors=True)  # the client's notes
                write_file(folder / COMPLETE, b"")
            except OSError as error:
                raise DataError("dataset_not_written", path=str(folder), reason=error.strerror or str(error)) from error
        return folder / "files"


def _listed(repo: str, revision: str | None) -> tuple[str, dict[str, int]]:
    """The commit that a revision is now, and the sizes of its files by name."""
    from huggingface_hub import HfApi  # takes a second to load

    info = HfApi(endpoint=os.environ.get("HF_ENDPOINT"), library_name="seedbed").dataset_info(
        repo, revision=revision, files_metadata=True, timeout=TIMEOUT_SECONDS
    )
    return str(info.sha), {file.rfilename: file.size or 0 for file in info.siblings or []}


def _choose(name: str, sizes: Mapping[str, int]) -> dict[str, int]:
    """The files that are fetched: pictures, and what labels them. Raises DataError where there are none, or too much."""
    wanted = {}
    for path, size in sizes.items():
        parts = PurePosixPath(path).parts
        is_label = parts[-1].lower() in LABEL_FILES
        if not is_inside(path, parts) or is_litter(parts) or not (is_label or _ending(path) in PICTURES):
            continue
        try:
            check_listed(parts, size)
        except Unusable:
            continue
        wanted[path] = size
    if not any(_ending(path) in PICTURES for path in wanted):
        packed = sorted({_ending(path).lstrip(".") for path in sizes} & {ending.lstrip(".") for ending in PACKED})
        code = "hub_dataset_packed" if packed else "hub_dataset_empty"
        raise DataError(code, path=name, found=", ".join(packed))
    check_count(len(wanted), name)
    check_total(sum(wanted.values()), name)
    return wanted


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError("dataset_disk", path=str(folder), needed=(needed >> 20) + 1, free=free >> 20)


def _fetch(repo: str, commit: str, wanted: Mapping[str, int], target: Path) -> None:
    """Download files of one commit, several at a time; those that are there already are kept."""
    from huggingface_hub import hf_hub_download

    def fetch(path: str) -> None:
        arrived = hf_hub_download(
            repo,
            path,
            repo_type="dataset",
            revision=commit,
            local_dir=target,
            endpoint=os.environ.get("HF_ENDPOINT"),
            library_name="seedbed",
        )
        if Path(arrived).stat().st_size > max(wanted[path], MAX_MEMBER_BYTES):
            raise OSError(f"{path} is larger than it was listed")

    with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
        waiting = [pool.submit(fetch, path) for path in wanted]
        try:
            for each in waiting:
                each.result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _hub_errors(repo: str, revision: str | None) -> Iterator[None]:
    """Turns what the Hub's client raises into one HubError."""
    from huggingface_hub import errors

    # The HTTP library differs between versions of the client; its base error is the base of the client's own.
    transport_error: type[Exception] = errors.HfHubHTTPError.__bases__[0]
    try:
        yield
    except ImportError as error:  # a SOCKS proxy is set, and its package is not installed
        raise HubError("hub_socks") from error
    except errors.OfflineModeIsEnabled as error:
        raise HubError("hub_offline", repo=repo) from error
    except errors.GatedRepoError as error:
        endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
        raise HubError("hub_dataset_gated", repo=repo, endpoint=endpoint) from error
    except errors.RepositoryNotFoundError as error:
        raise HubError("hub_dataset_missing", repo=repo) from error
    except errors.RevisionNotFoundError as error:
        raise HubError("hub_revision_missing", repo=repo, revision=revision) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        codes = {401: "hub_token_refused", 403: "hub_forbidden", 429: "hub_busy"}
        code = codes.get(status, "hub_server" if status >= 500 else "hub_refused")
        raise HubError(code, repo=repo, status=status, reason=f"status {status}") from error
    except transport_error as error:
        endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
        raise HubError("hub_unreachable", endpoint=endpoint) from error
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise HubError("hub_broken_off", repo=repo, reason=shorten(str(error)) or type(error).__name__) from error
