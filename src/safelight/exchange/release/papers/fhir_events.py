"""How is an accounting told to another system? As FHIR R4 AuditEvents.

Each has the shape that IHE's Basic Audit Log Patterns give to a disclosure, told by who
disclosed (PrivacyDisclosure.Source): type 110106, action R, subtype "disclose", agents
source and recipient, the patient once, the purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from safelight.exchange.release.papers.accounting import CARE, Entry, Line
from safelight.exchange.release.papers.fhir_words import EXTENSION, instant

PROFILE: Final = (
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"
)
_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_COUNT: Final = f"{EXTENSION}:disclosures-summed-up"
_PURPOSES: Final = {"self": "PATRQT", "represented": "PATRQT", "tpo": "TREAT", CARE: "TREAT"}
_PARTLY: Final = "4"


def audit_events(lines: Iterable[Line], *, name: str, at: datetime) -> dict[str, Any]:
    """Return a Bundle of AuditEvents about one person's exams."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(at),
        "entry": [{"resource": _event(line, name)} for line in lines],
    }


def _event(line: Line, name: str) -> dict[str, Any]:
    entry = line.first
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": entry.number,
        "meta": {"profile": [PROFILE]},
        "type": _coding(_DCM, "110106", "Export"),
        "subtype": [_coding(_LIFECYCLE, "disclose", "Disclose")],
        "action": "R",
        "recorded": instant(entry.at),
        "outcome": _PARTLY if entry.result == "partial" else "0",
        "purposeOfEvent": [_purpose(entry)],
        "agent": [_source(), _recipient(entry)],
        "source": {"observer": {"display": settings.SAFELIGHT_OPERATOR}},
        "entity": [_patient(name), _what(entry)],
    }
    if line.count > 1:
        event["extension"] = [
            {
                "url": _COUNT,
                "extension": [
                    {"url": "count", "valueInteger": line.count},
                    {"url": "last", "valueInstant": instant(line.last_at)},
                ],
            }
        ]
    return event


def _source() -> dict[str, Any]:
    return {
        "type": {"coding": [_coding(_DCM, "110153", "Source Role ID")]},
        "who": {"display": settings.SAFELIGHT_OPERATOR},
        "requestor": False,
        "network": {"address": settings.SAFELIGHT_PUBLIC_URL, "type": "5"},
    }


def _recipient(entry: Entry) -> dict[str, Any]:
    who: dict[str, Any] = {"display": entry.recipient}
    if entry.address:
        who["identifier"] = {"system": "urn:ietf:rfc:6068", "value": f"mailto:{entry.address}"}
    return {
        "type": {"coding": [_coding(_DCM, "110152", "Destination Role ID")]},
        "who": who,
        "requestor": True,
    }


def _patient(name: str) -> dict[str, Any]:
    return {
        "what": {"type": "Patient", "display": name},
        "type": _coding(_ENTITY_TYPE, "1", "Person"),
        "role": _coding(_OBJECT_ROLE, "1", "Patient"),
    }


def _what(entry: Entry) -> dict[str, Any]:
    return {
        "what": {"type": "ImagingStudy", "display": entry.description},
        "type": _coding(_ENTITY_TYPE, "2", "System Object"),
        "role": _coding(_OBJECT_ROLE, "4", "Domain Resource"),
        "detail": [
            {"type": "accounting-class", "valueString": entry.ground},
            {"type": "basis", "valueString": entry.basis or "none"},
            {"type": "channel", "valueString": entry.channel},
        ],
    }


def _purpose(entry: Entry) -> dict[str, Any]:
    purpose: dict[str, Any] = {"text": entry.purpose or "not said"}
    if entry.ground in _PURPOSES:
        purpose["coding"] = [{"system": _REASON, "code": _PURPOSES[entry.ground]}]
    return purpose


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}
