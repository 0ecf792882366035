"""What does a party see of its exams, in words fit for people?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.json.summary import search_facts
from safelight.dicom.search.titles import exam_title, series_title, value_of
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.who_sees import AccessRow, people_who_can_see
from safelight.exchange.release.people import representative_named
from safelight.exchange.release.viewing.answers import Answer, study_answers
from safelight.exchange.release.viewing.asked_why import asked_why
from safelight.exchange.release.viewing.contents import Contents, contents_of_all
from safelight.exchange.release.viewing.find import Found, find_study_by_id, series_of_all
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.search import Query, study_page
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import Series

_STUDY_UID: Final = "0020000D"
_SERIES_UID: Final = "0020000E"
_MODALITY: Final = "00080060"
_PATIENT_NUMBER: Final = "00100020"
_DESCRIPTION: Final = "00081030"
_REPORTS: Final = frozenset({"SR", "DOC"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSummary:
    """One series of an exam; its middle picture stands for it.

    `pictures` counts frames, or objects where there are no pixels.
    """

    series_id: UUID
    series_uid: str
    title: str
    modality: str
    pictures: int
    middle_instance_uid: str
    middle_frame: int
    has_pixels: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamSummary:
    """One exam as a card shows it, as far as the party may see it.

    `given` counts those of the `people` who see it by a consent; the others treat the patient or
    act for them. `for_whom` names whose it is where the party acts for somebody; `asks_why` says
    that nothing in it opens before the party has said why they look today.
    """

    study_id: UUID
    study_uid: str
    title: str
    on: date | None
    received_at: datetime
    series: tuple[SeriesSummary, ...]
    people: int
    way: str
    until: datetime | None
    patient_name: str = ""
    birth_date: date | None = None
    representative_id: UUID | None = None
    for_whom: str = ""
    asks_why: bool = False
    given: int = 0

    @property
    def pictures(self) -> int:
        """How many pictures there are."""
        return sum(each.pictures for each in self.series if each.has_pixels)

    @property
    def has_report(self) -> bool:
        """Whether a document belongs to it."""
        return any(each.modality in _REPORTS for each in self.series)

    @property
    def front(self) -> SeriesSummary | None:
        """The series whose picture stands for the exam: the one with the most pictures."""
        shown = [each for each in self.series if each.has_pixels]
        return max(shown, key=lambda each: each.pictures, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamDetail:
    """One exam, whose it is said to be, and what the party may do with it."""

    summary: ExamSummary
    patient_name: str
    birth_date: date | None
    described: str
    may_share: bool
    may_download: bool
    may_remove: bool
    patient_number: str = ""


def exams(party: Party, *, at: datetime, limit: int = 200) -> list[ExamSummary]:
    """List the exams a party may see, the newest first."""
    return exam_page(party, at=at, limit=limit)[0]


def exam_page(
    party: Party, *, at: datetime, limit: int, offset: int = 0
) -> tuple[list[ExamSummary], bool]:
    """List one page of the exams a party may see, and say whether there are more."""
    hits, more = study_page(party, Query(limit=limit, offset=offset), at=at)
    closed = asked_why(party, [hit.found for hit in hits], at=at)
    page = _summaries([(hit.found, hit.answer) for hit in hits], at=at)
    return [replace(each, asks_why=each.study_id in closed) for each in page], more


def summaries(studies: list[Found], *, at: datetime) -> list[ExamSummary]:
    """Describe studies that were found to be for a party, as a list does."""
    return _summaries(list(zip(studies, study_answers(studies), strict=True)), at=at)


def exam(party: Party, study_id: UUID, *, at: datetime) -> ExamDetail:
    """Describe one exam. The look is on record before anything of it is returned.

    Raises:
        NotFoundError: it is not this party's to see, or there is none.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    found = find_study_by_id(party, study_id, at=at)
    look(party, found, at=at)
    (answer,) = study_answers([found])
    (summary,) = _summaries([(found, answer)], at=at)

    def may(action: Action) -> bool:
        return decide(party, action, study_id, at=at).allowed

    return ExamDetail(
        summary=summary,
        patient_name=summary.patient_name,
        birth_date=summary.birth_date,
        described=value_of(answer, _DESCRIPTION),
        may_share=may(Action.SHARE),
        may_download=may(Action.DOWNLOAD),
        may_remove=may(Action.REMOVE),
        patient_number=value_of(answer, _PATIENT_NUMBER),
    )


def _summaries(page: list[tuple[Found, Answer]], *, at: datetime) -> list[ExamSummary]:
    # How many others there are is the owner's to know.
    own = [found.study.id for found, _ in page if found.decision.reason == Reason.OWNER]
    seers = people_who_can_see(own, at=at)
    rows = series_of_all([found for found, _ in page])
    held = contents_of_all([(found, row) for found, _ in page for row in rows[found.study.id]])
    return [
        _summary(found, answer, rows[found.study.id], held, seers.get(found.study.id, ()))
        for found, answer in page
    ]


def _summary(
    found: Found,
    answer: Answer,
    rows: Sequence[Series],
    held: Mapping[UUID, Contents],
    seers: Sequence[AccessRow],
) -> ExamSummary:
    study_key = ring().study_key(found.study.id)
    answers = [
        open_answer("series", row.id, row.sealed_answer, study_key=study_key) for row in rows
    ]
    others = [row for row in seers if row.way != "owner"]
    acting = found.decision.representative_id
    # What this exam's own header says: the patient's record was made from another one's.
    about = search_facts(answer)
    return ExamSummary(
        study_id=found.study.id,
        study_uid=value_of(answer, _STUDY_UID),
        title=exam_title(answer, answers),
        on=found.study.study_on,
        received_at=found.study.received_at,
        series=tuple(
            _series(row, said, held[row.id]) for row, said in zip(rows, answers, strict=True)
        ),
        people=len(others),
        given=sum(row.way == "consent" for row in others),
        way=found.decision.reason,
        until=found.decision.ends_at,
        patient_name=about.patient_name_shown,
        birth_date=parse_date(about.birth_date),
        representative_id=acting,
        for_whom=representative_named(acting).represented_name if acting else "",
    )


def _series(row: Series, answer: Answer, held: Contents) -> SeriesSummary:
    return SeriesSummary(
        series_id=row.id,
        series_uid=value_of(answer, _SERIES_UID),
        title=series_title(answer),
        modality=value_of(answer, _MODALITY),
        pictures=held.frames or held.objects,
        middle_instance_uid=held.middle_instance_uid,
        middle_frame=held.middle_frame,
        has_pixels=held.frames > 0,
    )
