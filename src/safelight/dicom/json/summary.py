"""Which part of a DICOM JSON model describes its study, its series and itself?

The attributes that QIDO-RS returns of each level (PS3.18 Tables 10.6.3-3 to
10.6.3-5), and the few facts by which an exam is found. What depends on who asks
is not here: counts, modalities of a study, and addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.elements.people import folded_name, name_words, shown, shown_name
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from safelight.dicom.json.model import Model

_STUDY: Final = {
    tags.STUDY_DATE: "DA",
    tags.STUDY_TIME: "TM",
    tags.ACCESSION_NUMBER: "SH",
    tags.REFERRING_PHYSICIAN_NAME: "PN",
    tags.PATIENT_NAME: "PN",
    tags.PATIENT_ID: "LO",
    tags.PATIENT_BIRTH_DATE: "DA",
    tags.PATIENT_SEX: "CS",
    tags.STUDY_INSTANCE_UID: "UI",
    tags.STUDY_ID: "SH",
}
_STUDY_IF_KNOWN: Final = (
    tags.TIMEZONE_OFFSET_FROM_UTC,
    tags.STUDY_DESCRIPTION,
    tags.ISSUER_OF_PATIENT_ID,
)
_SERIES: Final = {tags.MODALITY: "CS", tags.SERIES_INSTANCE_UID: "UI", tags.SERIES_NUMBER: "IS"}
_SERIES_IF_KNOWN: Final = (
    tags.TIMEZONE_OFFSET_FROM_UTC,
    tags.SERIES_DESCRIPTION,
    tags.BODY_PART_EXAMINED,
    tags.PERFORMED_PROCEDURE_STEP_START_DATE,
    tags.PERFORMED_PROCEDURE_STEP_START_TIME,
)
_REQUEST: Final = (tags.SCHEDULED_PROCEDURE_STEP_ID, tags.REQUESTED_PROCEDURE_ID)
_INSTANCE: Final = {
    tags.SOP_CLASS_UID: "UI",
    tags.SOP_INSTANCE_UID: "UI",
    tags.INSTANCE_NUMBER: "IS",
}
_INSTANCE_IF_KNOWN: Final = (
    tags.TIMEZONE_OFFSET_FROM_UTC,
    tags.ROWS,
    tags.COLUMNS,
    tags.BITS_ALLOCATED,
    tags.NUMBER_OF_FRAMES,
)
_UTF8: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}


def _keys(*told: Iterable[int]) -> frozenset[str]:
    return frozenset(tags.json_key(tag) for each in told for tag in each)


STUDY_ANSWERED: Final = _keys(_STUDY, _STUDY_IF_KNOWN)
"""The tags, as eight hex digits, that a study's answer can hold, the character set aside."""

SERIES_ANSWERED: Final = _keys(_SERIES, _SERIES_IF_KNOWN, [tags.REQUEST_ATTRIBUTES_SEQUENCE])
"""The same of a series' answer."""

INSTANCE_ANSWERED: Final = _keys(_INSTANCE, _INSTANCE_IF_KNOWN)
"""The same of an instance's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFacts:
    """By what an exam is found. What is absent is "".

    Names are folded (`people.fold`): `patient_name` is the alphabetic group, such as
    "doe^jane", `patient_name_groups` are all groups, `patient_name_words` the words of all.
    Those that end in `_shown` are
    made for people to read. Identifiers are as written, without invisible characters.
    `birth_date` is the DA value if it names a day.
    """

    patient_id: str
    issuer: str
    accession: str
    patient_name: str
    patient_name_groups: tuple[str, ...]
    patient_name_words: frozenset[str]
    patient_name_shown: str
    birth_date: str
    study_date: date | None
    modality: str
    study_id: str
    referring_physician: str
    referring_physician_shown: str
    instance_number: int | None


def study_answer(model: Model) -> Model:
    """Return what QIDO-RS says of the study, as far as one instance knows it."""
    return _picked(model, _STUDY, _STUDY_IF_KNOWN)


def series_answer(model: Model) -> Model:
    """Return what QIDO-RS says of the series, as far as one instance knows it."""
    answer = _picked(model, _SERIES, _SERIES_IF_KNOWN)
    key = tags.json_key(tags.REQUEST_ATTRIBUTES_SEQUENCE)
    requests = model.get(key, {}).get("Value") or []
    if requests:
        wanted = [tags.json_key(tag) for tag in _REQUEST]
        items = [{each: item[each] for each in wanted if each in item} for item in requests]
        answer[key] = {"vr": "SQ", "Value": items}
    return dict(sorted(answer.items()))


def instance_answer(model: Model) -> Model:
    """Return what QIDO-RS says of the instance."""
    return _picked(model, _INSTANCE, _INSTANCE_IF_KNOWN)


def _picked(model: Model, required: dict[int, str], if_known: tuple[int, ...]) -> Model:
    """Return these attributes in tag order; a required one that is absent is empty.

    The answer is UTF-8 whatever the file was, and says so.
    """
    answer: Model = {tags.json_key(tags.SPECIFIC_CHARACTER_SET): _UTF8}
    for tag, vr in required.items():
        key = tags.json_key(tag)
        answer[key] = model.get(key) or {"vr": vr}
    for tag in if_known:
        key = tags.json_key(tag)
        if key in model:
            answer[key] = model[key]
    return dict(sorted(answer.items()))


def search_facts(model: Model) -> SearchFacts:
    """Return what a DICOM JSON model says of itself for finding it."""
    name = _groups(model, tags.PATIENT_NAME)
    physician = _groups(model, tags.REFERRING_PHYSICIAN_NAME)
    birth_date = _text(model, tags.PATIENT_BIRTH_DATE)
    return SearchFacts(
        patient_id=_text(model, tags.PATIENT_ID),
        issuer=_text(model, tags.ISSUER_OF_PATIENT_ID),
        accession=_text(model, tags.ACCESSION_NUMBER),
        patient_name=folded_name(name[0]),
        patient_name_groups=tuple(filter(None, map(folded_name, name))),
        patient_name_words=frozenset(word for group in name for word in name_words(group)),
        patient_name_shown=shown_name(next(filter(None, name), "")),
        birth_date=birth_date if parse_date(birth_date) else "",
        study_date=parse_date(_text(model, tags.STUDY_DATE)),
        modality=_text(model, tags.MODALITY).upper(),
        study_id=_text(model, tags.STUDY_ID),
        referring_physician=folded_name(physician[0]),
        referring_physician_shown=shown_name(next(filter(None, physician), "")),
        instance_number=_integer(model, tags.INSTANCE_NUMBER),
    )


def _first(model: Model, tag: int) -> Any:  # noqa: ANN401  (JSON has values of every kind)
    values = model.get(tags.json_key(tag), {}).get("Value") or [None]
    return values[0]


def _text(model: Model, tag: int) -> str:
    value = _first(model, tag)
    return "" if value is None or isinstance(value, dict) else shown(str(value))


def _integer(model: Model, tag: int) -> int | None:
    value = _first(model, tag)
    return value if isinstance(value, int) else None


def _groups(model: Model, tag: int) -> tuple[str, str, str]:
    value = _first(model, tag)
    groups = value if isinstance(value, dict) else {}
    return (
        groups.get("Alphabetic", ""),
        groups.get("Ideographic", ""),
        groups.get("Phonetic", ""),
    )
