"""What happens when a recipient opens what was shared with them, and who is told when?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import OpeningNotices, Share, Told
from safelight.exchange.release.people import tell_account, told_of
from safelight.platform.audit.actions import record


def note_opening(consent_id: UUID, *, at: datetime) -> None:
    """Count an opening on its share and tell the owner as they wish, inside the look's transaction.

    Whatever they wish, it stands on the access page and in the activity.
    """
    share = Share.objects.filter(consent_id=consent_id).first()
    if share is None:
        return
    Share.objects.filter(pk=share.pk).update(openings=F("openings") + 1, last_opened_at=at)
    for account_id in told_of(Consent.objects.get(pk=consent_id)):
        if told_how(account_id) is Told.EACH_TIME:
            tell_account(account_id, "share-opened", at=at)


def told_how(account_id: UUID) -> Told:
    """Return how an account wants to be told of openings; each time, unless it says otherwise."""
    row = OpeningNotices.objects.filter(account_id=account_id).first()
    return Told(row.how) if row is not None else Told.EACH_TIME


def choose_notices(party: Party, how: Told, *, at: datetime) -> None:
    """Keep how a party wants to be told when something it shared is opened."""
    with transaction.atomic():
        OpeningNotices.objects.update_or_create(
            account_id=party.account, defaults={"how": how, "told_at": at}
        )
        record(
            ReleaseEvent.OPENING_NOTICES_CHOSEN,
            actor=party.name,
            session=party.session,
            subject=party.name,
            at=at,
            reason=how.value,
        )


def tell_of_the_day(*, at: datetime) -> None:
    """Tell those who wish it once a day, and only where something was opened since."""
    for row in OpeningNotices.objects.filter(how=Told.ONCE_A_DAY):
        if not _opened_since(row.account_id, row.told_at):
            continue
        with transaction.atomic():
            mine = OpeningNotices.objects.filter(pk=row.pk, told_at=row.told_at)
            if mine.update(told_at=at):
                tell_account(row.account_id, "shares-opened-today", at=at)


def _opened_since(account_id: UUID, since: datetime) -> bool:
    theirs = Q(grantor_id=account_id) | Q(subject_account_id=account_id)
    opened = Share.objects.filter(last_opened_at__gt=since).values("consent_id")
    consents = Consent.objects.filter(theirs, pk__in=opened)
    return any(account_id in told_of(each) for each in consents)
