"""How is an exam told as an ImagingStudy? As far as this reader may see it (FHIR R4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.elements.people import shown_name
from safelight.dicom.search.matching import Key
from safelight.dicom.search.titles import value_of
from safelight.exchange.access.facts import Party
from safelight.exchange.release.fhir.exams import (
    answers_of,
    changed_at,
    copies_among,
    exams,
    note_told,
    patient_of,
)
from safelight.exchange.release.fhir.sought import Page, Resource, Sought, midnight, page_of
from safelight.exchange.release.papers.fhir_words import instant
from safelight.exchange.release.viewing.answers import Answer, series_answers_of
from safelight.exchange.release.viewing.asked_why import asked_why
from safelight.exchange.release.viewing.find import Found, find_study_by_id
from safelight.exchange.release.viewing.held import Held, objects_of
from safelight.exchange.release.viewing.looks import look
from safelight.kernel.ids import from_text, to_text

DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
UIDS: Final = "urn:dicom:uid"
_OID: Final = "urn:oid:"
_URIS: Final = "urn:ietf:rfc:3986"
_CONNECTIONS: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
_KINDS: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
_OBSERVED: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
_STUDY_UID, _ACCESSION, _MODALITIES = "0020000D", "00080050", "00080061"
_STUDY_DATE, _DESCRIPTION, _REFERRER = "00080020", "00081030", "00080090"
_SERIES_UID, _NUMBER, _MODALITY = "0020000E", "00200011", "00080060"
_SERIES_DESCRIPTION, _BODY_PART, _OBJECTS = "0008103E", "00180015", "00201209"


def read_imaging_study(party: Party, exam: str, *, at: datetime) -> Resource:
    """Return one exam with its series and their objects. That it was looked at is on record.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    found = find_study_by_id(party, from_text(exam), at=at)
    look(party, found, at=at)
    held: dict[UUID, list[Held]] = {}
    for each in objects_of(party, found.study.id, at=at):
        held.setdefault(each.series_id, []).append(each)
    by_uid = {each[0].series_uid: each for each in held.values()}
    made = _resources([found], closed=frozenset())[0]
    for series in made.get("series", []):
        series["instance"] = [_instance(each) for each in by_uid.get(series["uid"], [])]
    return made


def search_imaging_studies(party: Party, sought: Sought, *, at: datetime) -> Page:
    """Return the exams that fit, the newest first, their single objects left out.

    Raises:
        TooBroadError: too many had to be opened.
    """
    page, more = page_of(_fitting(party, sought, at=at), sought)
    note_told(party, page, at=at)
    made = _resources(page, closed=asked_why(party, page, at=at))
    for each in made:
        each["meta"]["tag"] = [{"system": _OBSERVED, "code": "SUBSETTED"}]
    return Page(tuple(made), more)


def uid_asked(sought: Sought, systems: Sequence[str | None] = (None, UIDS)) -> str:
    """Return the DICOM UID that is asked for, "" where none can be meant."""
    asked = sought.identifier
    if asked is None or asked.system not in systems or not asked.value.startswith(_OID):
        return ""
    return asked.value.removeprefix(_OID)


def _fitting(party: Party, sought: Sought, *, at: datetime) -> Iterator[Found]:
    keys = []
    if sought.identifier is not None:
        uid = uid_asked(sought)
        if not uid and sought.identifier.system:  # an accession number of ours has no system
            return
        keys.append(Key((_STUDY_UID,), uid) if uid else Key((_ACCESSION,), sought.identifier.value))
    if sought.modality:
        keys.append(Key((_MODALITIES,), sought.modality))
    for found in exams(party, sought, tuple(keys), at=at):
        if _is_dated(found, sought) and sought.updated.holds(changed_at(found)):
            yield found


def _is_dated(found: Found, sought: Sought) -> bool:
    if not (sought.started.since or sought.started.before):
        return True
    day = found.study.study_on
    return day is not None and sought.started.holds(midnight(day))


def _resources(studies: Sequence[Found], *, closed: frozenset[UUID]) -> list[Resource]:
    """Describe exams; of those that ask why one looks, no series is told."""
    series = series_answers_of([each for each in studies if each.study.id not in closed])
    copies = copies_among(each.study for each in studies)
    return [
        _resource(found, answer, series.get(found.study.id, []), copies)
        for found, answer in zip(studies, answers_of(studies), strict=True)
    ]


def _resource(
    found: Found, answer: Answer, series: Sequence[Answer], copies: frozenset[UUID]
) -> Resource:
    patient = patient_of(found.study, copies)
    made: Resource = {
        "resourceType": "ImagingStudy",
        "id": to_text(found.study.id),
        "meta": {"lastUpdated": instant(changed_at(found))},
        "contained": [_pictures()],
        "identifier": [{"system": UIDS, "value": _OID + value_of(answer, _STUDY_UID)}],
        "status": "available",
        "modality": [_coded(each) for each in answer[_MODALITIES].get("Value", [])],
        "subject": {"reference": f"Patient/{patient}"},
        "endpoint": [{"reference": "#pictures"}],
        "numberOfSeries": answer["00201206"]["Value"][0],
        "numberOfInstances": answer["00201208"]["Value"][0],
        "series": [_series(each) for each in series],
    }
    if accession := value_of(answer, _ACCESSION):
        kind = {"coding": [{"system": _KINDS, "code": "ACSN", "display": "Accession ID"}]}
        made["identifier"].append({"type": kind, "value": accession})
    if day := parse_date(value_of(answer, _STUDY_DATE)):
        made["started"] = day.isoformat()
    if described := value_of(answer, _DESCRIPTION):
        made["description"] = described
    if referrer := shown_name(value_of(answer, _REFERRER)):
        made["referrer"] = {"display": referrer}
    return {name: value for name, value in made.items() if value != []}


def _pictures() -> dict[str, Any]:
    """Say where the pictures themselves are."""
    return {
        "resourceType": "Endpoint",
        "id": "pictures",
        "status": "active",
        "connectionType": {"system": _CONNECTIONS, "code": "dicom-wado-rs"},
        "payloadType": [{"text": "DICOM"}],
        "payloadMimeType": ["application/dicom"],
        "address": f"{settings.SAFELIGHT_PUBLIC_URL}/dicomweb",
    }


def _series(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = {
        "uid": value_of(answer, _SERIES_UID),
        "modality": _coded(value_of(answer, _MODALITY) or "OT"),
        "numberOfInstances": answer[_OBJECTS]["Value"][0],
    }
    number = value_of(answer, _NUMBER)
    if number.isdecimal():
        said["number"] = int(number)
    if described := value_of(answer, _SERIES_DESCRIPTION):
        said["description"] = described
    if part := value_of(answer, _BODY_PART):
        said["bodySite"] = {"display": part}
    return said


def _instance(held: Held) -> dict[str, Any]:
    return {
        "uid": held.instance_uid,
        "sopClass": {"system": _URIS, "code": _OID + held.class_uid},
    }


def _coded(modality: str) -> dict[str, str]:
    return {"system": DCM, "code": modality}
