"""The Hub's client with the package's settings: the Hub's address, time limits, and a HubError for whatever the client raises."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from gan.errors import HubError
from gan.files import is_refusal
from gan.words import is_printable, shorten

if TYPE_CHECKING:  # imported where it is used: loading it takes longer than making a few pictures
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

USUAL_ENDPOINT = "https://huggingface.co"
WRITE_TIMEOUT_SECONDS = 60.0
REACH_SECONDS = 4.0  # long enough for a slow connection, short enough for a user to wait

MOST_ANSWER_BYTES = 64 << 20  # a listing of 200,000 files has a third of it
BROKEN_OFF = {"RemoteProtocolError", "ReadError", "WriteError"}  # of every HTTP library that the Hub's client has used

Progress = Callable[[int, int], None]
Kind = Literal["model", "dataset"]

Token = str | bool | None
"""A token of the Hub; None for the token this machine is logged in with, False for no token."""


def endpoint() -> str:
    """Return the Hub's address, read at each call. The client itself reads it only once, at import."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT or USUAL_ENDPOINT).rstrip("/")


def check_endpoint() -> None:
    """Raise HubError where HF_ENDPOINT holds no address. With some of these, the Hub's client cannot even be imported."""
    address = os.environ.get("HF_ENDPOINT")
    if address and not _is_address(address):  # an empty variable counts as unset
        raise HubError("hub_address", found=shorten(address))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna")  # the UnicodeError of a name that cannot be is a ValueError
        named = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return named and parts.scheme in ("http", "https") and is_printable(text) and not re.search(r"\s", text)


def api(token: Token) -> "HfApi":
    """Return a client with time limits. A token of None is the one this machine is logged in with; False means no token."""
    from huggingface_hub import HfApi

    check_token(token)
    set_limits(WRITE_TIMEOUT_SECONDS)
    return HfApi(endpoint=endpoint(), token=token, library_name="seedbed")


def check_token(token: Token) -> None:
    """Raise HubError for a token that no HTTP header can carry."""
    from huggingface_hub import get_token

    known = get_token() if token is None else token
    if known and not re.fullmatch("[!-~]+", str(known)):
        raise HubError("hub_token_letters")


@lru_cache(1)  # not repeated while the limit stays the same
def set_limits(seconds: float) -> None:
    """Limit what the Hub's client leaves without a limit: the time of requests, and the size of answers that are not files.

    Files are transferred by HTTP alone. The client's other protocol, Xet, ignores errors of its progress bar, so that a transfer
    could not be bounded.
    """
    from huggingface_hub import constants, get_session, set_client_factory

    constants.HF_HUB_DISABLE_XET = True
    default = get_session()
    client, hooks = type(default), default.event_hooks
    hooks = {**hooks, "response": [*hooks.get("response", []), _bound]}
    set_client_factory(lambda: client(event_hooks=hooks, follow_redirects=True, timeout=seconds))


def _bound(response: Any) -> None:
    """Bound the body of an answer of the Hub's API, or of a refusal, which the client reads as a whole."""
    if "/api/" not in response.request.url.path and response.status_code < 400:
        return
    (base,) = (each for each in type(response.stream).__mro__ if each.__name__ == "SyncByteStream")
    whole = response.stream

    class Bounded(base):  # type: ignore[misc, valid-type]
        def __iter__(self) -> Iterator[bytes]:
            count = 0
            for piece in whole:
                count += len(piece)
                if count > MOST_ANSWER_BYTES:
                    raise OSError(errno.EFBIG, "the answer is too long")
                yield piece

        def close(self) -> None:
            whole.close()

    response.stream = Bounded()


class Pushed(NamedTuple):
    """The address to which something was pushed, and whether the push changed anything at this address."""

    url: str
    changed: bool


def is_reachable() -> bool:
    """Return whether the Hub answers, with any status; False where HF_HUB_OFFLINE is set."""
    try:
        with hub_errors("-"):
            from huggingface_hub import constants, get_session

            if constants.HF_HUB_OFFLINE:
                return False
            get_session().head(endpoint(), timeout=REACH_SECONDS)
    except HubError as error:
        return error.code not in ("hub_unreachable", "hub_timeout", "hub_offline", "hub_socks", "hub_address")
    return True


def is_repo_name(repo: str) -> bool:
    """Return whether a repository could have this name, with or without its user; the Hub allows neither ".." nor "--" in a
    name.
    """
    return re.fullmatch(r"(\w[\w.-]*/)?\w[\w.-]{0,95}", repo, re.ASCII) is not None and not re.search(
        r"--|\.\.|[-.]$|\.git$|[-.]/", repo
    )


def check_repo_name(repo: str) -> None:
    """Raise HubError for a name that no repository can have."""
    if not is_repo_name(repo):
        raise HubError("hub_name_invalid", repo=shorten(repo))


def check_revision(repo: str, revision: str | None) -> None:
    """Raise HubError for a revision that no repository can have, such as one with bytes that are not UTF-8."""
    if revision is not None and not is_printable(revision):
        raise HubError("hub_revision_missing", repo=shorten(repo), revision=shorten(revision))


@contextmanager
def hub_errors(repo: str, revision: str | None = None, kind: Kind = "model") -> Iterator[None]:
    """Turn whatever the client raises into one HubError. An answer that is not the Hub's (such as a login page) counts as no
    answer. An OSError of this machine's disk is raised as it is.
    """
    check_endpoint()
    transport_error = _transport_error()
    repo, revision = shorten(repo), None if revision is None else shorten(revision)
    try:
        yield
    except (transport_error, OSError, RuntimeError, ValueError, KeyError, ImportError) as error:
        if isinstance(error, OSError) and is_refusal(error):
            raise  # this machine refused a file; the caller knows which folder is meant
        raise _hub_error(error, repo, revision, kind) from error


def _transport_error() -> type[Exception]:
    """Return the base class of the HTTP library's errors. Versions of the Hub's client use different libraries."""
    from huggingface_hub.errors import HfHubHTTPError

    return HfHubHTTPError.__bases__[0]


def _hub_error(error: BaseException, repo: str, revision: str | None, kind: Kind) -> HubError:
    causes = list(_causes(error))
    if isinstance(error, ImportError):  # a SOCKS proxy is set, and its package is not installed
        return HubError("hub_socks")
    for cause in causes:
        answered = _answer(cause, repo, revision, kind)
        if answered is not None:
            return answered
    transport_error = _transport_error()
    if isinstance(error, JSONDecodeError | KeyError) or any(isinstance(cause, transport_error) for cause in causes):
        if any(type(cause).__name__ in BROKEN_OFF for cause in causes):
            return HubError("hub_incomplete", repo=repo)
        late = any(isinstance(cause, TimeoutError) for cause in causes)
        return HubError("hub_timeout" if late else "hub_unreachable", endpoint=endpoint())
    if isinstance(error, OSError):
        broken_off = error.strerror is not None
        return (
            HubError("hub_broken_off", repo=repo, reason=error.strerror) if broken_off else HubError("hub_incomplete", repo=repo)
        )
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return HubError("hub_refused", repo=repo, reason=lines[-1].lstrip("- ").rstrip("."))


def _answer(cause: BaseException, repo: str, revision: str | None, kind: Kind) -> HubError | None:
    """Return the error for what the Hub or its client answered; None if this is not such an error."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if isinstance(cause, OfflineModeIsEnabled):
        return HubError("hub_offline", repo=repo)
    if isinstance(cause, HFValidationError):
        return HubError("hub_name_invalid", repo=repo)
    if isinstance(cause, GatedRepoError):
        return HubError("hub_gated" if kind == "model" else "hub_dataset_gated", repo=repo, endpoint=endpoint())
    if isinstance(cause, RepositoryNotFoundError):
        return HubError(_missing(kind), repo=repo)
    if isinstance(cause, RevisionNotFoundError):
        return HubError("hub_revision_missing", repo=repo, revision=revision)
    return _refusal(cause, repo, kind) if isinstance(cause, HfHubHTTPError) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the errors that caused it; the client wraps the informative one."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _missing(kind: Kind) -> str:
    return "hub_repo_missing" if kind == "model" else "hub_dataset_missing"


def _refusal(error: "HfHubHTTPError", repo: str, kind: Kind) -> HubError:
    """Return the error for an HTTP status for which the Hub's client has no error class."""
    status = error.response.status_code
    codes = {
        401: "hub_token_refused",
        402: "hub_payment",
        403: "hub_forbidden",
        404: _missing(kind),
        412: "hub_stale",
        429: "hub_busy",
    }
    if status in codes:
        return HubError(codes[status], repo=repo)
    if status >= 500:
        return HubError("hub_server", status=status)
    return HubError("hub_refused", repo=repo, reason=(error.server_message or f"status {status}").splitlines()[0].rstrip("."))
