"""What came of a handover, and do both sides say the same?

What is kept is written in the transaction that keeps it. The proof is the SHA-256 over the
hashes of all objects in the order of their values, so that both sides come to it by
themselves, in whatever order things arrived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import transaction

from safelight.dicom.source import Source, streamed
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.handover.announcing import (
    held,
    note,
    require_safelight,
    terms_of,
)
from safelight.exchange.receive.handover.models import HandedObject, Handover, HandoverState
from safelight.exchange.receive.verdicts import Ruling, Verdict
from safelight.kernel.errors import StateConflictError

# What was set aside is served to nobody: it has not arrived before the desk let it in.
_KEPT = frozenset({Ruling.STORED, Ruling.DUPLICATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a handover is here: how many objects, and the proof over them."""

    state: HandoverState
    count: int
    proof: bytes
    agrees: bool = False


@dataclass(slots=True)
class Handed:
    """The objects of one delivery that belong to a handover. `look` at each, then `write`.

    `study` is the announced one: objects of another do not belong to it.
    """

    row: Handover
    study: str
    digests: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def under(cls, party: Party, transfer_id: UUID) -> Self:
        """Return what is handed over under an announcement.

        Raises:
            NotFoundError: this party announced nothing of that name.
            StateConflictError: it was withdrawn.
        """
        require_safelight(party)
        with transaction.atomic():
            row = held(party, transfer_id)
        if row.state == HandoverState.WITHDRAWN:
            raise StateConflictError("It was withdrawn.")
        return cls(row, terms_of(row).study)

    def look(self, item: int, source: Source) -> None:
        """Note the hash of a file that came."""
        digest = hashlib.sha256()
        for piece in streamed(source, 0, source.size):
            digest.update(piece)
        self.digests[item] = digest.digest()

    def write(self, verdicts: Iterable[Verdict], *, at: datetime) -> None:
        """Write what is kept of them into the caller's transaction.

        Raises:
            StateConflictError: it was withdrawn meanwhile; nothing of them is taken in.
        """
        row = Handover.objects.select_for_update().get(pk=self.row.pk)
        if row.state == HandoverState.WITHDRAWN:
            raise StateConflictError("It was withdrawn.")
        kept = [each for each in verdicts if each.ruling in _KEPT and each.item in self.digests]
        HandedObject.objects.bulk_create(
            (
                HandedObject(
                    handover=row, sha256=self.digests[each.item], ruling=each.ruling.value, at=at
                )
                for each in kept
            ),
            ignore_conflicts=True,
        )
        stored = [each for each in kept if each.ruling is Ruling.STORED]
        if stored:
            row.study_id = stored[-1].study_id
            row.brought = row.brought or any(each.is_new_study for each in stored)
            row.save(update_fields=["study_id", "brought"])


def agree(party: Party, transfer_id: UUID, *, count: int, proof: bytes, at: datetime) -> Tally:
    """Say whether what came is what the other side says it sent, and keep that it is.

    Raises:
        NotFoundError: there is no such handover of this party.
    """
    require_safelight(party)
    with transaction.atomic():
        row = held(party, transfer_id)
        here = _tally(row)
        agrees = (here.count, here.proof) == (count, proof)
        if agrees and row.state == HandoverState.OPEN:
            row.state, row.agreed_at = HandoverState.AGREED, at
            row.save(update_fields=["state", "agreed_at"])
            note(ReceiveEvent.HANDOVER_AGREED, party, row, at=at, count=count)
        return Tally(
            state=HandoverState(row.state), count=here.count, proof=here.proof, agrees=agrees
        )


def hashes(party: Party, transfer_id: UUID, *, at: datetime) -> list[bytes]:
    """Return the hash of each object that is kept, for the other side to compare.

    Raises:
        NotFoundError: there is no such handover of this party.
    """
    require_safelight(party)
    with transaction.atomic():
        row = held(party, transfer_id)
        note(ReceiveEvent.HANDOVER_COMPARED, party, row, at=at)
        return _hashes(row)


def proof_over(found: Iterable[bytes]) -> bytes:
    """Return the proof over the hashes of some objects, in whatever order they come."""
    digest = hashlib.sha256()
    for each in sorted(found):
        digest.update(each)
    return digest.digest()


def _tally(row: Handover) -> Tally:
    found = _hashes(row)
    return Tally(state=HandoverState(row.state), count=len(found), proof=proof_over(found))


def _hashes(row: Handover) -> list[bytes]:
    rows = row.kept.order_by("id").values_list("sha256", flat=True)
    return [bytes(each) for each in rows]
