"""What does a bearer token look like? `sl_<kind>_<public>_<secret>_<check>`.

The prefix lets scanners recognise a leaked one, the check (CRC-32) lets them and
us refuse a mistyped one without asking the database, and only the SHA-256 of the
secret is kept: 256 random bits need no slow hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum

KIND = "api"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PUBLIC, _SECRET, _CHECK = 10, 43, 6  # 43 characters of 62 hold 256 bits
_SHAPE = re.compile(r"(sl_[a-z]+_([0-9A-Za-z]{10})_([0-9A-Za-z]{43}))_([0-9A-Za-z]{6})")


class Scope(StrEnum):
    """What a token may be used for: by our own words, or by those of SMART App Launch for FHIR.

    `patient/` is what is about the account itself, `user/` whatever it may see.
    """

    DICOMWEB_READ = "dicomweb:read"
    DICOMWEB_WRITE = "dicomweb:write"
    DICOMWEB_DELETE = "dicomweb:delete"
    EXCHANGE_READ = "exchange:read"
    EXCHANGE_WRITE = "exchange:write"
    PATIENT_ALL = "patient/*.read"
    PATIENT_PATIENT = "patient/Patient.read"
    PATIENT_IMAGING_STUDY = "patient/ImagingStudy.read"
    PATIENT_DIAGNOSTIC_REPORT = "patient/DiagnosticReport.read"
    PATIENT_DOCUMENT_REFERENCE = "patient/DocumentReference.read"
    PATIENT_CONSENT = "patient/Consent.read"
    PATIENT_AUDIT_EVENT = "patient/AuditEvent.read"
    USER_ALL = "user/*.read"
    USER_PATIENT = "user/Patient.read"
    USER_IMAGING_STUDY = "user/ImagingStudy.read"
    USER_DIAGNOSTIC_REPORT = "user/DiagnosticReport.read"
    USER_DOCUMENT_REFERENCE = "user/DocumentReference.read"
    USER_CONSENT = "user/Consent.read"
    USER_AUDIT_EVENT = "user/AuditEvent.read"


@dataclass(frozen=True, slots=True)
class TokenParts:
    """The part that finds the row, and the hash of the part that opens it."""

    public: str
    secret_hash: bytes


def new_token() -> tuple[str, TokenParts]:
    """Return a fresh token's text, to show once, and the parts to keep."""
    public, secret = _random(_PUBLIC), _random(_SECRET)
    body = f"sl_{KIND}_{public}_{secret}"
    return f"{body}_{_check(body)}", TokenParts(public, _hash(secret))


def parts_of(text: str) -> TokenParts | None:
    """Return the parts of a well-formed token, or None."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or _check(shape[1]) != shape[4]:
        return None
    return TokenParts(shape[2], _hash(shape[3]))


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _check(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), []
    for _ in range(_CHECK):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))
