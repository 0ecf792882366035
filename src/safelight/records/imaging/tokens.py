"""By which keyed words can a study be found without keeping the words?

A token is HMAC-SHA256, cut to 128 bits, under a key of one vault and one field.
UIDs are hashed first, so that a browser may ask about a UID by its SHA-256
without naming it. What leaks to a thief without keys is equality and frequency
inside one vault; nothing at all across vaults.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from uuid import UUID

from safelight.dicom.json.summary import SearchFacts
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring

LONGEST_NAME_PREFIX = 16
LONGEST_WORD_PREFIX = 12


def uid_token(vault_id: UUID, uid: str) -> bytes:
    """Return the token of a DICOM UID in one vault."""
    return hashed_uid_token(vault_id, hashlib.sha256(uid.encode()).hexdigest())


def hashed_uid_token(vault_id: UUID, uid_sha256: str) -> bytes:
    """Return the token of a UID whose SHA-256 (hex) is known."""
    return token(ring().token_key(vault_id, "uid"), uid_sha256.encode())


def digest_token(vault_id: UUID, digest: bytes) -> bytes:
    """Return the token of a data set digest."""
    return token(ring().token_key(vault_id, "digest"), digest)


def patient_token(
    vault_id: UUID, facts: SearchFacts, study_uid: str, *, is_apart: bool = False
) -> bytes:
    """Return the token under which one custodian knows a patient.

    Without a patient ID it is the name and birth date that tell; without a name
    nothing is known to be shared with any other exam. `is_apart`: name and birth date tell
    beside the patient ID, because somebody else is known under the same one.
    """
    known_by = [facts.issuer, facts.patient_id]
    if is_apart or not facts.patient_id:
        known_by += [facts.patient_name, facts.birth_date]
        known_by += [] if facts.patient_name else [study_uid]
    return token(ring().token_key(vault_id, "patient"), "\0".join(known_by).encode())


def exam_token(vault_id: UUID, facts: SearchFacts, study_uid: str) -> bytes:
    """Return the token that objects share which wait for one decision: one exam, one person."""
    named = (study_uid, facts.issuer, facts.patient_id, facts.patient_name, facts.birth_date)
    return token(ring().token_key(vault_id, "waiting-exam"), "\0".join(named).encode())


def word_token(vault_id: UUID, field: str, word: str) -> bytes:
    """Return the token of one search word of one field."""
    return token(ring().token_key(vault_id, field), word.encode())


def study_tokens(vault_id: UUID, facts: SearchFacts) -> Iterator[bytes]:
    """Yield the tokens by which a study can be found in its own vault."""
    for field, word in (
        ("patient-id", facts.patient_id),
        ("accession", facts.accession),
        ("study-id", facts.study_id),
    ):
        if word:
            yield word_token(vault_id, field, word)
    if facts.modality:
        yield word_token(vault_id, "modality", facts.modality)
    for group in facts.patient_name_groups:
        yield from name_tokens(vault_id, group)
    yield from name_word_tokens(vault_id, facts.patient_name_words)


def name_tokens(vault_id: UUID, folded_name: str) -> Iterator[bytes]:
    """Yield tokens of a folded name's beginnings and of the whole of it."""
    for length in range(1, min(len(folded_name), LONGEST_NAME_PREFIX) + 1):
        yield word_token(vault_id, "name-prefix", folded_name[:length])
    if folded_name:
        yield word_token(vault_id, "name", folded_name)


def name_word_tokens(vault_id: UUID, words: Collection[str]) -> Iterator[bytes]:
    """Yield tokens of the beginnings of a name's words, wherever in the name they stand."""
    beginnings = {
        word[:length]
        for word in words
        for length in range(1, min(len(word), LONGEST_WORD_PREFIX) + 1)
    }
    for beginning in sorted(beginnings):
        yield name_word_token(vault_id, beginning)


def name_word_token(vault_id: UUID, letters: str) -> bytes:
    """Return the token under which names are found that have a word beginning with `letters`."""
    return word_token(vault_id, "name-word", letters[:LONGEST_WORD_PREFIX])
