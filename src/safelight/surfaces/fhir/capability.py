"""What can be asked here? The CapabilityStatement, made from what is served (FHIR R4)."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from safelight.exchange.access.smart import Resource
from safelight.surfaces.fhir.bundles import ROOT
from safelight.surfaces.fhir.parameters import PARAMETERS

FHIR_VERSION: Final = "4.0.1"
_DATE: Final = "2026-11-23"
_PROFILES: Final = {
    Resource.CONSENT: (
        "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentIntermediate"
    ),
    Resource.AUDIT_EVENT: (
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
        "IHE.BasicAudit.PrivacyDisclosure.Source"
    ),
}
_SECURITY: Final = (
    "Each request carries a bearer token of an account, made on its page or by the operator. Its "
    "scopes are those of SMART App Launch (patient/*.read, user/ImagingStudy.read and the like), "
    "or dicomweb:read and exchange:read. What is absent and what is forbidden answer the same."
)


def capability_statement() -> dict[str, Any]:
    """Return what this server can be asked; the same for everybody."""
    base = settings.SAFELIGHT_PUBLIC_URL
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": {"name": "Safelight"},
        "implementation": {"description": "Safelight", "url": f"{base}{ROOT}"},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": False, "description": _SECURITY},
                "resource": [_resource(each) for each in Resource],
            }
        ],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": resource.value,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "conditionalRead": "not-supported",
        "searchParam": [
            {"name": name, "type": each.sort.value, "documentation": each.note}
            for name, each in PARAMETERS[resource].items()
        ],
    }
    if resource in _PROFILES:
        said["supportedProfile"] = [_PROFILES[resource]]
    return said
