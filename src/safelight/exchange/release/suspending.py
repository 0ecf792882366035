"""When is a disclosure left out of what its owner is told, and until when? (R11, E12)

Only one that the law demanded, because an agency said so in a statement that names a
time (45 CFR 164.528(a)(2)); one made by word of mouth lasts 30 days at most. It is
then in no list, count or file of the owner's, without a gap, and appears by itself
when the time is over. Privacy officers read it all along.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.officer import require_officer
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.hours import untold
from safelight.exchange.release.models import AccountingSuspension, Disclosure, DisclosureClass
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.accounts.models import Role
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import Vault

BY_WORD_OF_MOUTH: Final = timedelta(days=30)
_LONGEST_TEXT: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an agency said: who, in which paper or by whose mouth, and until when it holds."""

    agency: str
    document: str
    is_written: bool
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """One disclosure that its owner is not told of, as a privacy officer reads it."""

    disclosure_id: UUID
    disclosed_at: datetime
    agency: str
    document: str
    is_written: bool
    placed_at: datetime
    until: datetime


def suspend_from_accounting(
    party: Party, disclosure_id: UUID, statement: Statement, *, at: datetime
) -> None:
    """Leave a disclosure out of what its owner is told, until the time a statement names.

    Raises:
        NotFoundError: this party is no privacy officer of the institution that keeps the
            exam, or the law did not demand that disclosure.
        InvalidFieldError: the statement is not as the law asks.
    """
    require_officer(party)
    row = Disclosure.objects.filter(pk=disclosure_id, basis=DisclosureClass.STATUTORY).first()
    if row is None or row.vault_id not in _vaults_of(party):
        raise NotFoundError
    _judge(statement, at=at)
    said = {"agency": statement.agency.strip(), "document": statement.document.strip()}
    identity = new_id()
    with transaction.atomic():
        AccountingSuspension.objects.create(
            id=identity,
            disclosure_id=row.pk,
            vault_id=row.vault_id,
            placed_at=at,
            placed_by_id=party.account,
            until=statement.until,
            is_written=statement.is_written,
            sealed_statement=seal(
                ring().ledger_key(row.vault_id),
                orjson.dumps(said),
                bound_to=f"suspension|{identity}",
            ),
        )
        record(
            ReleaseEvent.ACCOUNTING_SUSPENDED,
            actor=party.name,
            session=party.session,
            subject=f"disclosure/{row.pk}",
            vault_id=row.vault_id,
            at=at,
        )


def not_told(study_ids: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Return the disclosures of some exams of which their owner is not told at this moment."""
    later = untold(study_ids)
    live = AccountingSuspension.objects.filter(placed_at__lte=at, until__gt=at)
    if not live.exists():
        return later
    rows = Disclosure.objects.filter(
        study_id__in=list(study_ids), pk__in=live.values("disclosure_id")
    )
    return later | frozenset(rows.values_list("id", flat=True))


def suspended(party: Party) -> list[Suspended]:
    """List what this officer's institutions have suspended, now or before, the newest first.

    Raises:
        NotFoundError: this party is no privacy officer.
    """
    require_officer(party)
    rows = AccountingSuspension.objects.filter(vault_id__in=_vaults_of(party))
    disclosed = Disclosure.objects.in_bulk(rows.values_list("disclosure_id", flat=True))
    return [
        Suspended(
            disclosure_id=row.disclosure_id,
            disclosed_at=disclosed[row.disclosure_id].at,
            placed_at=row.placed_at,
            until=row.until,
            is_written=row.is_written,
            **_statement(row),
        )
        for row in rows.order_by("-placed_at", "id")
    ]


def _judge(statement: Statement, *, at: datetime) -> None:
    for name in ("agency", "document"):
        if not 1 <= len(getattr(statement, name).strip()) <= _LONGEST_TEXT:
            raise InvalidFieldError(name, "Say which agency asked for it, and in what statement.")
    if statement.until <= at:
        raise InvalidFieldError("until", "Give the moment, still to come, that it names.")
    if not statement.is_written and statement.until - at > BY_WORD_OF_MOUTH:
        raise InvalidFieldError("until", "Without a written statement it lasts 30 days at most.")


def _vaults_of(party: Party) -> frozenset[UUID]:
    houses = [
        row.organization_id
        for row in memberships_of(party.account)
        if row.role == Role.PRIVACY_OFFICER
    ]
    found = Vault.objects.filter(organization_id__in=houses)
    return frozenset(found.values_list("id", flat=True))


def _statement(row: AccountingSuspension) -> dict[str, str]:
    opened: dict[str, str] = orjson.loads(
        unseal(
            ring().ledger_key(row.vault_id),
            bytes(row.sealed_statement),
            bound_to=f"suspension|{row.pk}",
        )
    )
    return opened
