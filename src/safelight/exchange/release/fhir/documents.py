"""Which reports and documents lie in an exam, as DiagnosticReport and as DocumentReference?

Both are told of the DICOM objects that are filed: structured reports, and papers that lie in
an object of their own (PS3.3 A.35, A.45). What a report says is not repeated here; the object
is fetched from its address, where the decision is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Q

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.json.model import Model
from safelight.dicom.search.titles import value_of
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import TooBroadError
from safelight.exchange.release.fhir.exams import copies_among, exams, note_told, patient_of
from safelight.exchange.release.fhir.imaging_studies import UIDS, uid_asked
from safelight.exchange.release.fhir.sought import Page, Resource, Sought, page_of
from safelight.exchange.release.papers.fhir_words import concept, instant
from safelight.exchange.release.viewing.asked_why import asked_why
from safelight.exchange.release.viewing.find import Found, deny, find_study_by_id, instances_of
from safelight.exchange.release.viewing.looks import look
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.records.imaging.cards import Card
from safelight.records.imaging.models import Instance
from safelight.records.imaging.renditions import model_of
from safelight.records.imaging.store import card_of

_LOINC: Final = "http://loinc.org"
_SECTIONS: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_STRUCTURED: Final = f"{_STORAGE}88."
_PAPERS: Final = frozenset({f"{_STORAGE}104.1", f"{_STORAGE}104.2"})
# Written in the form of a report, and none that a doctor wrote of the pictures: procedure
# log, marked pictures, radiation doses, and what was given to the patient.
_NO_REPORTS: Final = frozenset(
    f"{_STRUCTURED}{each}" for each in ("40", "59", "67", "68", "73", "74", "75", "76")
)
_SCHEMES: Final = {
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "LN": _LOINC,
    "SCT": "http://snomed.info/sct",
}
_TITLE, _MIME, _CONCEPT = "00420010", "00420012", "0040A043"
_COMPLETION, _VERIFICATION, _WRITTEN = "0040A491", "0040A493", "00080023"
MOST_OBJECTS: Final = 20_000
"""So many objects of exams are looked through for one answer at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """One report or document, and the exam it lies in."""

    found: Found
    row: Instance
    card: Card
    patient: str
    model: Model


_Writer = Callable[[_Paper], Resource]


def read_diagnostic_report(party: Party, report: str, *, at: datetime) -> Resource:
    """Return one report of an exam. That the exam was looked at is on record.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    return _report(_one(party, report, _is_report, at=at))


def read_document_reference(party: Party, document: str, *, at: datetime) -> Resource:
    """Return what is said of one document. Raises like `read_diagnostic_report`."""
    return _document(_one(party, document, _is_document, at=at))


def search_diagnostic_reports(party: Party, sought: Sought, *, at: datetime) -> Page:
    """Return the reports that fit, those of the newest exam first.

    Raises:
        TooBroadError: too many exams or objects had to be opened.
    """
    return _search(party, sought, _is_report, _report, at=at)


def search_document_references(party: Party, sought: Sought, *, at: datetime) -> Page:
    """Return the documents that fit. Raises like `search_diagnostic_reports`."""
    return _search(party, sought, _is_document, _document, at=at)


def _is_document(class_uid: str) -> bool:
    return class_uid in _PAPERS or class_uid.startswith(_STRUCTURED)


def _is_report(class_uid: str) -> bool:
    return _is_document(class_uid) and class_uid not in _NO_REPORTS


def _one(party: Party, named: str, fits: Callable[[str], bool], *, at: datetime) -> _Paper:
    row = Instance.objects.filter(_named(named)).first()
    if row is None:
        deny(party, Action.VIEW, tried=named, at=at)
        raise NotFoundError
    found = find_study_by_id(party, row.study_id, at=at)
    card = card_of(row)
    if not (found.covers(row) and fits(card.sop_class_uid)):
        deny(party, Action.VIEW, tried=named, at=at)
        raise NotFoundError
    look(party, found, at=at)
    return _opened(found, row, card)


def _search(
    party: Party, sought: Sought, fits: Callable[[str], bool], write: _Writer, *, at: datetime
) -> Page:
    page, more = page_of(_fitting(party, sought, fits, at=at), sought)
    note_told(party, list({each.found.study.id: each.found for each in page}.values()), at=at)
    return Page(tuple(write(each) for each in page), more)


def _fitting(
    party: Party, sought: Sought, fits: Callable[[str], bool], *, at: datetime
) -> Iterator[_Paper]:
    uid = uid_asked(sought)
    if sought.identifier is not None and not uid:
        return
    opened = 0
    for found in _exams(party, sought, at=at):
        if asked_why(party, [found], at=at):
            continue
        for row in instances_of(found):
            opened += 1
            if opened > MOST_OBJECTS:
                raise TooBroadError
            if sought.ids and to_text(row.id) not in sought.ids:
                continue
            card = card_of(row)
            if not fits(card.sop_class_uid) or (uid and card.sop_instance_uid != uid):
                continue
            if sought.updated.holds(row.received_at):
                yield _opened(found, row, card)


def _exams(party: Party, sought: Sought, *, at: datetime) -> Iterator[Found]:
    """Yield the exams to look through; those of the objects that are named, where any are."""
    within = Sought(
        patient=sought.patient, study=sought.study, limit=sought.limit, offset=sought.offset
    )
    if not sought.ids:
        yield from exams(party, within, at=at)
        return
    named = []
    for each in sought.ids:
        named += list(Instance.objects.filter(_named(each)).values_list("study_id", flat=True))
    for study_id in dict.fromkeys(named):
        of_one = Sought(patient=sought.patient, study=to_text(study_id))
        if sought.study in {"", of_one.study}:
            yield from exams(party, of_one, at=at)


def _named(named: str) -> Q:
    """Return the condition that an object has this id; none has a text that is no id."""
    try:
        return Q(id=from_text(named))
    except NotFoundError:
        return Q(pk__in=[])


def _opened(found: Found, row: Instance, card: Card) -> _Paper:
    patient = patient_of(found.study, copies_among([found.study]))
    return _Paper(found=found, row=row, card=card, patient=patient, model=model_of(row))


def _report(paper: _Paper) -> Resource:
    model = paper.model
    made: Resource = {
        "resourceType": "DiagnosticReport",
        "id": to_text(paper.row.id),
        "meta": {"lastUpdated": instant(paper.row.received_at)},
        "identifier": [_identifier(paper)],
        "status": _status(paper),
        "category": [concept(_SECTIONS, "RAD", "Radiology")],
        "code": _code(model),
        "subject": {"reference": f"Patient/{paper.patient}"},
        "imagingStudy": [_exam(paper)],
        "presentedForm": [_attachment(paper)],
    }
    if day := parse_date(value_of(model, _WRITTEN)):
        made["effectiveDateTime"] = day.isoformat()
    return made


def _document(paper: _Paper) -> Resource:
    made: Resource = {
        "resourceType": "DocumentReference",
        "id": to_text(paper.row.id),
        "meta": {"lastUpdated": instant(paper.row.received_at)},
        "masterIdentifier": _identifier(paper),
        "identifier": [_identifier(paper)],
        "status": "current",
        "type": _code(paper.model),
        "subject": {"reference": f"Patient/{paper.patient}"},
        "date": instant(paper.row.received_at),
        "content": [{"attachment": _attachment(paper)}],
        "context": {"related": [_exam(paper)]},
    }
    return made


def _status(paper: _Paper) -> str:
    """Say how far a report is; of a paper that is not known."""
    if not paper.card.sop_class_uid.startswith(_STRUCTURED):
        return "unknown"
    if value_of(paper.model, _COMPLETION) != "COMPLETE":
        return "partial"
    return "final" if value_of(paper.model, _VERIFICATION) == "VERIFIED" else "preliminary"


def _code(model: Model) -> dict[str, Any]:
    """Say what sort of report it is, in its own code where it has one."""
    named = (model.get(_CONCEPT, {}).get("Value") or [{}])[0]
    code, meaning = value_of(named, "00080100"), value_of(named, "00080104")
    system = _SCHEMES.get(value_of(named, "00080102"))
    if code and system:
        return concept(system, code, meaning or code)
    said = concept(_LOINC, "18748-4", "Diagnostic imaging study")
    title = meaning or value_of(model, _TITLE)
    return said | ({"text": title} if title else {})


def _attachment(paper: _Paper) -> dict[str, Any]:
    """Say where the document itself is; its address decides anew who may have it."""
    card = paper.card
    place = (
        f"/dicomweb/studies/{card.study_instance_uid}/series/{card.series_instance_uid}"
        f"/instances/{card.sop_instance_uid}"
    )
    said = {"contentType": "application/dicom", "url": settings.SAFELIGHT_PUBLIC_URL + place}
    if card.sop_class_uid in _PAPERS:
        kind = "text/xml" if card.sop_class_uid.endswith("104.2") else "application/pdf"
        said = {"contentType": kind, "url": f"{said['url']}/rendered"}
    if title := value_of(paper.model, _TITLE):
        said["title"] = title
    return said


def _identifier(paper: _Paper) -> dict[str, str]:
    return {"system": UIDS, "value": f"urn:oid:{paper.card.sop_instance_uid}"}


def _exam(paper: _Paper) -> dict[str, str]:
    reference = f"ImagingStudy/{to_text(paper.found.study.id)}"
    return {"reference": reference, "type": "ImagingStudy"}
