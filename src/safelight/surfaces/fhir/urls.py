"""Which addresses does FHIR have?"""

from __future__ import annotations

from django.urls import path

from safelight.exchange.access.smart import Resource
from safelight.surfaces.fhir.views import metadata, nothing, read_of, search_of

_NAMED = {
    Resource.PATIENT: ("fhir-patient", "patient_id"),
    Resource.IMAGING_STUDY: ("fhir-imaging-study", "exam_id"),
    Resource.DIAGNOSTIC_REPORT: ("fhir-report", "object_id"),
    Resource.DOCUMENT_REFERENCE: ("fhir-document", "object_id"),
    Resource.CONSENT: ("fhir-consent", "consent_id"),
    Resource.AUDIT_EVENT: ("fhir-event", "event_id"),
}


def _several(name: str) -> str:
    return f"{name.removesuffix('y')}ies" if name.endswith("y") else f"{name}s"


urlpatterns = [
    path("fhir/metadata", metadata, name="fhir-metadata"),
    *(
        path(f"fhir/{resource.value}", search_of(resource), name=_several(name))
        for resource, (name, _) in _NAMED.items()
    ),
    *(
        path(f"fhir/{resource.value}/<{place}>", read_of(resource), name=name)
        for resource, (name, place) in _NAMED.items()
    ),
    path("fhir/<path:other>", nothing, name="fhir-nothing"),
]
