"""Which single objects does each series of an exam hold, as far as somebody may see it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import find_study_by_id, instances_of
from safelight.exchange.release.viewing.looks import look
from safelight.records.imaging.store import card_of

MOST: Final = 20_000
"""Objects that are told of one exam; what is beyond is found by DICOMweb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One object. `frames` is 0 for a document; `digest` the SHA-256 of its data set."""

    series_id: UUID
    series_uid: str
    instance_id: UUID
    instance_uid: str
    class_uid: str
    frames: int
    digest: str


def objects_of(party: Party, study_id: UUID, *, at: datetime) -> list[Held]:
    """List the objects of one exam in order of arrival; the look is on record before.

    Raises:
        NotFoundError: it is not this party's to see, or there is none.
    """
    found = find_study_by_id(party, study_id, at=at)
    look(party, found, at=at)
    told = []
    for row in instances_of(found)[:MOST]:
        card = card_of(row)
        told.append(
            Held(
                series_id=row.series_id,
                series_uid=card.series_instance_uid,
                instance_id=row.id,
                instance_uid=card.sop_instance_uid,
                class_uid=card.sop_class_uid,
                frames=len(card.frames),
                digest=card.digest,
            )
        )
    return told
