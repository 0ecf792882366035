"""In whose name does somebody share: in their own, or for the person they act for? (L15)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Decision, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.mandates import authority_by
from safelight.exchange.consent.terms import FOR_ONESELF, Authority
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.people import representative_named
from safelight.kernel.errors import StateConflictError
from safelight.records.accounts.models import Representative, RepresentativeState
from safelight.records.imaging.models import PatientRecord, Study

IN_DISPUTE = (
    "Two who act for the same person disagree. Until that is settled, nothing new is shared."
)


def authority_of(
    party: Party, studies: Iterable[Study], faults: dict[str, str], *, at: datetime
) -> Authority:
    """Say in whose name these exams are shared; exams of different people go one by one."""
    rows = list(studies)
    decisions = decide_all(party, Action.PREPARE, [study.id for study in rows], at=at)
    rights = {decision.representative_id for decision in decisions.values()}
    if len(rights) > 1:
        faults["items"] = "Exams of different people are shared one person at a time."
    if len(rights) != 1 or (representative_id := rights.pop()) is None:
        return FOR_ONESELF
    row = representative_named(representative_id)
    return Authority(
        kind=row.kind,
        representative_id=row.pk,
        subject_account_id=row.represented_id or _claimed_by(rows[0], row.account_id),
        subject_name=row.represented_name,
    )


def hold_authority(authority: Authority) -> None:
    """Keep an authority as it is until the caller's transaction ends.

    What ends it first is seen here; what ends it later finds the consent, and pauses it.

    Raises:
        ManifestChangedError: it was ended, blocked or disputed meanwhile.
    """
    if authority.representative_id is None:
        return
    held = Representative.objects.select_for_update().filter(pk=authority.representative_id)
    row = held.get()
    if row.state != RepresentativeState.VERIFIED or authority_by([row.pk])[row.pk].in_dispute:
        raise ManifestChangedError


def require_undisputed(decisions: Iterable[Decision]) -> None:
    """Say plainly why somebody who acts for another cannot share now (E8).

    Raises:
        StateConflictError: those who act for the same person are in dispute.
    """
    if any(decision.reason == Reason.IN_DISPUTE for decision in decisions):
        raise StateConflictError(IN_DISPUTE)


def _claimed_by(study: Study, acting_id: UUID | None) -> UUID | None:
    claimed = PatientRecord.objects.values_list("account_id", flat=True).get(pk=study.patient_id)
    return claimed if claimed != acting_id else None
