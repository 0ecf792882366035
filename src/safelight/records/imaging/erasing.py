"""How does an exam become unreadable for good? Its key is destroyed, then its rows go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn
from safelight.platform.keys.ring import ring
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    SearchToken,
    Series,
    SeriesMetadata,
    Study,
    StudyState,
    Thumbnail,
)


def erase_study(study: Study, *, at: datetime) -> None:
    """Destroy a study's key and clear what points to it; a tombstone row stays.

    The key goes first: if this is cut off half way, what is left is unreadable
    rows, and doing it again completes it.
    """
    ring().destroy_study_key(study.id, at=at)
    series = list(Series.objects.filter(study_id=study.id).values_list("id", flat=True))
    with transaction.atomic():
        take_turn(f"filing/{study.vault_id}")
        InstanceModel.objects.filter(series_id__in=series).delete()
        SeriesMetadata.objects.filter(series_id__in=series).delete()
        Thumbnail.objects.filter(study_id=study.id).delete()
        Instance.objects.filter(study_id=study.id).delete()
        Series.objects.filter(study_id=study.id).delete()
        SearchToken.objects.filter(study_id=study.id).delete()
        # The UID's token goes too, so that the same exam can be added again.
        Study.objects.filter(pk=study.pk).update(
            state=StudyState.ERASED,
            sealed_answer=b"",
            uid_token=study.id.bytes,
            study_on=None,
            changed_at=at,
        )
        record(
            ImagingEvent.STUDY_ERASED,
            actor="system",
            subject=f"study/{study.id}",
            vault_id=study.vault_id,
            at=at,
        )
