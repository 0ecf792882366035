"""What exactly is in the series somebody chose to share, at this moment?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from safelight.dicom.search.titles import exam_title, series_title
from safelight.exchange.access.decision import NO_PART, Part
from safelight.exchange.consent.terms import Item
from safelight.exchange.release.parts import arrivals_in
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.cards import open_card
from safelight.records.imaging.models import Instance, Series, Study


def items_of(
    studies: Iterable[Study],
    series_ids: frozenset[UUID],
    instance_ids: frozenset[UUID] = frozenset(),
    *,
    within: Mapping[UUID, Part] | None = None,
) -> tuple[Item, ...]:
    """Describe what was chosen of the studies as it stands now, with digests.

    Series are taken whole; of the others, the single objects among `instance_ids`. Where
    `within` names parts of series, nothing outside of them is taken.
    """
    found = []
    for study in studies:
        study_key = ring().study_key(study.id)
        study_answer = open_answer("study", study.id, study.sealed_answer, study_key=study_key)
        rows = Series.objects.filter(study_id=study.id).order_by("received_at", "id")
        answers = {
            row.id: open_answer("series", row.id, row.sealed_answer, study_key=study_key)
            for row in rows
        }
        title = exam_title(study_answer, list(answers.values()))
        on = study.study_on
        for series_id, answer in answers.items():
            objects = Instance.objects.filter(series_id=series_id).order_by("arrival")
            part = within.get(series_id, NO_PART) if within is not None else None
            if part is not None:
                objects = objects.filter(arrivals_in(part))
            is_whole = series_id in series_ids and not (part and part.only)
            if series_id not in series_ids:
                objects = objects.filter(id__in=list(instance_ids))
            if not objects.exists():
                continue
            item = _item(
                study,
                series_id,
                objects,
                study_key,
                exam=title,
                series=series_title(answer),
                exam_on=f"{on.day} {on:%B %Y}" if on else "",
            )
            found.append(item if is_whole else _only(item, objects))
    return tuple(found)


def _only(item: Item, objects: QuerySet[Instance]) -> Item:
    """Narrow an item to single objects."""
    return replace(item, up_to=-1, only=tuple(objects.values_list("arrival", flat=True)))


def _item(
    study: Study,
    series_id: UUID,
    objects: QuerySet[Instance],
    study_key: bytes,
    *,
    exam: str,
    series: str,
    exam_on: str,
) -> Item:
    digest, up_to, pictures, reports = hashlib.sha256(), 0, 0, 0
    for instance in objects:
        card = open_card(bytes(instance.sealed_card), study_key=study_key, instance_id=instance.id)
        digest.update(bytes.fromhex(card.digest))
        up_to = instance.arrival
        pictures += max(1, len(card.frames))
        reports += not card.frames
    return Item(
        study_id=study.id,
        series_id=series_id,
        up_to=up_to,
        pictures=pictures,
        digest=digest.hexdigest(),
        exam_title=exam,
        series_title=series,
        exam_on=exam_on,
        reports=reports,
    )
