"""How is something taken back? With one act, no reason asked, effective from the commit on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import GuestEntry, Share
from safelight.exchange.release.sharing.ceremony import terms_of
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send


def withdraw(party: Party, consent_id: UUID, *, at: datetime) -> None:
    """Take back a consent. Doing it twice is not an error.

    An ordinary session is enough: taking back must not be harder than giving
    (R05). A token cannot do it, nor can anybody but the giver.

    Raises:
        NotFoundError: there is no such consent of this party.
    """
    consent = Consent.objects.filter(pk=consent_id, grantor_id=party.account).first()
    if consent is None or party.token_scopes is not None:
        raise NotFoundError
    with transaction.atomic():
        live = Consent.objects.filter(pk=consent.pk, revoked_at__isnull=True)
        if not live.update(revoked_at=at):
            return
        share = Share.objects.get(consent_id=consent.id)
        GuestEntry.objects.filter(share=share, ended_at__isnull=True).update(ended_at=at)
        turn_epoch()
        record(
            ConsentEvent.REVOKED,
            actor=party.name,
            session=party.session,
            subject=f"consent/{consent.id}",
            vault_id=consent.vault_id,
            consent_id=consent.id,
            at=at,
        )
        if share.verified_at is not None and consent.ends_at > at:
            send("share-ended", to=terms_of(consent).recipient.address, context={}, at=at)
