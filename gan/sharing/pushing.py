"""Pushing: a model folder to the Hub in one commit, verified, with its card and preview, private unless asked otherwise."""

import io
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants, get_token
from huggingface_hub.errors import RepositoryNotFoundError

from gan.config import ModelConfig
from gan.errors import CheckpointError, HubError
from gan.hub import Progress, api, check_repo_name, endpoint, hub_errors
from gan.images import grid, write_png
from gan.limits import SAMPLE_SEEDS
from gan.models import CARD, DIRECTIONS, MODEL_FILES, PREVIEW, keep_fitting, model_card, read_config, read_origin, verify
from gan.sampler import Model


def push(folder: Path, repo: str, private: bool = True, token: str | None = None, progress: Progress | None = None) -> str:
    """Put a model folder on the Hub in one commit, with its card and preview, and return the address of its page.

    `repo` is user/repo, or the repository's name alone under the token's own account. Files that are no part of a model are never
    sent. A commit that somebody else makes meanwhile is not overwritten. `progress` gets bytes done and in all. Raises HubError.
    """
    check_repo_name(repo)
    token = token or get_token()
    if token is None:
        raise HubError("hub_token_missing")
    client = api(token)
    config = read_config(folder)
    if "/" not in repo:
        with hub_errors(repo):
            repo = f"{client.whoami()['name']}/{repo}"
    with TemporaryDirectory(prefix="seedbed-push-") as temporary:
        staged = Path(temporary)
        config = _stage(folder, staged)
        _complete(folder, staged, config, repo)
        with hub_errors(repo), ExitStack() as stack:
            _commit(client, staged, repo, private, _additions(staged, stack, progress))
    return f"{endpoint()}/{repo}"


def _stage(folder: Path, staged: Path) -> ModelConfig:
    """Copy the files of a model and verify the copy: a run that is training cannot change it on the way."""
    for attempts_left in (1, 0):
        for name in MODEL_FILES:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, staged / name)
        try:
            return verify(staged, str(folder))
        except CheckpointError:
            # The run may have replaced its model between two of the copies.
            if not attempts_left:
                raise
    raise AssertionError("unreachable")


def _complete(folder: Path, staged: Path, config: ModelConfig, repo: str) -> None:
    """Add the preview and the card; directions of other weights stay behind.

    A card that a person wrote is kept as it is; a generated one is generated again for this name.
    """
    if (staged / DIRECTIONS).exists():
        keep_fitting(Model.open(staged, "cpu"))
    if not (staged / PREVIEW).exists():
        pictures = Model.open(staged, "cpu").generate(range(SAMPLE_SEEDS))
        write_png(staged / PREVIEW, grid(pictures, columns=4))
    card = staged / CARD
    name = read_origin(folder, config.weights_sha256).name
    ours = [model_card(config, known).encode() for known in (name, None)]
    if not card.exists() or card.read_bytes() in ours:
        card.write_bytes(model_card(config, repo).encode())


def _commit(client: HfApi, staged: Path, repo: str, private: bool, additions: list[CommitOperationAdd]) -> None:
    try:
        info = client.model_info(repo, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    except RepositoryNotFoundError:
        client.create_repo(repo, private=private, exist_ok=True)
        info = client.model_info(repo, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    if private and info.private is False:
        raise HubError("hub_is_public", repo=repo)
    there = {file.rfilename for file in info.siblings or []}
    gone = [CommitOperationDelete(name) for name in MODEL_FILES if name in there and not (staged / name).exists()]
    client.create_commit(repo, [*additions, *gone], commit_message="Push a model from Seedbed", parent_commit=info.sha)
    if not private and info.private:
        client.update_repo_settings(repo, private=False)


class _CountedFile(io.BufferedReader):
    """A file that counts how far it has been read: the client reports no progress of uploads."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.furthest = 0
        self.report: Callable[[], None] | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self.report:
            self.furthest = max(self.furthest, self.tell())
            self.report()
        return data


def _additions(staged: Path, stack: ExitStack, progress: Progress | None) -> list[CommitOperationAdd]:
    files = {name: stack.enter_context(_CountedFile(staged / name)) for name in MODEL_FILES if (staged / name).exists()}
    total = sum((staged / name).stat().st_size for name in files)
    additions = [CommitOperationAdd(name, file) for name, file in files.items()]

    lock = Lock()  # the client sends several files at a time

    def report() -> None:
        if progress:
            with lock:
                progress(sum(file.furthest for file in files.values()), total)

    for file in files.values():
        file.report = report  # only now: making the operation has read each file once, to hash it
    return additions
