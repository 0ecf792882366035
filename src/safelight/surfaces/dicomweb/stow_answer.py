"""What is said to the sender of objects, one by one? (PS3.18 10.5.3, Annex I.2)"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response

from safelight.exchange.receive.verdicts import OTHER_STUDY, STORAGE_FULL, Ruling, Verdict
from safelight.surfaces.dicomweb.addresses import address_of, service_root

JSON: Final = "application/dicom+json"
_OUT_OF_RESOURCES: Final = 0xA700
_OTHER_DATA_SET: Final = 0xA900
_CANNOT_UNDERSTAND: Final = 0xC000
_DUPLICATE_INSTANCE: Final = 0x0111
_CODES: Final = {STORAGE_FULL: _OUT_OF_RESOURCES, OTHER_STUDY: _OTHER_DATA_SET}

_FAILED: Final = "00081198"
_STORED: Final = "00081199"
_RETRIEVE_URL: Final = "00081190"


def answer(verdicts: Sequence[Verdict]) -> Response:
    """Answer with what became of each: 200 all, 202 some, 409 none, 507 none for want of room."""
    kept = [each for each in verdicts if each.ruling in {Ruling.STORED, Ruling.DUPLICATE}]
    failed = [each for each in verdicts if each.ruling in {Ruling.REFUSED, Ruling.REVIEW}]
    body: dict[str, Any] = {}
    studies = {each.names.study_instance_uid for each in kept}
    if len(studies) == 1:
        body[_RETRIEVE_URL] = {"vr": "UR", "Value": [address_of(service_root(), *studies)]}
    if failed:
        body[_FAILED] = {"vr": "SQ", "Value": [_failure(each) for each in failed]}
    if kept:
        body[_STORED] = {"vr": "SQ", "Value": [_success(each) for each in kept]}
    headers = {"Cache-Control": "no-store"}
    return Response(
        orjson.dumps(body), status_code=_status(kept, failed), media_type=JSON, headers=headers
    )


def _status(kept: Sequence[Verdict], failed: Sequence[Verdict]) -> HTTPStatus:
    if not failed:
        return HTTPStatus.OK
    if kept:
        return HTTPStatus.ACCEPTED
    if all(each.reason == STORAGE_FULL for each in failed):
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.CONFLICT


def _success(verdict: Verdict) -> dict[str, Any]:
    names = verdict.names
    address = address_of(
        service_root(),
        names.study_instance_uid,
        names.series_instance_uid,
        names.sop_instance_uid,
    )
    return _reference(verdict) | {_RETRIEVE_URL: {"vr": "UR", "Value": [address]}}


def _reference(verdict: Verdict) -> dict[str, Any]:
    return {
        "00081150": {"vr": "UI", "Value": [verdict.names.sop_class_uid]},
        "00081155": {"vr": "UI", "Value": [verdict.names.sop_instance_uid]},
    }


def _failure(verdict: Verdict) -> dict[str, Any]:
    """Say why one object was not stored (PS3.18 Table I.2-2), and in a sentence for people."""
    code = _CODES.get(verdict.reason, _CANNOT_UNDERSTAND)
    if verdict.ruling is Ruling.REVIEW:
        code = _DUPLICATE_INSTANCE
    reference = _reference(verdict) if verdict.names.sop_instance_uid else {}
    return reference | {
        "00081197": {"vr": "US", "Value": [code]},
        "00080119": {"vr": "UC", "Value": [verdict.sentence or verdict.reason]},
    }
