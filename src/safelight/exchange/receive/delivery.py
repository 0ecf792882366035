"""How does a whole delivery come in: many objects, a few commits, one receipt?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from django.db import OperationalError, transaction

from safelight.dicom.source import Source
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.door import (
    Attestation,
    count_verdicts,
    finish_batch,
    start_batch,
)
from safelight.exchange.receive.intake import Intake
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.exchange.receive.verdicts import SENTENCES, STORAGE_FULL, Ruling, Verdict
from safelight.kernel import clock
from safelight.platform.audit.errors import AuditUnavailableError
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

    Only verdicts that `finish` (or `close_group`) returned may be acknowledged.
    """

    party: Party
    batch: IntakeBatch
    vault: Vault
    only_study: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    _group: Intake | None = None

    @classmethod
    def start(
        cls,
        party: Party,
        channel: Channel,
        *,
        at: datetime,
        attestation: Attestation | None = None,
        only_study: str = "",
    ) -> Self:
        """Open a delivery into the vault that this party may add to.

        Raises:
            NotSignedInError, MayNotStoreError, AttestationMissingError.
        """
        return cls.resume(
            party, start_batch(party, channel, attestation, at=at), only_study=only_study
        )

    @classmethod
    def resume(cls, party: Party, batch: IntakeBatch, *, only_study: str = "") -> Self:
        """Go on with a delivery that is open already."""
        vault = Vault.objects.get(pk=batch.vault_id)
        return cls(party=party, batch=batch, vault=vault, only_study=only_study)

    @property
    def batch_id(self) -> UUID:
        """The delivery's own id."""
        return self.batch.id

    def take(self, item: int, source: Source) -> None:
        """Take one item in; a full group is made durable on the way."""
        if self._group is None:
            self._group = Intake(
                self.party, self.vault, self.batch.id, at=clock.now(), only_study=self.only_study
            )
        try:
            self._group.take(item, source)
        except StorageFullError:
            self.refuse(item, STORAGE_FULL)
            return
        if self._group.waiting >= GROUP_OBJECTS or self._group.bytes >= GROUP_BYTES:
            self.close_group()

    def refuse(self, item: int, reason: str, sentence: str = "") -> None:
        """Refuse one item that never came to be looked at."""
        sentence = sentence or SENTENCES[reason]
        self.verdicts.append(Verdict(item, Ruling.REFUSED, reason, sentence))

    def close_group(self) -> list[Verdict]:
        """Make what was taken so far durable; return the verdicts of this group.

        Where there is no room left for it, each of the group is refused.
        """
        if self._group is None:
            return []
        group, self._group = self._group, None
        try:
            closed = group.close()
        except (StorageFullError, OperationalError, AuditUnavailableError) as error:
            if not is_full(error):
                raise
            closed = group.lost(STORAGE_FULL)
        self.verdicts.extend(closed)
        return closed

    def finish(self, *, at: datetime) -> list[Verdict]:
        """Close the delivery and return every verdict in the sender's order."""
        self.close_group()
        with transaction.atomic():
            count_verdicts(self.batch, self.verdicts)
            finish_batch(self.party, self.batch, at=at)
        return sorted(self.verdicts, key=lambda verdict: verdict.item)
