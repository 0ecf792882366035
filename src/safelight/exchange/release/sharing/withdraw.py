"""How is something taken back? With one act, no reason asked, effective from the commit on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Disclosure, GuestEntry, Share
from safelight.exchange.release.people import tell_account
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send


class EndedBy(StrEnum):
    """What a consent was ended by. Values are stable codes."""

    GIVER = "giver"
    RECIPIENT = "recipient"
    MISDIRECTED = "misdirected"
    PARENT = "parent"
    REPLACED = "replaced"
    UNLINKED = "unlinked"
    DEATH = "death"


# The recipient put an end to it, which is on record as that.
_LEFT: Final = frozenset({EndedBy.RECIPIENT, EndedBy.MISDIRECTED})
# Nothing is over for them, or they said so themselves.
_NOT_TOLD: Final = _LEFT | {EndedBy.REPLACED}


def withdraw(party: Party, consent_id: UUID, *, at: datetime) -> None:
    """Take back a consent. Doing it twice is not an error.

    An ordinary session is enough: taking back must not be harder than giving
    (R05). A token cannot do it, nor can anybody but the giver, the person it is
    about, and who acts for that person. What was passed on under it ends with it.

    Raises:
        NotFoundError: there is no such consent of this party.
    """
    consent = Consent.objects.filter(pk=consent_id).first()
    if consent is None or party.token_scopes is not None or not may_end(party, consent, at=at):
        raise NotFoundError
    with transaction.atomic():
        end_consent(party, consent, EndedBy.GIVER, at=at)


def may_end(party: Party, consent: Consent, *, at: datetime) -> bool:
    """Say whether a consent is this party's to pause and to end."""
    if party.account in {consent.grantor_id, consent.subject_account_id}:
        return True
    studies = set(consent.items.values_list("study_id", flat=True))
    decisions = decide_all(party, Action.READ_ACTIVITY, list(studies), at=at)
    rights = {Reason.OWNER, Reason.REPRESENTATIVE}
    return any(each.allowed and each.reason in rights for each in decisions.values())


def end_consent(party: Party, consent: Consent, by: EndedBy, *, at: datetime) -> None:
    """End a consent, and all that was passed on under it, inside the caller's transaction."""
    turn_for_consents([each.id for each in _ended(party, consent, by, at=at)])


def _ended(party: Party, consent: Consent, by: EndedBy, *, at: datetime) -> Iterator[Consent]:
    """End one consent and then what rests on it: what is signed meanwhile waits for its row."""
    live = Consent.objects.select_for_update().filter(pk=consent.pk, revoked_at__isnull=True)
    if live.first() is not None:
        ended_at = after_the_last(consent, at)
        live.update(revoked_at=ended_at, ended_by=by)
        _close(party, consent, by, at=ended_at)
    yield consent
    for child in Consent.objects.filter(parent_id=consent.id):
        yield from _ended(party, child, EndedBy.PARENT, at=at)


def after_the_last(consent: Consent, at: datetime) -> datetime:
    """Return when it ends or is paused: what was let through while this waited came before."""
    last = Disclosure.objects.filter(consent_id=consent.id).aggregate(last=Max("at"))["last"]
    return max(at, last or at)


def _close(party: Party, consent: Consent, by: EndedBy, *, at: datetime) -> None:
    """End the open visits, put it on record, and tell the recipient if they had come in."""
    share = Share.objects.get(consent_id=consent.id)
    GuestEntry.objects.filter(share=share, ended_at__isnull=True).update(ended_at=at)
    _note(ConsentEvent.REVOKED, f"consent/{consent.id}", party, consent, by, at=at)
    if by not in _LEFT:
        _note(ReleaseEvent.SHARE_WITHDRAWN, f"share/{share.id}", party, consent, by, at=at)
    if by in _NOT_TOLD or consent.ends_at <= at:
        return
    recipient = terms_of(consent).recipient
    if share.verified_at is not None:
        send("share-ended", to=recipient.address, context={}, at=at)
    for member in recipient.members:
        tell_account(member.account_id, "share-ended", at=at)


def _note(
    event: ConsentEvent | ReleaseEvent, subject: str, party: Party, consent: Consent, by: EndedBy,
    *, at: datetime,
) -> None:  # fmt: skip
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=subject,
        vault_id=consent.vault_id,
        consent_id=consent.id,
        reason=by.value,
        at=at,
    )
