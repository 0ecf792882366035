"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ImagingEvent(StrEnum):
    """Things that happen to exams, in the past tense."""

    VAULT_OPENED = "vault.opened"
    STUDY_FILED = "study.filed"
    STUDY_REMOVED = "study.removed"
    STUDY_RESTORED = "study.restored"
    STUDY_ERASED = "study.erased"
    SERIES_REMOVED = "series.removed"
    INSTANCE_REMOVED = "instance.removed"
    PARTS_RESTORED = "parts.restored"
    PARTS_ERASED = "parts.erased"
    PATIENT_CREATED = "patient.created"
    OBJECT_QUARANTINED = "object.quarantined"
    OBJECT_CLEARED = "object.cleared"
    PACK_MISSING = "pack.missing"
    KEY_MISSING = "key.missing"
    SCRUBBED = "storage.scrubbed"
    SWEPT = "storage.swept"
    COMPACTED = "storage.compacted"
