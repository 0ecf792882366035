"""How is an entry of the record told as an audit message of DICOM (PS3.15 A.5)?

XML after the schema of A.5.1. Codes of DICOM are of its list DCM; a kind for which DICOM
has no event keeps our own code, in a list of our own. The record holds neither names nor
UIDs, so people, patients and exams are named by the ids that they have here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from django.conf import settings

from safelight.governance.trail.sorts import (
    EXPORT,
    IMPORT,
    LOG_USED,
    QUERY,
    TRANSFER_BEGUN,
    TRANSFERRED,
    Code,
    Sort,
    sort_of,
)
from safelight.governance.trail.told import Told
from safelight.platform.audit.entry import time_text
from safelight.platform.audit.events import Outcome

OWN_LIST: Final = "99SAFELIGHT"
_SOURCE: Final = Code("110153", "Source Role ID")
_DESTINATION: Final = Code("110152", "Destination Role ID")
_APPLICATION: Final = Code("110150", "Application")
_LAUNCHER: Final = Code("110151", "Application Launcher")
_URI: Final = "5"
_SERIOUS: Final = "8"
# Of PS3.15 A.5.2: what an object is, what part it plays, and by which sort of id it is named.
_PERSON, _SYSTEM = "1", "2"
_PATIENT, _RESOURCE, _REPORT, _SECURITY, _QUERY = "1", "4", "3", "13", "24"
_BY_PATIENT: Final = ("2", "RFC-3881", "Patient Number")
_BY_URI: Final = ("12", "RFC-3881", "URI")
_BY_OWN_ID: Final = ("id", OWN_LIST, "The id that it has in this record")
# Who of the actor and ourselves gives the data, and who takes it.
_ROLES: Final = {
    IMPORT: (_SOURCE, _DESTINATION),
    QUERY: (_SOURCE, _DESTINATION),
    EXPORT: (_DESTINATION, _SOURCE),
    TRANSFER_BEGUN: (_DESTINATION, _SOURCE),
    TRANSFERRED: (_DESTINATION, _SOURCE),
}


def lines(batch: Iterable[Told]) -> bytes:
    """Return entries as messages, one a line."""
    return b"".join(message(each) + b"\n" for each in batch)


def message(one: Told) -> bytes:
    """Return one entry as an AuditMessage, without a line break in it."""
    root = Element("AuditMessage")
    sort = sort_of(one.entry.kind)
    _event(root, one, sort)
    _participants(root, one, sort)
    source = SubElement(
        root,
        "AuditSourceIdentification",
        AuditEnterpriseSiteID=settings.SAFELIGHT_OPERATOR,
        AuditSourceID=settings.SAFELIGHT_PUBLIC_URL,
    )
    SubElement(source, "AuditSourceTypeCode", {"csd-code": "4"})
    _objects(root, one, sort)
    return tostring(root, encoding="unicode").encode()


def is_of_dicom(one: Told) -> bool:
    """Say whether DICOM itself names this event (CID 400)."""
    return sort_of(one.entry.kind).event is not None


def _event(root: Element, one: Told, sort: Sort) -> None:
    said = one.entry
    event = SubElement(
        root,
        "EventIdentification",
        EventActionCode=sort.action,
        EventDateTime=time_text(said.at),
        EventOutcomeIndicator="0" if said.outcome == Outcome.OK else _SERIOUS,
    )
    if sort.event is None:
        _coded(event, "EventID", (said.kind, OWN_LIST, said.kind))
    else:
        _coded(event, "EventID", _dcm(sort.event))
    if sort.type is not None:
        _coded(event, "EventTypeCode", _dcm(sort.type))
    elif sort.event is not None:
        _coded(event, "EventTypeCode", (said.kind, OWN_LIST, said.kind))
    if said.outcome != Outcome.OK:
        SubElement(event, "EventOutcomeDescription").text = said.reason or said.outcome


def _participants(root: Element, one: Told, sort: Sort) -> None:
    said = one.entry
    theirs, ours = _ROLES.get(sort.event, (None, _APPLICATION)) if sort.event else (None, None)
    if said.kind.startswith("instance."):
        theirs = _LAUNCHER
    _participant(root, said.actor, theirs, said.origin, asks=True, session=said.session)
    _participant(root, settings.SAFELIGHT_PUBLIC_URL, ours or _APPLICATION)
    if said.on_behalf:
        _participant(root, said.on_behalf)


def _participant(
    root: Element,
    name: str,
    role: Code | None = None,
    origin: str = "",
    *,
    asks: bool = False,
    session: str = "",
) -> None:
    said = {"UserID": name, "UserIsRequestor": "true" if asks else "false"}
    if session:
        said["AlternativeUserID"] = f"session/{session}"
    if origin:
        said["NetworkAccessPointID"] = f"urn:safelight:origin:{origin}"
        said["NetworkAccessPointTypeCode"] = _URI
    participant = SubElement(root, "ActiveParticipant", said)
    if role is not None:
        _coded(participant, "RoleIDCode", _dcm(role))


def _objects(root: Element, one: Told, sort: Sort) -> None:
    said = one.entry
    if sort.event is LOG_USED:
        address = f"{settings.SAFELIGHT_PUBLIC_URL}/officer/trail/"
        found = _object(root, address, _SYSTEM, _SECURITY, _BY_URI)
        SubElement(found, "ParticipantObjectName").text = "Security Audit Log"
    elif sort.event is QUERY:
        # The query itself is sealed in the record: what was typed may name somebody.
        found = _object(root, said.subject or "studies", _SYSTEM, _QUERY, _BY_OWN_ID)
        SubElement(found, "ParticipantObjectQuery").text = ""
    elif said.subject:
        kind = said.subject.partition("/")[0]
        role = _REPORT if kind == "study" else _RESOURCE
        sort_of_thing = _PERSON if kind == "account" else _SYSTEM
        found = _object(root, said.subject, sort_of_thing, role, _BY_OWN_ID)
        SubElement(found, "ParticipantObjectName").text = said.subject
    if one.patient:
        found = _object(root, one.patient, _PERSON, _PATIENT, _BY_PATIENT)
        SubElement(found, "ParticipantObjectName").text = one.patient
    if said.consent_id:
        _object(root, f"consent/{said.consent_id}", _SYSTEM, _SECURITY, _BY_OWN_ID)


def _object(root: Element, name: str, what: str, role: str, by: tuple[str, str, str]) -> Element:
    found = SubElement(
        root,
        "ParticipantObjectIdentification",
        ParticipantObjectID=name,
        ParticipantObjectTypeCode=what,
        ParticipantObjectTypeCodeRole=role,
    )
    _coded(found, "ParticipantObjectIDTypeCode", by)
    return found


def _dcm(code: Code) -> tuple[str, str, str]:
    return code.value, "DCM", code.meaning


def _coded(parent: Element, name: str, code: tuple[str, str, str]) -> None:
    value, system, meaning = code
    said = {"csd-code": value, "codeSystemName": system, "originalText": meaning}
    SubElement(parent, name, said)
