"""How does one object, or many, come in by whichever door?

Decide, seal into the pack, look at the header, sync, write one transaction,
answer. A refused item costs itself only; nothing is acknowledged before it is
durable (I7).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.dicom.reasons import UnreadableError
from safelight.dicom.source import Source
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.load import care_began
from safelight.exchange.receive.commitment.brought import remember
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.finishing import finish_later
from safelight.exchange.receive.look_over import look_over, packed
from safelight.exchange.receive.models import IntakeBatch
from safelight.exchange.receive.verdicts import (
    KEPT_DAMAGED,
    OTHER_STUDY,
    SENTENCES,
    STORAGE_FULL,
    Names,
    Ruling,
    Verdict,
)
from safelight.platform.audit.actions import record
from safelight.platform.storage.errors import StorageFullError
from safelight.records.imaging.arrivals import Arrival, Filed, Marks, Outcome, marks_of, settled
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.filing import Filing, Ready, make_durable
from safelight.records.imaging.models import Study, Vault
from safelight.records.imaging.quarantine import is_damaged

# So many objects without pictures make it worth the while to join their models beforehand.
_MANY = 16
_RULINGS = {
    Outcome.STORED: Ruling.STORED,
    Outcome.DUPLICATE: Ruling.DUPLICATE,
    Outcome.REVIEW: Ruling.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One readable item: an arrival to be filed, or what was settled about it before."""

    item: int
    names: Names
    marks: Marks
    arrival: Arrival | None
    settled: Filed | None


def take(vault: Vault, item: int, source: Source, *, only_study: str = "") -> Taken | Verdict:
    """Look at one object and seal it into the pack, or refuse it. Not yet durable.

    Any number of threads may do this at once. `only_study` refuses objects of any
    other Study Instance UID.
    """
    try:
        looked = look_over(source)
    except UnreadableError as error:
        return Verdict(item, Ruling.REFUSED, error.reason.value, str(error))
    names = looked.names
    if only_study and names.study_instance_uid != only_study:
        return Verdict(item, Ruling.REFUSED, OTHER_STUDY, SENTENCES[OTHER_STUDY], names)
    marks = marks_of(vault, looked.header, looked.digest)
    if is_damaged(vault.id, marks.uid, marks.digest):
        # "Here already" would let the sender throw away the last good copy.
        return Verdict(item, Ruling.REFUSED, KEPT_DAMAGED, SENTENCES[KEPT_DAMAGED], names)
    if before := settled(vault, marks):
        return Taken(item, names, marks, None, before)
    try:
        return Taken(item, names, marks, packed(looked, source, marks), None)
    except StorageFullError:
        return Verdict(item, Ruling.REFUSED, STORAGE_FULL, SENTENCES[STORAGE_FULL], names)


class Intake:
    """One commit group of one actor's delivery into one vault.

    Call `add` with what was taken, then `make_durable`, then `file` in a transaction:
    only what `file` returns may be acknowledged, once that is committed.
    """

    def __init__(self, party: Party, vault: Vault, batch: IntakeBatch, *, at: datetime) -> None:
        """Open a group."""
        self._party = party
        self._vault = vault
        self._batch = batch
        self._at = at
        self._taken: list[Taken] = []
        self._refused: list[Verdict] = []
        self._ready: Ready | None = None
        self.waiting = 0
        self.bytes = 0

    def add(self, taken: Taken | Verdict) -> None:
        """Let one item belong to this group."""
        if isinstance(taken, Verdict):
            self._refused.append(taken)
            return
        self._taken.append(taken)
        if taken.arrival is not None:
            self.waiting += 1
            self.bytes += taken.arrival.card.size

    def make_durable(self) -> None:
        """Bring what was taken, and the keys it needs, to stable storage.

        Raises:
            StorageFullError, StorageFailedError: nothing of it may be promised.
        """
        arrivals = [taken.arrival for taken in self._taken if taken.arrival is not None]
        if arrivals:
            self._ready = make_durable(self._vault, arrivals)

    def file(self) -> list[Verdict]:
        """Write rows and record into the caller's transaction; a verdict for each item.

        May be done again in another transaction, when the first came to nothing.
        """
        filed: list[Filed] = []
        if self._ready is not None:
            filing = Filing(self._vault, self._ready, at=self._at, batch_id=self._batch.pk)
            filed = filing.file_all()
        self._record(filed)
        marks = [each.marks for each in self._taken]
        remember(self._party, self._batch, marks, at=self._at)
        outcomes = iter(filed)
        verdicts = [self._verdict(each, each.settled or next(outcomes)) for each in self._taken]
        return sorted(verdicts + self._refused, key=lambda verdict: verdict.item)

    def lost(self, reason: str) -> list[Verdict]:
        """Refuse everything that was taken, because it could not be made durable."""
        taken = [
            Verdict(each.item, Ruling.REFUSED, reason, SENTENCES[reason], each.names)
            for each in self._taken
        ]
        return sorted(taken + self._refused, key=lambda verdict: verdict.item)

    def _verdict(self, taken: Taken, filed: Filed) -> Verdict:
        return Verdict(
            taken.item,
            _RULINGS[filed.outcome],
            filed.reason,
            SENTENCES.get(filed.reason, ""),
            taken.names,
            study_id=filed.study_id,
            series_id=filed.series_id,
            is_new_study=filed.new_study,
        )

    def _record(self, filed: list[Filed]) -> None:
        """Write the audit entries, the care relations and the jobs of this commit."""
        stored = [each for each in filed if each.outcome is Outcome.STORED]
        for patient_id in {each.patient_id for each in stored if each.new_patient}:
            self._note(ImagingEvent.PATIENT_CREATED, f"patient/{patient_id}")
        for study_id in {each.study_id for each in stored if each.new_study}:
            self._note(ImagingEvent.STUDY_FILED, f"study/{study_id}")
        for study_id in {each.study_id for each in filed if each.restored}:
            self._note(ImagingEvent.STUDY_RESTORED, f"study/{study_id}")
        batch, channel = f"batch/{self._batch.pk}", self._batch.channel
        if filed:
            self._note(
                ReceiveEvent.TAKEN_IN, batch, reason=channel, count=len(stored), size=self.bytes
            )
        if known := sum(each.settled is not None for each in self._taken):
            self._note(ReceiveEvent.KNOWN, batch, reason=channel, count=known)
        for reason, count in sorted(Counter(each.reason for each in self._refused).items()):
            self._note(ReceiveEvent.REFUSED, batch, reason=reason, count=count)
        aside = Counter(each.reason for each in filed if each.outcome is Outcome.REVIEW)
        for reason, count in sorted(aside.items()):
            self._note(ReceiveEvent.SET_ASIDE, batch, reason=reason, count=count)
        self._begin_care(stored)
        for series_id in self._worth_finishing(filed):
            finish_later(series_id)

    def _worth_finishing(self, filed: list[Filed]) -> set[UUID]:
        """Return the series that got pictures, or so much else that joining it takes a while."""
        arrivals = self._ready.arrivals if self._ready is not None else ()
        weights: Counter[UUID] = Counter()
        for arrival, each in zip(arrivals, filed, strict=True):
            if each.outcome is Outcome.STORED and each.series_id is not None:
                weights[each.series_id] += _MANY if arrival.card.frames else 1
        return {series_id for series_id, weight in weights.items() if weight >= _MANY}

    def _begin_care(self, stored: list[Filed]) -> None:
        """Let whoever brought a new exam into an organisation see it, and no more by that.

        Naming a known patient or a known study in a header is no proof of treating them:
        only somebody who brings a patient in for the first time is known to (S18).
        """
        if self._vault.organization_id is None or self._party.account_id is None:
            return
        if self._party.kind is PartyKind.SYSTEM:  # treats nobody
            return
        brought: dict[UUID, set[UUID]] = {}
        for each in stored:
            if each.new_study and each.patient_id is not None and each.study_id is not None:
                brought.setdefault(each.patient_id, set()).add(each.study_id)
        for patient_id, new in brought.items():
            was_known = Study.objects.filter(patient_id=patient_id).exclude(pk__in=new).exists()
            care_began(
                self._vault.id,
                patient_id,
                self._party.account_id,
                at=self._at,
                study_ids=new if was_known else (),
            )

    def _note(
        self, event: ReceiveEvent | ImagingEvent, subject: str, *, reason: str = "",
        count: int = 0, size: int = 0,
    ) -> None:  # fmt: skip
        record(
            event,
            actor=self._party.name,
            session=self._party.session,
            subject=subject,
            vault_id=self._vault.id,
            reason=reason,
            count=count,
            size=size,
            at=self._at,
        )
