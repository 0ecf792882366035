"""What must an audit event of others' standards hold? Written by hand from those standards.

`broken_balp` is the required elements of IHE's Basic Audit Log Patterns for FHIR R4
(https://profiles.ihe.net/ITI/BALP/, version 1.1.4). `broken_dicom` is the schema and the
tables of DICOM PS3.15 A.5.1 to A.5.3. Both return what is wrong; nothing means right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

_BASE: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_REST: Final = "http://hl7.org/fhir/restful-interaction"
_PART: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"

Coding = tuple[str, str]


@dataclass(frozen=True)
class Slice:
    """An agent that must be there exactly once: its type, if it asks, if it has a place."""

    type: Coding
    asks: bool | None = None
    placed: bool | None = None
    observes: bool = False


@dataclass(frozen=True)
class Profile:
    """The fixed values of one profile, and the agents and entities it requires."""

    type: Coding
    subtypes: tuple[Coding, ...]
    action: str
    agents: tuple[Slice, ...]
    data: bool = False
    query: bool = False
    patient: bool = False
    consent: bool = False
    success: bool = False


_EVENT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_FROM, _TO = (_DCM, "110153"), (_DCM, "110152")
_APP: Final = (_DCM, "110150")


def _rest(
    interaction: str, action: str, client: Coding, server: Coding, user: str, **more: bool
) -> Profile:
    agents = (
        Slice(client, placed=True),
        Slice(server, placed=True),
        Slice((_PART, user), asks=True, placed=False),
    )
    subtypes = ((_REST, interaction),)
    return Profile((_EVENT, "rest"), subtypes, action, agents, success=True, **more)


_DISCLOSE = (("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose"),)
_CUSTODIAN = ("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "custodian")
_PLAIN_PROFILES: Final = {
    "Create": _rest("create", "C", _FROM, _TO, "AUT", data=True),
    "Read": _rest("read", "R", _TO, _FROM, "IRCP", data=True),
    "Update": _rest("update", "U", _FROM, _TO, "AUT", data=True),
    "Delete": _rest("delete", "D", _APP, _CUSTODIAN, "AUT", data=True),
    "Query": _rest("search", "E", _FROM, _TO, "IRCP", query=True),
}
PROFILES: Final = {
    **_PLAIN_PROFILES,
    **{
        f"Patient{name}": Profile(
            **{each: getattr(plain, each) for each in Profile.__dataclass_fields__}
            | {"patient": True}
        )
        for name, plain in _PLAIN_PROFILES.items()
    },
    "PrivacyDisclosure.Source": Profile(
        (_DCM, "110106"),
        _DISCLOSE,
        "R",
        (Slice(_FROM, placed=True, observes=True), Slice(_TO, placed=True)),
        patient=True,
        data=True,
    ),
    "PrivacyDisclosure.Recipient": Profile(
        (_DCM, "110107"),
        _DISCLOSE,
        "C",
        (Slice(_FROM, placed=True), Slice(_TO, placed=True, observes=True)),
        patient=True,
        data=True,
    ),
    "AuthZconsent": Profile(
        (_DCM, "110113"),
        (("https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType", "AuthZ-Consent"),),
        "E",
        (
            Slice(_APP, placed=True),
            Slice((_PART, "IRCP"), asks=True, placed=False),
            Slice(
                ("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PROV"),
                asks=False,
                placed=False,
            ),
            Slice(
                ("http://terminology.hl7.org/CodeSystem/extra-security-role-type", "authserver"),
                asks=False,
                placed=False,
                observes=True,
            ),
        ),
        patient=True,
        consent=True,
    ),
}


def profile_of(event: dict[str, Any]) -> str:
    """Return the short name of the profile that an event claims; empty if none."""
    (claimed,) = event.get("meta", {}).get("profile", [""])
    return str(claimed).removeprefix(_BASE)


def broken_balp(event: dict[str, Any]) -> list[str]:
    """Return what an AuditEvent lacks of the profile that it claims."""
    if not (name := profile_of(event)):
        return []
    return list(_balp(event, PROFILES[name]))


def _balp(event: dict[str, Any], wanted: Profile) -> Iterator[str]:
    if _coded(event["type"]) != wanted.type:
        yield "type"
    if not {_coded(each) for each in event.get("subtype", [])} >= set(wanted.subtypes):
        yield "subtype"
    if event.get("action") != wanted.action:
        yield "action"
    if not event.get("recorded"):
        yield "recorded"
    if wanted.success and event.get("outcome") != "0":
        yield "outcome is for what succeeded"
    if "outcome" not in event:
        yield "outcome"
    for each in wanted.agents:
        yield from _agent(event, each)
    yield from _entities(event, wanted)


def _agent(event: dict[str, Any], wanted: Slice) -> Iterator[str]:
    fitting = [each for each in event["agent"] if _of(each.get("type")) == wanted.type]
    if len(fitting) != 1:
        yield f"agent {wanted.type[1]}: {len(fitting)}"
        return
    (agent,) = fitting
    if not agent.get("who"):
        yield f"agent {wanted.type[1]}.who"
    if "media" in agent:
        yield f"agent {wanted.type[1]}.media"
    if wanted.placed is not None and ("network" in agent) is not wanted.placed:
        yield f"agent {wanted.type[1]}.network"
    if wanted.asks is not None and agent["requestor"] is not wanted.asks:
        yield f"agent {wanted.type[1]}.requestor"
    if wanted.observes and agent["who"] != event["source"]["observer"]:
        yield f"agent {wanted.type[1]} is the source (val-audit-source)"


def _entities(event: dict[str, Any], wanted: Profile) -> Iterator[str]:
    entities = event.get("entity", [])
    patients = [each for each in entities if _coded(each["type"]) == (_TYPE, "1")]
    if wanted.patient and [_is_patient(each) for each in patients] != [True]:
        yield f"entity patient: {len(patients)}"
    things = [each for each in entities if _coded(each["type"]) == (_TYPE, "2")]
    if wanted.data and not any(
        each.get("what") and _coded(each["role"])[1] in {"3", "4", "20"} for each in things
    ):
        yield "entity data"
    if wanted.query:
        queries = [each for each in things if _coded(each["role"]) == (_ROLE, "24")]
        if len(queries) != 1 or not queries[0].get("query") or "what" in queries[0]:
            yield "entity query"
    if wanted.consent:
        consents = [
            each
            for each in entities
            if _coded(each["type"]) == ("http://hl7.org/fhir/resource-types", "Consent")
        ]
        if not consents or not all(each.get("what") for each in consents):
            yield "entity consent"
        if len(consents) + len(patients) != len(entities):
            yield "entity: closed"


def _is_patient(entity: dict[str, Any]) -> bool:
    return _coded(entity["role"]) == (_ROLE, "1") and entity["what"]["type"] == "Patient"


def _coded(coding: dict[str, str]) -> Coding:
    return coding["system"], coding["code"]


def _of(concept: dict[str, Any] | None) -> Coding | None:
    return _coded(concept["coding"][0]) if concept else None


# ---- DICOM PS3.15 A.5

EVENTS: Final = {
    "110100": "Application Activity",
    "110101": "Audit Log Used",
    "110102": "Begin Transferring DICOM Instances",
    "110103": "DICOM Instances Accessed",
    "110104": "DICOM Instances Transferred",
    "110105": "DICOM Study Deleted",
    "110106": "Export",
    "110107": "Import",
    "110108": "Network Entry",
    "110109": "Order Record",
    "110110": "Patient Record",
    "110111": "Procedure Record",
    "110112": "Query",
    "110113": "Security Alert",
    "110114": "User Authentication",
}
# A.5.3: which actions an event may have, and which types it must have one of.
_ACTIONS: Final = {
    "110100": "E",
    "110101": "R",
    "110102": "E",
    "110103": "CRUD",
    "110104": "CRU",
    "110105": "D",
    "110106": "R",
    "110107": "C",
    "110108": "E",
    "110112": "E",
    "110113": "E",
    "110114": "E",
}
_TYPES: Final = {"110100": {"110120", "110121"}, "110114": {"110122", "110123"}}
_ROLES: Final = {
    "110100": {"110150"},
    "110102": {"110153", "110152"},
    "110104": {"110153", "110152"},
    "110106": {"110153", "110152"},
    "110107": {"110153", "110152"},
    "110112": {"110153", "110152"},
}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ATTRIBUTES: Final = {
    "AuditMessage": (set(), set()),
    "EventIdentification": (
        {"EventDateTime", "EventOutcomeIndicator"},
        {"EventActionCode"},
    ),
    "ActiveParticipant": (
        {"UserID", "UserIsRequestor"},
        {"AlternativeUserID", "UserName", "NetworkAccessPointID", "NetworkAccessPointTypeCode"},
    ),
    "AuditSourceIdentification": ({"AuditSourceID"}, {"AuditEnterpriseSiteID"}),
    "AuditSourceTypeCode": ({"csd-code"}, {"codeSystemName", "originalText", "displayName"}),
    "ParticipantObjectIdentification": (
        {"ParticipantObjectID"},
        {
            "ParticipantObjectTypeCode",
            "ParticipantObjectTypeCodeRole",
            "ParticipantObjectDataLifeCycle",
            "ParticipantObjectSensitivity",
        },
    ),
    **dict.fromkeys(
        ("EventID", "EventTypeCode", "RoleIDCode", "ParticipantObjectIDTypeCode"),
        ({"csd-code", "codeSystemName", "originalText"}, {"displayName"}),
    ),
    **dict.fromkeys(
        ("EventOutcomeDescription", "ParticipantObjectName", "ParticipantObjectQuery"),
        (set(), set()),
    ),
}
_ORDER: Final = {
    "AuditMessage": r"EventIdentification (ActiveParticipant )+AuditSourceIdentification "
    r"(ParticipantObjectIdentification )*",
    "EventIdentification": r"EventID (EventTypeCode )*(EventOutcomeDescription )?",
    "ActiveParticipant": r"(RoleIDCode )*",
    "AuditSourceIdentification": r"(AuditSourceTypeCode )*",
    "ParticipantObjectIdentification": r"ParticipantObjectIDTypeCode "
    r"((ParticipantObjectName |ParticipantObjectQuery ))?(ParticipantObjectDetail )*",
}


def broken_dicom(root: Element) -> list[str]:
    """Return what an AuditMessage does wrong by the schema, and by the table of its event."""
    return [*_schema(root), *_table(root)]


def _schema(element: Element) -> Iterator[str]:
    needed, allowed = _ATTRIBUTES[element.tag]
    if lacking := needed - set(element.attrib):
        yield f"{element.tag} lacks {sorted(lacking)}"
    if strange := set(element.attrib) - needed - allowed:
        yield f"{element.tag} has {sorted(strange)}"
    order = "".join(f"{each.tag} " for each in element)
    if not re.fullmatch(_ORDER.get(element.tag, ""), order):
        yield f"{element.tag} holds {order}"
    values = element.attrib
    checks = {
        "EventDateTime": _MOMENT,
        "EventOutcomeIndicator": re.compile("0|4|8|12"),
        "EventActionCode": re.compile("[CRUDE]"),
        "UserIsRequestor": re.compile("true|false"),
        "NetworkAccessPointTypeCode": re.compile("[1-5]"),
        "ParticipantObjectTypeCode": re.compile("[1-4]"),
        "ParticipantObjectTypeCodeRole": re.compile("[1-9]|1[0-9]|2[0-6]"),
    }
    for name, pattern in checks.items():
        if name in values and not pattern.fullmatch(values[name]):
            yield f"{name} is {values[name]}"
    for each in element:
        yield from _schema(each)


def _table(root: Element) -> Iterator[str]:
    event = root.find("EventIdentification")
    identity = root.find("EventIdentification/EventID")
    assert event is not None
    assert identity is not None
    if identity.get("codeSystemName") != "DCM":
        return
    code = identity.get("csd-code", "")
    if EVENTS.get(code) != identity.get("originalText"):
        yield f"EventID {code} is {identity.get('originalText')}"
    if event.get("EventActionCode", "") not in _ACTIONS.get(code, "CRUDE"):
        yield f"{code} with action {event.get('EventActionCode')}"
    types = {each.get("csd-code") for each in event.findall("EventTypeCode")}
    if code in _TYPES and not types & _TYPES[code]:
        yield f"{code} of type {types}"
    roles = {each.get("csd-code") for each in root.iter("RoleIDCode")}
    if not roles >= _ROLES.get(code, set()):
        yield f"{code} with roles {roles}"
    if not any(each.get("UserIsRequestor") == "true" for each in root.iter("ActiveParticipant")):
        yield "nobody asked"
    objects = root.findall("ParticipantObjectIdentification")
    if code == "110101" and not any(
        each.get("ParticipantObjectTypeCodeRole") == "13" for each in objects
    ):
        yield "110101 names no log"
