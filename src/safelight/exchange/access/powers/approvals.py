"""How does a second person approve an act, and how is the approval used, exactly once?

Whoever approves signs the same words as the one who asked. A room that does such an act
calls `use_approval` inside the act's own transaction: no approval, no act.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.powers.deeds import read_deed
from safelight.exchange.access.powers.errors import (
    AlreadyDecidedError,
    ApprovalMissingError,
    SelfApprovalError,
)
from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.kinds import (
    MAY_APPROVE,
    MAY_ASK,
    USE_WITHIN,
    ApprovalKind,
    ApprovalState,
)
from safelight.exchange.access.powers.models import Approval
from safelight.exchange.access.powers.recording import note, note_denial
from safelight.exchange.access.representing.recording import tell
from safelight.exchange.access.staff import is_staff, require_staff
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.errors import OutsideTransactionError
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account

MEANING_OF_APPROVING: Final = "I approve exactly this act, asked for by somebody else"
_LISTED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """An approval that was just used: who asked and who approved, for the act's own row."""

    approval_id: UUID
    asked_by: UUID
    approved_by: UUID


def show_for_approval(party: Party, approval_id: UUID, *, at: datetime) -> UUID:
    """Open the question that approving answers, and return its id.

    Raises:
        NotFoundError: there is no such request for this party to decide.
        SelfApprovalError: they asked for it themselves; that they tried is on record.
        AlreadyDecidedError: it is not waiting any more.
    """
    request = to_decide(party, approval_id, at=at)
    account = Account.objects.get(pk=party.account)
    challenge = begin(
        account,
        session_id=session_id(party),
        digest=bytes(request.signed_digest),
        meaning=MEANING_OF_APPROVING,
        at=at,
    )
    return challenge.pk


def approve(party: Party, approval_id: UUID, authorization_id: UUID, *, at: datetime) -> Approval:
    """Approve what somebody else asked for, by a signature of exactly that.

    Raises:
        NotFoundError: there is no such request for this party to decide.
        SelfApprovalError: they asked for it themselves; that they tried is on record.
        AlreadyDecidedError: it is not waiting any more, or somebody was faster.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    request = to_decide(party, approval_id, at=at)
    with transaction.atomic():
        consume(
            authorization_id,
            account=Account.objects.get(pk=party.account),
            session_id=session_id(party),
            digest=bytes(request.signed_digest),
            at=at,
        )
        waiting = Approval.objects.filter(
            pk=request.pk, approved_at=None, refused_at=None, cancelled_at=None, lapses_at__gt=at
        )
        if not waiting.update(
            approved_by_id=party.account,
            approved_at=at,
            approved_authorization_id=authorization_id,
            use_by=at + USE_WITHIN,
        ):
            raise AlreadyDecidedError
        note(PowerEvent.APPROVAL_GIVEN, party.name, request, session=party.session, at=at)
        tell(request.asked_by_id, "approval-decided", at=at)
    return Approval.objects.get(pk=request.pk)


def refuse(party: Party, approval_id: UUID, *, at: datetime) -> None:
    """Say no to what somebody else asked for.

    Raises:
        NotFoundError: there is no such request for this party to decide.
        SelfApprovalError: it is their own; they can take it back.
        AlreadyDecidedError: it is not waiting any more.
    """
    request = to_decide(party, approval_id, at=at)
    with transaction.atomic():
        waiting = Approval.objects.filter(
            pk=request.pk, approved_at=None, refused_at=None, cancelled_at=None, lapses_at__gt=at
        )
        if not waiting.update(refused_by_id=party.account, refused_at=at):
            raise AlreadyDecidedError
        note(PowerEvent.APPROVAL_REFUSED, party.name, request, session=party.session, at=at)
        tell(request.asked_by_id, "approval-decided", at=at)


def use_approval(
    *,
    kind: ApprovalKind,
    digest: bytes,
    actor: str,
    at: datetime,
    approval_id: UUID | None = None,
) -> Approved:
    """Use up the approval of exactly this act, in the caller's transaction.

    `digest` is `Deed.digest` of what is about to be done; `actor` is an opaque name for the
    record ("operator", "account/<id>"). Without `approval_id` the oldest that fits is used.
    Whether it was used and whether the act took place commit together.

    Raises:
        ApprovalMissingError: nobody else approved exactly this, or that is over or used.
        OutsideTransactionError: no transaction is open.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError
    good = Approval.objects.filter(
        kind=kind,
        digest=digest,
        approved_at__lte=at,
        use_by__gt=at,
        used_at=None,
        refused_at=None,
        cancelled_at=None,
    ).order_by("approved_at", "pk")
    if approval_id is not None:
        good = good.filter(pk=approval_id)
    for request in good:
        if not good.filter(pk=request.pk).order_by().update(used_at=at, used_by=actor):
            continue  # somebody was faster
        note(PowerEvent.APPROVAL_USED, actor, request, at=at)
        if request.approved_by_id is None:  # the database lets no such row be
            raise ApprovalMissingError
        return Approved(
            approval_id=request.pk,
            asked_by=request.asked_by_id,
            approved_by=request.approved_by_id,
        )
    raise ApprovalMissingError


def state_of(request: Approval, *, at: datetime) -> ApprovalState:
    """Say where a request stands at a moment."""
    if request.used_at is not None:
        return ApprovalState.USED
    if request.cancelled_at is not None:
        return ApprovalState.CANCELLED
    if request.refused_at is not None:
        return ApprovalState.REFUSED
    end = request.use_by or request.lapses_at
    if end <= at:
        return ApprovalState.LAPSED
    return ApprovalState.APPROVED if request.approved_at is not None else ApprovalState.WAITING


def to_read(party: Party, approval_id: UUID) -> Approval:
    """Return a request for one who may ask for or decide about its kind.

    Raises:
        NotFoundError: there is none for this party.
    """
    request = Approval.objects.filter(pk=approval_id).first()
    if request is None:
        raise NotFoundError
    kind = ApprovalKind(request.kind)
    require_staff(party, *(MAY_ASK[kind] | MAY_APPROVE[kind]))
    return request


def requests_for(party: Party) -> list[Approval]:
    """List the requests that a party may ask for or decide about, the latest first."""
    kinds = [kind for kind in ApprovalKind if is_staff(party, *(MAY_ASK[kind] | MAY_APPROVE[kind]))]
    if not kinds:
        raise NotFoundError
    return newest_requests(kinds)


def newest_requests(kinds: Collection[ApprovalKind] = tuple(ApprovalKind)) -> list[Approval]:
    """Return the latest requests of these kinds, the newest first, for who may see them all."""
    return list(Approval.objects.filter(kind__in=kinds).order_by("-asked_at", "pk")[:_LISTED])


def note_listing(actor: str, *, at: datetime) -> None:
    """Put on record that somebody read who asked for what, in the caller's transaction."""
    record(PowerEvent.APPROVALS_LISTED, actor=actor, at=at)


def note_lapses(*, at: datetime) -> int:
    """Put on record which requests ran out unused; return how many."""
    noted = 0
    unused = Approval.objects.filter(
        used_at=None, refused_at=None, cancelled_at=None, lapse_noted_at=None, lapses_at__lte=at
    )
    for request in unused:
        if state_of(request, at=at) is not ApprovalState.LAPSED:
            continue
        with transaction.atomic():
            if unused.filter(pk=request.pk).update(lapse_noted_at=at):
                note(PowerEvent.APPROVAL_LAPSED, "system", request, at=at)
                noted += 1
    return noted


def to_decide(party: Party, approval_id: UUID, *, at: datetime) -> Approval:
    """Return a request that this party may decide now.

    Raises:
        NotFoundError: there is no such request for this party to decide.
        SelfApprovalError: they asked for it themselves; that they tried is on record.
        AlreadyDecidedError: it is not waiting any more.
    """
    request = to_read(party, approval_id)
    if request.asked_by_id == party.account:
        why = SelfApprovalError.code
        event = PowerEvent.APPROVAL_GIVEN
        note_denial(event, party.name, request, why, session=party.session, at=at)
        raise SelfApprovalError
    require_staff(party, *MAY_APPROVE[ApprovalKind(request.kind)])
    read_deed(request.deed)  # what cannot be read is not approved
    if state_of(request, at=at) is not ApprovalState.WAITING:
        raise AlreadyDecidedError
    return request
