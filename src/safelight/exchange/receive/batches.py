"""Which deliveries of a person are under way, what of theirs is here, and when is one over?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.door import finish_batch, own_batch, vault_for
from safelight.exchange.receive.models import Channel, IntakeBatch, UploadState
from safelight.kernel.errors import StateConflictError
from safelight.records.imaging.models import Instance
from safelight.records.imaging.tokens import hashed_uid_token

OFFERED_FOR: Final = timedelta(days=7)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A web delivery that may go on. `decided`: files about which a verdict is known."""

    batch_id: UUID
    started_at: datetime
    files: int
    size: int
    decided: int


def expect(batch: IntakeBatch, *, files: int, size: int) -> None:
    """Note how much a delivery will bring, so that it can be told how far it came."""
    batch.expected_files, batch.expected_bytes = files, size
    batch.save(update_fields=["expected_files", "expected_bytes"])


def unfinished(party: Party, *, at: datetime) -> list[Unfinished]:
    """Return the party's own deliveries that may go on, the newest first."""
    found = IntakeBatch.objects.filter(
        account_id=party.account,
        channel=Channel.WEB,
        finished_at=None,
        started_at__gt=at - OFFERED_FOR,
    ).order_by("-started_at")
    return [
        Unfinished(
            batch_id=batch.pk,
            started_at=batch.started_at,
            files=batch.expected_files,
            size=batch.expected_bytes,
            decided=batch.stored + batch.duplicate + batch.review + batch.refused,
        )
        for batch in found
    ]


def finish(party: Party, batch_id: UUID, *, at: datetime) -> IntakeBatch:
    """Close a delivery of this party; again is harmless.

    Raises:
        NotFoundError: it is somebody else's.
        StateConflictError: a bundle of it is still being looked at.
    """
    batch = own_batch(party, batch_id)
    if batch.uploads.filter(state=UploadState.PROCESSING).exists():
        raise StateConflictError
    finish_batch(party, batch, at=at)
    return batch


def known_among(party: Party, uids_sha256: Sequence[str], *, at: datetime) -> list[str]:
    """Return those hashes of UIDs that name a picture this party may see in its own vault."""
    vault = vault_for(party, at=at)
    by_token = {hashed_uid_token(vault.id, each): each for each in uids_sha256}
    tokens = list(by_token)
    known: list[str] = []
    for start in range(0, len(tokens), _AT_ONCE):
        here = Instance.objects.filter(
            vault_id=vault.id,
            uid_token__in=tokens[start : start + _AT_ONCE],
        ).values_list("uid_token", "study_id")
        # What this party may not see is not said to be here; nor is a removed study,
        # which comes back when it is sent again.
        may = decide_all(party, Action.VIEW, list({study_id for _, study_id in here}), at=at)
        known.extend(by_token[bytes(token)] for token, study_id in here if may[study_id].allowed)
    return known
