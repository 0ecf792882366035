"""Which transfers are there, where do they stand, and what became of each object?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.people import name_of_system
from safelight.exchange.release.transfer.changing import desks_of, may_retry, transfer_of
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import LIVE, KeptThere, Transfer, TransferState
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import PatientRecord, Study
from safelight.records.imaging.patients import identity_of

_AT_MOST: Final = 200


class KeptSaid(StrEnum):
    """What a receiver says of what it was sent, where it was asked. Values are stable codes."""

    NOTHING = ""
    ASKED = "asked"
    ALL = "all"
    NOT_ALL = "not-all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One transfer, as its desk or the patient reads it. `proof` is in hex.

    `not_kept` is how many objects the receiver says that it does not keep.
    """

    transfer_id: UUID
    study_id: UUID
    to: str
    state: TransferState
    cause: str
    sent: int
    wanted: int
    size: int
    attempts: int
    ordered_at: datetime
    next_at: datetime | None
    proof: str
    may_retry: bool
    may_stop: bool
    consent_id: UUID | None = None
    kept_there: KeptSaid = KeptSaid.NOTHING
    not_kept: int = 0

    @classmethod
    def of(cls, row: Transfer) -> Standing:
        """Read one out of its row."""
        return cls(
            transfer_id=row.pk,
            study_id=row.study_id,
            to=name_of_system(row.connection_id),
            state=TransferState(row.state),
            cause=row.cause,
            sent=row.sent,
            wanted=row.wanted,
            size=row.size,
            attempts=row.attempts,
            ordered_at=row.ordered_at,
            next_at=row.next_at,
            proof=bytes(row.proof).hex() if row.proof else "",
            may_retry=may_retry(row),
            may_stop=row.state in LIVE,
            consent_id=row.consent_id,
            **_what_is_kept(row),
        )

    @property
    def left(self) -> int:
        """How many objects have not arrived."""
        return self.wanted - self.sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One transfer as the desk that keeps the exam reads it: with whose it is."""

    standing: Standing
    patient: str
    number: str


def transfers(party: Party, *, at: datetime) -> list[Standing]:
    """List the transfers of the desk's institutions, the newest first; it is on record.

    Raises:
        NotFoundError: this party is at no desk.
    """
    if not (places := desks_of(party)):
        raise NotFoundError
    with transaction.atomic():
        record(
            TransferEvent.LISTED,
            actor=party.name,
            session=party.session,
            subject=party.name,
            at=at,
        )
    rows = Transfer.objects.filter(organization_id__in=places).order_by("-ordered_at", "-id")
    return [Standing.of(row) for row in rows.select_related("kept_there")[:_AT_MOST]]


def queue_of_desk(party: Party, *, at: datetime) -> list[Queued]:
    """List the transfers of the desk's institutions with whose exam it is; it is on record.

    Raises:
        NotFoundError: this party is at no desk.
    """
    listed = transfers(party, at=at)
    patients = dict(
        Study.objects.filter(pk__in={each.study_id for each in listed}).values_list(
            "pk", "patient_id"
        )
    )
    rows = PatientRecord.objects.in_bulk(set(patients.values()))
    known = {key: identity_of(row.vault_id, row) for key, row in rows.items()}
    found = []
    for each in listed:
        whose = known.get(patients[each.study_id]) if each.study_id in patients else None
        found.append(
            Queued(
                standing=each,
                patient=whose.name if whose else "",
                number=whose.patient_id if whose else "",
            )
        )
    return found


def transfers_of_exam(party: Party, study_id: UUID, *, at: datetime) -> list[Standing]:
    """List to where an exam was or is sent, for who decides about it.

    Raises:
        NotFoundError: it is not this party's to decide about.
    """
    if not decide(party, Action.SHARE, study_id, at=at).allowed:
        raise NotFoundError
    rows = Transfer.objects.filter(study_id=study_id).order_by("-ordered_at", "-id")
    return [Standing.of(row) for row in rows.select_related("kept_there")[:_AT_MOST]]


def one_transfer(
    party: Party, transfer_id: UUID, *, at: datetime
) -> tuple[Standing, Counter[tuple[str, str]]]:
    """Return one transfer, and how many of its objects are in which state for which cause.

    Raises:
        NotFoundError: there is none, or it is not theirs.
    """
    row = transfer_of(party, transfer_id, at=at)
    return Standing.of(row), Counter(row.items.values_list("state", "cause"))


def _what_is_kept(row: Transfer) -> dict[str, Any]:
    said: KeptThere | None = getattr(row, "kept_there", None)
    if said is None:
        return {}
    if said.heard_at is None:
        return {"kept_there": KeptSaid.ASKED}
    return {
        "kept_there": KeptSaid.NOT_ALL if said.failed else KeptSaid.ALL,
        "not_kept": said.failed,
    }
