"""How is an entry of the record told as a FHIR R4 AuditEvent? One line of NDJSON each.

In the shapes of IHE's Basic Audit Log Patterns where its kind has one and the entry says
what the shape asks for; else as an AuditEvent without a profile. People are ids.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import orjson
from django.conf import settings

from safelight.exchange.release.papers.fhir_audit import (
    DCM,
    DESTINATION,
    PROFILES,
    SOURCE,
    coding,
    data_entity,
    disclose,
    network,
    patient_entity,
    query_entity,
)
from safelight.exchange.release.papers.fhir_words import EXTENSION, instant
from safelight.governance.trail.sorts import Pattern, Sort, sort_of
from safelight.governance.trail.told import Told
from safelight.kernel.ids import to_text
from safelight.platform.audit.events import Outcome

_EVENT: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_REST: Final = "http://hl7.org/fhir/restful-interaction"
_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_HOUSE: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
_AUTHORIZER: Final = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"
_PROVENANCE: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
_RESOURCES: Final = "http://hl7.org/fhir/resource-types"
_DECISIONS: Final = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType"

_APPLICATION: Final = coding(DCM, "110150", "Application")
_READER: Final = coding(_PARTICIPATION, "IRCP", "information recipient")
_AUTHOR: Final = coding(_PARTICIPATION, "AUT", "author (originator)")
# The interaction, and who of client and server is the source of the data.
_INTERACTIONS: Final = {
    Pattern.CREATE: ("create", _AUTHOR),
    Pattern.READ: ("read", _READER),
    Pattern.UPDATE: ("update", _AUTHOR),
    Pattern.DELETE: ("delete", _AUTHOR),
    Pattern.QUERY: ("search", _READER),
}
_FOR_A_PATIENT: Final = frozenset({Pattern.SOURCE, Pattern.RECIPIENT, Pattern.DECISION})
_RESOURCE_OF: Final = {
    "study": "ImagingStudy",
    "consent": "Consent",
    "organization": "Organization",
}


def lines(batch: Iterable[Told]) -> bytes:
    """Return entries as NDJSON."""
    return b"".join(orjson.dumps(audit_event(each)) + b"\n" for each in batch)


def audit_event(one: Told) -> dict[str, Any]:
    """Return one entry as an AuditEvent."""
    said, sort = one.entry, sort_of(one.entry.kind)
    pattern = _pattern(one, sort)
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": to_text(said.entry_id),
        "extension": _own_words(one),
        **_what_sort(pattern, sort, said.kind),
        "recorded": instant(said.at),
        "outcome": "0" if said.outcome == Outcome.OK else "8",
        "agent": _agents(one, pattern),
        "source": {
            "site": settings.SAFELIGHT_PUBLIC_URL,
            "observer": _self(),
            "type": [coding(_SOURCE_TYPE, "4", "Application Server")],
        },
    }
    if entities := _entities(one, pattern):
        event["entity"] = entities
    if said.outcome != Outcome.OK:
        event["outcomeDesc"] = said.reason or said.outcome
    if said.purpose:
        event["purposeOfEvent"] = [{"text": said.purpose}]
    if pattern is not Pattern.PLAIN:
        event["meta"] = {"profile": [_profile(one, pattern)]}
    return event


def _pattern(one: Told, sort: Sort) -> Pattern:
    """Return the shape that an entry can take truly."""
    said, pattern = one.entry, sort.pattern
    if pattern is Pattern.SOURCE and one.patient == said.actor:
        pattern = Pattern.READ  # what is one's own is not disclosed
    if pattern is Pattern.READ and said.consent_id and one.patient:
        pattern = Pattern.SOURCE
    if pattern in _INTERACTIONS and said.outcome != Outcome.OK:
        return Pattern.PLAIN  # those are for what succeeded
    if pattern in _FOR_A_PATIENT and not one.patient:
        return Pattern.PLAIN
    if pattern in {Pattern.SOURCE, Pattern.RECIPIENT} and said.outcome == Outcome.DENIED:
        return Pattern.PLAIN
    return pattern


def _profile(one: Told, pattern: Pattern) -> str:
    about = "Patient" if one.patient and pattern in _INTERACTIONS else ""
    return f"{PROFILES}.{about}{pattern.value}"


def _what_sort(pattern: Pattern, sort: Sort, kind: str) -> dict[str, Any]:
    if pattern in _INTERACTIONS:
        name, _ = _INTERACTIONS[pattern]
        action = "E" if pattern is Pattern.QUERY else name[0].upper()
        return {
            "type": coding(_EVENT, "rest", "Restful Operation"),
            "subtype": [coding(_REST, name, name)],
            "action": action,
        }
    if pattern is Pattern.SOURCE:
        return {"type": coding(DCM, "110106", "Export"), "subtype": [disclose()], "action": "R"}
    if pattern is Pattern.RECIPIENT:
        return {"type": coding(DCM, "110107", "Import"), "subtype": [disclose()], "action": "C"}
    if pattern is Pattern.DECISION:
        words = "Authorization Decision using Roles and Consent"
        return {
            "type": coding(DCM, "110113", "Security Alert"),
            "subtype": [coding(_DECISIONS, "AuthZ-Consent", words)],
            "action": "E",
        }
    own = {"system": f"{EXTENSION}:kind", "code": kind}
    if sort.event is None:
        return {"type": own, "action": sort.action}
    code = sort.type
    return {
        "type": coding(DCM, sort.event.value, sort.event.meaning),
        "subtype": [coding(DCM, code.value, code.meaning)] if code else [own],
        "action": sort.action,
    }


def _agents(one: Told, pattern: Pattern) -> list[dict[str, Any]]:
    where, here = _origin(one), network(settings.SAFELIGHT_PUBLIC_URL)
    who, client = reference(one.entry.actor), _client(one)
    if pattern is Pattern.SOURCE:
        return [
            _agent(coding(DCM, *SOURCE), _self(), here),
            _agent(coding(DCM, *DESTINATION), who, where, asks=True),
        ]
    if pattern is Pattern.RECIPIENT:
        return [
            _agent(coding(DCM, *SOURCE), who, where, asks=True),
            _agent(coding(DCM, *DESTINATION), _self(), here),
        ]
    if pattern is Pattern.DECISION:
        house = reference(one.organization) if one.organization else {"display": "no institution"}
        return [
            _agent(_APPLICATION, client, where),
            _agent(_READER, who, asks=True),
            _agent(coding(_HOUSE, "PROV", "healthcare provider"), house),
            _agent(coding(_AUTHORIZER, "authserver", "authorization server"), _self()),
        ]
    if pattern is Pattern.PLAIN:
        return [_agent(None, who, where, asks=True), _agent(_APPLICATION, _self(), here)]
    first, second = coding(DCM, *SOURCE), coding(DCM, *DESTINATION)
    if pattern is Pattern.READ:
        first, second = second, first
    if pattern is Pattern.DELETE:
        first, second = _APPLICATION, coding(_PROVENANCE, "custodian", "Custodian")
    _, role = _INTERACTIONS[pattern]
    return [
        _agent(first, client, where),
        _agent(second, _self(), here),
        _agent(role, who, asks=True),
    ]


def _entities(one: Told, pattern: Pattern) -> list[dict[str, Any]]:
    said = one.entry
    found = [patient_entity(reference(one.patient))] if one.patient else []
    if pattern is Pattern.DECISION:
        consent = (
            reference(f"consent/{said.consent_id}")
            if said.consent_id
            else {"display": "no consent allows it"}
        )
        entity = {"what": consent, "type": coding(_RESOURCES, "Consent", "Consent")}
        return [*found, entity]
    if pattern is Pattern.QUERY:
        asked = base64.b64encode(f"{said.kind}?count={said.count}".encode()).decode()
        words = "What was searched for is sealed in the record; this is how many were found."
        return [*found, query_entity(asked, words)]
    needs_data = pattern is not Pattern.PLAIN
    if said.subject or needs_data:
        found.append(data_entity(reference(said.subject or f"entry/{said.entry_id}")))
    return found


def _agent(
    role: dict[str, str] | None,
    who: dict[str, Any],
    where: dict[str, str] | None = None,
    *,
    asks: bool = False,
) -> dict[str, Any]:
    agent: dict[str, Any] = {"who": who, "requestor": asks}
    if role:
        agent["type"] = {"coding": [role]}
    if where:
        agent["network"] = where
    return agent


def reference(name: str) -> dict[str, Any]:
    """Name something of the record: its id, under what sort of thing it is."""
    kind, _, part = name.partition("/")
    try:
        value = to_text(UUID(part))
    except ValueError:
        value = part or kind
    named: dict[str, Any] = {"identifier": {"system": f"{EXTENSION}:{kind}", "value": value}}
    if kind in _RESOURCE_OF:
        named["type"] = _RESOURCE_OF[kind]
    return named


def _self() -> dict[str, Any]:
    return {"display": settings.SAFELIGHT_OPERATOR}


def _client(one: Told) -> dict[str, Any]:
    session = one.entry.session
    return reference(f"session/{session}") if session else {"display": "not a session"}


def _origin(one: Told) -> dict[str, str]:
    return network(f"urn:safelight:origin:{one.entry.origin or 'none'}")


def _own_words(one: Told) -> list[dict[str, Any]]:
    said = one.entry
    words: list[dict[str, Any]] = [
        {"url": f"{EXTENSION}:kind", "valueCode": said.kind},
        {"url": f"{EXTENSION}:entry", "valuePositiveInt": said.seq or 1},
    ]
    if said.on_behalf:
        words.append({"url": f"{EXTENSION}:on-behalf-of", "valueString": said.on_behalf})
    if said.subject:
        words.append({"url": f"{EXTENSION}:subject", "valueString": said.subject})
    return words
