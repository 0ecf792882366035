"""Who reviews what was picked, and what did they find?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from safelight.exchange.access.facts import Party
from safelight.exchange.access.reading import reading_of
from safelight.governance.review.errors import OwnActError
from safelight.governance.review.events import ReviewEvent
from safelight.governance.review.models import Decision, Item
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Vault

PAGE = 50


@transaction.atomic
def items_for(party: Party, *, at: datetime, decided: bool = False) -> list[Item]:
    """Return what waits for this reader, or what was decided; newest first. It is on record.

    Raises:
        NotFoundError: nothing of the record is theirs to read.
    """
    found = _theirs(party)
    found = found.exclude(decision="") if decided else found.filter(decision="")
    shown = list(found.order_by("-at", "pk")[:PAGE])
    record(ReviewEvent.LISTED, actor=party.name, count=len(shown), at=at)
    return shown


@transaction.atomic
def decide(party: Party, item_id: UUID, decision: Decision, words: str, *, at: datetime) -> Item:
    """Say what was found about one item. `words` are sealed.

    Raises:
        NotFoundError: it is not theirs to review; an auditor reads and does not review.
        OwnActError: they did it themselves.
        StateConflictError: somebody has decided it.
    """
    if not reading_of(party).may_name:
        raise NotFoundError
    item = _theirs(party).filter(pk=item_id).select_for_update().first()
    if item is None:
        raise NotFoundError
    if item.actor == party.name:
        raise OwnActError
    if item.decision:
        raise StateConflictError
    item.decision, item.words = decision, words
    item.reviewer_id, item.decided_at = party.account, at
    item.save()
    record(
        ReviewEvent.DECIDED,
        actor=party.name,
        subject=f"entry/{item.entry_id}",
        vault_id=item.vault_id,
        reason=decision.value,
        at=at,
    )
    return item


def _theirs(party: Party) -> QuerySet[Item]:
    reading = reading_of(party)
    if reading.is_whole:
        return Item.objects.all()
    vaults = Vault.objects.filter(organization_id__in=reading.organizations)
    own = Q(vault_id__in=list(vaults.values_list("id", flat=True)))
    return Item.objects.filter(own | Q(organization_id__in=reading.organizations))
