"""Decides whether a request is a visitor's, a trainer's or the owner's, and checks the right that each handler declares."""

import functools
import hashlib
import hmac
import inspect
import ipaddress
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread
import gradio as gr
from starlette.datastructures import Headers
from starlette.types import Scope

from gan.errors import AccessError, HubError
from gan.hub.client import api, hub_errors
from gan.limits import MOST_VISITOR_MINUTES, MOST_VISITOR_RUNS_WAITING
from gan.machine import on_zero_gpu
from gan.playing.asking import Asker, Right
from gan.runs import read_queue

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LOG = logging.getLogger(__name__)

ASKER = "asker"  # the key in a request's state
DECLARED = "needed_right"
ORGANISATIONS_KNOWN_SECONDS = 300.0
# A proxy that sends none of these headers and rewrites Host cannot be distinguished from a browser on this machine:
# docs/security.md.
PROXY_HEADERS = ("forwarded", "x-real-ip", "via", "cf-connecting-ip")


def is_loopback(host: str | None) -> bool:
    """Return whether a name or address is this machine's own."""
    if host == "localhost":
        return True
    address = address_of(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and bool((mapped or address).is_loopback)


def address_of(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address of a host that is an IP address; None for a name."""
    try:
        return ipaddress.ip_address((host or "").strip("[]"))
    except ValueError:
        return None


def host_of(headers: Headers) -> str | None:
    """Return the host that a request names, without its port; None unless it names exactly one."""
    named = headers.getlist("host")
    return host_name(named[0]) if len(named) == 1 else None


def host_name(host: str) -> str | None:
    """Return `localhost` for `LOCALHOST:7860`, `::1` for `[::1]:7860`; None for a malformed host."""
    name, _, port = host.lower().rpartition(":") if not host.endswith("]") and ":" in host else (host.lower(), "", "")
    if port and not port.isdigit():
        return None
    if name.startswith("[") and name.endswith("]"):
        return name[1:-1]
    return name if name and ":" not in name and "/" not in name and "@" not in name else None


def is_proxied(headers: Headers) -> bool:
    """Return whether a proxy passed a request on."""
    return any(name in PROXY_HEADERS or name.startswith("x-forwarded-") for name in headers)


@dataclass(frozen=True)
class Rights:
    """The settings by which a page recognises the owner."""

    space: str = ""  # user/space on the Hub
    space_author: str = ""
    owner_key: str = ""
    training_is_open: bool = False

    @classmethod
    def of(cls, owner_key: str | None, environment: Mapping[str, str] = os.environ) -> "Rights":
        """Return the page's rights, from the environment of this process. Raises AccessError where GAN_TRAINING is misspelt."""
        training = environment.get("GAN_TRAINING", "owner").strip().lower() or "owner"
        if training not in ("owner", "anyone"):
            raise AccessError("training_unknown", found=training)
        return cls(
            space=environment.get("SPACE_ID", ""),
            space_author=environment.get("SPACE_AUTHOR_NAME", ""),
            owner_key=owner_key or environment.get("GAN_OWNER_KEY", ""),
            training_is_open=training == "anyone",
        )

    @property
    def cookie(self) -> tuple[str, str]:
        """Name and value of the owner's cookie. Neither reveals the key. The cookies of pages on other ports of the host have
        other names.
        """
        value = hmac.new(self.owner_key.encode(), b"seedbed owner", hashlib.sha256).hexdigest()
        return f"seedbed-owner-{hashlib.sha256(value.encode()).hexdigest()[:8]}", value

    def opens(self, key: str) -> bool:
        """Return whether a key is the owner's."""
        return bool(self.owner_key) and hmac.compare_digest(key.encode(), self.owner_key.encode())

    async def asker(self, scope: Scope) -> Asker:
        """Return the sender of a request."""
        headers = Headers(scope=scope)
        owns = await self._owns(scope, headers)
        return Asker(
            right="owner" if owns else "trainer" if self.training_is_open else "visitor",
            address=caller_address(scope, headers, behind_proxy=bool(self.space)),
            place="space" if self.space else "keyed" if self.owner_key else "open",
        )

    async def _owns(self, scope: Scope, headers: Headers) -> bool:
        if self.space and await self._is_of_space(scope.get("session") or {}):
            return True
        if self.owner_key:
            return self._has_key(headers)
        client = (scope.get("client") or (None,))[0]
        return not self.space and is_loopback(client) and is_loopback(host_of(headers)) and not is_proxied(headers)

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.opens(key.strip()):
            return True
        name, value = self.cookie
        shown = [each.strip().partition("=") for line in headers.getlist("cookie") for each in line.split(";")]
        return any(each == name and hmac.compare_digest(found.encode(), value.encode()) for each, _, found in shown)

    async def _is_of_space(self, session: Mapping[str, Any]) -> bool:
        """Return whether the session's login is the Space's owner, or a member of the organisation that owns it."""
        login = session.get("oauth_info")
        if not isinstance(login, Mapping) or (login.get("expires_at") or 0) < time.time():
            return False
        owners = {name.lower() for name in (self.space_author, self.space.partition("/")[0]) if name}
        known = login.get("userinfo") or {}
        names = {known.get("preferred_username"), *(each.get("preferred_username") for each in known.get("orgs") or [])}
        if {name.lower() for name in names if isinstance(name, str)} & owners:
            return True
        token = login.get("access_token")
        if not isinstance(token, str) or not token:
            return False
        period = int(time.monotonic() / ORGANISATIONS_KNOWN_SECONDS)
        try:
            return bool(await anyio.to_thread.run_sync(_names_of_token, token, period) & owners)
        except HubError as error:  # a sender that cannot be recognised is a visitor
            LOG.warning("A login could not be checked: %s", error)
            return False


@functools.lru_cache(256)
def _names_of_token(token: str, period: int) -> frozenset[str]:
    """Return the user of a login and the user's organisations; cached within one `period`, a counter of time. Raises HubError."""
    with hub_errors("whoami"):
        told = api(token).whoami()
        return frozenset(str(each["name"]).lower() for each in (told, *told.get("orgs", [])))


def caller_address(scope: Scope, headers: Headers, *, behind_proxy: bool) -> str:
    """Return the address by which a caller's fair share is counted: behind a Space's proxy, the last public address it
    recorded.
    """
    client = str((scope.get("client") or ("",))[0])
    if not behind_proxy:
        return client
    passed_on = [each.strip() for line in headers.getlist("x-forwarded-for") for each in line.split(",")]
    public = [each for each in passed_on if (address := address_of(each)) is not None and address.is_global]
    return public[-1] if public else client


# Rights that handlers declare


def needs(right: Right) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Declare the right that a handler needs.

    A handler that needs more than a visitor's right takes `request: gr.Request`; other callers get an AccessError. The decorator
    `spoken` is placed above this one, so that the page shows the refusal.
    """

    def declare(handler: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        assert not inspect.isgeneratorfunction(handler), handler
        assert not inspect.iscoroutinefunction(handler), handler
        names = list(inspect.signature(handler).parameters)
        assert right == "visitor" or "request" in names, handler

        @functools.wraps(handler)
        def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            if right != "visitor":
                asker_of(argument(names, args, kwargs, "request")).check(right)
            return handler(*args, **kwargs)

        setattr(checked, DECLARED, right)
        return checked

    return declare


def argument(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any], name: str) -> Any:
    """Return the argument that a call gives to the parameter of this name; None where it is left out."""
    place = names.index(name)
    return kwargs.get(name, args[place] if len(args) > place else None)


def asker_of(request: Any) -> Asker:
    """Return the sender of a request as `Doors` recorded it; a visitor where the request did not pass `Doors`."""
    inner = getattr(request, "request", None) or request
    asker = getattr(inner, "scope", {}).get("state", {}).get(ASKER)
    return replace(asker, session=_session_of(request, inner)) if isinstance(asker, Asker) else Asker("visitor")


def _session_of(request: Any, inner: Any) -> str:
    """Return the session that the browser named. Gradio provides it for an event; for a component's call it is in the body."""
    named = getattr(request, "session_hash", None) if isinstance(request, gr.Request) else None
    body = getattr(inner, "_json", None)
    return str(named or (body.get("session_hash") if isinstance(body, dict) else None) or "")


def declared_rights(page: gr.Blocks) -> dict[str, Right | None]:
    """Return the right that each handler of a page declares, including private handlers and functions of components; None for a
    handler without a declaration.
    """
    events = {f"{number} {function.api_name}": function.fn for number, function in page.fns.items() if function.fn is not None}
    servers = {
        f"{block.get_block_name()} {number} {function.__name__}": function
        for number, block in page.blocks.items()
        for function in getattr(block, "server_fns", [])
    }
    return {name: getattr(handler, DECLARED, None) for name, handler in (events | servers).items()}


def check_declared(page: gr.Blocks) -> None:
    """Raise AccessError where a handler declares no right; the page then does not start."""
    bare = sorted(name for name, right in declared_rights(page).items() if right is None)
    if bare:
        raise AccessError("right_undeclared", handlers=", ".join(bare))


def check_training(request: Any, home: Path, minutes: float | None) -> None:
    """Raise AccessError on ZeroGPU, and where a trainer who is not the owner requests too long a training or too many trainings
    wait.
    """
    if on_zero_gpu():
        raise AccessError("training_on_zerogpu")
    if asker_of(request).may("owner"):
        return
    if minutes is None or minutes > MOST_VISITOR_MINUTES:
        raise AccessError("visitor_minutes", most=MOST_VISITOR_MINUTES)
    if len(read_queue(home)) >= MOST_VISITOR_RUNS_WAITING:
        raise AccessError("visitor_queue_full", most=MOST_VISITOR_RUNS_WAITING)
