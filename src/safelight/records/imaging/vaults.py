"""Whose vault is it, and how does it come to be?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.keys.ring import ring
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Vault, VaultKind


def person_vault(account_id: UUID, *, at: datetime) -> Vault:
    """Return a person's own vault; opened at first use."""
    return Vault.objects.filter(account_id=account_id).first() or _open(
        VaultKind.PERSON, account_id=account_id, at=at
    )


def organization_vault(organization_id: UUID, *, at: datetime) -> Vault:
    """Return an organisation's vault; opened at first use."""
    return Vault.objects.filter(organization_id=organization_id).first() or _open(
        VaultKind.ORGANIZATION, organization_id=organization_id, at=at
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
