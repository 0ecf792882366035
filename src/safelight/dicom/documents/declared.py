"""What does a person say about a paper or picture that is not DICOM yet?

Everything here was typed or chosen by someone. It is checked before it may become
part of a DICOM object: characters that the Standard forbids would break it.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from safelight.dicom.registry.uids import is_valid_uid, new_uid
from safelight.kernel.errors import InvalidFieldError

_LONGEST: Final = 64
_DATE: Final = re.compile(r"(?:[0-9]{8})?", re.ASCII)
_TIME: Final = re.compile(r"(?:[0-9]{6})?", re.ASCII)
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u202a-\u202e\u2066-\u2069]")
_TEXTS: Final = ("patient_name", "patient_id", "patient_id_issuer", "title", "study_title")
_SHORT_TEXTS: Final = ("study_id", "accession")
_SHORT: Final = 16
_DATES: Final = ("birth_date", "study_date", "made_on")
_TIMES: Final = ("study_time", "made_at")
_UIDS: Final = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")
_SEXES: Final = frozenset({"", "M", "F", "O"})


class DocumentKind(StrEnum):
    """What can be wrapped into a DICOM object."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the new object says about itself.

    Dates are YYYYMMDD, times HHMMSS, both may be empty; `patient_name` is in the form
    of PN (`Family^Given`). What joins an exam that is here says of the study what that says:
    `study_title`, which is otherwise the document's own `title`, `study_id` and `accession`.
    `made_on` and `made_at` are when it was wrapped.

    Raises:
        InvalidFieldError: one of them cannot stand in a DICOM object.
    """

    patient_name: str
    patient_id: str
    patient_id_issuer: str = ""
    birth_date: str = ""
    sex: str = ""
    study_date: str = ""
    study_time: str = ""
    title: str = ""
    study_title: str = ""
    study_id: str = ""
    accession: str = ""
    instance_number: int = 1
    made_on: str = ""
    made_at: str = ""
    study_instance_uid: str = field(default_factory=new_uid)
    series_instance_uid: str = field(default_factory=new_uid)
    sop_instance_uid: str = field(default_factory=new_uid)

    def __post_init__(self) -> None:
        for names, sound in (
            (_TEXTS, _is_text),
            (_SHORT_TEXTS, _is_short),
            (_DATES, _DATE.fullmatch),
            (_TIMES, _TIME.fullmatch),
            (_UIDS, is_valid_uid),
            (("sex",), _SEXES.__contains__),
        ):
            for name in names:
                if not sound(getattr(self, name)):
                    raise InvalidFieldError(name, "This cannot be written in a DICOM object.")

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Declared:
        """Return what `to_wire` wrote."""
        return cls(**wire)


def _is_text(text: str) -> bool:
    return len(text) <= _LONGEST and _FORBIDDEN.search(text) is None


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and _is_text(text)
