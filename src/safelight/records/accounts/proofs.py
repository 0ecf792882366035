"""How does somebody prove an address? With six digits sent there and typed in here.

A proof without an account stands for an address that must not be told apart: its
page looks the same, and no code fits it.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from safelight.kernel.ids import new_id
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.accounts.errors import CodeRefusedError
from safelight.records.accounts.models import Account, AddressProof, Purpose

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

VALID_FOR = timedelta(minutes=30)
TRIES = 5
_CODES = 1_000_000


def begin_proof(account: Account | None, purpose: Purpose, *, at: datetime) -> tuple[UUID, str]:
    """Make a proof and return its id, to keep in the session, and its code, to send."""
    proof_id, code = new_id(), f"{secrets.randbelow(_CODES):06}"
    if account is not None:
        AddressProof.objects.filter(account=account, purpose=purpose).delete()
    AddressProof.objects.create(
        id=proof_id,
        account=account,
        purpose=purpose,
        code_token=_token(proof_id, code),
        tries_left=TRIES,
        expires_at=at + VALID_FOR,
    )
    return proof_id, code


def spend_try(proof_id: UUID, purpose: Purpose, code: str, *, at: datetime) -> Account:
    """Return the account whose address is proved by `code`. Each call costs a try.

    Call it outside a transaction, so that a wrong try counts; the proof is good
    for `use_proof` afterwards.

    Raises:
        CodeRefusedError: wrong, used, too old, or no tries left.
    """
    with transaction.atomic(durable=True):
        proof = (
            AddressProof.objects.select_for_update().filter(pk=proof_id, purpose=purpose).first()
        )
        if proof is None or proof.used_at or proof.expires_at <= at or proof.tries_left == 0:
            raise CodeRefusedError
        proof.tries_left -= 1
        proof.save(update_fields=["tries_left"])
    typed = _token(proof_id, "".join(code.split()))
    if proof.account is None or not hmac.compare_digest(typed, bytes(proof.code_token)):
        raise CodeRefusedError
    return proof.account


def account_to_prove(proof_id: UUID, purpose: Purpose) -> Account | None:
    """Return the account that a proof stands for, or None for one that stands for nobody.

    Raises:
        CodeRefusedError: there is no such proof, or it was used.
    """
    proof = AddressProof.objects.filter(pk=proof_id, purpose=purpose, used_at=None).first()
    if proof is None:
        raise CodeRefusedError
    return proof.account


def use_proof(proof_id: UUID, *, at: datetime) -> None:
    """Use a proof up, inside the caller's transaction.

    Raises:
        CodeRefusedError: somebody else was faster.
    """
    used = AddressProof.objects.filter(pk=proof_id, used_at__isnull=True).update(used_at=at)
    if not used:
        raise CodeRefusedError


def _token(proof_id: UUID, code: str) -> bytes:
    return token(ring().instance_key("proofs"), proof_id.bytes + code.encode())
