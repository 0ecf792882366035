"""How far is each share on its way, and who is behind its name today?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from safelight.exchange.consent.models import Consent, ConsentMember
from safelight.exchange.consent.terms import Audience, Recipient
from safelight.exchange.release.board import SharedWith
from safelight.exchange.release.models import Share
from safelight.exchange.release.sharing.invitations import Invitation, Mail, invitations
from safelight.exchange.release.sharing.withdraw import EndedBy
from safelight.records.accounts.models import Account, Membership, Role


class Stand(StrEnum):
    """Where a share stands. Values are stable codes."""

    OPEN = "open"
    WAITS = "waits"
    LOCKED = "locked"
    PAUSED = "paused"
    NOT_BEGUN = "not-begun"
    USED_UP = "used-up"
    BOUNCED = "bounced"
    LATE = "late"
    INVITED = "invited"

    TAKEN_BACK = "taken-back"
    MISDIRECTED = "misdirected"
    DECLINED = "declined"
    REPLACED = "replaced"
    ENDED_WITH_ANOTHER = "ended-with-another"
    EXPIRED = "expired"


_ENDED = {
    EndedBy.RECIPIENT: Stand.DECLINED,
    EndedBy.MISDIRECTED: Stand.MISDIRECTED,
    EndedBy.PARENT: Stand.ENDED_WITH_ANOTHER,
    EndedBy.REPLACED: Stand.REPLACED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a share stands; `people` are those behind a desk, a group or an institution today."""

    stand: Stand
    people: tuple[str, ...] = ()
    uses_left: int | None = None
    invited_at: datetime | None = None

    @property
    def may_invite_again(self) -> bool:
        """Whether another invitation may help."""
        return self.stand in {Stand.BOUNCED, Stand.LATE, Stand.INVITED}


def progress_of(shared: list[SharedWith], *, at: datetime) -> dict[UUID, Progress]:
    """Return how each of some shares stands, by consent."""
    ids = [each.consent_id for each in shared]
    shares = {row.consent_id: row for row in Share.objects.filter(consent_id__in=ids)}
    ended_by = dict(Consent.objects.filter(pk__in=ids).values_list("id", "ended_by"))
    mail = invitations([each.share_id for each in shared if each.is_live], at=at)
    return {
        each.consent_id: _progress(
            each, shares[each.consent_id], ended_by[each.consent_id], mail.get(each.share_id), at
        )
        for each in shared
    }


def people_behind(consent_id: UUID, recipient: Recipient) -> tuple[str, ...]:
    """Name who may look today where a desk, a group or an institution was named."""
    if recipient.audience is Audience.PERSON:
        return ()
    if recipient.audience is Audience.GROUP:
        on_it = ConsentMember.objects.filter(consent_id=consent_id, ended_at__isnull=True)
        ids = on_it.order_by("since", "id").values_list("account_id", flat=True)
        names = {row.pk: row.name for row in Account.objects.filter(pk__in=list(ids))}
        return tuple(names[each] for each in ids if each in names)
    if recipient.organization_id is None:
        return ()
    there = Membership.objects.select_related("account").filter(
        organization_id=recipient.organization_id, state=Membership.State.ACTIVE
    )
    if recipient.audience is not Audience.ORGANIZATION:
        there = there.filter(role=Role.IMAGING_DESK)
    named = {each.account_id: each.account.name for each in there.order_by("since", "pk")}
    return tuple(named.values())


def _progress(
    shared: SharedWith, share: Share, ended_by: str, mail: Invitation | None, at: datetime
) -> Progress:
    if not shared.is_live:
        stand = Stand.EXPIRED if not ended_by else _ENDED.get(EndedBy(ended_by), Stand.TAKEN_BACK)
        return Progress(stand=stand)
    return Progress(
        stand=_stand(shared, share, mail, at),
        people=people_behind(shared.consent_id, shared.terms.recipient),
        uses_left=share.uses_left,
        invited_at=mail.since if mail else None,
    )


def _stand(shared: SharedWith, share: Share, mail: Invitation | None, at: datetime) -> Stand:
    if shared.is_paused:
        return Stand.PAUSED
    if shared.is_locked:
        return Stand.LOCKED
    if shared.waits_for_you:
        return Stand.WAITS
    if share.uses_left == 0:
        return Stand.USED_UP
    if shared.terms.starts_at > at:
        return Stand.NOT_BEGUN
    if shared.terms.recipient.audience is not Audience.PERSON or shared.verified_at is not None:
        return Stand.OPEN
    if mail is not None and mail.mail in {Mail.BOUNCED, Mail.LATE}:
        return Stand(mail.mail.value)
    return Stand.INVITED
