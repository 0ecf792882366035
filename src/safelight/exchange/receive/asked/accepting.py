"""What has come by my links or my desk's, and is it let in or sent away?

Nothing that an outsider sent is in a vault before one of its receivers said so, and
said of each person in it who that is. The work itself is a job's: see `filing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.receive.asked.contents import PAPERS, Line, Somebody, people_in
from safelight.exchange.receive.asked.discarding import discard_parts
from safelight.exchange.receive.asked.filing import file_parcel
from safelight.exchange.receive.asked.links import (
    belongs_to,
    name_of,
    require_receiver,
    whom_of,
)
from safelight.exchange.receive.asked.sealed import lines_of, seal_for
from safelight.exchange.receive.door import Attestation, open_batch
from safelight.exchange.receive.errors import NotAsAskedError
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.holder import is_named_like
from safelight.exchange.receive.models import (
    Channel,
    Parcel,
    ParcelState,
    UploadRequest,
    UploadState,
)
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Vault


class Whose(StrEnum):
    """Who somebody in a parcel is to the person whose vault it would go into."""

    MINE = "mine"
    MINE_UNDER_ANOTHER_NAME = "me-under-another-name"
    REPRESENTED = "represented"
    LEAVE_OUT = "leave-out"


_DECLARED: Final = {
    Whose.MINE: ("mine", ""),
    Whose.MINE_UNDER_ANOTHER_NAME: ("mine", "me-under-another-name"),
    Whose.REPRESENTED: ("represented", "represented"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One parcel as its receiver sees it; of whom it is, only while it waits.

    `strangers` are the keys of those who are not named like the vault's own person.
    """

    parcel: Parcel
    whom: str
    is_for_desk: bool
    people: tuple[Somebody, ...] = ()
    papers: tuple[str, ...] = ()
    strangers: frozenset[str] = frozenset()


def delivered_to(party: Party) -> list[Parcel]:
    """List what came for this party and its desks, the newest first."""
    require_receiver(party)
    requests = UploadRequest.objects.filter(belongs_to(party))
    rows = Parcel.objects.select_related("request", "sender").filter(request__in=requests)
    return list(rows.exclude(finished_at=None).order_by("-finished_at", "id"))


def waiting_for(party: Party) -> int:
    """Return how many parcels wait for this party, or for a desk it belongs to."""
    if party.account_id is None:
        return 0
    requests = UploadRequest.objects.filter(belongs_to(party))
    return Parcel.objects.filter(request__in=requests, state=ParcelState.WAITING).count()


def read_parcel(party: Party, parcel_id: UUID, *, at: datetime) -> Delivered:
    """Open one parcel to decide about it; while it waits, that is on record.

    Raises:
        NotFoundError: it is not for this party.
    """
    parcel = _own(party, parcel_id)
    request = parcel.request
    is_for_desk = request.organization_id is not None
    if parcel.state != ParcelState.WAITING:
        return Delivered(parcel=parcel, whom=whom_of(request), is_for_desk=is_for_desk)
    lines = _lines(parcel)
    people = people_in(lines)
    holder = name_of(request.account_id)
    with transaction.atomic():
        _note(ReceiveEvent.PARCEL_READ, party, parcel, at=at)
    return Delivered(
        parcel=parcel,
        whom=whom_of(request),
        is_for_desk=is_for_desk,
        people=tuple(people),
        papers=tuple(line.title for line in lines if not line.person and not line.refused),
        strangers=frozenset(
            one.key for one in people if holder and not is_named_like(one.written_name, holder)
        ),
    )


def take_in_parcel(
    party: Party, parcel_id: UUID, answers: Mapping[str, str], *, at: datetime
) -> None:
    """Let a parcel in: each person in it is who the receiver says, or left out.

    A desk takes all of it. A person answers for each name; one that is not theirs is
    never put among their own without their saying whose it is.

    Raises:
        NotFoundError: it is not for this party.
        NotAsAskedError: somebody in it was not answered for, or nothing is left.
        StateConflictError: it does not wait any more.
    """
    found = read_parcel(party, parcel_id, at=at)
    parcel = found.parcel
    if parcel.state != ParcelState.WAITING:
        raise StateConflictError
    chosen = _for_desk(found) if found.is_for_desk else _chosen(found, answers)
    vault = Vault.objects.get(pk=parcel.vault_id)
    with transaction.atomic():
        waiting = Parcel.objects.filter(pk=parcel.pk, state=ParcelState.WAITING)
        decided = {"decided_at": at, "decided_by": party.account, "decided_in": party.session}
        if not waiting.update(state=ParcelState.TAKEN, **decided):
            raise StateConflictError
        batches = {}
        for answer in sorted(set(chosen.values()) - {Whose.LEAVE_OUT}):
            whose, other_name = _DECLARED[answer]
            attested = Attestation(whose=whose, believed_right=True, other_name=other_name)
            declared = None if found.is_for_desk else attested
            batch = open_batch(party, vault, Channel.REQUEST, declared, at=at)
            batches[answer.value] = str(batch.pk)
        choices = orjson.dumps({"answers": chosen, "batches": batches})
        sealed = seal_for(parcel, choices, f"parcel-choices|{parcel.pk}")
        Parcel.objects.filter(pk=parcel.pk).update(sealed_choices=sealed)
        _note(ReceiveEvent.PARCEL_TAKEN, party, parcel, at=at)
        file_parcel.enqueue(parcel_id=parcel.pk)


def refuse_parcel(party: Party, parcel_id: UUID, *, at: datetime) -> None:
    """Send a parcel away unread: its bytes are gone at once. Its sender is not told.

    Raises:
        NotFoundError: it is not for this party.
        StateConflictError: it does not wait any more.
    """
    parcel = _own(party, parcel_id)
    with transaction.atomic():
        waiting = Parcel.objects.filter(pk=parcel.pk, state=ParcelState.WAITING)
        if not waiting.update(
            state=ParcelState.REFUSED,
            decided_at=at,
            decided_by=party.account,
            decided_in=party.session,
        ):
            raise StateConflictError
        _note(ReceiveEvent.PARCEL_REFUSED, party, parcel, at=at)
    discard_parts(parcel)


def _own(party: Party, parcel_id: UUID) -> Parcel:
    require_receiver(party)
    requests = UploadRequest.objects.filter(belongs_to(party))
    rows = Parcel.objects.select_related("request", "sender").filter(request__in=requests)
    parcel = rows.exclude(finished_at=None).filter(pk=parcel_id).first()
    if parcel is None:
        raise NotFoundError
    return parcel


def _lines(parcel: Parcel) -> list[Line]:
    done = parcel.parts.filter(state=UploadState.DONE).order_by("created_at", "id")
    return [line for part in done for line in lines_of(part)]


def _for_desk(found: Delivered) -> dict[str, Whose]:
    return {one.key: Whose.MINE for one in found.people}


def _chosen(found: Delivered, answers: Mapping[str, str]) -> dict[str, Whose]:
    faults: dict[str, str] = {}
    chosen: dict[str, Whose] = {}
    for one in found.people:
        said = answers.get(one.key, "")
        allowed = set(Whose) - ({Whose.MINE} if one.key in found.strangers else set())
        if said in allowed:
            chosen[one.key] = Whose(said)
        else:
            faults[one.key] = "Say who this is, or leave it out."
    if found.papers:
        wanted = answers.get(PAPERS, Whose.MINE) == Whose.MINE
        chosen[PAPERS] = Whose.MINE if wanted else Whose.LEAVE_OUT
    if not faults and set(chosen.values()) <= {Whose.LEAVE_OUT}:
        faults["nothing"] = "Nothing would be taken in. Send it away instead."
    if faults:
        raise NotAsAskedError(faults)
    return chosen


def _note(event: ReceiveEvent, party: Party, parcel: Parcel, *, at: datetime) -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"parcel/{parcel.pk}",
        vault_id=parcel.vault_id,
        count=parcel.files,
        size=parcel.size,
        at=at,
    )
