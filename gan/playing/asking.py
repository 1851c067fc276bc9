"""The sender of a call: its right, its session and its address. The page sets the sender; the calls read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, get_args

from gan.errors import AccessError

Right = Literal["visitor", "trainer", "owner"]
"""The right that a call needs, or that a caller has. A trainer is a visitor on a page that lets anyone train."""

RIGHTS: tuple[Right, ...] = get_args(Right)

Place = Literal["space", "keyed", "open"]
"""The kind of page. It determines whether a refusal recommends logging in, using the key, or starting the app with a key."""

REFUSALS: dict[Place, str] = {"space": "owner_only_space", "keyed": "owner_only_keyed", "open": "owner_only_open"}


@dataclass(frozen=True)
class Asker:
    """A caller. The caller's browser chooses the session, but not the address."""

    right: Right
    session: str = ""
    address: str = ""
    place: Place = "open"

    def may(self, needed: Right) -> bool:
        """Return whether the caller has a right that includes `needed`."""
        return RIGHTS.index(self.right) >= RIGHTS.index(needed)

    def check(self, needed: Right) -> None:
        """Raise AccessError where the caller lacks the right `needed`."""
        if not self.may(needed):
            raise AccessError(REFUSALS[self.place])


LOCAL = Asker("owner")
"""The caller when a program imports the package and calls it directly."""

_asker: ContextVar[Asker] = ContextVar("asker", default=LOCAL)


def current() -> Asker:
    """Return the caller of the call that is running in this context."""
    return _asker.get()


@contextmanager
def asked_by(asker: Asker) -> Iterator[None]:
    """Set the caller for all calls inside the block."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)
