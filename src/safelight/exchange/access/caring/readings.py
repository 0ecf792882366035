"""Who of a desk has read a list that names patients? It is on record, once for each reading."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Vault


def note_reading(
    kind: StrEnum, party: Party, vaults: Iterable[Vault], *, subject: str = "", at: datetime
) -> None:
    """Put on record that a party read what the institutions of these vaults keep.

    `subject` is the one thing that was read; without it, the party's own list.
    """
    with transaction.atomic():
        for vault in vaults:
            record(
                kind,
                actor=party.name,
                session=party.session,
                subject=subject or party.name,
                vault_id=vault.id,
                at=at,
            )
