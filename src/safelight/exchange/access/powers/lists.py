"""What do those who ask, approve, look and review read of each other's acts?

Names of the people who act, opaque names of what they act on: never whose exam it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.approvals import requests_for, state_of, to_read
from safelight.exchange.access.powers.ending import scope_of
from safelight.exchange.access.powers.kinds import (
    MAY_APPROVE,
    AccessWay,
    ApprovalKind,
    ApprovalState,
)
from safelight.exchange.access.powers.models import Approval, TimedAccess
from safelight.exchange.access.powers.reviewing import access_to_review, accesses_to_review
from safelight.exchange.access.staff import is_staff
from safelight.records.accounts.models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One request as a party reads it, and what that party may do about it now."""

    approval_id: UUID
    kind: str
    deed: str
    cause: str
    reason: str
    ticket: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    until: datetime
    state: ApprovalState
    is_own: bool
    may_decide: bool
    may_begin: bool
    may_cancel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLine:
    """One access of some hours, as who has it or who reviews it reads it."""

    access_id: UUID
    way: str
    who: str
    subject: str
    cause: str
    reason: str
    ticket: str
    began_at: datetime
    ends_at: datetime
    is_live: bool
    is_own: bool
    review_due_at: datetime
    is_overdue: bool
    reviewed_at: datetime | None
    reviewed_by: str
    verdict: str
    verdict_words: str
    owner_told_at: datetime | None
    notice_due_at: datetime
    may_hold_notice: bool


def request_lines(party: Party, *, at: datetime) -> list[RequestLine]:
    """List the requests that a party may ask for or decide about, the latest first."""
    rows = requests_for(party)
    names = _names(
        each for row in rows for each in (row.asked_by_id, row.approved_by_id, row.refused_by_id)
    )
    return [_request(party, row, names, at=at) for row in rows]


def request_line(party: Party, approval_id: UUID, *, at: datetime) -> RequestLine:
    """Return one request.

    Raises:
        NotFoundError: there is none for this party.
    """
    row = to_read(party, approval_id)
    names = _names((row.asked_by_id, row.approved_by_id, row.refused_by_id))
    return _request(party, row, names, at=at)


def own_accesses(party: Party, *, at: datetime) -> list[AccessLine]:
    """List what a party had or has access to for some hours, the latest first."""
    rows = TimedAccess.objects.filter(account_id=party.account).order_by("-began_at", "pk")[:50]
    return _accesses(party, list(rows), at=at)


def review_lines(party: Party, *, at: datetime) -> list[AccessLine]:
    """List what a party reviews, what waits first. That it was read is on record.

    Raises:
        NotFoundError: this party reviews nothing.
    """
    return _accesses(party, accesses_to_review(party, at=at), at=at)


def review_line(party: Party, access_id: UUID, *, at: datetime) -> AccessLine:
    """Return one access that this party reviews.

    Raises:
        NotFoundError: there is none for this party.
    """
    (line,) = _accesses(party, [access_to_review(party, access_id)], at=at)
    return line


def _request(
    party: Party, row: Approval, names: dict[UUID | None, str], *, at: datetime
) -> RequestLine:
    state, kind = state_of(row, at=at), ApprovalKind(row.kind)
    is_own = row.asked_by_id == party.account
    may_decide = state is ApprovalState.WAITING and not is_own
    return RequestLine(
        approval_id=row.pk,
        kind=row.kind,
        deed=row.deed,
        cause=row.cause,
        reason=row.reason,
        ticket=row.ticket,
        asked_by=names.get(row.asked_by_id, ""),
        asked_at=row.asked_at,
        decided_by=names.get(row.approved_by_id or row.refused_by_id, ""),
        until=row.use_by or row.lapses_at,
        state=state,
        is_own=is_own,
        may_decide=may_decide and is_staff(party, *MAY_APPROVE[kind]),
        may_begin=is_own and kind is ApprovalKind.ELEVATION and state is ApprovalState.APPROVED,
        may_cancel=is_own and state in {ApprovalState.WAITING, ApprovalState.APPROVED},
    )


def _accesses(party: Party, rows: list[TimedAccess], *, at: datetime) -> list[AccessLine]:
    names = _names(each for row in rows for each in (row.account_id, row.reviewed_by_id))
    return [
        AccessLine(
            access_id=row.pk,
            way=row.way,
            who=names.get(row.account_id, ""),
            subject=scope_of(row).subject,
            cause=row.cause,
            reason=row.reason,
            ticket=row.ticket or "",
            began_at=row.began_at,
            ends_at=row.ended_at or row.ends_at,
            is_live=row.ended_at is None and at < row.ends_at,
            is_own=row.account_id == party.account,
            review_due_at=row.review_due_at,
            is_overdue=row.reviewed_at is None and row.review_due_at <= at,
            reviewed_at=row.reviewed_at,
            reviewed_by=names.get(row.reviewed_by_id, ""),
            verdict=row.verdict,
            verdict_words=row.verdict_words or "",
            owner_told_at=row.owner_told_at,
            notice_due_at=row.notice_due_at,
            may_hold_notice=row.way == AccessWay.BREAK_GLASS
            and row.owner_told_at is None
            and row.account_id != party.account,
        )
        for row in rows
    ]


def _names(accounts: Iterable[UUID | None]) -> dict[UUID | None, str]:
    found = Account.objects.filter(pk__in={each for each in accounts if each})
    return {account.pk: account.name for account in found}
