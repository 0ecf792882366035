"""By which door does a bundle come: a signed-in person's own, or that of somebody's link?

Both speak tus. What differs is who may, where the bytes wait, and what is told of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from starlette.requests import Request

from safelight.exchange.access.facts import Party
from safelight.exchange.receive.asked.parts import create_part, look_into, own_part, told_of
from safelight.exchange.receive.asked.senders import named_sender
from safelight.exchange.receive.models import Sender, Spooled, Upload
from safelight.exchange.receive.unpacking import take_in, verdicts_of
from safelight.exchange.receive.uploads import create_upload, own_upload
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.dicomweb.uploads.visitors import prove_ours, visitor

SENDER_COOKIE: Final = "__Host-sender"
LINK: Final = "link_id"


class Door(Protocol):
    """What tus needs of either."""

    @property
    def root(self) -> str:
        """Return the address below which its bundles are."""

    def create(self, batch: UUID, length: int, *, at: datetime) -> Spooled:
        """Make room for a bundle of a delivery."""

    def own(self, upload: UUID, *, at: datetime) -> Spooled:
        """Return a bundle of whoever asks."""

    def take_in(self, upload: Spooled) -> None:
        """Look at a complete bundle."""

    def verdicts_of(self, upload: Spooled) -> list[dict[str, Any]]:
        """Say what became of each of its files."""


@dataclass(frozen=True, slots=True)
class OwnDoor:
    """Into one's own vault."""

    party: Party
    root: str = "/uploads"

    def create(self, batch: UUID, length: int, *, at: datetime) -> Spooled:
        """Make room for a bundle."""
        return create_upload(self.party, batch, length, at=at)

    def own(self, upload: UUID, *, at: datetime) -> Spooled:
        """Return one's own bundle."""
        return own_upload(self.party, upload, at=at)

    def take_in(self, upload: Spooled) -> None:
        """Take its files in."""
        take_in(self.party, _upload(upload))

    def verdicts_of(self, upload: Spooled) -> list[dict[str, Any]]:
        """Say what became of each file."""
        return verdicts_of(_upload(upload))


@dataclass(frozen=True, slots=True)
class SendersDoor:
    """Into a parcel that waits outside every vault."""

    sender: Sender
    root: str

    def create(self, batch: UUID, length: int, *, at: datetime) -> Spooled:
        """Make room for a bundle of a parcel."""
        return create_part(self.sender, batch, length, at=at)

    def own(self, upload: UUID, *, at: datetime) -> Spooled:
        """Return the sender's own bundle."""
        return own_part(self.sender, upload, at=at)

    def take_in(self, upload: Spooled) -> None:
        """Look at its files; they stay where they are."""
        look_into(upload)

    def verdicts_of(self, upload: Spooled) -> list[dict[str, Any]]:
        """Say of each file whether it arrived."""
        return told_of(upload)


def door_of(request: Request, *, at: datetime) -> Door:
    """Return the door that a request stands at. Blocking: call it in a worker thread.

    Raises:
        NotSignedInError, MayNotStoreError, ForeignRequestError: see `visitor`.
        NotFoundError: it is under a link's root, and not of somebody who may send by it.
    """
    if LINK in request.path_params:
        link = request.path_params[LINK]
        return SendersDoor(sender_at(request, at=at), f"/uploads/by-link/{link}")
    return OwnDoor(visitor(request, at=at))


def sender_at(request: Request, *, at: datetime) -> Sender:
    """Return who sends by the link in the address.

    Raises:
        NotFoundError: nobody who may.
        ForeignRequestError: an unsafe request that is not from our own page.
    """
    cookie = request.cookies.get(SENDER_COOKIE, "")
    sender = named_sender(from_text(request.path_params[LINK]), cookie, at=at)
    prove_ours(request)
    return sender


def _upload(upload: Spooled) -> Upload:
    if not isinstance(upload, Upload):
        raise NotFoundError
    return upload
