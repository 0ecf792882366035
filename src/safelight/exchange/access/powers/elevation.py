"""How does one of the staff get to look at one exam or one patient, for some hours? (R27)

No role of the instance opens an exam. Whoever must look asks, with reason and ticket,
for exactly one exam or one patient's record and at most four hours; somebody else
approves; the asker begins, and the owner is told at once. It ends by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.approvals import use_approval
from safelight.exchange.access.powers.asking import Wish
from safelight.exchange.access.powers.deeds import Deed, read_deed
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import LONGEST_ACCESS, MAY_ASK, AccessWay, ApprovalKind
from safelight.exchange.access.powers.models import Approval, TimedAccess
from safelight.exchange.access.powers.recording import note_access
from safelight.exchange.access.powers.scope import (
    officers_of,
    owners_of,
    scope_named,
    working_days_after,
)
from safelight.exchange.access.representing.recording import tell
from safelight.exchange.access.staff import require_staff
from safelight.kernel.errors import InvalidFieldError, NotFoundError

REVIEW_WITHIN: Final = 2  # working days
_HOUR: Final = timedelta(hours=1)


def elevation_wish(subject: str, hours: str, *, cause: str, reason: str, ticket: str) -> Wish:
    """Return what is asked for: to look at one exam or one patient, for 1 to 4 hours.

    Raises:
        InvalidFieldError: there is nothing of that name, or it is too long.
    """
    if hours not in {str(each) for each in range(1, LONGEST_ACCESS // _HOUR + 1)}:
        raise InvalidFieldError("hours", "It can last one to four hours.")
    try:
        scope = scope_named(subject.strip())
    except NotFoundError:
        message = "Name one exam or one patient record, as study/… or patient/… in the ticket."
        raise InvalidFieldError("subject", message) from None
    deed = Deed(kind=ApprovalKind.ELEVATION, subject=scope.subject, details={"hours": hours})
    return Wish(deed=deed, cause=cause, reason=reason, ticket=ticket)


def begin_elevation(party: Party, approval_id: UUID, *, at: datetime) -> TimedAccess:
    """Use the approval of one's own request: from now on it is open, and the owner is told.

    Raises:
        NotFoundError: there is no such request of this party's, or nothing to open any more.
        ApprovalMissingError: nobody has approved it, or that is over or used.
    """
    require_staff(party, *MAY_ASK[ApprovalKind.ELEVATION])
    own = Approval.objects.filter(
        pk=approval_id, kind=ApprovalKind.ELEVATION, asked_by_id=party.account
    )
    request = own.first()
    if request is None:
        raise NotFoundError
    deed = read_deed(request.deed)
    scope = scope_named(deed.subject)
    with transaction.atomic():
        use_approval(
            kind=ApprovalKind.ELEVATION,
            digest=deed.digest,
            actor=party.name,
            at=at,
            approval_id=request.pk,
        )
        access = TimedAccess.objects.create(
            way=AccessWay.ELEVATION,
            account_id=party.account,
            vault_id=scope.vault_id,
            patient_id=scope.patient_id,
            study_id=scope.study_id,
            approval_id=request.pk,
            signed_digest=bytes(request.signed_digest),
            cause=request.cause,
            reason=request.reason,
            ticket=request.ticket,
            began_at=at,
            ends_at=at + min(int(deed.details["hours"]) * _HOUR, LONGEST_ACCESS),
            notice_due_at=at,
            owner_told_at=at,
            review_due_at=working_days_after(at, REVIEW_WITHIN),
        )
        note_access(PowerEvent.ELEVATION_BEGAN, party.name, access, session=party.session, at=at)
        for owner in owners_of(scope):
            tell(owner, "opened-by-staff", at=at)
        for officer in officers_of(scope.vault_id):
            tell(officer, "opened-by-staff-here", at=at)
    return access
