"""How many exams of other people may one take along, or take away, before two must agree?

Whose exams they are is bound by nothing of this. Everybody else has a number a day, whatever
the sessions and the tokens, also those without limits. Beyond it stands an approval that
names the account and how many more: it is used up by the exam that needs it, and opens
that many for a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from safelight.exchange.access.decision import Reason
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.powers.approvals import use_approval
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.errors import ApprovalMissingError
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.exchange.release.errors import TooManyAtOnceError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.viewing.find import Found
from safelight.platform.audit.actions import record_denial
from safelight.records.accounts.models import Attempts
from safelight.records.accounts.throttle import EXPORTED, REMOVED, Limit, bucket_of

REFUSED: Final = "two-people-missing"
AT_ONCE: Final = (200, 1_000, 5_000)
"""How many more exams an approval may name."""


@dataclass(frozen=True, slots=True)
class _Bulk:
    """One sort of act that two people must agree to beyond a number a day."""

    limit: Limit
    kind: ApprovalKind
    denied: ReleaseEvent


_EXPORT: Final = _Bulk(EXPORTED, ApprovalKind.MASS_EXPORT, ReleaseEvent.BUDGET_SPENT)
_REMOVAL: Final = _Bulk(REMOVED, ApprovalKind.DESTRUCTION, ReleaseEvent.DENIED)


def deed_for(kind: ApprovalKind, party: Party, exams: int) -> Deed:
    """Return the act that two people agree to: so many exams more, for this account."""
    return Deed(kind=kind, subject=party.name, details={"exams": str(exams)})


def takes_along(party: Party, found: Found, *, at: datetime) -> None:
    """Count one exam of somebody else that is about to leave as files.

    Raises:
        TooManyAtOnceError: beyond the number of a day, and no two people agreed.
    """
    _count(_EXPORT, party, found, at)


def takes_away(party: Party, found: Found, *, at: datetime) -> None:
    """Count one exam of somebody else, or a part of it, that is about to be destroyed.

    Raises:
        TooManyAtOnceError: beyond the number of a day, and no two people agreed.
    """
    _count(_REMOVAL, party, found, at)


def _count(bulk: _Bulk, party: Party, found: Found, at: datetime) -> None:
    # A guest has what one person chose in one consent, and no account to name.
    if found.decision.reason == Reason.OWNER or party.kind is PartyKind.GUEST:
        return
    try:
        with transaction.atomic(durable=True):
            _count_one(bulk, party, at)
    except ApprovalMissingError:
        record_denial(bulk.denied, actor=party.name, session=party.session, reason=REFUSED, at=at)
        raise TooManyAtOnceError(deed_for(bulk.kind, party, AT_ONCE[0]).line) from None


def _count_one(bulk: _Bulk, party: Party, at: datetime) -> None:
    # The row is locked until the commit: of two that come at once, one sees the other's count.
    freely = _counter(bulk.limit, at, party.name)
    if freely.count < bulk.limit.count:
        freely.count += 1
        freely.save()
        return
    agreed = _counter(bulk.limit, at, party.name, "agreed")
    if not agreed.count:
        agreed.since, agreed.count = at, _agreed_to(bulk.kind, party, at)
    agreed.count -= 1
    agreed.save()


def _counter(limit: Limit, at: datetime, *about: str) -> Attempts:
    row, _ = Attempts.objects.select_for_update().get_or_create(
        bucket=bucket_of(limit, about), defaults={"since": at}
    )
    if at - row.since >= limit.per:
        row.since, row.count = at, 0
    return row


def _agreed_to(kind: ApprovalKind, party: Party, at: datetime) -> int:
    for exams in AT_ONCE:
        digest = deed_for(kind, party, exams).digest
        try:
            use_approval(kind=kind, digest=digest, actor=party.name, at=at)
        except ApprovalMissingError:
            continue
        return exams
    raise ApprovalMissingError
