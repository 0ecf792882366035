"""What is asked and reported by storage commitment? (PS3.4 annex J, tables J.3-1 and J.3-2)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from safelight.dicom.registry.uids import is_usable_uid
from safelight.dicom.writing.from_json import to_data_set

MOST: Final = 10_000
_TRANSACTION: Final = "00081195"
_CLASS: Final = "00081150"
_INSTANCE: Final = "00081155"
_REASON: Final = "00081197"
_FAILED: Final = "00081198"
_REFERENCED: Final = "00081199"


class NoRequestError(Exception):
    """It names no transaction, or no objects, or too many."""


class Failure(IntEnum):
    """Why an object is not committed to (PS3.3 C.14.1.1)."""

    NO_SUCH_OBJECT = 0x0112
    OTHER_CLASS = 0x0119
    NO_SUCH_CLASS = 0x0122
    TRANSACTION_USED = 0x0131


@dataclass(frozen=True, slots=True)
class Reference:
    """One object that is asked about, by what the one who asks says it is."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: about which objects, under which name of the one who asks."""

    transaction_uid: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What is answered: what is kept, and what is not and why."""

    transaction_uid: str
    kept: Sequence[Reference]
    failed: Sequence[tuple[Reference, Failure]]


def read_request(model: Mapping[str, Any]) -> Request:
    """Read a request from its DICOM JSON model.

    Raises:
        NoRequestError: it is none, or one of more than 10,000 objects.
    """
    items = (model.get(_REFERENCED) or {}).get("Value") or []
    if not 0 < len(items) <= MOST:
        raise NoRequestError
    references = tuple(
        Reference(_uid(each or {}, _CLASS), _uid(each or {}, _INSTANCE)) for each in items
    )
    return Request(_uid(model, _TRANSACTION), references)


def write_report(report: Report, *, explicit: bool) -> bytes:
    """Write a report as a data set, in little endian."""
    model: dict[str, Any] = {_TRANSACTION: _one("UI", report.transaction_uid)}
    if report.failed:
        items = [_item(each) | {_REASON: _one("US", why)} for each, why in report.failed]
        model[_FAILED] = {"vr": "SQ", "Value": items}
    if report.kept:
        model[_REFERENCED] = {"vr": "SQ", "Value": [_item(each) for each in report.kept]}
    return to_data_set(model, explicit=explicit)


def write_request(request: Request, *, explicit: bool) -> bytes:
    """Write a request as a data set, in little endian."""
    model = {
        _TRANSACTION: _one("UI", request.transaction_uid),
        _REFERENCED: {"vr": "SQ", "Value": [_item(each) for each in request.references]},
    }
    return to_data_set(model, explicit=explicit)


def read_report(model: Mapping[str, Any]) -> tuple[str, frozenset[str], frozenset[str]]:
    """Read a report: its transaction, and the objects that are kept and that are not.

    Raises:
        NoRequestError: it names no transaction, or an object without its UID.
    """
    kept, failed = (
        frozenset(_uid(each or {}, _INSTANCE) for each in (model.get(tag) or {}).get("Value") or [])
        for tag in (_REFERENCED, _FAILED)
    )
    return _uid(model, _TRANSACTION), kept, failed


def _item(of: Reference) -> dict[str, Any]:
    return {_CLASS: _one("UI", of.sop_class_uid), _INSTANCE: _one("UI", of.sop_instance_uid)}


def _one(vr: str, value: str | int) -> dict[str, Any]:
    return {"vr": vr, "Value": [int(value) if isinstance(value, int) else value]}


def _uid(model: Mapping[str, Any], tag: str) -> str:
    values = (model.get(tag) or {}).get("Value") or [""]
    if len(values) != 1 or not isinstance(values[0], str) or not is_usable_uid(values[0]):
        raise NoRequestError
    return values[0]
