"""How does a whole delivery come in: many objects, a few commits, one receipt?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from django.db import OperationalError

from safelight.dicom.source import Source
from safelight.exchange.access.facts import Party
from safelight.exchange.access.volume import brings
from safelight.exchange.receive.door import count_verdicts, counted, new_batch, vault_for
from safelight.exchange.receive.handover.keeping import Handed
from safelight.exchange.receive.intake import Intake, Taken, take
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.exchange.receive.together import commit
from safelight.exchange.receive.verdicts import SENTENCES, STORAGE_FULL, Ruling, Verdict
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.errors import AuditUnavailableError
from safelight.platform.database.writing import insert
from safelight.platform.storage.errors import StorageFullError
from safelight.platform.storage.space import is_full
from safelight.records.imaging.models import Vault

# One sync and one transaction for at most so much; memory does not grow with it,
# because the bytes are in the pack already.
GROUP_OBJECTS: Final = 64
GROUP_BYTES: Final = 128 << 20


@dataclass(slots=True)
class Delivery:
    """One delivery of one actor. `take` each item, then `finish`.

    Only verdicts that `finish` (or `close_group`) returned may be acknowledged. `take`
    is `look`, which any number of threads may do at once, and `add`, which one does.
    """

    party: Party
    batch: IntakeBatch
    vault: Vault
    only_study: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    _group: Intake | None = None
    _receipt: _Receipt | None = None
    _handed: Handed | None = None

    @classmethod
    def start(
        cls,
        party: Party,
        channel: Channel,
        *,
        at: datetime,
        only_study: str = "",
        transfer_id: UUID | None = None,
    ) -> Self:
        """Open a delivery into the vault that this party may add to.

        `transfer_id` is the sender's name of a handover that it announced.

        Its receipt is written with the first group that is made durable.

        Raises:
            NotSignedInError, MayNotStoreError.
            NotFoundError, StateConflictError: there is no such handover, or it was withdrawn.
        """
        vault = vault_for(party, at=at)
        handed = Handed.under(party, transfer_id) if transfer_id is not None else None
        if handed is not None:
            if only_study not in {"", handed.study}:
                raise NotFoundError
            only_study = handed.study
        batch = new_batch(party, vault, channel, at=at)
        return cls(party, batch, vault, only_study, _receipt=_Receipt(batch), _handed=handed)

    @classmethod
    def resume(cls, party: Party, batch: IntakeBatch, *, only_study: str = "") -> Self:
        """Go on with a delivery that is open already; its receipt is the caller's to keep."""
        return cls(party, batch, Vault.objects.get(pk=batch.vault_id), only_study)

    @property
    def batch_id(self) -> UUID:
        """The delivery's own id."""
        return self.batch.id

    def take(self, item: int, source: Source) -> None:
        """Take one item in; a full group is made durable on the way."""
        self.add(self.look(item, source))
        if self.is_full:
            self.close_group()

    def look(self, item: int, source: Source) -> Taken | Verdict:
        """Look at one item and seal its bytes; it is in the delivery once it is added.

        Raises:
            RateLimitedError: more than one may send in a day.
        """
        if self.batch.channel in {Channel.STOW, Channel.DIMSE}:
            brings(self.party, source.size, at=clock.now())
        if self._handed is not None:
            self._handed.look(item, source)
        return take(self.vault, item, source, only_study=self.only_study)

    def add(self, taken: Taken | Verdict) -> None:
        """Let an item that was looked at belong to the delivery."""
        if self._group is None:
            self._group = Intake(self.party, self.vault, self.batch, at=clock.now())
        self._group.add(taken)

    @property
    def is_full(self) -> bool:
        """Whether what was added is enough for a group: close it before adding more."""
        group = self._group
        return group is not None and (group.waiting >= GROUP_OBJECTS or group.bytes >= GROUP_BYTES)

    def refuse(self, item: int, reason: str, sentence: str = "") -> None:
        """Refuse one item that never came to be looked at."""
        sentence = sentence or SENTENCES[reason]
        self.verdicts.append(Verdict(item, Ruling.REFUSED, reason, sentence))

    def close_group(self) -> list[Verdict]:
        """Make what was taken so far durable; return the verdicts of this group.

        Where there is no room left for it, each of the group is refused.
        """
        return [] if self._group is None else self._close(None)

    def finish(self, *, at: datetime) -> list[Verdict]:
        """Close the delivery and return every verdict in the sender's order."""
        self._close(at)
        return sorted(self.verdicts, key=lambda verdict: verdict.item)

    def _close(self, finished_at: datetime | None) -> list[Verdict]:
        group, self._group = self._group, None
        try:
            closed = self._commit(group, finished_at)
        except (StorageFullError, OperationalError, AuditUnavailableError) as error:
            if group is None or not is_full(error):
                raise
            closed = group.lost(STORAGE_FULL)
        self.verdicts.extend(closed)
        return closed

    def _commit(self, group: Intake | None, finished_at: datetime | None) -> list[Verdict]:
        """Keep a group and, in the same transaction, the receipt for it."""
        if group is not None:
            group.make_durable()
        receipt, before = self._receipt, self.verdicts

        def work() -> list[Verdict]:
            closed = group.file() if group is not None else []
            if self._handed is not None:
                self._handed.write(closed, at=clock.now())
            if receipt is not None:
                receipt.write(before + closed, finished_at)
            return closed

        closed = commit(work)
        if receipt is not None:
            self._receipt = receipt.written(len(before) + len(closed))
        return closed


@dataclass(frozen=True, slots=True)
class _Receipt:
    """How far a delivery's receipt is written: not at all, or for so many verdicts."""

    batch: IntakeBatch
    verdicts: int = 0
    is_new: bool = True

    def write(self, verdicts: list[Verdict], finished_at: datetime | None) -> None:
        """Write what came to be known since, into the caller's transaction."""
        batch, more = self.batch, verdicts[self.verdicts :]
        batch.finished_at = finished_at
        if self.is_new:
            for name, count in counted(more).items():
                setattr(batch, name, count)
            insert([batch])
            return
        count_verdicts(batch, more)
        if finished_at is not None:
            IntakeBatch.objects.filter(pk=batch.pk).update(finished_at=finished_at)

    def written(self, verdicts: int) -> _Receipt:
        """Return the receipt as it is once that is committed."""
        return replace(self, verdicts=verdicts, is_new=False)
