"""Who of a desk has read a list that names patients? It is on record, once for each reading."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Vault


def note_reading(
    kind: StrEnum, party: Party, vaults: Iterable[Vault], *, subject: str = "", at: datetime
) -> None:
    """Put on record that a party read what the institutions of these vaults keep.

    `subject` is the one thing that was read; without it, the party's own list. Where an
    institution keeps no exam yet, it is on record without a vault.
    """
    with transaction.atomic():
        known: list[UUID | None] = [vault.id for vault in vaults]
        for vault_id in known or [None]:
            record(
                kind,
                actor=party.name,
                session=party.session,
                subject=subject or party.name,
                vault_id=vault_id,
                at=at,
            )
