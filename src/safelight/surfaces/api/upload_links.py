"""By which links may others send the caller, or a desk of the caller's, images?

All of it in person: a token reads and changes nothing of it. Whoever comes by a link
sends on its page, not here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.conf import settings
from ninja import Field, Router, Schema
from ninja.responses import Status
from pydantic import StringConstraints

from safelight.exchange.access.decision import Action
from safelight.exchange.receive.asked.links import (
    Link,
    link_of,
    links_of,
    make_link,
    may_ask_for,
    own_link,
    withdraw_link,
)
from safelight.exchange.receive.asked.rules import (
    LONGEST_MESSAGE,
    MOST_PARCELS,
    Check,
    LinkState,
    Wish,
)
from safelight.exchange.receive.errors import MayNotStoreError, TooManyLinksError
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Id, Limit, Line, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import told

router = Router()
_Message = Annotated[
    str,
    StringConstraints(max_length=LONGEST_MESSAGE, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
]
_READS = told(Action.SHARE, in_person=True)
_ONE = told(Action.SHARE, NotFoundError, in_person=True)


class ReceiverOut(Schema):
    """For whom a link can be made: a desk of yours, or yourself where `organization` is null."""

    organization: OutId | None
    name: str


class LinkAsked(Asked):
    """Who is to send, and until when. Only `message` is shown to whoever opens the link."""

    organization: Id | None = Field(None, description="For this desk of yours; else for yourself.")
    expected: Line = Field("", description="Who is to send, for you to know the link again.")
    address: Line = Field(
        "", description="Their address; where a code is asked for, it goes there."
    )
    message: _Message = ""
    parcels: int = Field(1, description=f"How often it can be used, from 1 to {MOST_PARCELS}.")
    ends_on: date
    check: Check = Check.NONE


class LinkOut(Schema):
    """One link, without its secret, which nobody can read again.

    `waiting` counts the parcels that nobody has decided about, `came` all that are complete.
    """

    id: OutId
    organization: OutId | None
    whom: str
    expected: str
    address: str
    message: str
    check: Check
    state: LinkState
    parcels: int
    parcels_left: int
    made_at: datetime
    ends_at: datetime
    waiting: int
    came: int


class LinkMadeOut(Schema):
    """A link just made. Its address and its passphrase are told this once."""

    id: OutId
    url: str = Field(description="Give it to whoever is to send.")
    passphrase: str | None = Field(description="Tell it them by another way.")


@router.get("upload-links/receivers", response=list[ReceiverOut], **_READS)
def list_upload_receivers(request: Called) -> list[ReceiverOut]:
    """List for whom you can ask for images."""
    found = may_ask_for(request.auth)
    return [ReceiverOut(organization=place, name=name) for place, name in found]


@router.get("upload-links", response=Page[LinkOut], **_READS)
def list_upload_links(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[LinkOut]:
    """List the links for you and your desks, the newest first."""
    links = links_of(request.auth, at=clock.now())
    few, beyond = page_of(links, limit=limit, offset=offset)
    return Page[LinkOut](items=[_link(each) for each in few], next_offset=beyond)


@router.post(
    "upload-links",
    response={201: LinkMadeOut},
    **told(Action.SHARE, MayNotStoreError, TooManyLinksError, in_person=True, takes=True),
)
def make_upload_link(request: Called, asked: LinkAsked) -> Status[LinkMadeOut]:
    """Make a link by which somebody without an account may send you, or your desk, images."""
    wish = Wish(
        organization_id=from_text(asked.organization) if asked.organization else None,
        expected=" ".join(asked.expected.split()),
        address=asked.address.strip(),
        message=asked.message.strip(),
        parcels=asked.parcels,
        ends_on=asked.ends_on,
        check=asked.check,
    )
    made = make_link(request.auth, wish, at=clock.now())
    address = f"{settings.SAFELIGHT_PUBLIC_URL}/r/{to_text(made.request_id)}#{made.secret}"
    return Status(
        201,
        LinkMadeOut(id=made.request_id, url=address, passphrase=made.passphrase or None),
    )


@router.get("upload-links/{link_id}", response=LinkOut, **_ONE)
def read_upload_link(request: Called, link_id: str) -> LinkOut:
    """Read where one of your links is."""
    return _link(link_of(own_link(request.auth, from_text(link_id)), at=clock.now()))


@router.post("upload-links/{link_id}/withdraw", response={204: None}, **_ONE)
def withdraw_upload_link(request: Called, link_id: str) -> None:
    """Close a link: from this second nothing comes by it. Again is harmless."""
    withdraw_link(request.auth, from_text(link_id), at=clock.now())


def _link(link: Link) -> LinkOut:
    row = link.request
    return LinkOut(
        id=row.pk,
        organization=row.organization_id,
        whom=link.whom,
        expected=row.expected or "",
        address=row.address or "",
        message=row.message or "",
        check=Check(row.check_by),
        state=link.state,
        parcels=row.most_parcels,
        parcels_left=row.parcels_left,
        made_at=row.made_at,
        ends_at=row.ends_at,
        waiting=link.waiting,
        came=link.came,
    )
