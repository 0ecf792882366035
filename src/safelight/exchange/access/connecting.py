"""How does an institution's desk keep the list of the systems that it is connected with?

The imaging desk and the administrator add, change and end connections of their own
institution; somebody else of them opens. An operator at the machine may do each of it,
and is one person too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.verifying import verifies_for
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Role
from safelight.records.partners import actions
from safelight.records.partners.models import Connection, Partner
from safelight.records.partners.queries import connections_of, partners_of
from safelight.records.partners.wishes import ConnectionWish

_KEEPERS: Final = frozenset({Role.IMAGING_DESK, Role.ADMIN})
READERS: Final = _KEEPERS | {Role.PRIVACY_OFFICER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who does it, for the record, and for which institutions; None is for every one."""

    name: str
    session: str
    places: frozenset[UUID] | None

    def reaches(self, organization_id: UUID) -> None:
        """Let pass only what is of its institutions.

        Raises:
            NotFoundError: it is another's.
        """
        if self.places is not None and organization_id not in self.places:
            raise NotFoundError


OPERATOR: Final = Hand(name="operator", session="", places=None)


def hand_of(party: Party, roles: frozenset[Role] = _KEEPERS) -> Hand:
    """Return a party as one of those who keep an institution's connections.

    Raises:
        NotFoundError: it keeps none.
    """
    if not (places := verifies_for(party, roles)):
        raise NotFoundError
    return Hand(name=party.name, session=party.session, places=places)


def keeps_connections(party: Party) -> bool:
    """Say whether a party is one of those who keep an institution's connections."""
    return bool(verifies_for(party, _KEEPERS))


def list_connections(hand: Hand, *, at: datetime) -> tuple[list[Partner], list[Connection]]:
    """List partners and connections; that they were read is on record."""
    with transaction.atomic():
        record(
            AccessEvent.CONNECTIONS_LISTED,
            actor=hand.name,
            session=hand.session,
            subject=hand.name,
            at=at,
        )
    places = hand.places or frozenset()
    return partners_of(places), connections_of(places)


def one_connection(hand: Hand, connection_id: UUID) -> Connection:
    """Return one connection.

    Raises:
        NotFoundError: there is none, or it is another institution's.
    """
    found = Connection.objects.select_related("partner", "partner__through")
    row = found.filter(pk=connection_id).first()
    if row is None:
        raise NotFoundError
    hand.reaches(row.organization_id)
    return row


def one_partner(hand: Hand, partner_id: UUID) -> Partner:
    """Return one partner.

    Raises:
        NotFoundError: there is none, or it is another institution's.
    """
    row = Partner.objects.filter(pk=partner_id).first()
    if row is None:
        raise NotFoundError
    hand.reaches(row.organization_id)
    return row


def add_partner(
    hand: Hand,
    organization_id: UUID,
    name: str,
    country: str,
    *,
    at: datetime,
    through: UUID | None = None,
) -> Partner:
    """Add a partner of one of its institutions.

    Raises:
        NotFoundError: the institution is not its own.
        InvalidFieldError, StateConflictError: as `records/partners` says.
    """
    hand.reaches(organization_id)
    return actions.add_partner(
        organization_id, name, country, by=hand.name, session=hand.session, at=at, through=through
    )


def add_connection(
    hand: Hand,
    organization_id: UUID,
    partner_id: UUID | None,
    wish: ConnectionWish,
    *,
    at: datetime,
) -> Connection:
    """Add a connection as a draft; without a partner it is the institution's own system.

    Raises:
        NotFoundError: the institution or the partner is not its own.
        InvalidFieldError: something is missing or unfit.
    """
    hand.reaches(organization_id)
    partner = one_partner(hand, partner_id) if partner_id else None
    if partner is not None and partner.organization_id != organization_id:
        raise NotFoundError
    return actions.add_connection(
        organization_id, partner, wish, by=hand.name, session=hand.session, at=at
    )


@transaction.atomic
def change_connection(
    hand: Hand, connection_id: UUID, wish: ConnectionWish, *, at: datetime
) -> Connection:
    """Change one; it is a draft from the commit on.

    Raises:
        NotFoundError, InvalidFieldError, StateConflictError: as above.
    """
    one_connection(hand, connection_id)
    row = actions.change_connection(connection_id, wish, by=hand.name, session=hand.session, at=at)
    turn_epoch()
    return row


@transaction.atomic
def give_word(hand: Hand, connection_id: UUID, *, at: datetime) -> str:
    """Return a new word by which a system that comes over the web is known, once.

    Raises:
        NotFoundError, StateConflictError: as `records/partners` says.
    """
    one_connection(hand, connection_id)
    word = actions.give_word(connection_id, by=hand.name, session=hand.session, at=at)
    turn_epoch()
    return word


def open_connection(
    hand: Hand, connection_id: UUID, *, at: datetime, as_of: datetime | None = None
) -> None:
    """Open one that somebody else added or changed, as it was at `as_of`."""
    _do(partial(actions.open_connection, as_of=as_of), hand, connection_id, at)


def suspend_connection(hand: Hand, connection_id: UUID, *, at: datetime) -> None:
    """Let nothing through for now."""
    _do(actions.suspend_connection, hand, connection_id, at)


def close_connection(hand: Hand, connection_id: UUID, *, at: datetime) -> None:
    """Let nothing through ever again."""
    _do(actions.close_connection, hand, connection_id, at)


@transaction.atomic
def _do(act: Callable[..., None], hand: Hand, connection_id: UUID, at: datetime) -> None:
    one_connection(hand, connection_id)
    act(connection_id, by=hand.name, session=hand.session, at=at)
    turn_epoch()
