"""Which acts must not be undone by a loss, and what of each must be known to do it again?

Those that end an access or destroy something. They are read from the trail, which names
the kind, the subject and a reason; where that is not enough, from the rows as they are
seconds later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from safelight.exchange.access.events import AccessEvent
from safelight.exchange.consent.events import ConsentEvent
from safelight.platform.audit.watching import Happened
from safelight.platform.keys.models import Destruction
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import GroupMember, Membership
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import RemovedInstance

KEY_DESTROYED: Final = "key.destroyed"
_PARTS: Final = frozenset({ImagingEvent.SERIES_REMOVED.value, ImagingEvent.INSTANCE_REMOVED.value})
KINDS: Final = _PARTS | {
    ConsentEvent.REVOKED.value,
    ConsentEvent.SUSPENDED.value,
    ConsentEvent.RESUMED.value,
    ImagingEvent.STUDY_REMOVED.value,
    ImagingEvent.STUDY_RESTORED.value,
    ImagingEvent.PARTS_RESTORED.value,
    ImagingEvent.STUDY_ERASED.value,
    AccessEvent.CARE_ENDED.value,
    AccessEvent.REPRESENTATIVE_ENDED.value,
    AccessEvent.REPRESENTATIVE_BLOCKED.value,
    AccessEvent.REPRESENTATIVE_DISPUTED.value,
    AccessEvent.MEMBER_DISMISSED.value,
    AccountEvent.MEMBERSHIP_ENDED.value,
    AccountEvent.STAFF_DISMISSED.value,
    AccountEvent.TOKEN_REVOKED.value,
    AccountEvent.PASSWORD_CHANGED.value,
    AccountEvent.FACTOR_REMOVED.value,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: ids and codes only. `more` are ids that the subject alone does not tell."""

    kind: str
    at: str
    subject: str
    reason: str = ""
    more: tuple[str, ...] = ()

    @property
    def moment(self) -> datetime:
        """When it was done."""
        return datetime.fromisoformat(self.at)

    def plain(self) -> dict[str, Any]:
        """Return it as values for JSON."""
        return asdict(self)


def act_of(plain: dict[str, Any]) -> Act:
    """Read what `plain` wrote."""
    return Act(**(plain | {"more": tuple(plain["more"])}))


def acts_in(happened: Iterable[Happened]) -> list[Act]:
    """Return which of some entries are to be kept."""
    return [_act(each) for each in happened if each.kind in KINDS and each.outcome == "ok"]


def destroyed(row: Destruction) -> Act:
    """Return the destruction of a key as an act."""
    return Act(
        kind=KEY_DESTROYED,
        at=row.at.isoformat(),
        subject=f"{row.kind}/{row.subject_id}",
    )


def _act(each: Happened) -> Act:
    subject = each.subject or each.actor
    return Act(
        kind=each.kind,
        at=each.at.isoformat(),
        subject=subject,
        reason=each.reason,
        more=tuple(_more(each)),
    )


def _more(each: Happened) -> list[str]:
    if each.kind in _PARTS:
        rows = RemovedInstance.objects.filter(study_id=_id(each.subject), removed_at=each.at)
        return [str(pk) for pk in rows.values_list("pk", flat=True)]
    if each.kind == AccessEvent.MEMBER_DISMISSED:
        gone = GroupMember.objects.filter(group_id=_id(each.subject), ended_at=each.at)
        return [str(account) for account in gone.values_list("account_id", flat=True)]
    if each.kind == AccountEvent.MEMBERSHIP_ENDED:
        over = Membership.objects.filter(account_id=_id(each.subject), ended_at=each.at)
        return [str(pk) for pk in over.values_list("pk", flat=True)]
    return []


def _id(subject: str) -> UUID:
    return UUID(subject.partition("/")[2])
