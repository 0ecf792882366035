"""Whose vault is it, and how does it come to be?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.database.asking import as_id, as_time, ask_one
from safelight.platform.keys.ring import ring
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Vault, VaultKind

_VAULT = "SELECT id, kind, account_id, organization_id, created_at FROM imaging_vault WHERE {} = %s"


def person_vault(account_id: UUID, *, at: datetime) -> Vault:
    """Return a person's own vault; opened at first use."""
    return _found("account_id", account_id) or _open(VaultKind.PERSON, account_id=account_id, at=at)


def organization_vault(organization_id: UUID, *, at: datetime) -> Vault:
    """Return an organisation's vault; opened at first use."""
    return _found("organization_id", organization_id) or _open(
        VaultKind.ORGANIZATION, organization_id=organization_id, at=at
    )


def _found(column: str, custodian_id: UUID) -> Vault | None:
    found = ask_one(_VAULT.format(column), custodian_id)
    if found is None:
        return None
    vault_id, kind, account_id, organization_id, created_at = found
    return Vault(
        id=as_id(vault_id),
        kind=kind,
        account_id=account_id and as_id(account_id),
        organization_id=organization_id and as_id(organization_id),
        created_at=as_time(created_at),
    )


def _open(
    kind: VaultKind,
    *,
    at: datetime,
    account_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> Vault:
    vault_id = new_id()
    # The key row is durable before any row refers to it (I7).
    ring().create_vault_key(vault_id)
    with transaction.atomic():
        vault, created = Vault.objects.get_or_create(
            account_id=account_id,
            organization_id=organization_id,
            defaults={"id": vault_id, "kind": kind, "created_at": at},
        )
        if created:
            record(
                ImagingEvent.VAULT_OPENED,
                actor=f"account/{account_id}" if account_id else f"organization/{organization_id}",
                subject=f"vault/{vault.id}",
                vault_id=vault.id,
                at=at,
            )
    return vault
