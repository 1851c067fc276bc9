"""Pushes a folder to the Hub as a Space: after the commit, the Space holds the folder's files and no others."""

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from huggingface_hub import CommitOperationDelete, SpaceHardware, constants, get_token

from gan.errors import HubError
from gan.hub.client import Progress, Pushed, api, check_repo_name, endpoint, hub_errors
from gan.hub.uploads import additions

Sdk = Literal["static", "gradio"]
KEPT = {".gitattributes"}  # files that the Hub itself adds


def push_space(
    folder: Path,
    space: str,
    *,
    sdk: Sdk = "static",
    hardware: str | None = None,
    private: bool = False,
    token: str | None = None,
    progress: Progress | None = None,
) -> Pushed:
    """Create or replace a Space, and return the address of its page and whether anything changed.

    `space` is user/name, or a name under the token's own account. `hardware` is requested when the Space is created. A commit
    that somebody else made in the meantime is not overwritten. `progress` receives bytes sent and bytes in all. Raises HubError.
    """
    check_repo_name(space)
    token = token or get_token()
    if token is None:
        raise HubError("hub_token_missing")
    client = api(token)
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    with hub_errors(space), ExitStack() as stack:
        if "/" not in space:
            space = f"{client.whoami()['name']}/{space}"
        asked = SpaceHardware(hardware) if hardware else None
        client.create_repo(space, repo_type="space", space_sdk=sdk, space_hardware=asked, private=private, exist_ok=True)
        info = client.space_info(space, timeout=constants.HF_HUB_ETAG_TIMEOUT)
        there = {file.rfilename for file in info.siblings or []}
        gone = [CommitOperationDelete(name) for name in sorted(there - files.keys() - KEPT)]
        commit = client.create_commit(
            space,
            [*additions(files, stack, progress), *gone],
            repo_type="space",
            commit_message="Publish a page from Seedbed",
            parent_commit=info.sha,
        )
    return Pushed(f"{endpoint()}/spaces/{space}", commit.oid != info.sha)
