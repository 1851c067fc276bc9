"""Downloads one file of a commit from the Hub, and keeps no more bytes than the Hub listed."""

import errno
from collections.abc import Callable
from pathlib import Path

from gan.errors import HubError
from gan.hub.client import WRITE_TIMEOUT_SECONDS, Kind, Token, check_token, endpoint, set_limits

MOST_TRAFFIC = 3  # times the size of a file, for a transfer that begins again


def download(
    repo: str,
    path: str,
    revision: str,
    folder: Path,
    *,
    size: int,
    kind: Kind = "model",
    token: Token = None,
    received: Callable[[int], None] | None = None,
) -> None:
    """Download a file of the commit `revision` to its own path below `folder`; a file that exists there is kept.

    `received` is called with the bytes received so far. Raises HubError when more than `size` bytes arrive. Raises whatever the
    Hub's client raises, and OSError for a transfer that breaks off repeatedly, so callers use it inside `hub_errors`.
    """
    from huggingface_hub import hf_hub_download

    class Counter:
        """Takes the place of the client's progress bar."""

        def __init__(self, *_: object, **__: object) -> None:
            self.bytes = self.traffic = 0

        def __enter__(self) -> "Counter":
            return self

        def __exit__(self, *_: object) -> None:
            """Do nothing: nothing was opened."""

        def set_postfix_str(self, *_: object, **__: object) -> None:
            """Do nothing: the speed is shown elsewhere."""

        def refresh(self, *_: object, **__: object) -> None:
            """Do nothing: nothing is drawn."""

        def close(self) -> None:
            """Do nothing: nothing was opened."""

        def update(self, count: float | None = 1) -> None:
            self.bytes += int(count or 0)  # negative when a transfer starts again
            self.traffic += max(0, int(count or 0))
            if self.bytes > size:
                raise HubError("hub_longer_than_listed", repo=repo, file=path, listed=size)
            if self.traffic > MOST_TRAFFIC * size:  # without this limit the client would try for ever
                raise OSError(errno.EIO, "it breaks off again and again")
            if received:
                received(self.bytes)

    check_token(token)
    set_limits(WRITE_TIMEOUT_SECONDS)
    hf_hub_download(
        repo,
        path,
        repo_type=kind,
        revision=revision,
        local_dir=folder,
        token=token,
        endpoint=endpoint(),
        tqdm_class=Counter,
        library_name="seedbed",
    )
