"""How is an accounting told to another system? As FHIR R4 AuditEvents.

Each has the shape that IHE's Basic Audit Log Patterns give to a disclosure, told by who
disclosed (PrivacyDisclosure.Source): type 110106, action R, subtype "disclose", agents
source and recipient, the patient once, the purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from safelight.exchange.release.papers.accounting import CARE, Entry, Line
from safelight.exchange.release.papers.fhir_audit import (
    DCM,
    DESTINATION,
    PROFILES,
    REASON,
    SOURCE,
    coding,
    data_entity,
    disclose,
    network,
    patient_entity,
)
from safelight.exchange.release.papers.fhir_words import EXTENSION, instant

PROFILE: Final = f"{PROFILES}.PrivacyDisclosure.Source"
_COUNT: Final = f"{EXTENSION}:disclosures-summed-up"
_ENTRY: Final = f"{EXTENSION}:entry-of-the-record"
_PURPOSES: Final = {"self": "PATRQT", "represented": "PATRQT", "tpo": "TREAT", CARE: "TREAT"}
_PARTLY: Final = "4"


def audit_events(
    lines: Iterable[tuple[Line, Sequence[int]]], *, name: str, at: datetime
) -> dict[str, Any]:
    """Return a Bundle of AuditEvents about one person's exams, each with its entries' places."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(at),
        "entry": [{"resource": event_of(line, name, places)} for line, places in lines],
    }


def event_of(line: Line, name: str, places: Sequence[int]) -> dict[str, Any]:
    """Return one line of an accounting about somebody, with the places of its entries."""
    entry = line.first
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": entry.number,
        "meta": {"profile": [PROFILE]},
        "type": coding(DCM, "110106", "Export"),
        "subtype": [disclose()],
        "action": "R",
        "recorded": instant(entry.at),
        "outcome": _PARTLY if entry.result == "partial" else "0",
        "purposeOfEvent": [_purpose(entry)],
        "agent": [_source(), _recipient(entry)],
        "source": {"observer": {"display": settings.SAFELIGHT_OPERATOR}},
        "entity": [patient_entity({"display": name}), _what(entry)],
    }
    more: list[dict[str, Any]] = [{"url": _ENTRY, "valueString": str(each)} for each in places]
    if line.count > 1:
        summed_up = [
            {"url": "count", "valueInteger": line.count},
            {"url": "last", "valueInstant": instant(line.last_at)},
        ]
        more.append({"url": _COUNT, "extension": summed_up})
    return event | ({"extension": more} if more else {})


def _source() -> dict[str, Any]:
    return {
        "type": {"coding": [coding(DCM, *SOURCE)]},
        "who": {"display": settings.SAFELIGHT_OPERATOR},
        "requestor": False,
        "network": network(settings.SAFELIGHT_PUBLIC_URL),
    }


def _recipient(entry: Entry) -> dict[str, Any]:
    who: dict[str, Any] = {"display": entry.recipient}
    mailto = f"mailto:{entry.address}"
    if entry.address:
        who["identifier"] = {"system": "urn:ietf:rfc:6068", "value": mailto}
    return {
        "type": {"coding": [coding(DCM, *DESTINATION)]},
        "who": who,
        "requestor": True,
        "network": network(mailto if entry.address else "urn:safelight:fhir:not-known"),
    }


def _what(entry: Entry) -> dict[str, Any]:
    return data_entity({"type": "ImagingStudy", "display": entry.description}) | {
        "detail": [
            {"type": "accounting-class", "valueString": entry.ground},
            {"type": "basis", "valueString": entry.basis or "none"},
            {"type": "channel", "valueString": entry.channel},
        ],
    }


def _purpose(entry: Entry) -> dict[str, Any]:
    purpose: dict[str, Any] = {"text": entry.purpose or "not said"}
    if entry.ground in _PURPOSES:
        purpose["coding"] = [{"system": REASON, "code": _PURPOSES[entry.ground]}]
    return purpose
