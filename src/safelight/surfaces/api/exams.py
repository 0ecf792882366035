"""Which exams may the caller see, what do they hold, and who else can see them?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import CareReasonMissingError
from safelight.exchange.access.sensitive import classes_of, mark_sensitive
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.board import Seer, seers
from safelight.exchange.release.deciding import decided_page
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.held import Held, objects_of
from safelight.exchange.release.viewing.overview import (
    ExamSummary,
    SeriesSummary,
    exam,
    exam_page,
)
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Limit, Offset, OutId, Page
from safelight.surfaces.api.routes import told

router = Router()


class ObjectOut(Schema):
    """One object. `frames` is 0 for a document; `digest` the SHA-256 of its data set."""

    id: OutId
    sop_instance_uid: str
    sop_class_uid: str
    frames: int
    digest: str


class SeriesOut(Schema):
    """One series, as far as the caller may see it."""

    id: OutId
    series_instance_uid: str
    title: str
    modality: str
    pictures: int


class ExamOut(Schema):
    """One exam of a list. `way` says why the caller may see it; `people` how many others may."""

    id: OutId
    study_instance_uid: str
    title: str
    on: date | None
    received_at: datetime
    patient_name: str
    birth_date: date | None
    way: str
    until: datetime | None
    people: int
    series: list[SeriesOut]


class HeldSeriesOut(SeriesOut):
    """One series with its single objects."""

    objects: list[ObjectOut]


class MayOut(Schema):
    """What the caller may do with an exam."""

    share: bool
    download: bool
    remove: bool


class ExamDetailOut(ExamOut):
    """One exam with its series, their objects, and what the caller may do with it."""

    series: list[HeldSeriesOut]  # type: ignore[assignment]  # each series says more here
    may: MayOut


class SeerOut(Schema):
    """Somebody who can see an exam now, and by which way.

    `care` is by what somebody treats the patient: delivery, list, encounter or referral, and
    `reason` why, as the hospital's desk entered it.
    """

    name: str
    way: str
    since: datetime | None
    until: datetime | None
    consent: OutId | None
    care: str | None
    reason: str


class Marks(Asked):
    """The classes of sensitive information that an exam holds."""

    classes: list[Sensitive]


@router.get("exams", response=Page[ExamOut], **told(Action.VIEW))
def list_exams(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[ExamOut]:
    """List the exams you may see, the newest first."""
    seen, more = exam_page(request.auth, at=clock.now(), limit=limit, offset=offset)
    return Page[ExamOut](
        items=[
            ExamOut(**_about(each), series=[_series(row) for row in each.series]) for each in seen
        ],
        next_offset=offset + limit if more else None,
    )


@router.get("exams/decided", response=Page[ExamOut], **told(Action.READ_ACTIVITY, NotFoundError))
def list_decided_exams(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[ExamOut]:
    """List the exams you decide about, for yourself or for somebody, the newest first.

    What a program needs to prepare a share; it reads no pictures by it.
    """
    seen, more = decided_page(request.auth, at=clock.now(), limit=limit, offset=offset)
    return Page[ExamOut](
        items=[
            ExamOut(**_about(each), series=[_series(row) for row in each.series]) for each in seen
        ],
        next_offset=offset + limit if more else None,
    )


@router.get(
    "exams/{exam_id}",
    response=ExamDetailOut,
    **told(Action.VIEW, NotFoundError, CareReasonMissingError),
)
def read_exam(request: Called, exam_id: str) -> ExamDetailOut:
    """Describe one exam with its series and their objects. That you looked is on record."""
    party, at = request.auth, clock.now()
    detail = exam(party, from_text(exam_id), at=at)
    held: dict[UUID, list[Held]] = {}
    for each in objects_of(party, detail.summary.study_id, at=at):
        held.setdefault(each.series_id, []).append(each)
    return ExamDetailOut(
        **_about(detail.summary),
        series=[
            HeldSeriesOut(
                **_series(row).model_dump(exclude={"id"}),
                id=row.series_id,
                objects=[_object(each) for each in held.get(row.series_id, [])],
            )
            for row in detail.summary.series
        ],
        may=MayOut(share=detail.may_share, download=detail.may_download, remove=detail.may_remove),
    )


@router.get(
    "exams/{exam_id}/access",
    response=list[SeerOut],
    **told(Action.READ_ACTIVITY, NotFoundError),
)
def list_access(request: Called, exam_id: str) -> list[SeerOut]:
    """List everybody who can see an exam of yours now, and by which way."""
    found = seers(request.auth, from_text(exam_id), at=clock.now())
    return [_seer(each) for each in found]


@router.get(
    "exams/{exam_id}/sensitive", response=Marks, **told(Action.READ_ACTIVITY, NotFoundError)
)
def read_sensitive(request: Called, exam_id: str) -> Marks:
    """Return the classes of sensitive information that an exam of yours is marked with."""
    study_id = from_text(exam_id)
    find_study_by_id(request.auth, study_id, at=clock.now(), action=Action.READ_ACTIVITY)
    return Marks(classes=sorted(classes_of([study_id])[study_id]))


@router.put(
    "exams/{exam_id}/sensitive",
    response=Marks,
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def mark_exam(request: Called, exam_id: str, marks: Marks) -> Marks:
    """Mark an exam of yours with exactly these classes; consents without them close at once."""
    study_id = from_text(exam_id)
    mark_sensitive(request.auth, study_id, frozenset(marks.classes), at=clock.now())
    return Marks(classes=sorted(set(marks.classes)))


def _about(summary: ExamSummary) -> dict[str, Any]:
    return {
        "id": summary.study_id,
        "study_instance_uid": summary.study_uid,
        "title": summary.title,
        "on": summary.on,
        "received_at": summary.received_at,
        "patient_name": summary.patient_name,
        "birth_date": summary.birth_date,
        "way": summary.way,
        "until": summary.until,
        "people": summary.people,
    }


def _series(row: SeriesSummary) -> SeriesOut:
    return SeriesOut(
        id=row.series_id,
        series_instance_uid=row.series_uid,
        title=row.title,
        modality=row.modality,
        pictures=row.pictures,
    )


def _object(held: Held) -> ObjectOut:
    return ObjectOut(
        id=held.instance_id,
        sop_instance_uid=held.instance_uid,
        sop_class_uid=held.class_uid,
        frames=held.frames,
        digest=held.digest,
    )


def _seer(seer: Seer) -> SeerOut:
    return SeerOut(
        name=seer.name,
        way=seer.way,
        since=seer.since,
        until=seer.until,
        consent=seer.consent_id,
        care=seer.care,
        reason=seer.reason,
    )
