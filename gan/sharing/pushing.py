"""Pushes a model folder to the Hub in one commit, verified, with its card and preview, private unless requested otherwise."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants, get_token
from huggingface_hub.errors import RepositoryNotFoundError

from gan.config import ModelConfig
from gan.errors import CheckpointError, HubError
from gan.hub import Progress, Pushed, api, check_repo_name, endpoint, hub_errors
from gan.hub.uploads import additions
from gan.images import grid, write_png
from gan.limits import SAMPLE_SEEDS
from gan.models import CARD, DIRECTIONS, MODEL_FILES, PREVIEW, keep_fitting, model_card, read_config, read_origin, verify
from gan.sampler import Model
from gan.sharing.statement import Statement, restate


def push(
    folder: Path,
    repo: str,
    private: bool = True,
    token: str | None = None,
    progress: Progress | None = None,
    statement: Statement | None = None,
) -> Pushed:
    """Put a model folder on the Hub in one commit, with card and preview; return the address of its page, and whether it changed.

    `repo` is user/repo, or the repository's name alone under the token's own account. Files outside the format of a model folder
    are never sent. A commit that somebody else makes in the meantime is not overwritten. `progress` receives bytes done and bytes
    in all. `statement` replaces the model's statement on the training pictures. Raises HubError.
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
        name = read_origin(folder, config.weights_sha256).name
        if statement is not None:
            config = restate(staged, statement, name)
        _complete(staged, config, name, repo)
        with hub_errors(repo), ExitStack() as stack:
            files = {name: staged / name for name in MODEL_FILES if (staged / name).exists()}
            changed = _commit(client, staged, repo, private, additions(files, stack, progress))
    return Pushed(f"{endpoint()}/{repo}", changed)


def _stage(folder: Path, staged: Path) -> ModelConfig:
    """Copy the files of a model and verify the copy, so that a run in training cannot change the files before they are sent."""
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


def _complete(staged: Path, config: ModelConfig, name: str, repo: str) -> None:
    """Add the preview and the card, and drop directions of other weights. `name` is the model's name on this machine.

    A card that the user wrote stays as it is; a generated one is generated again for this name.
    """
    if (staged / DIRECTIONS).exists():
        keep_fitting(Model.open(staged, "cpu"))
    if not (staged / PREVIEW).exists():
        pictures = Model.open(staged, "cpu").generate(range(SAMPLE_SEEDS))
        write_png(staged / PREVIEW, grid(pictures, columns=4))
    card = staged / CARD
    ours = [model_card(config, known).encode() for known in (name, None)]
    if not card.exists() or card.read_bytes() in ours:
        card.write_bytes(model_card(config, repo).encode())


def _commit(client: HfApi, staged: Path, repo: str, private: bool, added: list[CommitOperationAdd]) -> bool:
    """Make the commit, and return whether it changed anything."""
    try:
        info = client.model_info(repo, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    except RepositoryNotFoundError:
        client.create_repo(repo, private=private, exist_ok=True)
        info = client.model_info(repo, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    if private and info.private is False:
        raise HubError("hub_is_public", repo=repo)
    there = {file.rfilename for file in info.siblings or []}
    gone = [CommitOperationDelete(name) for name in MODEL_FILES if name in there and not (staged / name).exists()]
    commit = client.create_commit(repo, [*added, *gone], commit_message="Push a model from Seedbed", parent_commit=info.sha)
    opened = not private and bool(info.private)
    if opened:
        client.update_repo_settings(repo, private=False)
    return opened or commit.oid != info.sha
