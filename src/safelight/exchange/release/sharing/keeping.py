"""How does somebody keep what was shared in their name, once who did so no longer acts? (E7)

It is paused and offered to the person, such as a child who is of age now: to end it
takes a press, to keep it their own Authenticated Authorization over what was agreed.
The consent stays as it was signed, with the representative as the one who gave it.
In the same way an executor keeps what the death of its giver has paused (E27).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.mandates import ACTING
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.representing.pausing import AUTHORITY_OVER
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent, ConsentPause
from safelight.exchange.consent.terms import Terms
from safelight.exchange.release.people import representative_named
from safelight.exchange.release.signed import terms_of, words_of
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account, Representative, RepresentativeKind
from safelight.records.imaging.models import Study

# The pause of pausing.PausedBy that an executor ends.
DEATH: Final = "death"
MEANING: Final = "I keep this share as it was agreed to in my name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A paused share as the person reads it, and the question to be answered to keep it."""

    consent: Consent
    terms: Terms
    html: str
    challenge_id: UUID


def paused_for(party: Party, *, at: datetime) -> list[Consent]:
    """List what was shared in this person's name and waits for their word."""
    rows = Consent.objects.filter(
        subject_account_id=party.account,
        representative_id__isnull=False,
        suspended_at__isnull=False,
        revoked_at__isnull=True,
        ends_at__gt=at,
    )
    own = [row for row in rows.order_by("granted_at") if rests_on_nothing(row)]
    return own + [row for row in left_to_executor(party) if row.ends_at > at]


def left_to_executor(party: Party) -> list[Consent]:
    """List what the death of somebody paused whose executor this party is (E27)."""
    acting = Representative.objects.filter(
        account_id=party.account, kind=RepresentativeKind.EXECUTOR, state__in=ACTING, may_share=True
    )
    persons = [row.represented_id for row in acting if row.represented_id is not None]
    patients = [row.patient_id for row in acting if row.patient_id is not None]
    studies = Study.objects.filter(patient_id__in=patients)
    rows = Consent.objects.filter(
        Q(grantor_id__in=persons)
        | Q(subject_account_id__in=persons)
        | Q(items__study_id__in=studies.values("id")),
        pauses__by=DEATH,
        pauses__ended_at__isnull=True,
        parent_id__isnull=True,
        revoked_at__isnull=True,
    )
    return list(rows.distinct().order_by("granted_at"))


def present_keeping(party: Party, consent_id: UUID, *, at: datetime) -> Kept:
    """Show once more what was agreed, and ask for the person's own authorization.

    Raises:
        NotFoundError: it does not wait for this party.
    """
    consent = _waiting(party, consent_id, at=at)
    challenge = begin(
        Account.objects.get(pk=party.account),
        session_id=session_id(party),
        digest=_digest(consent),
        meaning=MEANING,
        at=at,
    )
    return Kept(
        consent=consent,
        terms=terms_of(consent),
        html=words_of(consent),
        challenge_id=challenge.pk,
    )


def keep_share(party: Party, consent_id: UUID, authorization_id: UUID, *, at: datetime) -> None:
    """Take a paused share up again, as it was agreed to.

    Raises:
        NotFoundError: it does not wait for this party.
        StepUpRequiredError and its kin: the authorization does not cover this.
        StateConflictError: it was kept or ended already.
    """
    consent = _waiting(party, consent_id, at=at)
    with transaction.atomic():
        consume(
            authorization_id,
            account=Account.objects.get(pk=party.account),
            session_id=session_id(party),
            digest=_digest(consent),
            with_question=True,
            at=at,
        )
        paused = Consent.objects.filter(
            pk=consent.pk, suspended_at__isnull=False, revoked_at__isnull=True
        )
        if not paused.update(suspended_at=None):
            raise StateConflictError
        ConsentPause.objects.filter(consent=consent, ended_at__isnull=True).update(ended_at=at)
        turn_for_consents(with_passed_on(consent))
        record(
            ConsentEvent.RESUMED,
            actor=party.name,
            session=party.session,
            subject=f"consent/{consent.pk}",
            vault_id=consent.vault_id,
            consent_id=consent.pk,
            reason=AUTHORITY_OVER,
            at=at,
        )


def _waiting(party: Party, consent_id: UUID, *, at: datetime) -> Consent:
    consent = Consent.objects.filter(
        pk=consent_id, suspended_at__isnull=False, revoked_at__isnull=True, ends_at__gt=at
    ).first()
    if consent is None or party.token_scopes is not None:
        raise NotFoundError
    by_right = Reason.OWNER
    if consent in left_to_executor(party):
        by_right = Reason.REPRESENTATIVE
    elif not rests_on_nothing(consent):
        raise NotFoundError
    studies = list(consent.items.values_list("study_id", flat=True).distinct())
    decisions = decide_all(party, Action.SHARE, studies, at=at)
    if not all(each.allowed and each.reason == by_right for each in decisions.values()):
        raise NotFoundError
    return consent


def rests_on_nothing(consent: Consent) -> bool:
    """Say whether it was given in somebody's name by one who no longer acts for them."""
    if consent.representative_id is None:
        return False
    return representative_named(consent.representative_id).state not in ACTING


def with_passed_on(consent: Consent) -> list[UUID]:
    """Return the ids of a consent and of what was passed on under it."""
    passed_on = Consent.objects.filter(parent_id=consent.pk).values_list("id", flat=True)
    return [consent.pk, *passed_on]


def _digest(consent: Consent) -> bytes:
    return hashlib.sha256(b"keep/v1\0" + bytes(consent.signed_digest)).digest()
