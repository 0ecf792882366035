"""What came in for an institution and waits for its desk, and what did the desk decide?

An object that contradicts what is kept is filed nowhere and served to nobody. The desk
reads what its header says beside the records it might belong to, and may reject it.
What was rejected is kept, is not taken in again, and can be let wait again. Objects of
one exam that name one person are one line, and one decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.caring.relations import desk_vaults
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Account
from safelight.records.imaging.comparing import Compared, compare
from safelight.records.imaging.models import ReviewItem, ReviewState
from safelight.records.partners.models import Connection

_AT_MOST: Final = 200
_OPEN: Final = (ReviewState.WAITING, ReviewState.REJECTED)
_READ: Final = (*_OPEN, ReviewState.KEPT)
_LISTED: Final = (*_READ, ReviewState.FILED)


class Rejection(StrEnum):
    """Why the desk does not let something in."""

    WRONG_PATIENT = "wrong-patient"
    DAMAGED = "damaged"
    SENT_IN_ERROR = "sent-in-error"
    OLDER_VERSION = "older-version"


class Place(StrEnum):
    """Where it is now. `BESIDE` is a version that is kept and not shown."""

    WAITING = ReviewState.WAITING.value
    REJECTED = ReviewState.REJECTED.value
    BESIDE = ReviewState.KEPT.value
    FILED = ReviewState.FILED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """One object that waits or was rejected. It names no patient.

    `sender` is a person or a connected system, "" where it is not known any more.
    """

    item_id: UUID
    reason: str
    sender: str
    partner: str
    channel: Channel | None
    came_at: datetime
    place: Place
    decided_as: str
    decided_words: str
    decided_at: datetime | None
    objects: int

    @property
    def is_rejected(self) -> bool:
        """Whether the desk keeps it out."""
        return self.place is Place.REJECTED


def waiting_at_desk(party: Party, *, at: datetime) -> list[WaitingLine]:
    """List what waits at the party's institution, what was rejected and filed, the latest first.

    Reading it is on record.

    Raises:
        NotFoundError: the party works at no institution's desk.
    """
    vaults = desk_vaults(party)
    note_reading(ReceiveEvent.WAITING_LISTED, party, vaults, at=at)
    of_them = ReviewItem.objects.filter(vault_id__in=[vault.id for vault in vaults])
    found: list[ReviewItem] = []
    for state in _LISTED:
        found += of_them.filter(state=state).order_by("-received_at", "pk")[:_AT_MOST]
    return _lines(found)


def waits_at_desk(party: Party) -> int:
    """Count the exams that wait at the party's institution, as their list would.

    A count names nobody and nothing, so that it was seen is not on record.

    Raises:
        NotFoundError: the party works at no institution's desk.
    """
    vaults = [vault.id for vault in desk_vaults(party)]
    waiting = ReviewItem.objects.filter(vault_id__in=vaults, state=ReviewState.WAITING)
    return len({_exam(each) for each in waiting.order_by("-received_at", "pk")[:_AT_MOST]})


def compare_at_desk(party: Party, item_id: UUID, *, at: datetime) -> tuple[WaitingLine, Compared]:
    """Return one of them, set beside the institution's records. Reading it is on record.

    Raises:
        NotFoundError: it is not of the party's institution, or was decided for good.
        QuarantinedError: it does not read as it was stored.
    """
    vaults = desk_vaults(party)
    item = ReviewItem.objects.filter(
        pk=item_id, vault_id__in=[vault.id for vault in vaults], state__in=_READ
    ).first()
    if item is None:
        raise NotFoundError
    of_it = [vault for vault in vaults if vault.id == item.vault_id]
    note_reading(ReceiveEvent.WAITING_READ, party, of_it, subject=f"object/{item.pk}", at=at)
    return _lines([item, *together(item)])[0], compare(item)


def reject(party: Party, item_id: UUID, because: str, *, at: datetime) -> None:
    """Keep something out, for one reason of the list. Its bytes stay, and nobody is given them.

    Raises:
        NotFoundError: it is not of the party's institution.
        InvalidFieldError: the reason is none of the list.
        StateConflictError: it does not wait any more.
    """
    with transaction.atomic():
        item = _held(party, item_id)
        if because not in {each.value for each in Rejection}:
            raise InvalidFieldError("because", "Choose why.")
        if item.state != ReviewState.WAITING:
            raise StateConflictError("Somebody has decided about it already.")
        for each in (item, *together(item)):
            _decide(each, ReviewState.REJECTED, because, party.account, at=at)
            _note(ReceiveEvent.WAITING_REJECTED, party, each, because, at=at)


def reopen(party: Party, item_id: UUID, *, at: datetime) -> None:
    """Let something wait again that was rejected: it is as it was before.

    Raises:
        NotFoundError: it is not of the party's institution.
        StateConflictError: it is not rejected.
    """
    with transaction.atomic():
        item = _held(party, item_id)
        if item.state != ReviewState.REJECTED:
            raise StateConflictError("It is not rejected.")
        for each in (item, *together(item)):
            _decide(each, ReviewState.WAITING, "", None, at=None)
            _note(ReceiveEvent.WAITING_REOPENED, party, each, "", at=at)


def together(item: ReviewItem) -> list[ReviewItem]:
    """Return the other objects of its exam that name the same person and stand where it does."""
    if not bytes(item.exam_token):
        return []
    rows = ReviewItem.objects.filter(
        vault_id=item.vault_id,
        exam_token=bytes(item.exam_token),
        state=item.state,
        decided_at=item.decided_at,
    )
    return list(rows.exclude(pk=item.pk).order_by("received_at", "pk"))


def _held(party: Party, item_id: UUID) -> ReviewItem:
    """Return one item as it stays until the commit: two at the desk go one by one."""
    vaults = [vault.id for vault in desk_vaults(party)]
    rows = ReviewItem.objects.select_for_update().filter(pk=item_id, vault_id__in=vaults)
    item = rows.filter(state__in=_OPEN).first()
    if item is None:
        raise NotFoundError
    return item


def _decide(
    item: ReviewItem, state: ReviewState, because: str, by: UUID | None, *, at: datetime | None
) -> None:
    item.state, item.decided_as, item.decided_by, item.decided_at = state, because, by, at
    item.save(update_fields=["state", "decided_as", "decided_by", "decided_at"])


def _lines(items: list[ReviewItem]) -> list[WaitingLine]:
    batches = IntakeBatch.objects.in_bulk([each.batch_id for each in items if each.batch_id])
    senders = {batch.account_id for batch in batches.values()}
    people = Account.objects.in_bulk(senders)
    systems = {
        row.pk: row for row in Connection.objects.filter(pk__in=senders).select_related("partner")
    }
    of_one: dict[tuple[object, ...], list[ReviewItem]] = {}
    for each in items:
        of_one.setdefault(_exam(each), []).append(each)
    return [
        _line(group[0], len(group), batches.get(group[0].batch_id), people, systems)
        for group in of_one.values()
    ]


def _exam(item: ReviewItem) -> tuple[object, ...]:
    token = bytes(item.exam_token)
    return (item.vault_id, token, item.state, item.decided_at) if token else (item.pk,)


def _line(
    item: ReviewItem,
    objects: int,
    batch: IntakeBatch | None,
    people: dict[UUID, Account],
    systems: dict[UUID, Connection],
) -> WaitingLine:
    system = systems.get(batch.account_id) if batch else None
    person = people.get(batch.account_id) if batch else None
    return WaitingLine(
        item_id=item.pk,
        reason=item.reason,
        sender=system.name if system else person.name if person else "",
        partner=system.partner.name if system and system.partner else "",
        channel=Channel(batch.channel) if batch else None,
        came_at=item.received_at,
        place=Place(item.state),
        decided_as=item.decided_as,
        decided_words=item.decided_words or "",
        decided_at=item.decided_at,
        objects=objects,
    )


def _note(
    event: ReceiveEvent, party: Party, item: ReviewItem, reason: str, *, at: datetime
) -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"object/{item.pk}",
        vault_id=item.vault_id,
        reason=reason,
        at=at,
    )
