"""By which parameters may each kind of resource be searched, and what does a question ask?

What is not known is refused, and the parameter named: a filter that is passed over would
answer with more than was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.http import QueryDict

from safelight.exchange.access.smart import Resource
from safelight.exchange.release.fhir.sought import Identifier, Sought
from safelight.exchange.release.periods import Period
from safelight.surfaces.fhir.problems import BadParameterError

DEFAULT_COUNT: Final = 50
HIGHEST_COUNT: Final = 200
FORMATS: Final = frozenset({"json", "application/json", "application/fhir+json"})
COUNT, OFFSET, FORMAT = "_count", "_offset", "_format"
_LONGEST: Final = 256
_MOST_IDS: Final = 50
_NUMBER: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z0-9_\-]{1,32}", re.ASCII)
_PREFIX: Final = re.compile(r"(eq|ge|gt|le|lt)?([0-9].*)", re.ASCII | re.DOTALL)
_DAYS: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


class Sort(StrEnum):
    """What sort of search parameter it is (FHIR R4, SearchParamType)."""

    TOKEN = "token"  # noqa: S105 (a sort of parameter, not a secret)
    REFERENCE = "reference"
    STRING = "string"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter: its sort, how its text is read, and what is to be known of it."""

    sort: Sort
    read: Callable[[Sought, str, str], Sought]
    note: str


def _ids(sought: Sought, name: str, text: str) -> Sought:
    ids = tuple(text.split(","))
    if len(ids) > _MOST_IDS or not all(_ID.fullmatch(each) for each in ids):
        raise BadParameterError(name, "one to fifty ids, with commas between")
    return replace(sought, ids=ids)


def _reference(kind: str, text: str, name: str) -> str:
    identity = text.removeprefix(f"{kind}/")
    if not _ID.fullmatch(identity):
        raise BadParameterError(name, f"{kind}/ID, or an id")
    return identity


def _patient(sought: Sought, name: str, text: str) -> Sought:
    identity = _reference("Patient", text, name)
    if sought.patient not in {"", identity}:
        raise BadParameterError(name, "patient and subject name two patients")
    return replace(sought, patient=identity)


def _study(sought: Sought, name: str, text: str) -> Sought:
    return replace(sought, study=_reference("ImagingStudy", text, name))


def _identifier(sought: Sought, name: str, text: str) -> Sought:
    system, bar, value = text.rpartition("|")
    if not value:
        raise BadParameterError(name, "a value, or SYSTEM|value")
    return replace(sought, identifier=Identifier(system if bar else None, value))


def _name(sought: Sought, name: str, text: str) -> Sought:
    if not text.strip() or "*" in text or "?" in text:
        raise BadParameterError(name, "words with which parts of the name begin")
    return replace(sought, name=text)


def _modality(sought: Sought, name: str, text: str) -> Sought:
    code = text.rpartition("|")[2]
    if not _CODE.fullmatch(code):
        raise BadParameterError(name, "a code of DICOM's modalities, such as CT")
    return replace(sought, modality=code)


def _status(sought: Sought, name: str, text: str) -> Sought:
    codes = tuple(each.rpartition("|")[2] for each in text.split(","))
    if not all(_CODE.fullmatch(each) for each in codes):
        raise BadParameterError(name, "a code, or some with commas between")
    return replace(sought, status=codes)


def _birthdate(sought: Sought, name: str, text: str) -> Sought:
    return replace(sought, birthdate=_both(sought.birthdate, _days(name, text)))


def _started(sought: Sought, name: str, text: str) -> Sought:
    return replace(sought, started=_both(sought.started, _days(name, text)))


def _date(sought: Sought, name: str, text: str) -> Sought:
    return replace(sought, recorded=_both(sought.recorded, _moments(name, text)))


def _updated(sought: Sought, name: str, text: str) -> Sought:
    return replace(sought, updated=_both(sought.updated, _moments(name, text)))


_WHO: Final = "Patient/ID or the id."
_DAY: Final = "Days, with eq, ge, gt, le or lt."
_COMMON: Final = {
    "_id": Parameter(Sort.TOKEN, _ids, "One id, or some with commas between."),
    "_lastUpdated": Parameter(Sort.DATE, _updated, "A day or a moment, with eq, ge, gt, le or lt."),
}
_OF_PATIENT: Final = {
    "patient": Parameter(Sort.REFERENCE, _patient, _WHO),
    "subject": Parameter(Sort.REFERENCE, _patient, _WHO),
}
_BY_UID: Final = {
    "identifier": Parameter(Sort.TOKEN, _identifier, "The SOP Instance UID, as urn:oid:UID.")
}
_IN_STUDY: Final = {
    "related": Parameter(Sort.REFERENCE, _study, "The exam it lies in, ImagingStudy/ID."),
}
PARAMETERS: Final[dict[Resource, dict[str, Parameter]]] = {
    Resource.PATIENT: _COMMON
    | {
        "identifier": Parameter(Sort.TOKEN, _identifier, "The medical record number."),
        "name": Parameter(Sort.STRING, _name, "Words with which parts of the name begin."),
        "birthdate": Parameter(Sort.DATE, _birthdate, _DAY),
    },
    Resource.IMAGING_STUDY: _COMMON
    | _OF_PATIENT
    | {
        "identifier": Parameter(
            Sort.TOKEN, _identifier, "urn:dicom:uid|urn:oid:UID, or the accession number."
        ),
        "started": Parameter(Sort.DATE, _started, _DAY),
        "modality": Parameter(Sort.TOKEN, _modality, "A code of DICOM's modalities."),
    },
    Resource.DIAGNOSTIC_REPORT: _COMMON | _OF_PATIENT | _BY_UID,
    Resource.DOCUMENT_REFERENCE: _COMMON | _OF_PATIENT | _BY_UID | _IN_STUDY,
    Resource.CONSENT: _COMMON
    | {
        "patient": _OF_PATIENT["patient"],
        "identifier": Parameter(Sort.TOKEN, _identifier, "Its number."),
        "status": Parameter(Sort.TOKEN, _status, "active or inactive."),
    },
    Resource.AUDIT_EVENT: _COMMON
    | {
        "patient": _OF_PATIENT["patient"],
        "date": Parameter(Sort.DATE, _date, "When it happened."),
    },
}


def read_question(resource: Resource, given: QueryDict) -> Sought:
    """Read the query string of a search.

    Raises:
        BadParameterError: a parameter is unknown, or what it says cannot be understood.
    """
    known = PARAMETERS[resource]
    sought = Sought(
        limit=min(_number(given, COUNT, DEFAULT_COUNT, least=1), HIGHEST_COUNT),
        offset=_number(given, OFFSET, 0, least=0),
    )
    for name, values in given.lists():
        if name in {COUNT, OFFSET, FORMAT}:
            continue
        if name not in known:
            raise BadParameterError(name, "it is not known here")
        if len(values) > 1 and known[name].sort is not Sort.DATE:
            raise BadParameterError(name, "it can be given once")
        for text in values:
            if not text or len(text) > _LONGEST or not text.isprintable():
                raise BadParameterError(name, "1 to 256 letters")
            sought = known[name].read(sought, name, text)
    return sought


def check_format(given: QueryDict) -> None:
    """Let pass who asks for JSON, or for nothing.

    Raises:
        BadParameterError: it is another format.
    """
    # A plus that was not escaped reads as a blank.
    if any(each.replace(" ", "+") not in FORMATS for each in given.getlist(FORMAT)):
        raise BadParameterError(FORMAT, "answers are application/fhir+json")


def _number(given: QueryDict, name: str, default: int, *, least: int) -> int:
    texts = given.getlist(name)
    if not texts:
        return default
    if len(texts) > 1 or not _NUMBER.fullmatch(texts[0]) or int(texts[0]) < least:
        raise BadParameterError(name, f"a whole number from {least} on")
    return int(texts[0])


def _days(name: str, text: str) -> Period:
    prefix, said = _prefixed(name, text)
    first, after = _span_of_days(name, said)
    return _compared(prefix, first, after)


def _moments(name: str, text: str) -> Period:
    prefix, said = _prefixed(name, text)
    if not _MOMENT.fullmatch(said.replace(" ", "+")):
        return _compared(prefix, *_span_of_days(name, said))
    try:
        moment = datetime.fromisoformat(said.replace(" ", "+")).astimezone(UTC)
        seconds = moment.microsecond == 0
        return _compared(
            prefix,
            moment,
            moment + timedelta(seconds=1 if seconds else 0, microseconds=not seconds),
        )
    except (ValueError, OverflowError):
        raise BadParameterError(name, "there is no such moment") from None


def _prefixed(name: str, text: str) -> tuple[str, str]:
    found = _PREFIX.fullmatch(text)
    if found is None:
        raise BadParameterError(name, "a day, with eq, ge, gt, le or lt before it")
    return found[1] or "eq", found[2]


def _span_of_days(name: str, text: str) -> tuple[datetime, datetime]:
    """Return the first moment of a day, month or year, and the first after it."""
    found = _DAYS.fullmatch(text)
    if found is None:
        raise BadParameterError(name, "a day such as 2026-05-31, or a month or a year")
    year, month, day = (int(each) if each else 0 for each in found.groups())
    try:
        first = date(year, month or 1, day or 1)
        if day:
            after = first + timedelta(days=1)
        elif month:
            after = date(year + month // 12, month % 12 + 1, 1)
        else:
            after = date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise BadParameterError(name, "there is no such day") from None
    return _midnight(first), _midnight(after)


def _compared(prefix: str, first: datetime, after: datetime) -> Period:
    return {
        "eq": Period(since=first, before=after),
        "ge": Period(since=first),
        "gt": Period(since=after),
        "le": Period(before=after),
        "lt": Period(before=first),
    }[prefix]


def _both(one: Period, other: Period) -> Period:
    since = [each for each in (one.since, other.since) if each is not None]
    before = [each for each in (one.before, other.before) if each is not None]
    return Period(since=max(since, default=None), before=min(before, default=None))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
