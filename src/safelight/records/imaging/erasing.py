"""How does an exam become unreadable for good? Its rows go, and then its key is destroyed."""

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
    RemovedInstance,
    ReviewItem,
    SearchToken,
    Series,
    SeriesMetadata,
    Study,
    StudyState,
    Thumbnail,
)


def erase_study(study: Study, *, at: datetime) -> bool:
    """Erase a study, unless its state is another by now than `study` says; say whether it is.

    The rows go first, in one transaction that nobody can add to: who sends the exam
    before it brings it back, and it stays; who sends it afterwards begins a new one. Were
    the key destroyed first, what came in between would be acknowledged and lost. If this
    is cut off half way, the row left behind says so, and doing it again completes it.
    """
    if study.state != StudyState.ERASED and not _take_rows_away(study, at):
        return False
    ring().destroy_study_key(study.id, at=at)
    with transaction.atomic():
        unfinished = Study.objects.filter(pk=study.pk).exclude(sealed_answer=b"")
        if unfinished.update(sealed_answer=b"", changed_at=at):
            record(
                ImagingEvent.STUDY_ERASED,
                actor="system",
                subject=f"study/{study.id}",
                vault_id=study.vault_id,
                at=at,
            )
    return True


def half_erased() -> list[Study]:
    """Return the studies of which an erasure was cut off before their key was destroyed."""
    return list(Study.objects.filter(state=StudyState.ERASED).exclude(sealed_answer=b""))


def _take_rows_away(study: Study, at: datetime) -> bool:
    with transaction.atomic():
        take_turn(f"filing/{study.vault_id}")
        # The UID's token goes too, so that the same exam can be added again.
        if not Study.objects.filter(
            pk=study.pk, state=study.state, removed_at=study.removed_at
        ).update(
            state=StudyState.ERASED,
            uid_token=study.id.bytes,
            study_on=None,
            changed_at=at,
        ):
            return False
        series = list(Series.objects.filter(study_id=study.id).values_list("id", flat=True))
        InstanceModel.objects.filter(series_id__in=series).delete()
        SeriesMetadata.objects.filter(series_id__in=series).delete()
        Thumbnail.objects.filter(study_id=study.id).delete()
        Instance.objects.filter(study_id=study.id).delete()
        RemovedInstance.objects.filter(study_id=study.id).delete()
        ReviewItem.objects.filter(study_id=study.id).delete()
        Series.objects.filter(study_id=study.id).delete()
        SearchToken.objects.filter(study_id=study.id).delete()
    return True
