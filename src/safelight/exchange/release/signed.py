"""What did a signed consent say, in its terms and in the very words that were shown; who signed?"""

from __future__ import annotations

import orjson

from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.record import SignedRecord, record_from_data
from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.terms_data import terms_from_data
from safelight.platform.keys.cipher import unseal
from safelight.platform.keys.ring import ring


def terms_of(consent: Consent) -> Terms:
    """Open the terms of a consent."""
    ledger = ring().ledger_key(consent.vault_id)
    return terms_from_data(
        orjson.loads(unseal(ledger, bytes(consent.sealed_terms), bound_to=f"terms|{consent.id}"))
    )


def words_of(consent: Consent) -> str:
    """Return the exact words that were shown and signed."""
    ledger = ring().ledger_key(consent.vault_id)
    return unseal(ledger, bytes(consent.sealed_words), bound_to=f"words|{consent.id}").decode()


def record_of(consent: Consent) -> SignedRecord:
    """Return the signature record, as it was signed."""
    ledger = ring().ledger_key(consent.vault_id)
    kept = unseal(ledger, bytes(consent.sealed_signature), bound_to=f"signature|{consent.id}")
    return record_from_data(orjson.loads(kept))
