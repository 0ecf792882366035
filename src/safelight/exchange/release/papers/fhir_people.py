"""Who has to do with a consent, as the FHIR resources that it contains?"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from safelight.exchange.consent.terms import SELF, Audience, RecipientKind, Terms
from safelight.exchange.release.papers.fhir_words import identifier

_PLACES: Final = {Audience.DESK, Audience.ORGANIZATION, Audience.REGISTRY}


def whose(terms: Terms) -> str:
    """Return the name of the person it is about."""
    return terms.authority.subject_name or terms.grantor_name


def patient(terms: Terms) -> dict[str, Any]:
    """Return the person it is about."""
    account_id = terms.authority.subject_account_id or terms.grantor_id
    return {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [identifier("accounts", account_id)],
        "name": [{"text": whose(terms)}],
    }


def representative(terms: Terms) -> list[dict[str, Any]]:
    """Return who acted for them, if somebody did."""
    if terms.authority.kind == SELF:
        return []
    return [
        {
            "resourceType": "RelatedPerson",
            "id": "performer",
            "identifier": [identifier("accounts", terms.grantor_id)],
            "patient": {"reference": "#patient"},
            "relationship": [{"text": terms.authority.kind}],
            "name": [{"text": terms.grantor_name}],
        }
    ]


def performer(terms: Terms) -> dict[str, str]:
    """Return the reference to whoever signed."""
    own = terms.authority.kind == SELF
    return {"reference": "#patient" if own else "#performer", "display": terms.grantor_name}


def custodian() -> dict[str, Any]:
    """Return who keeps the images and enforces the consent."""
    return {
        "resourceType": "Organization",
        "id": "custodian",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": settings.SAFELIGHT_PUBLIC_URL}],
        "name": settings.SAFELIGHT_OPERATOR,
    }


def recipient_of(terms: Terms) -> dict[str, Any]:
    """Return who may look, as the kind of resource that fits."""
    recipient = terms.recipient
    made: dict[str, Any] = {"id": "recipient"}
    contact = [{"system": "email", "value": recipient.address}] if recipient.address else []
    if recipient.audience is Audience.GROUP:
        names = [{"entity": {"display": member.name}} for member in recipient.members]
        made |= {"resourceType": "Group", "type": "person", "actual": True, "name": recipient.name}
        return made | ({"member": names} if names else {})
    if recipient.audience in _PLACES:
        made |= {"resourceType": "Organization", "name": recipient.name}
    elif recipient.kind is RecipientKind.CLINICIAN:
        made |= {"resourceType": "Practitioner", "name": [{"text": recipient.name}]}
    else:
        made |= {
            "resourceType": "RelatedPerson",
            "patient": {"reference": "#patient"},
            "relationship": [{"text": recipient.kind.value}],
            "name": [{"text": recipient.name}],
        }
    return made | ({"telecom": contact} if contact else {})
