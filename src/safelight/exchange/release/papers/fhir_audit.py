"""Which codes and shapes do all AuditEvents of ours share?

After IHE's Basic Audit Log Patterns (https://profiles.ihe.net/ITI/BALP/) for FHIR R4.
"""

from __future__ import annotations

from typing import Any, Final

PROFILES: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"

SOURCE: Final = ("110153", "Source Role ID")
DESTINATION: Final = ("110152", "Destination Role ID")
_URI: Final = "5"


def coding(system: str, code: str, display: str) -> dict[str, str]:
    """Write a Coding."""
    return {"system": system, "code": code, "display": display}


def disclose() -> dict[str, str]:
    """Write the subtype by which a disclosure is known."""
    return coding(LIFECYCLE, "disclose", "Disclose")


def network(address: str) -> dict[str, str]:
    """Write where an agent is, as a URI."""
    return {"address": address, "type": _URI}


def patient_entity(what: dict[str, Any]) -> dict[str, Any]:
    """Write whose exams an event is about; `what` names the patient."""
    return {
        "what": {"type": "Patient", **what},
        "type": coding(_ENTITY_TYPE, "1", "Person"),
        "role": coding(_OBJECT_ROLE, "1", "Patient"),
    }


def data_entity(what: dict[str, Any]) -> dict[str, Any]:
    """Write what an event is about, that is not a person."""
    return {
        "what": what,
        "type": coding(_ENTITY_TYPE, "2", "System Object"),
        "role": coding(_OBJECT_ROLE, "4", "Domain Resource"),
    }


def query_entity(query: str, description: str) -> dict[str, Any]:
    """Write what was searched for, in base64, and what may be said of it."""
    return {
        "type": coding(_ENTITY_TYPE, "2", "System Object"),
        "role": coding(_OBJECT_ROLE, "24", "Query"),
        "description": description,
        "query": query,
    }
