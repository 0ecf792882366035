"""How does the owner learn that somebody tried to pass on what was only shown to them? (E3)"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.onward import OnwardRefusal
from safelight.exchange.release.errors import FurtherReleaseError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import RefusedRelease
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import FOLD, record, record_denial
from safelight.platform.audit.events import Outcome
from safelight.records.imaging.models import Study


def refuse_release(
    party: Party, study_id: UUID, refusal: OnwardRefusal, *, at: datetime
) -> NoReturn:
    """Refuse to pass an exam on; whoever may look at it is told so, and the owner sees the try.

    Raises:
        NotFoundError: this party may not even know of the exam.
        FurtherReleaseError: it may, and the attempt is on record.
    """
    seen = decide(party, Action.VIEW, study_id, at=at)
    if not seen.allowed:
        raise NotFoundError
    about = {"actor": party.name, "study_id": study_id, "reason": refusal.value}
    if RefusedRelease.objects.filter(**about, at__gt=at - FOLD, at__lte=at).exists():
        record_denial(
            ReleaseEvent.NOT_PASSED_ON,
            actor=party.name,
            session=party.session,
            reason=refusal.value,
            at=at,
        )
        raise FurtherReleaseError(refusal, study_id)
    vault_id = Study.objects.values_list("vault_id", flat=True).get(pk=study_id)
    with transaction.atomic():
        RefusedRelease.objects.create(**about, at=at, vault_id=vault_id, consent_id=seen.consent_id)
        record(
            ReleaseEvent.NOT_PASSED_ON,
            actor=party.name,
            session=party.session,
            subject=f"study/{study_id}",
            vault_id=vault_id,
            consent_id=seen.consent_id,
            outcome=Outcome.DENIED,
            reason=refusal.value,
            at=at,
        )
    raise FurtherReleaseError(refusal, study_id)
