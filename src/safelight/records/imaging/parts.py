"""How do series and instances go out of a study that stays, come back, and go for good?

Their rows move to a table that nothing reads to answer anybody. The keys of the objects
move along and are deleted with the rows; the key of the study stays, as it must.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.dicom.json.summary import search_facts, series_answer
from safelight.platform.audit.actions import record
from safelight.platform.database.overwriting import empty_log, overwritten
from safelight.platform.database.turns import take_turn
from safelight.platform.database.writing import change
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer, open_model, seal_answer
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    RemovedInstance,
    SearchToken,
    Series,
    SeriesMetadata,
    Study,
    Thumbnail,
)
from safelight.records.imaging.tokens import study_tokens, uid_token

_SAME: Final = (
    'id, arrival, vault_id, study_id, series_id, uid_token, digest_token, pack, "offset", '
    "length, wrapped_key, sealed_card, received_at"
)
_MOVE: Final = f"""
    INSERT INTO imaging_removedinstance ({_SAME}, sealed_model, removed_at)
    SELECT {", ".join(f"filed.{name}" for name in _SAME.split(", "))}, model.sealed_model, %s
    FROM imaging_instance AS filed
    JOIN imaging_instancemodel AS model ON model.instance_id = filed.id
    WHERE filed.series_id = %s"""  # noqa: S608 (names of columns)
_SERIES_UID: Final = "0020000E"
_NOT_OF_INSTANCES: Final = frozenset({"series_id", "sealed_model", "removed_at"})


def take_out(series: Series, instance: Instance | None, *, at: datetime) -> int:
    """Take a series, or one instance of it, out of its study; return how many instances went.

    Runs in the caller's transaction, which has its turn at filing. The last instance
    takes its series along.
    """
    rows = Instance.objects.filter(series_id=series.id)
    if instance is None:
        moved = change(_MOVE, at, series.id)
    else:
        moved = change(f"{_MOVE} AND filed.id = %s", at, series.id, instance.id)
        rows = rows.filter(id=instance.id)
    with overwritten():
        InstanceModel.objects.filter(instance_id__in=rows.values("id")).delete()
        rows.delete()
    _forget_what_was_made([series.id])
    if not Instance.objects.filter(series_id=series.id).exists():
        Series.objects.filter(pk=series.id).delete()
    return moved


def put_back(study: Study, *, since: datetime, at: datetime) -> int | None:
    """Put back what was taken out of a study after `since`; return how many instances came.

    None where nothing was taken out.

    What was sent again meanwhile stays as it is. Runs in the caller's transaction.
    """
    take_turn(f"filing/{study.vault_id}")
    rows = list(
        RemovedInstance.objects.filter(study_id=study.id, removed_at__gt=since).order_by("arrival")
    )
    if not rows:
        return None
    here = Instance.objects.filter(vault_id=study.vault_id)
    again = dict(
        here.filter(uid_token__in=[row.uid_token for row in rows]).values_list(
            "uid_token", "digest_token"
        )
    )
    known = {bytes(uid): bytes(digest) for uid, digest in again.items()}
    back = [row for row in rows if bytes(row.uid_token) not in known]
    series_ids = _series_for(study, back)
    Instance.objects.bulk_create(
        Instance(series_id=series_ids[row.series_id], **_fields(row)) for row in back
    )
    InstanceModel.objects.bulk_create(
        InstanceModel(
            instance_id=row.id,
            series_id=series_ids[row.series_id],
            sealed_model=row.sealed_model,
        )
        for row in back
    )
    _forget_what_was_made(series_ids.values())
    done = [row.id for row in rows if known.get(bytes(row.uid_token), b"") in {b"", _digest(row)}]
    RemovedInstance.objects.filter(pk__in=done).delete()
    Study.objects.filter(pk=study.pk).update(changed_at=at)
    return len(back)


def erase_parts(*, before: datetime, at: datetime) -> int:
    """Delete for good what was taken out before a moment; return of how many studies."""
    due = RemovedInstance.objects.filter(removed_at__lte=before)
    study_ids = list(due.order_by().values_list("study_id", flat=True).distinct())
    for study in Study.objects.filter(pk__in=study_ids):
        with transaction.atomic():
            take_turn(f"filing/{study.vault_id}")
            gone = due.filter(study_id=study.id)
            _forget_what_was_made(list(gone.values_list("series_id", flat=True).distinct()))
            with overwritten():
                count, _ = gone.delete()
            if count and not RemovedInstance.objects.filter(study_id=study.id).exists():
                _forget_words(study)
            record(
                ImagingEvent.PARTS_ERASED,
                actor="system",
                subject=f"study/{study.id}",
                vault_id=study.vault_id,
                count=count,
                at=at,
            )
    if study_ids:
        empty_log()
    return len(study_ids)


def _fields(row: RemovedInstance) -> dict[str, Any]:
    names = (field.attname for field in RemovedInstance._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in _NOT_OF_INSTANCES}


def _digest(row: RemovedInstance) -> bytes:
    return bytes(row.digest_token)


def _series_for(study: Study, rows: Sequence[RemovedInstance]) -> dict[UUID, UUID]:
    """Return the series each comes back to: its own, or one of the same UID that came since."""
    study_key = ring().study_key(study.id)
    first = {row.series_id: row for row in reversed(rows)}
    there = Series.objects.filter(pk__in=list(first)).values_list("pk", flat=True)
    found: dict[UUID, UUID] = {series_id: series_id for series_id in there}
    for series_id, row in first.items():
        if series_id in found:
            continue
        model = orjson.loads(open_model(row.id, row.sealed_model, study_key=study_key))
        answer = series_answer(model)
        series, _ = Series.objects.get_or_create(
            study_id=study.id,
            uid_token=uid_token(study.vault_id, model[_SERIES_UID]["Value"][0]),
            defaults={
                "id": series_id,
                "vault_id": study.vault_id,
                "received_at": row.received_at,
                "sealed_answer": seal_answer("series", series_id, answer, study_key=study_key),
            },
        )
        found[series_id] = series.id
    return found


def _forget_what_was_made(series_ids: Iterable[UUID]) -> None:
    """Delete the metadata and thumbnails that were made of what these series held."""
    ids = list(series_ids)
    SeriesMetadata.objects.filter(series_id__in=ids).delete()
    Thumbnail.objects.filter(series_id__in=ids).delete()


def _forget_words(study: Study) -> None:
    """Delete the words by which a study was found only for what is gone."""
    study_key = ring().study_key(study.id)
    answer = open_answer("study", study.id, study.sealed_answer, study_key=study_key)
    said = set(study_tokens(study.vault_id, search_facts(answer)))
    for series_id in Series.objects.filter(study_id=study.id).values_list("id", flat=True):
        first = InstanceModel.objects.filter(series_id=series_id).first()
        if first is not None:
            model = open_model(first.instance_id, first.sealed_model, study_key=study_key)
            said.update(study_tokens(study.vault_id, search_facts(orjson.loads(model))))
    for row in SearchToken.objects.filter(study_id=study.id):
        if bytes(row.token) not in said:
            row.delete()
