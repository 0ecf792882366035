"""How do partners and connections come to be, change, open and close?

Whoever is allowed to was asked above; `by` is their opaque name. What is added or changed
is a draft until somebody else opens it. Ending takes one.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Organization
from safelight.records.partners import rules
from safelight.records.partners.events import PartnerEvent
from safelight.records.partners.kinds import ConnectionKind, ConnectionState
from safelight.records.partners.models import Connection, Partner
from safelight.records.partners.tokens import new_word, word_token
from safelight.records.partners.wishes import LONGEST_NAME, ConnectionWish, fitted


def add_partner(
    organization_id: UUID,
    name: str,
    country: str,
    *,
    by: str,
    at: datetime,
    through: UUID | None = None,
    session: str = "",
) -> Partner:
    """Add a partner of an institution.

    Raises:
        InvalidFieldError: the name or the country is unfit, or the one it works for unknown.
        StateConflictError: it is a partner already.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidFieldError("partner", "Give the partner's name, of up to 120 letters.")
    country = rules.country(country)
    above = _of_house(through, organization_id) if through is not None else None
    with transaction.atomic():
        place, _ = Organization.objects.get_or_create(
            same_name=name, defaults={"name": name, "created_at": at}
        )
        if place.pk == organization_id:
            raise InvalidFieldError("partner", "An institution is no partner of its own.")
        row, is_new = Partner.objects.get_or_create(
            organization_id=organization_id,
            counterpart_id=place.pk,
            defaults={
                "name": name,
                "country": country,
                "through": above,
                "added_by": by,
                "added_at": at,
            },
        )
        if not is_new:
            raise StateConflictError("This partner is there already.")
        record(
            PartnerEvent.PARTNER_ADDED,
            actor=by,
            session=session,
            subject=f"partner/{row.pk}",
            at=at,
        )
    return row


def add_connection(
    organization_id: UUID,
    partner: Partner | None,
    wish: ConnectionWish,
    *,
    by: str,
    at: datetime,
    session: str = "",
) -> Connection:
    """Add a connection as a draft.

    Raises:
        InvalidFieldError: something is missing or unfit.
    """
    fields = fitted(wish, partner)
    with transaction.atomic():
        fields.setdefault("peer_token", b"")
        row = Connection.objects.create(
            organization_id=organization_id, partner=partner, changed_by=by, changed_at=at, **fields
        )
        _note(PartnerEvent.CONNECTION_ADDED, row, by=by, session=session, at=at)
    return row


def change_connection(
    connection_id: UUID, wish: ConnectionWish, *, by: str, at: datetime, session: str = ""
) -> Connection:
    """Change a connection; from then on it is a draft, and lets nothing through.

    Raises:
        NotFoundError: there is none.
        InvalidFieldError: something is missing or unfit.
        StateConflictError: it is closed.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state == ConnectionState.CLOSED:
            raise StateConflictError("It is closed. Add another one.")
        if wish.kind != row.kind:
            row.peer_token = b""
        for name, value in fitted(wish, row.partner).items():
            setattr(row, name, value)
        row.state, row.changed_by, row.changed_at = ConnectionState.DRAFT, by, at
        row.opened_by, row.opened_at = "", None
        row.save()
        _note(PartnerEvent.CONNECTION_CHANGED, row, by=by, session=session, at=at)
    return row


def give_word(connection_id: UUID, *, by: str, at: datetime, session: str = "") -> str:
    """Return a new word that a system shows us over the web; nobody can read it again.

    The one before is worth nothing from the commit on, and the connection is a draft.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is closed, or nobody comes by it over the web.
    """
    word = new_word()
    with transaction.atomic():
        row = _held(connection_id)
        comes = row.kind != ConnectionKind.DIMSE and (row.they_send or row.they_ask)
        if row.state == ConnectionState.CLOSED or not comes:
            raise StateConflictError("Nobody comes in by it over the web.")
        row.peer_token = word_token(word)
        row.state, row.changed_by, row.changed_at = ConnectionState.DRAFT, by, at
        row.opened_by, row.opened_at = "", None
        row.save()
        _note(PartnerEvent.WORD_GIVEN, row, by=by, session=session, at=at)
    return word


def open_connection(
    connection_id: UUID,
    *,
    by: str,
    at: datetime,
    session: str = "",
    as_of: datetime | None = None,
) -> None:
    """Open a draft, or one that was suspended, as somebody who did not change it.

    `as_of` is when what they read was changed last: what changed since they have not read.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is open or closed, the same person changed it, or it changed since.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state not in {ConnectionState.DRAFT, ConnectionState.SUSPENDED}:
            raise StateConflictError
        if row.changed_by == by:
            raise StateConflictError("Somebody else must open what you changed.")
        if as_of is not None and row.changed_at != as_of:
            raise StateConflictError("It was changed since you read it. Read it again.")
        row.state, row.opened_by, row.opened_at = ConnectionState.OPEN, by, at
        row.save(update_fields=["state", "opened_by", "opened_at"])
        _note(PartnerEvent.CONNECTION_OPENED, row, by=by, session=session, at=at)


def suspend_connection(connection_id: UUID, *, by: str, at: datetime, session: str = "") -> None:
    """Let nothing through for now. Somebody else must open it again.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is not open.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state != ConnectionState.OPEN:
            raise StateConflictError
        row.state, row.changed_by, row.changed_at = ConnectionState.SUSPENDED, by, at
        row.save(update_fields=["state", "changed_by", "changed_at"])
        _note(PartnerEvent.CONNECTION_SUSPENDED, row, by=by, session=session, at=at)


def close_connection(connection_id: UUID, *, by: str, at: datetime, session: str = "") -> None:
    """Let nothing through ever again.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is closed already.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state == ConnectionState.CLOSED:
            raise StateConflictError
        row.state = ConnectionState.CLOSED
        row.save(update_fields=["state"])
        _note(PartnerEvent.CONNECTION_CLOSED, row, by=by, session=session, at=at)


def note_test(
    connection_id: UUID, outcome: str, *, by: str, at: datetime, session: str = ""
) -> None:
    """Keep what an echo test found."""
    with transaction.atomic():
        row = _held(connection_id)
        row.tested_at, row.test_outcome = at, outcome
        row.save(update_fields=["tested_at", "test_outcome"])
        _note(PartnerEvent.CONNECTION_TESTED, row, by=by, session=session, reason=outcome, at=at)


def _of_house(partner_id: UUID, organization_id: UUID) -> Partner:
    row = Partner.objects.filter(pk=partner_id, organization_id=organization_id).first()
    if row is None:
        raise InvalidFieldError("through", "Choose one of your partners.")
    return row


def _held(connection_id: UUID) -> Connection:
    row = Connection.objects.select_for_update().filter(pk=connection_id).first()
    if row is None:
        raise NotFoundError
    return row


def _note(
    event: PartnerEvent,
    row: Connection,
    *,
    by: str,
    session: str,
    at: datetime,
    reason: str = "",
) -> None:
    record(
        event,
        actor=by,
        session=session,
        subject=f"connection/{row.pk}",
        reason=reason or row.kind,
        at=at,
    )
