"""What may a token read by FHIR? In the words of SMART App Launch, and in our own.

`patient/ImagingStudy.read` opens what is about the account itself, `user/ImagingStudy.read`
whatever the account may see; `*` stands for every kind. A token for DICOMweb or for the
exchange reads as FHIR what it reads anyway. A scope of one kind opens nothing else: not by
DICOMweb, not by the JSON API, and no other kind.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from safelight.exchange.access.admission import require_standing
from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import TokenOmitsScopeError
from safelight.exchange.access.facts import Party
from safelight.exchange.access.rules import TOKEN_SCOPE


class Resource(StrEnum):
    """A kind of FHIR resource that is read here."""

    PATIENT = "Patient"
    IMAGING_STUDY = "ImagingStudy"
    DIAGNOSTIC_REPORT = "DiagnosticReport"
    DOCUMENT_REFERENCE = "DocumentReference"
    CONSENT = "Consent"
    AUDIT_EVENT = "AuditEvent"


READING: Final = {
    Resource.PATIENT: Action.VIEW,
    Resource.IMAGING_STUDY: Action.VIEW,
    Resource.DIAGNOSTIC_REPORT: Action.VIEW,
    Resource.DOCUMENT_REFERENCE: Action.VIEW,
    Resource.CONSENT: Action.READ_ACTIVITY,
    Resource.AUDIT_EVENT: Action.READ_ACTIVITY,
}
"""What reading each kind is, to the decision point."""


def reader_of(party: Party, resource: Resource) -> Party:
    """Return the party as it may read one kind of resource, and nothing besides.

    Raises:
        TokenOmitsScopeError: its token was made for nothing of this kind.
        AuthRequiredError and its kin: like `require_standing`.
    """
    action = READING[resource]
    reader = _narrowed(party, resource, TOKEN_SCOPE[action])
    require_standing(reader, action)
    return reader


def _narrowed(party: Party, resource: Resource, needed: str) -> Party:
    if party.token_scopes is None:
        return party
    named = (resource.value, "*")
    wide = {needed, *(f"user/{each}.read" for each in named)}
    if wide & party.token_scopes:
        return replace(party, token_scopes=frozenset({needed}))
    if {f"patient/{each}.read" for each in named} & party.token_scopes:
        return replace(party, token_scopes=frozenset({needed}), only_own=True)
    raise TokenOmitsScopeError
