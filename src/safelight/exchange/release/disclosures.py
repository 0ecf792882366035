"""How is it put on record that information went to somebody?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import orjson
from django.db import IntegrityError

from safelight.exchange.access.decision import Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.release.models import Disclosure, DisclosureClass, DisclosureResult
from safelight.exchange.release.triggers import BASIS_MISSING
from safelight.exchange.release.viewing.find import Found
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring


class Ground(StrEnum):
    """On what ground something leaves."""

    SELF = DisclosureClass.SELF
    AUTHORISED = DisclosureClass.AUTHORISED
    REPRESENTED = DisclosureClass.REPRESENTED
    ELEVATION = DisclosureClass.ELEVATION
    BREAK_GLASS = DisclosureClass.BREAK_GLASS

    @classmethod
    def of(cls, reason: str) -> Ground:
        """Return the ground that a decision's reason comes to."""
        return _GROUNDS.get(reason, cls.AUTHORISED)


_GROUNDS: Final = {
    Reason.OWNER.value: Ground.SELF,
    Reason.REPRESENTATIVE.value: Ground.REPRESENTED,
    Reason.ELEVATION.value: Ground.ELEVATION,
    Reason.BREAK_GLASS.value: Ground.BREAK_GLASS,
}
# Who looks on one of these is somebody to whom it is disclosed.
TO_ANOTHER: Final = frozenset(
    {Reason.CONSENT, Reason.REPRESENTATIVE, Reason.ELEVATION, Reason.BREAK_GLASS}
)


def disclose(
    party: Party,
    found: Found,
    ground: Ground,
    *,
    channel: str,
    entry_id: UUID,
    at: datetime,
    detail: dict[str, object] | None = None,
) -> Disclosure:
    """Write the disclosure inside the act's transaction, before the first byte.

    `entry_id` is the act's entry in the record, written in the same transaction. The
    database refuses it when its basis is not live at `at` (I2).

    Raises:
        NotFoundError: the basis was taken away since the decision.
    """
    disclosure_id = new_id()
    try:
        return Disclosure.objects.create(
            id=disclosure_id,
            vault_id=found.study.vault_id,
            study_id=found.study.id,
            at=at,
            basis=ground.value,
            consent_id=found.decision.consent_id,
            timed_access_id=found.decision.timed_access_id,
            recipient=party.name,
            channel=channel,
            entry_id=entry_id,
            sealed_detail=_sealed(found.study.vault_id, disclosure_id, detail) if detail else b"",
        )
    except IntegrityError as refused:
        if BASIS_MISSING not in str(refused):
            raise
        raise NotFoundError from None


def end_disclosure(
    disclosure_id: UUID, *, complete: bool, pictures: int, size: int, at: datetime
) -> None:
    """Complete the row of a disclosure whose bytes have left, wholly or in part."""
    Disclosure.objects.filter(pk=disclosure_id).update(
        result=DisclosureResult.COMPLETE if complete else DisclosureResult.PARTIAL,
        pictures=pictures,
        size=size,
        ended_at=at,
    )


def detail_of(disclosure: Disclosure) -> dict[str, object]:
    """Open what a disclosure says in words."""
    if not disclosure.sealed_detail:
        return {}
    opened: dict[str, object] = orjson.loads(
        unseal(
            ring().ledger_key(disclosure.vault_id),
            bytes(disclosure.sealed_detail),
            bound_to=f"disclosure|{disclosure.id}",
        )
    )
    return opened


def _sealed(vault_id: UUID, disclosure_id: UUID, detail: dict[str, object]) -> bytes:
    return seal(
        ring().ledger_key(vault_id), orjson.dumps(detail), bound_to=f"disclosure|{disclosure_id}"
    )
