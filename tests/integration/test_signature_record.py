"""What is kept of a signature, and can it be changed or moved to another consent? (AT-03.6)"""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.record import SignedRecord, consent_signer
from safelight.exchange.consent.text_version import text_version
from safelight.exchange.release.signed import record_of, words_of
from safelight.platform.audit.checkpoints import signer
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.cipher import unseal
from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.keys.ring import ring
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def holds(record: SignedRecord) -> bool:
    """Verify a record as a stranger does: with the public key as text, and nothing of ours."""
    key = PublicKey.parse(consent_signer().verifier_key)
    return key.is_signed(key.public, record.text.encode(), record.signature)


def test_it_says_who_when_what_it_meant_and_how_we_know(story: Story) -> None:
    consent = Consent.objects.get(pk=story.share().consent_id)
    record = record_of(consent)
    said = record.said

    assert said["printed_name"] == "Olga Owner"
    assert datetime.fromisoformat(said["given_at"]).utcoffset() is not None
    assert said["meaning"] == "I let this recipient see exactly these images"
    assert (said["method"], said["aal"]) == ("password-and-code", 2)
    assert len(said["factors"]) == 1
    assert said["authority"] == "self"
    assert said["consent"] == str(consent.id)
    assert said["words_sha256"] == hashlib.sha256(words_of(consent).encode()).hexdigest()
    assert said["signed_digest"] == bytes(consent.signed_digest).hex()
    assert said["text_version"] == text_version()
    assert holds(record)


def test_another_word_or_another_consent_breaks_the_signature(story: Story) -> None:
    one = record_of(Consent.objects.get(pk=story.share().consent_id))
    other = record_of(Consent.objects.get(pk=story.share().consent_id))
    moved = one.text.replace(one.said["consent"], other.said["consent"])

    assert not holds(SignedRecord(text=moved, signature=one.signature))
    assert not holds(SignedRecord(text=other.text, signature=one.signature))
    assert not holds(SignedRecord(text=one.text.replace("Olga", "Olaf"), signature=one.signature))


def test_its_seal_opens_in_its_own_row_only(story: Story) -> None:
    one = Consent.objects.get(pk=story.share().consent_id)
    other = Consent.objects.get(pk=story.share().consent_id)
    ledger = ring().ledger_key(one.vault_id)

    with pytest.raises(SealBrokenError):
        unseal(ledger, bytes(one.sealed_signature), bound_to=f"signature|{other.id}")


def test_the_key_is_not_that_of_the_trail(story: Story) -> None:
    assert consent_signer().public != signer().public
    assert consent_signer().name.startswith("safelight-consents-")
