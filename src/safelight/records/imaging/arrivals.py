"""What is known of an object between the pack and the records, and what becomes of it?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from safelight.dicom.json.summary import SearchFacts
from safelight.dicom.reading.header import Header
from safelight.platform.database.asking import ask
from safelight.platform.storage.packs import Place
from safelight.records.imaging.cards import Card
from safelight.records.imaging.models import ReviewItem, ReviewState, StudyState, Vault
from safelight.records.imaging.tokens import digest_token, uid_token

_KNOWN = f"""
    SELECT i.digest_token, s.state, '' FROM imaging_instance i
    JOIN imaging_study s ON s.id = i.study_id WHERE i.vault_id = %s AND i.uid_token = %s
    UNION ALL SELECT digest_token, state, reason FROM imaging_reviewitem
    WHERE vault_id = %s AND uid_token = %s AND digest_token = %s
        AND state IN ('{ReviewState.REJECTED.value}', '{ReviewState.KEPT.value}')
"""  # noqa: S608 (a word of our own)


class Outcome(StrEnum):
    """What became of one object."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REVIEW = "review"


class ReviewReason(StrEnum):
    """Why an object waits for a person's decision."""

    OTHER_BYTES = "other-bytes-under-a-known-uid"
    OTHER_PATIENT = "other-patient-in-the-study"
    OTHER_RECORD = "other-person-in-the-record"


@dataclass(frozen=True, slots=True)
class Marks:
    """By what one object is recognised inside its vault: keyed tokens of UIDs and digest."""

    uid: bytes
    digest: bytes
    study: bytes
    series: bytes


def marks_of(vault: Vault, header: Header, digest: bytes) -> Marks:
    """Return the marks of an object whose data set has this SHA-256."""
    return Marks(
        uid_token(vault.id, header.sop_instance_uid),
        digest_token(vault.id, digest),
        uid_token(vault.id, header.study_instance_uid),
        uid_token(vault.id, header.series_instance_uid),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One object, sealed in a pack, with what its header says."""

    instance_id: UUID
    marks: Marks
    key: bytes
    place: Place
    card: Card
    packed_model: bytes
    facts: SearchFacts


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
    new_patient: bool = False
    restored: bool = False


def settled(vault: Vault, marks: Marks) -> Filed | None:
    """Say what was decided about these very bytes before, so that they are not packed again.

    Returns None for what must be filed: a new UID, or other bytes than are known.
    """
    rows = ask(_KNOWN, vault.id, marks.uid, vault.id, marks.uid, marks.digest)
    for _digest, state, reason in rows:
        # Also where what it contradicted is gone: only the desk takes a rejection back.
        if state == ReviewState.REJECTED:
            return Filed(Outcome.REVIEW, reason=reason)
        if state == ReviewState.KEPT:
            return Filed(Outcome.DUPLICATE)
    if not rows:
        return None
    ((digest, state, _),) = rows
    if bytes(digest) != marks.digest:
        reason = waiting(vault, marks)
        return Filed(Outcome.REVIEW, reason=reason) if reason else None
    # A removed study comes back when it is sent again, so its objects count as new.
    return None if state == StudyState.REMOVED else Filed(Outcome.DUPLICATE)


def waiting(vault: Vault, marks: Marks) -> str:
    """Return why these very bytes wait for a decision, or were rejected, already; or ""."""
    return (
        ReviewItem.objects.filter(
            vault_id=vault.id,
            uid_token=marks.uid,
            digest_token=marks.digest,
            state__in=(ReviewState.WAITING, ReviewState.REJECTED),
        )
        .values_list("reason", flat=True)
        .first()
        or ""
    )
