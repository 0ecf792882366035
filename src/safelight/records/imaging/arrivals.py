"""What is known of an object between the pack and the records, and what becomes of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from safelight.dicom.summary import SearchFacts
from safelight.platform.storage.packs import Place
from safelight.records.imaging.cards import Card
from safelight.records.imaging.models import (
    Instance,
    ReviewItem,
    ReviewState,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.tokens import digest_token, uid_token


class Outcome(StrEnum):
    """What became of one object."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REVIEW = "review"


class ReviewReason(StrEnum):
    """Why an object waits for a person's decision."""

    OTHER_BYTES = "other-bytes-under-a-known-uid"
    OTHER_PATIENT = "other-patient-in-the-study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One object, sealed in a pack, with what its header says."""

    instance_id: UUID
    key: bytes
    place: Place
    card: Card
    model: Mapping[str, Any]
    facts: SearchFacts

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the data set."""
        return bytes.fromhex(self.card.digest)


@dataclass(frozen=True, slots=True)
class Filed:
    """The outcome for one arrival and where it now belongs.

    `restored`: its study had been removed and is back.
    """

    outcome: Outcome
    reason: str = ""
    study_id: UUID | None = None
    series_id: UUID | None = None
    patient_id: UUID | None = None
    new_study: bool = False
    restored: bool = False


def settled(vault: Vault, sop_instance_uid: str, digest: bytes) -> Filed | None:
    """Say what was decided about these very bytes before, so that they are not packed again.

    Returns None for what must be filed: a new UID, or other bytes than are known.
    """
    token, own = uid_token(vault.id, sop_instance_uid), digest_token(vault.id, digest)
    known = (
        Instance.objects.filter(vault_id=vault.id, uid_token=token)
        .values_list("digest_token", "study_id")
        .first()
    )
    if known is None:
        return None
    if bytes(known[0]) != own:
        reason = waiting(vault, token, own)
        return Filed(Outcome.REVIEW, reason=reason) if reason else None
    # A removed study comes back when it is sent again, so its objects count as new.
    removed = Study.objects.filter(pk=known[1], state=StudyState.REMOVED).exists()
    return None if removed else Filed(Outcome.DUPLICATE)


def waiting(vault: Vault, token: bytes, digest: bytes) -> str:
    """Return why these very bytes wait for a decision already, or ""."""
    return (
        ReviewItem.objects.filter(
            vault_id=vault.id, uid_token=token, digest_token=digest, state=ReviewState.WAITING
        )
        .values_list("reason", flat=True)
        .first()
        or ""
    )
