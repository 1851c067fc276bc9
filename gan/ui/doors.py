"""The checks that every request passes before it reaches Gradio: hosts, origins, content types, sizes, the owner's key, and its
sender.

One pure ASGI middleware checks pages, events, streams, uploads, MCP and websockets alike. It checks hosts itself, because
Starlette's TrustedHostMiddleware cannot allow every IP address, and its refusal names no remedy.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan.errors import AccessError, GanError
from gan.files import shorten
from gan.limits import (
    BODY_SILENCE_SECONDS,
    KEY_TRIES_A_MINUTE,
    LARGE_BODIES_AT_ONCE,
    MAX_BODY_BYTES,
    MAX_CALL_WITH_FILE_BYTES,
    MAX_TRAINER_UPLOAD_BYTES,
    MAX_UPLOAD_BYTES,
    MAX_VISITOR_UPLOAD_BYTES,
    VISITOR_UPLOAD_BYTES_AN_HOUR,
)
from gan.playing.asking import Asker
from gan.ui.allowance import Allowance
from gan.ui.language import language_in
from gan.ui.rights import ASKER, Rights, address_of, host_name, host_of, is_loopback

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
UPLOAD = "/gradio_api/upload"
MCP = "/gradio_api/mcp"
WITH_FILES = ("/gradio_api/component_server", MCP)  # calls to these may carry a dropped file
MEGABYTE = 2**20
KEY = "key"  # the query parameter in the address that the owner opens
COOKIE_SECONDS = 30 * 24 * 3600
TOO_LARGE, TOO_LATE, TOO_MANY, BAD_HOST, WRONG_TYPE, REFUSED = 413, 408, 429, 400, 415, 403


class _RefusedError(Exception):
    """Raised for a request that is refused."""

    def __init__(self, status: int, error: GanError) -> None:
        super().__init__(str(error))
        self.status, self.error = status, error


@dataclass(frozen=True)
class Names:
    """The hosts that this page is served under."""

    bound: str = "127.0.0.1"
    allowed: tuple[str, ...] = ()  # names of SPACE_HOST, GAN_ALLOWED_HOSTS and --allowed-host

    def serve(self, host: str | None) -> bool:
        """Return whether a request may name this host. IP addresses are always allowed, since DNS rebinding needs a name."""
        if host is None:
            return False
        if is_loopback(host) or host in self.allowed or host == self.bound.lower():
            return True
        return address_of(host) is not None and not is_loopback(self.bound)


@dataclass
class Doors:
    """The middleware that checks every request."""

    app: ASGIApp
    rights: Rights
    names: Names
    framed_by: str = "'self'"  # a value of frame-ancestors; empty where other sites may show the page in a frame
    tries: Allowance = field(default_factory=lambda: Allowance(KEY_TRIES_A_MINUTE, 60))
    uploaded: Allowance = field(default_factory=lambda: Allowance(VISITOR_UPLOAD_BYTES_AN_HOUR, 3600))
    large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LARGE_BODIES_AT_ONCE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or store its sender in its state and pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            headers = Headers(scope=scope)
            self._check_site(scope, headers)
            asker = await self.rights.asker(scope)
            if (answer := self._key_answer(scope, asker)) is not None:
                await answer(scope, receive, send)
                return
            self._check_type(scope, headers)
            limit = body_limit(scope["path"], asker)
            size = self._check_size(headers, limit, asker, scope["path"])
        except _RefusedError as refused:
            await refuse(refused, scope, receive, send)
            return
        scope = {**scope, "state": {**scope.get("state", {}), ASKER: asker}}
        if not asker.may("owner") and scope["path"].startswith(MCP):
            # MCP's tools may be called by a separate client on this machine, which forwards these headers.
            scope["headers"] = [*scope["headers"], (b"x-forwarded-for", (asker.address or "unknown").encode())]
        body = _Body(receive, limit, complete=scope["type"] == "websocket")
        try:
            async with self._turn(size, limit):
                await self.app(scope, body.receive, self._with_headers(send, body, scope))
        except _RefusedError as refused:
            await refuse(refused, scope, receive, send)

    def _check_site(self, scope: Scope, headers: Headers) -> None:
        """Refuse requests from pages of other hosts. Programs other than browsers send no Origin."""
        host = host_of(headers)
        if not self.names.serve(host):
            raise _RefusedError(BAD_HOST, AccessError("host_unknown", host=shorten(host or "-")))
        origin = headers.get("origin")
        if origin is not None:
            netloc = urlsplit(origin).netloc.lower()
            if netloc != headers["host"].lower() and host_name(netloc) not in self.names.allowed:
                raise _RefusedError(REFUSED, AccessError("origin_foreign", origin=shorten(origin)))
        elif scope.get("method") not in SAFE_METHODS and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise _RefusedError(REFUSED, AccessError("origin_foreign", origin=shorten(headers["sec-fetch-site"])))

    def _key_answer(self, scope: Scope, asker: Asker) -> Response | None:
        """Answer an address that carries a key with a cookie and a redirect to the same address without the key."""
        if not self.rights.owner_key or scope.get("method") != "GET":
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        keys = [value for name, value in query if name == KEY]
        if not keys:
            return None
        if self.tries.left(asker.address) < 1:
            raise _RefusedError(TOO_MANY, AccessError("owner_key_tries"))
        if not self.rights.opens(keys[-1]):
            self.tries.take(asker.address, 1)
            raise _RefusedError(REFUSED, AccessError("owner_key_wrong"))
        rest = urlencode([(name, value) for name, value in query if name != KEY])
        # The path begins with one slash: an address with two would lead to another host.
        path = "/" + quote(scope["path"]).lstrip("/")
        answer = RedirectResponse(
            path + (f"?{rest}" if rest else ""), 303, {"referrer-policy": "no-referrer", "cache-control": "no-store"}
        )
        name, value = self.rights.cookie
        secure = scope.get("scheme") == "https"
        answer.set_cookie(name, value, COOKIE_SECONDS, httponly=True, samesite="strict", secure=secure)
        return answer

    def _check_type(self, scope: Scope, headers: Headers) -> None:
        """Require a content type that a page of another site cannot send unless the browser first obtains this server's
        permission.
        """
        if scope.get("method", "GET") in SAFE_METHODS or not has_body(headers):
            return
        wanted = "multipart/form-data" if _is_upload(scope["path"]) else "application/json"
        found = headers.get("content-type", "")
        if found.partition(";")[0].strip().lower() != wanted:
            raise _RefusedError(WRONG_TYPE, AccessError("content_type_wrong", found=shorten(found or "-"), expected=wanted))

    def _check_size(self, headers: Headers, limit: int, asker: Asker, path: str) -> int | None:
        """Return the size that the headers declare for a body; None where they declare none. Raises an error for a size over the
        limit.
        """
        claimed = headers.get("content-length")
        if claimed is None:
            size = None if "transfer-encoding" in headers else 0
        else:
            size = int(claimed) if claimed.isdecimal() else limit + 1
        if size is not None and size > limit:
            raise _RefusedError(TOO_LARGE, too_large(limit))
        if _is_upload(path) and not asker.may("owner") and not self.uploaded.take(asker.address, limit if size is None else size):
            raise _RefusedError(TOO_MANY, AccessError("upload_share", most=VISITOR_UPLOAD_BYTES_AN_HOUR // MEGABYTE))
        return size

    @asynccontextmanager
    async def _turn(self, size: int | None, limit: int) -> AsyncIterator[None]:
        """Wait for one of the few turns for large calls, whose bodies are held in memory. Uploads are not held in memory and need
        no turn.
        """
        if limit > MAX_CALL_WITH_FILE_BYTES or (size is not None and size <= MAX_BODY_BYTES):
            yield
            return
        try:
            await asyncio.wait_for(self.large.acquire(), BODY_SILENCE_SECONDS)
        except TimeoutError:
            raise _RefusedError(TOO_MANY, AccessError("turn_late", seconds=int(BODY_SILENCE_SECONDS))) from None
        try:
            yield
        finally:
            self.large.release()

    def _with_headers(self, send: Send, body: "_Body", scope: Scope) -> Send:
        """Send an answer with the security headers; where the request's body was refused, send the refusal in its place."""
        replaced = False

        async def sending(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and body.refused is not None:
                replaced = True
                await refuse(body.refused, scope, body.inner, send)
            if replaced:
                return
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("x-content-type-options", "nosniff")
                if self.framed_by:
                    headers.setdefault("content-security-policy", f"frame-ancestors {self.framed_by}")
            await send(message)

        return sending


@dataclass
class _Body:
    """A request's body as it arrives: its bytes are counted, and the wait for each part is limited."""

    inner: Receive
    limit: int
    size: int = 0
    complete: bool = False
    refused: _RefusedError | None = None

    async def receive(self) -> Message:
        """Return the next message. Raises HTTPException, which ends the reading; `refused` holds the error to send."""
        if self.complete:
            return await self.inner()
        try:
            message = await asyncio.wait_for(self.inner(), BODY_SILENCE_SECONDS)
        except TimeoutError:
            self.refused = _RefusedError(TOO_LATE, AccessError("body_late", seconds=int(BODY_SILENCE_SECONDS)))
            raise HTTPException(TOO_LATE) from None
        if message["type"] == "http.request":
            self.size += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
            if self.size > self.limit:
                self.refused = _RefusedError(TOO_LARGE, too_large(self.limit))
                raise HTTPException(TOO_LARGE)
        return message


def too_large(limit: int) -> AccessError:
    """Return the error for a request body that is larger than its limit."""
    return AccessError("body_too_large", most=limit // MEGABYTE)


def body_limit(path: str, asker: Asker) -> int:
    """Return how many bytes a request may carry."""
    if _is_upload(path):
        if asker.may("owner"):
            return MAX_UPLOAD_BYTES
        return MAX_TRAINER_UPLOAD_BYTES if asker.may("trainer") else MAX_VISITOR_UPLOAD_BYTES
    return MAX_CALL_WITH_FILE_BYTES if path.startswith(WITH_FILES) else MAX_BODY_BYTES


def has_body(headers: Headers) -> bool:
    """Return whether a request has a body."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_upload(path: str) -> bool:
    return path.rstrip("/") == UPLOAD


async def refuse(refused: _RefusedError, scope: Scope, receive: Receive, send: Send) -> None:
    """Return a refusal in the language of the sender."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    headers = Headers(scope=scope)
    language = language_in(headers.get("accept-language"), headers.get("cookie"))
    await PlainTextResponse(refused.error.translated(language) + "\n", refused.status)(scope, receive, send)


def names_of(bound: str, space_hosts: str, allowed: Sequence[str]) -> Names:
    """Return the hosts of a page that listens on `bound`; `space_hosts` and each of `allowed` may be several, separated by
    commas.
    """
    listed = [each.strip().lower() for line in (space_hosts, *allowed) for each in line.split(",")]
    return Names(bound, tuple(name for each in listed if each and (name := host_name(each)) is not None))
