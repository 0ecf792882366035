"""Which exams may this reader be told of, and how is it put on record that they were?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from safelight.dicom.search.matching import Key, matches
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.disclosures import TO_ANOTHER
from safelight.exchange.release.fhir.sought import Sought, bounded
from safelight.exchange.release.viewing.answers import Answer, study_answers
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import listed, look
from safelight.exchange.release.viewing.search import Query, matching_studies
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.records.imaging.models import Study, StudyCopy, StudyState
from safelight.records.imaging.study_index import newest_first


def exams(
    party: Party, sought: Sought, keys: tuple[Key, ...] = (), *, at: datetime
) -> Iterator[Found]:
    """Yield the exams that a reader may see and that fit, the newest first.

    Raises:
        TooBroadError: too many had to be opened so far.
    """
    is_name = bool(sought.name)
    few = _few(party, sought, at=at)
    if few is None:
        query = Query(keys=keys, limit=sought.limit, offset=sought.offset, fuzzy=is_name)
        yield from bounded(matching_studies(party, query, at=at))
        return
    for found, said in zip(few, study_answers(few), strict=True):
        if matches(said, keys, fuzzy=is_name):
            yield found


def _few(party: Party, sought: Sought, *, at: datetime) -> list[Found] | None:
    """Return the exams that are named, themselves or by their patient; None where none are."""
    if sought.study or sought.ids:
        named = _named(party, (sought.study,) if sought.study else sought.ids, at=at)
        if not sought.patient:
            return named
        theirs = {each.study.id for each in exams_of_patient(party, sought.patient, at=at)}
        return [each for each in named if each.study.id in theirs]
    return exams_of_patient(party, sought.patient, at=at) if sought.patient else None


def exams_of_patient(party: Party, patient: str, *, at: datetime) -> list[Found]:
    """Return the exams of one patient that a reader may see, the newest first; none if unknown."""
    try:
        identity = from_text(patient)
    except NotFoundError:
        return []
    rows = list(Study.objects.filter(patient_id=identity, state=StudyState.FILED))
    copies = copies_among(rows)
    own = [row for row in rows if row.id not in copies]
    if not rows and StudyCopy.objects.filter(pk=identity).exists():
        own = list(Study.objects.filter(pk=identity, state=StudyState.FILED))
    return _judged(party, own, at=at)


def copies_among(studies: Iterable[Study]) -> frozenset[UUID]:
    """Return which of some exams are copies without a name."""
    ids = [study.id for study in studies]
    rows = StudyCopy.objects.filter(study_id__in=ids).values_list("study_id", flat=True)
    return frozenset(rows)


def patient_of(study: Study, copies: frozenset[UUID]) -> str:
    """Return by which id the patient of an exam is known.

    A copy without a name has a patient of its own: by the record's own id two of them, and
    the exams they were made from, could be put together.
    """
    return to_text(study.id if study.id in copies else study.patient_id)


def changed_at(found: Found) -> datetime:
    """Return when an exam was last added to, as far as this reader may know."""
    study = found.study
    moment: datetime = study.changed_at if found.decision.scope.whole else study.received_at
    return moment


def note_told(party: Party, told: Sequence[Found], *, at: datetime) -> None:
    """Put it on record that a reader was told of some exams, as for every other search."""
    listed(party, at=at)
    for found in told:
        if found.decision.reason in TO_ANOTHER:
            look(party, found, at=at)


def answers_of(found: Sequence[Found]) -> list[Answer]:
    """Return what is said of exams, in the same order."""
    return study_answers(found)


def _named(party: Party, ids: Iterable[str], *, at: datetime) -> list[Found]:
    wanted = []
    for text in ids:
        try:
            wanted.append(from_text(text))
        except NotFoundError:
            continue
    return _judged(party, Study.objects.filter(pk__in=wanted, state=StudyState.FILED), at=at)


def _judged(party: Party, studies: Iterable[Study], *, at: datetime) -> list[Found]:
    ordered = sorted(studies, key=newest_first)
    decisions = decide_all(party, Action.VIEW, [study.id for study in ordered], at=at)
    return [Found(study, decisions[study.id]) for study in ordered if decisions[study.id].allowed]
