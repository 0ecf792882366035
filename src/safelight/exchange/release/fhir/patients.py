"""What is said of a patient? What the header of their newest visible exam says, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.elements.people import name_parts, shown, shown_name
from safelight.dicom.search.matching import Key
from safelight.dicom.search.titles import value_of
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.fhir.exams import (
    answers_of,
    changed_at,
    copies_among,
    exams,
    exams_of_patient,
    note_told,
    patient_of,
)
from safelight.exchange.release.fhir.sought import (
    Page,
    Resource,
    Sought,
    midnight,
    page_of,
)
from safelight.exchange.release.papers.fhir_words import instant
from safelight.exchange.release.periods import ALWAYS, Period
from safelight.exchange.release.viewing.answers import Answer
from safelight.exchange.release.viewing.find import Found, deny
from safelight.exchange.release.viewing.looks import look
from safelight.kernel.errors import NotFoundError

_NAME: Final = "00100010"
_NUMBER: Final = "00100020"
_ISSUER: Final = "00100021"
_BORN: Final = "00100030"
_SEX: Final = "00100040"
_GENDERS: Final = {"M": "male", "F": "female", "O": "other"}
_KINDS: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"


class _Known(NamedTuple):
    """A patient by the newest of their exams that may be seen."""

    patient: str
    found: Found
    answer: Answer


def read_patient(party: Party, patient: str, *, at: datetime) -> Resource:
    """Return one patient. That the exam was looked at which says so is on record.

    Raises:
        NotFoundError: there is none, or none of their exams is for this party; never which.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    found = exams_of_patient(party, patient, at=at)
    if not found:
        deny(party, Action.VIEW, tried=patient, at=at)
        raise NotFoundError
    look(party, found[0], at=at)
    return _resource(_Known(patient, found[0], answers_of(found[:1])[0]))


def search_patients(party: Party, sought: Sought, *, at: datetime) -> Page:
    """Return the patients of whose exams this party sees some, the newest exam first.

    Raises:
        TooBroadError: too many exams had to be opened.
    """
    page, more = page_of(_fitting(party, sought, at=at), sought)
    note_told(party, [each.found for each in page], at=at)
    return Page(tuple(_resource(each) for each in page), more)


def _fitting(party: Party, sought: Sought, *, at: datetime) -> Iterator[_Known]:
    keys = []
    if sought.name:
        keys.append(Key((_NAME,), sought.name))
    if sought.identifier is not None:
        if sought.identifier.system:  # none of ours has a system
            return
        keys.append(Key((_NUMBER,), sought.identifier.value))
    for known in _patients(party, sought, tuple(keys), at=at):
        is_born = sought.birthdate == ALWAYS or _is_born(known, sought.birthdate)
        if is_born and sought.updated.holds(changed_at(known.found)):
            yield known


def _is_born(known: _Known, within: Period) -> bool:
    born = parse_date(value_of(known.answer, _BORN))
    return born is not None and within.holds(midnight(born))


def _patients(
    party: Party, sought: Sought, keys: tuple[Key, ...], *, at: datetime
) -> Iterator[_Known]:
    """Yield each patient once, by the newest of their exams that fits."""
    if sought.ids:
        for patient in dict.fromkeys(sought.ids):
            asked = Sought(patient=patient, name=sought.name)
            for found in exams(party, asked, keys, at=at):
                yield _Known(patient, found, answers_of([found])[0])
                break
        return
    seen: set[str] = set()
    for found in exams(party, sought, keys, at=at):
        patient = patient_of(found.study, copies_among([found.study]))
        if patient not in seen:
            seen.add(patient)
            yield _Known(patient, found, answers_of([found])[0])


def _resource(known: _Known) -> Resource:
    answer = known.answer
    made: Resource = {
        "resourceType": "Patient",
        "id": known.patient,
        "meta": {"lastUpdated": instant(changed_at(known.found))},
    }
    if number := value_of(answer, _NUMBER):
        made["identifier"] = [_numbered(number, value_of(answer, _ISSUER))]
    if names := [name for group in _groups(answer) if (name := _name(group))]:
        made["name"] = names
    if gender := _GENDERS.get(value_of(answer, _SEX)):
        made["gender"] = gender
    if born := parse_date(value_of(answer, _BORN)):
        made["birthDate"] = born.isoformat()
    return made


def _numbered(number: str, issuer: str) -> dict[str, Any]:
    kind = {"coding": [{"system": _KINDS, "code": "MR", "display": "Medical record number"}]}
    named: dict[str, Any] = {"type": kind, "value": number}
    return named | ({"assigner": {"display": issuer}} if issuer else {})


def _groups(answer: Answer) -> list[str]:
    """Return a name's groups: as it is written here, in its own script, by its sound."""
    values = answer.get(_NAME, {}).get("Value") or [{}]
    first = values[0] if isinstance(values[0], dict) else {}
    return [str(first[each]) for each in ("Alphabetic", "Ideographic", "Phonetic") if each in first]


def _name(group: str) -> dict[str, Any]:
    """Return a name, or nothing where the group is empty."""
    parts = name_parts(group)
    given = [shown(each) for each in (parts.given, parts.middle) if shown(each)]
    said: dict[str, Any] = {"text": shown_name(group), "family": shown(parts.family)}
    said["given"] = given
    said["prefix"] = [shown(parts.prefix)] if shown(parts.prefix) else []
    said["suffix"] = [shown(parts.suffix)] if shown(parts.suffix) else []
    return {name: value for name, value in said.items() if value}
