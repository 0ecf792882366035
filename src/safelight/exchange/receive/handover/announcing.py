"""How does a partner's Safelight say what it will hand over, and take its consent back?

Only a connection of that kind, under an agreement in force, and only about what it announced
itself: everything else is not there.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.receive.door import vault_for
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.handover.models import Handover, HandoverState
from safelight.exchange.receive.handover.terms import HandoverTerms, checked
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.imaging.tokens import uid_token
from safelight.records.partners.kinds import ConnectionKind
from safelight.records.partners.models import Connection


def announce(party: Party, transfer_id: UUID, terms: HandoverTerms, *, at: datetime) -> Handover:
    """Open a handover, or go on with the one of that name.

    Raises:
        NotFoundError: this party hands nothing over.
        StateConflictError: it is about another exam, or was withdrawn.
        InvalidFieldError: the terms are unfit.
        MayNotStoreError, ReadOnlyError, RecoveringError: nothing is taken in now.
    """
    require_safelight(party)
    vault, told = vault_for(party, at=at), checked(terms)
    token = uid_token(vault.id, told.study)
    if vault.organization_id is None:
        raise NotFoundError
    with transaction.atomic():
        row, is_new = Handover.objects.select_for_update().get_or_create(
            connection_id=party.account,
            transfer_id=transfer_id,
            defaults={
                "organization_id": vault.organization_id,
                "vault_id": vault.id,
                "study_token": token,
                "sealed_terms": b"",
                "wanted": told.wanted,
                "announced_at": at,
            },
        )
        if bytes(row.study_token) != token or row.state == HandoverState.WITHDRAWN:
            raise StateConflictError("It is about another exam, or was withdrawn.")
        if is_new or terms_of(row) != told:
            row.sealed_terms, row.wanted = _sealed(row, told), told.wanted
            row.save(update_fields=["sealed_terms", "wanted"])
            note(ReceiveEvent.HANDOVER_ANNOUNCED, party, row, at=at, count=told.wanted)
    return row


def withdraw(party: Party, transfer_id: UUID, *, at: datetime) -> Handover:
    """Hear that the consent under which an exam was handed over was taken back.

    What is here stays under the law of its keeper; nothing more of it is taken in, and whoever
    opens it reads that it was taken back.

    Raises:
        NotFoundError: there is no such handover of this party.
    """
    require_safelight(party)
    with transaction.atomic():
        row = held(party, transfer_id)
        if row.state != HandoverState.WITHDRAWN:
            row.state, row.withdrawn_at = HandoverState.WITHDRAWN, at
            row.save(update_fields=["state", "withdrawn_at"])
            note(ReceiveEvent.HANDOVER_WITHDRAWN, party, row, at=at)
    return row


def require_safelight(party: Party) -> None:
    """Let pass the Safelight of a partner.

    Raises:
        NotFoundError: it is something else.
    """
    if party.kind is not PartyKind.SYSTEM or party.is_own:
        raise NotFoundError
    known = Connection.objects.filter(pk=party.account, kind=ConnectionKind.SAFELIGHT)
    if not known.exists():
        raise NotFoundError


def held(party: Party, transfer_id: UUID) -> Handover:
    """Return a handover of this party, kept to the end of the transaction.

    Raises:
        NotFoundError: there is none.
    """
    rows = Handover.objects.select_for_update()
    row = rows.filter(connection_id=party.account, transfer_id=transfer_id).first()
    if row is None:
        raise NotFoundError
    return row


def terms_of(row: Handover) -> HandoverTerms:
    """Open the terms of a handover."""
    opened = unseal(ring().ledger_key(row.vault_id), bytes(row.sealed_terms), bound_to=_bound(row))
    said = orjson.loads(opened)
    for each in ("given_at", "ends_at"):
        said[each] = datetime.fromisoformat(said[each])
    return HandoverTerms(**said)


def note(event: ReceiveEvent, party: Party, row: Handover, *, at: datetime, count: int = 0) -> None:
    """Record something about a handover inside the caller's transaction."""
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"handover/{row.pk}",
        vault_id=row.vault_id,
        count=count,
        detail={"transfer": str(row.transfer_id)},
        at=at,
    )


def _sealed(row: Handover, terms: HandoverTerms) -> bytes:
    return seal(ring().ledger_key(row.vault_id), orjson.dumps(asdict(terms)), bound_to=_bound(row))


def _bound(row: Handover) -> str:
    return f"handover|{row.pk}"
