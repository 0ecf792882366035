"""What does somebody lose who leaves an institution?

All that rests on the membership, at once: what its desk and the institution were
given, and the patients they treated there. Coming back opens none of it again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.caring.relations import ENTERED, end_relation
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.representing.recording import tell
from safelight.records.accounts.actions.leave import end_memberships
from safelight.records.accounts.models import Role
from safelight.records.imaging.models import Vault

_LEFT: Final = "left"


def leave(
    account_id: UUID,
    organization_id: UUID,
    *,
    role: Role | None = None,
    by: str = "operator",
    at: datetime,
) -> None:
    """End one role of a person at an institution, or all of them, with what rests on it.

    Whoever keeps another role keeps what they brought in; whom the desk entered is
    treated by clinicians alone.

    Raises:
        NotFoundError: they have no such role there.
    """
    vaults = Vault.objects.filter(organization_id=organization_id).values("id")
    with transaction.atomic():
        kept = end_memberships(account_id, organization_id, role, by=by, at=at)
        theirs = CareRelation.objects.select_for_update().filter(
            account_id=account_id, vault_id__in=vaults, ended_at__isnull=True
        )
        if Role.CLINICIAN in kept:
            theirs = theirs.none()
        elif kept:
            theirs = theirs.filter(way__in=ENTERED)
        for relation in theirs:
            end_relation(None, relation, _LEFT, at=at)
        # About all exams: what a desk or an institution was given is anybody's.
        turn_epoch()
    tell(account_id, "membership-ended", at=at)
