"""How is a consent told to another system? As FHIR R4 Consent, in IHE's PCF Intermediate shape.

What that shape has no place for (what may be done, passing on, the consent above, series
and digests) goes into extensions of our own. The signed receipt is the source document,
with the signature beside it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.record import SignedRecord
from safelight.exchange.consent.terms import (
    Further,
    Purpose,
    Terms,
)
from safelight.exchange.release.papers.fhir_people import (
    custodian,
    patient,
    performer,
    recipient_of,
    representative,
    whose,
)
from safelight.exchange.release.papers.fhir_words import EXTENSION, concept, extension, instant
from safelight.kernel.ids import to_text

PROFILE: Final = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentIntermediate"
_HL7: Final = "http://terminology.hl7.org/CodeSystem"
_LOINC: Final = "http://loinc.org"
_PURPOSES: Final = {
    Purpose.TREATMENT: "TREAT",
    Purpose.SECOND_OPINION: "TREAT",
    Purpose.LEGAL: "HLEGAL",
    Purpose.INSURANCE: "HPAYMT",
    Purpose.RESEARCH: "HRESCH",
    Purpose.EDUCATION: "TRAIN",
    Purpose.PERSONAL: "PATRQT",
    Purpose.OTHER: "PATRQT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A signed consent with all that is to be told of it."""

    consent: Consent
    terms: Terms
    signed: SignedRecord


def consent_resource(given: Given, *, at: datetime) -> dict[str, Any]:
    """Return one consent as it stands at `at`."""
    consent, terms = given.consent, given.terms
    return {
        "resourceType": "Consent",
        "id": to_text(consent.id),
        "meta": {"profile": [PROFILE]},
        "contained": [
            patient(terms),
            *representative(terms),
            custodian(),
            recipient_of(terms),
            _receipt(given),
        ],
        "extension": _beyond(given),
        "identifier": [{"system": f"{EXTENSION}:consents", "value": str(consent.id)}],
        "status": _status(consent, at),
        "scope": concept(f"{_HL7}/consentscope", "patient-privacy", "Privacy Consent"),
        "category": [concept(_LOINC, "59284-0", "Consent Document")],
        "patient": {"reference": "#patient", "display": whose(terms)},
        "dateTime": instant(consent.granted_at),
        "performer": [performer(terms)],
        "organization": [{"reference": "#custodian", "display": settings.SAFELIGHT_OPERATOR}],
        "sourceReference": {"reference": "#receipt", "type": "DocumentReference"},
        "policy": [
            {"uri": f"{settings.SAFELIGHT_PUBLIC_URL}/statement/{terms.statement_version}/"}
        ],
        "provision": _provision(terms),
    }


def provenance_resource(given: Given) -> dict[str, Any]:
    """Return the signature of a consent, over the record that names it."""
    said = given.signed.said
    reference = f"Consent/{to_text(given.consent.id)}"
    return {
        "resourceType": "Provenance",
        "id": f"{to_text(given.consent.id)}-signature",
        "target": [{"reference": reference}],
        "recorded": said["signed_at"],
        "agent": [{"who": {"display": said["printed_name"]}}],
        "signature": [
            {
                "type": [
                    {
                        "system": "urn:iso-astm:E1762-95:2013",
                        "code": "1.2.840.10065.1.12.1.7",
                        "display": "Consent Signature",
                    }
                ],
                "when": said["given_at"],
                "who": {"display": said["printed_name"]},
                "targetFormat": "application/json",
                "sigFormat": "application/octet-stream",
                "data": base64.b64encode(given.signed.signature).decode(),
            }
        ],
    }


def bundle_of(given: Iterable[Given], *, at: datetime) -> dict[str, Any]:
    """Return consents, each with its signature, as one collection."""
    entries = [
        {"fullUrl": f"{settings.SAFELIGHT_PUBLIC_URL}/fhir/{kind}/{made['id']}", "resource": made}
        for one in given
        for kind, made in (
            ("Consent", consent_resource(one, at=at)),
            ("Provenance", provenance_resource(one)),
        )
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(at),
        "entry": entries,
    }


def _status(consent: Consent, at: datetime) -> str:
    ended = consent.revoked_at is not None and consent.revoked_at <= at
    paused = consent.suspended_at is not None and consent.suspended_at <= at
    return "inactive" if ended or paused or consent.ends_at <= at else "active"


def _receipt(given: Given) -> dict[str, Any]:
    number = to_text(given.consent.id)
    return {
        "resourceType": "DocumentReference",
        "id": "receipt",
        "status": "current",
        "type": concept(_LOINC, "64292-6", "Release of information consent"),
        "date": instant(given.consent.granted_at),
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "url": f"{settings.SAFELIGHT_PUBLIC_URL}/consents/{number}/receipt/",
                    "title": "Signed receipt of the consent",
                }
            }
        ],
    }


def _provision(terms: Terms) -> dict[str, Any]:
    role = concept(f"{_HL7}/v3-ParticipationType", "IRCP", "information recipient")
    return {
        "type": "permit",
        "period": {"start": instant(terms.starts_at), "end": instant(terms.ends_at)},
        "actor": [
            {
                "role": role,
                "reference": {"reference": "#recipient", "display": terms.recipient.name},
            }
        ],
        "purpose": [{"system": f"{_HL7}/v3-ActReason", "code": _PURPOSES[terms.purpose]}],
        "data": [_study(study_id, list(items)) for study_id, items in _by_study(terms)],
    }


def _by_study(terms: Terms) -> Iterable[tuple[UUID, Iterable[Any]]]:
    ordered = sorted(terms.items, key=lambda item: str(item.study_id))
    return groupby(ordered, key=lambda item: item.study_id)


def _study(study_id: UUID, items: list[Any]) -> dict[str, Any]:
    parts = [
        extension(
            "series",
            [
                {"url": "id", "valueString": str(item.series_id)},
                {"url": "title", "valueString": item.series_title or "-"},
                {"url": "pictures", "valueInteger": item.pictures},
                {"url": "sha256", "valueString": item.digest},
            ],
        )
        for item in items
    ]
    return {
        "extension": parts,
        "meaning": "instance",
        "reference": {
            "reference": f"ImagingStudy/{to_text(study_id)}",
            "type": "ImagingStudy",
            "display": " ".join(part for part in (items[0].exam_title, items[0].exam_on) if part),
        },
    }


def _beyond(given: Given) -> list[dict[str, Any]]:
    """Write what PCF has no place for."""
    terms = given.terms
    said = [{"url": "act", "valueCode": terms.act.value}]
    said += [{"url": "action", "valueCode": one.value} for one in sorted(terms.permissions)]
    said += [{"url": "sensitive", "valueCode": one.value} for one in sorted(terms.sensitive)]
    if terms.purpose_words:
        said.append({"url": "purpose-in-words", "valueString": terms.purpose_words})
    for name, above in (("parent", terms.parent_id), ("replaces", terms.replaces_id)):
        if above is not None:
            said.append({"url": name, "valueString": to_text(above)})
    return [
        extension("terms", said),
        extension("further-release", _further(terms)),
        extension("signature-record", [{"url": "text", "valueString": given.signed.text}]),
    ]


def _further(terms: Terms) -> list[dict[str, Any]]:
    further = terms.further
    said: list[dict[str, Any]] = [{"url": "kind", "valueCode": further.kind.value}]
    if further.kind is Further.NONE:
        return said
    said += [{"url": "named", "valueString": f"{o.name} <{o.address}>"} for o in further.named]
    said += [{"url": "class", "valueCode": kind.value} for kind in sorted(further.classes)]
    said += [{"url": "purpose", "valueCode": one.value} for one in sorted(further.purposes)]
    return said
