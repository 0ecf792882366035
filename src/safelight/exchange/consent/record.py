"""What proves that this person agreed to exactly this, at that moment?

The signature record: printed name, time with its zone, meaning (21 CFR 11.50), how
the person was identified, on whose behalf they acted, and digests of what was signed.
It names its consent and carries the instance's own signature, so that it can be
neither changed nor moved to another consent (11.70). Its text is kept as it was
signed: whoever verifies it needs nothing but the public key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.terms_data import canonical
from safelight.exchange.consent.text_version import text_version
from safelight.platform.keys.signing import (
    Signer,
    first_signer,
    keys_beside,
    list_of_keys,
    signer_for,
)
from safelight.records.accounts.authorization.actions import SignatureRecord

PURPOSE: Final = "consent-signing"
SORT: Final = "safelight-consents"
KIND: Final = "safelight-consent/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRecord:
    """A signature record as canonical JSON text, and the instance's signature over it.

    `handwriting` is the drawing that was signed with it, in its canonical form, if any; the
    record holds its digest.
    """

    text: str
    signature: bytes
    handwriting: str = field(default="", repr=False)

    @property
    def said(self) -> dict[str, Any]:
        """What the record says."""
        read: dict[str, Any] = orjson.loads(self.text)
        return read

    def as_data(self) -> dict[str, str]:
        """Write it for keeping, or for going along with a receipt."""
        drawn = {"handwriting": self.handwriting} if self.handwriting else {}
        return {"record": self.text, "signature": self.signature.hex(), **drawn}


def consent_signer() -> Signer:
    """Return the key that this instance signs consents and papers with, and nothing else."""
    return signer_for(PURPOSE, SORT)


def first_consent_key() -> str:
    """Return the first public key of consents as text: what is signed carries those since."""
    return first_signer(PURPOSE, SORT).verifier_key


def all_consent_keys() -> str:
    """Return all public keys of consents as text, each endorsed by the one before."""
    return list_of_keys(PURPOSE, SORT)


def consent_keys_beside() -> str:
    """Return the same, where there is more than one: it goes along with what is signed."""
    return keys_beside(PURPOSE, SORT)


def sign_record(
    consent_id: UUID,
    terms: Terms,
    html: str,
    signature: SignatureRecord,
    *,
    handwriting: str = "",
    on_paper: dict[str, Any] | None = None,
    at: datetime,
) -> SignedRecord:
    """Write down who signed what and how, and sign that for the instance."""
    drawn = hashlib.sha256(handwriting.encode()).hexdigest()
    said = {
        "kind": KIND,
        "consent": str(consent_id),
        "printed_name": signature.printed_name,
        "given_at": signature.given_at.isoformat(),
        "signed_at": at.isoformat(),
        "meaning": signature.meaning,
        "method": signature.method,
        "aal": signature.aal,
        "factors": [str(signature.factor_id)],
        "account": str(signature.account_id),
        "authorization": str(signature.authorization_id),
        "authority": terms.authority.kind,
        "subject_name": terms.authority.subject_name,
        "statement": terms.statement_version,
        "text_version": text_version(),
        "terms_sha256": hashlib.sha256(canonical(terms)).hexdigest(),
        "words_sha256": hashlib.sha256(html.encode()).hexdigest(),
        "signed_digest": signature.digest.hex(),
        **({"handwriting_sha256": drawn} if handwriting else {}),
        **({"in_addition": list(signature.in_addition)} if signature.in_addition else {}),
        **({"on_paper": on_paper} if on_paper else {}),
    }
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    signed = consent_signer().sign(text.encode())
    return SignedRecord(text=text, signature=signed, handwriting=handwriting)


def record_from_data(data: dict[str, str]) -> SignedRecord:
    """Read a record back as it was kept."""
    return SignedRecord(
        text=data["record"],
        signature=bytes.fromhex(data["signature"]),
        handwriting=data.get("handwriting", ""),
    )
