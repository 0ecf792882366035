"""How is an exam sealed anew, under its study's new key, while it is read and added to?

First every process learns to open with the new key, then it seals, then each row is
sealed anew by itself: compared and set, so that whatever somebody changes meanwhile
stays theirs. The old key is destroyed after a while in which nothing was found under it
any more. Each step may be cut off, and doing it again goes on. The objects' own keys
stay: only what wraps them is new, so no pack is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import models, transaction

from safelight.platform.keys import rotation
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.errors import KeyDestroyedError, KeyUnknownError, SealBrokenError
from safelight.platform.keys.models import Kind
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    RemovedInstance,
    ReviewItem,
    Series,
    SeriesMetadata,
    Study,
    Thumbnail,
)
from safelight.records.imaging.store import wrapped_name

_AT_ONCE: Final = 100

Bound = Callable[[UUID], str]


def rotate_study(study_id: UUID, *, at: datetime) -> int:
    """Give a study a new key and seal its rows under it; return how many rows that were.

    The old key stays until `end_past_keys`: somebody may be reading.

    Raises:
        KeyUnknownError, KeyDestroyedError: it has no key.
    """
    keys = ring()
    if rotation.begin_next(keys, Kind.STUDY, study_id, at=at):
        rotation.wait_until_known()
    if rotation.promote(keys, Kind.STUDY, study_id, at=at):
        rotation.wait_until_known()
    return seal_anew(study_id)


def seal_anew(study_id: UUID) -> int:
    """Seal under a study's newest key what an older one sealed; return how many rows."""
    key = ring().study_key(study_id)
    return sum(_seal_column(key, *column) for column in _columns(study_id))


def end_past_keys(*, before: datetime, at: datetime) -> int:
    """Destroy studies', vaults' and signing keys that were replaced before; return how many.

    Whatever was sealed late, by somebody who still held the old key, is sealed anew first;
    then the old key stays for another while.
    """
    ended = 0
    for study_id in rotation.past_before(Kind.STUDY, before):
        try:
            if not seal_anew(study_id):
                ended += rotation.end_past(ring(), Kind.STUDY, study_id, before=before, at=at)
        except (KeyDestroyedError, KeyUnknownError):
            continue  # erased meanwhile
    for vault_id in rotation.past_before(Kind.VAULT, before):
        for _ in rotation.rewrap_studies(ring(), vault_id):
            pass
        ended += rotation.end_past(ring(), Kind.VAULT, vault_id, before=before, at=at)
    for purpose_id in rotation.past_before(Kind.SIGNING, before):
        ended += rotation.end_past(ring(), Kind.SIGNING, purpose_id, before=before, at=at)
    return ended


def _columns(study_id: UUID) -> Iterator[tuple[models.QuerySet[models.Model], str, str, Bound]]:
    """Yield where this study's key sealed: rows, column, the bound id's column, the name."""
    series = Series.objects.filter(study_id=study_id)
    of_series = list(series.values_list("id", flat=True))
    yield _any(Study.objects.filter(pk=study_id)), "sealed_answer", "id", _named("study-answer")
    yield _any(series), "sealed_answer", "id", _named("series-answer")
    for model in (Instance, RemovedInstance, ReviewItem):
        rows = _any(model._default_manager.filter(study_id=study_id))
        yield rows, "wrapped_key", "id", wrapped_name
        yield rows, "sealed_card", "id", _named("card")
    removed = _any(RemovedInstance.objects.filter(study_id=study_id))
    yield removed, "sealed_model", "id", _named("model")
    models_of = _any(InstanceModel.objects.filter(series_id__in=of_series))
    yield models_of, "sealed_model", "instance_id", _named("model")
    described = _any(SeriesMetadata.objects.filter(series_id__in=of_series))
    yield described, "sealed_answer", "series_id", _named("described")
    thumbnails = _any(Thumbnail.objects.filter(study_id=study_id))
    yield thumbnails, "sealed_picture", "series_id", _named("thumbnail")


def _any(rows: models.QuerySet[models.Model]) -> models.QuerySet[models.Model]:
    return rows


def _named(sort: str) -> Bound:
    return lambda owner: f"{sort}|{owner}"


def _seal_column(
    key: bytes, rows: models.QuerySet[models.Model], column: str, owner: str, bound: Bound
) -> int:
    done = 0
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        group = rows.filter(pk__in=ids[start : start + _AT_ONCE])
        with transaction.atomic():
            for pk, owner_id, kept in group.values_list("pk", owner, column):
                sealed = bytes(kept)
                if not sealed or _opens(bytes(key), sealed, bound(owner_id)):
                    continue
                try:
                    plain = unseal(key, sealed, bound_to=bound(owner_id))
                except SealBrokenError:
                    continue  # damaged before: the scrub finds it, no key helps
                new = seal(key, plain, bound_to=bound(owner_id))
                done += rows.filter(pk=pk, **{column: kept}).update(**{column: new})
    return done


def _opens(key: bytes, sealed: bytes, bound_to: str) -> bool:
    try:
        unseal(key, sealed, bound_to=bound_to)
    except SealBrokenError:
        return False
    return True
