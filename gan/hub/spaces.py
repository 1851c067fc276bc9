"""A folder on the Hub as a static Space: one commit that makes the Space hold the folder's files and no others."""

from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, constants, get_token

from gan.errors import HubError
from gan.hub.client import Progress, api, check_repo_name, endpoint, hub_errors

KEPT = {".gitattributes"}  # the Hub's own


def push_space(
    folder: Path, space: str, *, private: bool = False, token: str | None = None, progress: Progress | None = None
) -> str:
    """Create or replace a static Space, and return the address of its page.

    `space` is user/name, or a name under the token's own account. A commit that somebody else makes in the meantime is not
    overwritten. `progress` is told bytes: none, then all. Raises HubError.
    """
    check_repo_name(space)
    token = token or get_token()
    if token is None:
        raise HubError("hub_token_missing")
    client = api(token)
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    total = sum(path.stat().st_size for path in files.values())
    if progress:
        progress(0, total)
    with hub_errors(space):
        if "/" not in space:
            space = f"{client.whoami()['name']}/{space}"
        client.create_repo(space, repo_type="space", space_sdk="static", private=private, exist_ok=True)
        info = client.space_info(space, timeout=constants.HF_HUB_ETAG_TIMEOUT)
        there = {file.rfilename for file in info.siblings or []}
        operations = [CommitOperationAdd(name, path) for name, path in files.items()]
        gone = [CommitOperationDelete(name) for name in sorted(there - files.keys() - KEPT)]
        client.create_commit(
            space,
            [*operations, *gone],
            repo_type="space",
            commit_message="Publish a page from Seedbed",
            parent_commit=info.sha,
        )
    if progress:
        progress(total, total)
    return f"{endpoint()}/spaces/{space}"
