"""May this party bring records in, into which vault, and under what declaration?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.gates import require_connection
from safelight.exchange.access.mode import Mode, refuse_in
from safelight.exchange.receive.errors import (
    AttestationMissingError,
    MayNotStoreError,
    NotSignedInError,
)
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.exchange.receive.verdicts import Ruling, Verdict
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.database.asking import as_time, ask
from safelight.platform.database.writing import insert
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.accounts.models import HoldKind
from safelight.records.imaging.models import Vault
from safelight.records.imaging.vaults import organization_vault, person_vault

WRITE_SCOPE = "dicomweb:write"
BASES: Final = ("brought-by-patient", "for-treatment", "agreed-on-paper")
"""On what an institution rests when somebody there brings in what a patient's disc holds."""
_STANDING: Final = """
    SELECT epoch.mode, held.id, held.until FROM (SELECT 1) AS always
    LEFT JOIN access_epoch AS epoch ON epoch.id = 1
    LEFT JOIN accounts_hold AS held
        ON held.kind = %s AND held.subject = %s AND held.lifted_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What the uploader declares (L31): whose records these are, and that they believe them.

    `whose` is "mine" or "represented"; `other_name` is "", "me-under-another-name"
    or "represented" where a header names somebody else. Who brings in a patient's records for
    an institution says "patient", and on which of `BASES`.
    """

    whose: str
    believed_right: bool
    other_name: str = ""
    basis: str = ""


def vault_for(party: Party, *, at: datetime) -> Vault:
    """Return the vault that this party's deliveries go into.

    Raises:
        NotSignedInError: nobody is signed in.
        MayNotStoreError: the token, the account or the membership does not allow it.
        ReadOnlyError, RecoveringError: nothing is taken in now.
        ConnectionClosedError: a system's connection is closed, or its agreement is over.
    """
    require_sender(party, at=at)
    if party.kind is PartyKind.SYSTEM:
        return _vault_of_connection(party, at=at)
    if party.kind is PartyKind.INDIVIDUAL:
        return person_vault(party.account, at=at)
    if not party.organizations:
        raise MayNotStoreError
    return organization_vault(min(party.organizations), at=at)


def require_sender(party: Party, *, at: datetime) -> None:
    """Let only those go on who may bring anything in at all now, wherever it goes.

    Raises:
        NotSignedInError: nobody is signed in.
        MayNotStoreError: the token or the account does not allow it.
        ReadOnlyError, RecoveringError: nothing is taken in now.
    """
    if party.account_id is None or party.kind is PartyKind.GUEST:
        raise NotSignedInError
    mode, is_held = _standing(party.name, at=at)
    refuse_in(mode)
    fit = party.second_factor or party.token_scopes is not None
    if not (fit and party.active and party.statement_accepted):
        raise MayNotStoreError
    if is_held:
        raise MayNotStoreError
    if party.token_scopes is not None and WRITE_SCOPE not in party.token_scopes:
        raise MayNotStoreError


def _vault_of_connection(party: Party, *, at: datetime) -> Vault:
    require_connection(party.account, at=at)
    if party.serves is None:
        raise MayNotStoreError
    return organization_vault(party.serves, at=at)


def _standing(sender: str, *, at: datetime) -> tuple[Mode, bool]:
    """Return the instance's mode, and whether this sender's uploads are held: one statement."""
    ((mode, hold, until),) = ask(_STANDING, HoldKind.UPLOADS.value, sender)
    lasts = hold is not None and (until is None or as_time(until) > at)
    return Mode(mode or Mode.NORMAL), lasts


def require_its_vault(party: Party, batch: IntakeBatch) -> None:
    """Let a delivery go on only while its sender still may add to the vault it goes into.

    Raises:
        NotFoundError: it was begun as a member of an organisation the sender has left.
    """
    vault = Vault.objects.get(pk=batch.vault_id)
    if party.kind is PartyKind.SYSTEM and vault.organization_id == party.serves is not None:
        return
    if vault.account_id != party.account and vault.organization_id not in party.organizations:
        raise NotFoundError


def start_batch(
    party: Party, channel: Channel, attestation: Attestation | None, *, at: datetime
) -> IntakeBatch:
    """Open a delivery that goes on over many requests. A person at the web page must attest first.

    Raises:
        AttestationMissingError: the declaration is missing or incomplete.
    """
    vault = vault_for(party, at=at)
    if channel == Channel.WEB and not _is_declared(attestation, vault):
        raise AttestationMissingError
    return open_batch(party, vault, channel, attestation, at=at)


def _is_declared(attestation: Attestation | None, vault: Vault) -> bool:
    if attestation is None or not attestation.believed_right:
        return False
    if vault.organization_id is None:
        return attestation.whose in {"mine", "represented"} and not attestation.basis
    return attestation.whose == "patient" and attestation.basis in BASES


def open_batch(
    party: Party,
    vault: Vault,
    channel: Channel,
    attestation: Attestation | None,
    *,
    at: datetime,
) -> IntakeBatch:
    """Write the receipt of a delivery into a vault that was decided upon."""
    batch = new_batch(party, vault, channel, at=at)
    if attestation:
        batch.sealed_attestation = seal(
            ring().ledger_key(vault.id),
            orjson.dumps(asdict(attestation)),
            bound_to=f"attestation|{batch.id}",
        )
    with transaction.atomic():
        insert([batch])
        record(
            ReceiveEvent.BATCH_STARTED,
            actor=party.name,
            session=party.session,
            subject=f"batch/{batch.id}",
            vault_id=vault.id,
            reason=channel.value,
            at=at,
        )
    return batch


def new_batch(party: Party, vault: Vault, channel: Channel, *, at: datetime) -> IntakeBatch:
    """Return the receipt of a delivery, not yet written."""
    return IntakeBatch(
        id=new_id(),
        vault_id=vault.id,
        account_id=party.account,
        channel=channel,
        started_at=at,
    )


def own_batch(party: Party, batch_id: UUID) -> IntakeBatch:
    """Return a delivery of this party.

    Raises:
        NotFoundError: it is somebody else's, or there is none.
    """
    batch = IntakeBatch.objects.filter(pk=batch_id, account_id=party.account).first()
    if batch is None:
        raise NotFoundError
    return batch


def attestation_of(batch: IntakeBatch) -> Attestation | None:
    """Open what was declared with a delivery."""
    if not batch.sealed_attestation:
        return None
    opened = unseal(
        ring().ledger_key(batch.vault_id),
        bytes(batch.sealed_attestation),
        bound_to=f"attestation|{batch.id}",
    )
    return Attestation(**orjson.loads(opened))


def counted(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return how many items came to what, by the names of a receipt's columns."""
    return {ruling.value: sum(each.ruling is ruling for each in verdicts) for ruling in Ruling}


def count_verdicts(batch: IntakeBatch, verdicts: Sequence[Verdict]) -> None:
    """Add what became of some items to the delivery's receipt."""
    added = {name: F(name) + count for name, count in counted(verdicts).items()}
    IntakeBatch.objects.filter(pk=batch.pk).update(**added)


def finish_batch(party: Party, batch: IntakeBatch, *, at: datetime) -> None:
    """Close a delivery; its receipt stays."""
    with transaction.atomic():
        open_ones = IntakeBatch.objects.filter(pk=batch.pk, finished_at__isnull=True)
        if open_ones.update(finished_at=at):
            record(
                ReceiveEvent.BATCH_FINISHED,
                actor=party.name,
                session=party.session,
                subject=f"batch/{batch.pk}",
                vault_id=batch.vault_id,
                at=at,
            )
