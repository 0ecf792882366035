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

from django.db import transaction

from safelight.dicom.reasons import UnreadableError
from safelight.dicom.source import Source
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import care_began
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.finishing import WAIT, finish_series
from safelight.exchange.receive.look_over import look_over, packed
from safelight.exchange.receive.verdicts import (
    NAMELESS,
    OTHER_STUDY,
    SENTENCES,
    Names,
    Ruling,
    Verdict,
)
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.records.imaging.arrivals import Arrival, Filed, Outcome, settled
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.filing import Filing, make_durable
from safelight.records.imaging.models import Study, Vault

_RULINGS = {
    Outcome.STORED: Ruling.STORED,
    Outcome.DUPLICATE: Ruling.DUPLICATE,
    Outcome.REVIEW: Ruling.REVIEW,
}


@dataclass(frozen=True, slots=True)
class _Taken:
    """One readable item: an arrival to be filed, or what was settled about it before."""

    item: int
    names: Names
    arrival: Arrival | None
    settled: Filed | None


class Intake:
    """One commit group of one actor's delivery into one vault.

    Call `take` for each item, then `close` once: only what `close` returns may
    be acknowledged. A closed intake cannot be used again.
    """

    def __init__(
        self, party: Party, vault: Vault, batch_id: UUID, *, at: datetime, only_study: str = ""
    ) -> None:
        """Open a group. `only_study` refuses objects of any other Study Instance UID."""
        self._only_study = only_study
        self._party = party
        self._vault = vault
        self._batch_id = batch_id
        self._at = at
        self._taken: list[_Taken] = []
        self._refused: list[Verdict] = []
        self.waiting = 0
        self.bytes = 0

    def take(self, item: int, source: Source) -> None:
        """Look at one object and seal it into the pack. Not yet durable.

        Raises:
            StorageFullError: there is no room; nothing of this item was kept.
        """
        try:
            looked = look_over(source)
        except UnreadableError as error:
            self._refuse(item, error.reason.value, str(error))
            return
        names = looked.names
        if self._only_study and names.study_instance_uid != self._only_study:
            self._refuse(item, OTHER_STUDY, SENTENCES[OTHER_STUDY], names)
            return
        before = settled(self._vault, names.sop_instance_uid, looked.digest)
        arrival = packed(looked, source) if before is None else None
        self._taken.append(_Taken(item, names, arrival, before))
        if arrival is not None:
            self.waiting += 1
            self.bytes += source.size

    def close(self) -> list[Verdict]:
        """Make everything taken durable, record it, and return a verdict for each item."""
        arrivals = [taken.arrival for taken in self._taken if taken.arrival is not None]
        filed: list[Filed] = []
        if arrivals or self._refused:
            study_ids = make_durable(self._vault, arrivals) if arrivals else {}
            with transaction.atomic():
                if arrivals:
                    filed = Filing(self._vault, study_ids, at=self._at).file_all(arrivals)
                self._record(filed)
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

    def _refuse(self, item: int, reason: str, sentence: str, names: Names = NAMELESS) -> None:
        self._refused.append(Verdict(item, Ruling.REFUSED, reason, sentence, names))

    def _verdict(self, taken: _Taken, filed: Filed) -> Verdict:
        return Verdict(
            taken.item,
            _RULINGS[filed.outcome],
            filed.reason,
            SENTENCES.get(filed.reason, ""),
            taken.names,
            study_id=filed.study_id,
            series_id=filed.series_id,
        )

    def _record(self, filed: list[Filed]) -> None:
        """Write the audit entries, the care relations and the jobs of this commit."""
        stored = [each for each in filed if each.outcome is Outcome.STORED]
        for study_id in {each.study_id for each in stored if each.new_study}:
            self._note(ImagingEvent.STUDY_FILED, f"study/{study_id}")
        for study_id in {each.study_id for each in filed if each.restored}:
            self._note(ImagingEvent.STUDY_RESTORED, f"study/{study_id}")
        batch = f"batch/{self._batch_id}"
        if filed:
            self._note(ReceiveEvent.TAKEN_IN, batch, count=len(stored), size=self.bytes)
        for reason, count in sorted(Counter(each.reason for each in self._refused).items()):
            self._note(ReceiveEvent.REFUSED, batch, reason=reason, count=count)
        self._begin_care(stored)
        for series_id in {each.series_id for each in stored if each.series_id}:
            finish_series.enqueue(run_after=clock.now() + WAIT, series_id=str(series_id))

    def _begin_care(self, stored: list[Filed]) -> None:
        """Let whoever brought a new exam into an organisation see it, and no more by that.

        Naming a known patient or a known study in a header is no proof of treating them:
        only somebody who brings a patient in for the first time is known to (S18).
        """
        if self._vault.organization_id is None or self._party.account_id is None:
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
