"""Pulls a model from the Hub into home/models, pinned to a commit and verified, so that it can be used offline."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote

from gan.errors import HubError
from gan.files import replace, write_file
from gan.hub import Progress, Token, api, check_repo_name, check_revision, download, hub_errors
from gan.models.directions import carry_over
from gan.models.folder import MODEL_FILES, REQUIRED_FILES, has_model, read_config
from gan.models.origin import origin_path, read_origin
from gan.models.verifying import MEGABYTE, has_usable_preview, verify


def pull(repo: str, home: Path, revision: str | None = None, progress: Progress | None = None, token: Token = None) -> Path:
    """Download a model to home/models, pinned to the present commit of `revision` (or of the default branch), and verify it.

    `repo` is user/repo or user/repo@revision. Only the files of a model folder are requested. Returns the folder in home/models,
    which `find` uses from then on, offline too. `progress` receives bytes done and bytes in all. Raises HubError, and
    CheckpointError where the repository holds no model that can be trusted.
    """
    repo, _, named = repo.partition("@")
    revision = revision or named or None
    check_repo_name(repo)
    kept = kept_folder(home, repo, revision)
    with hub_errors(repo, revision):
        from huggingface_hub import constants

        info = api(token).model_info(repo, revision=revision, files_metadata=True, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or [] if file.rfilename in MODEL_FILES}
    _check_offer(repo, sizes)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=kept.parent, prefix=".pull-") as temporary:
            arrived = Path(temporary)
            with hub_errors(repo, revision):
                _download(repo, str(info.sha), sizes, arrived, progress, token)
            config = verify(arrived, repo)
            if not has_usable_preview(arrived):
                raise HubError("hub_preview_unusable", repo=repo)
            _install(arrived, kept, {"repo": repo, "revision": info.sha, "weights_sha256": config.weights_sha256})
    except OSError as error:
        raise HubError("hub_disk", repo=repo, folder=str(kept.parent), reason=error.strerror or str(error)) from error
    return kept


def kept_folder(home: Path, repo: str, revision: str | None) -> Path:
    """Return home/models/USER--REPO, or USER--REPO@REVISION. Names on the Hub do not contain "--", so different repositories have
    different folders. Raises HubError for a revision that cannot be.
    """
    check_revision(repo, revision)
    suffix = f"@{quote(revision, safe='')}" if revision else ""
    return home / "models" / (repo.replace("/", "--") + suffix)


def kept_name(folder: Path) -> str:
    """Return the name of a folder in home/models: its repository and the requested revision, or its own name if the user put it
    there.
    """
    is_pulled = origin_path(folder).is_file()
    return unquote(folder.name).replace("--", "/", 1) if is_pulled else folder.name


def find_kept(home: Path, repo: str, revision: str | None) -> Path | None:
    """Return the kept copy of a repository at a revision, if there is one."""
    exact, newest = kept_folder(home, repo, revision), kept_folder(home, repo, None)
    if has_model(exact):
        return exact
    if revision and has_model(newest) and read_origin(newest, read_config(newest).weights_sha256).revision == revision:
        return newest
    return None


def _check_offer(repo: str, sizes: Mapping[str, int]) -> None:
    for name in REQUIRED_FILES:
        if name not in sizes:
            raise HubError("hub_not_a_model", repo=repo, file=name)
    for name, size in sizes.items():
        if size > MODEL_FILES[name] * MEGABYTE:
            raise HubError("hub_file_too_large", repo=repo, file=name, found=size // MEGABYTE, most=MODEL_FILES[name])


def _download(repo: str, sha: str, sizes: Mapping[str, int], folder: Path, progress: Progress | None, token: Token) -> None:
    """Download the named files at one commit, and no other files of the repository."""
    done, total = 0, sum(sizes.values())
    for name, size in sizes.items():

        def received(count: int, before: int = done) -> None:
            if progress:
                progress(min(before + count, total), total)

        download(repo, name, sha, folder, size=size or MODEL_FILES[name] * MEGABYTE, token=token, received=received)
        done += size
    if progress:
        progress(total, total)


def _install(arrived: Path, kept: Path, record: Mapping[str, str | None]) -> None:
    """Replace a kept model file by file, config last. Files that the new commit lacks are removed; directions stored on this
    machine are kept.
    """
    kept.mkdir(exist_ok=True)
    carry_over(kept, arrived)
    for name in MODEL_FILES:
        if (arrived / name).exists():
            replace(arrived / name, kept / name)
        else:
            (kept / name).unlink(missing_ok=True)
    write_file(origin_path(kept), json.dumps(record).encode())
