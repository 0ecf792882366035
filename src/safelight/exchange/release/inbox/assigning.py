"""How does somebody take an exam on, hand it to a colleague, or give it back?

It is about work, not about access: whoever is to take it on must be one who may see it
already, and is asked of by the rules like anybody. What is on record names the institution's
people alone and stands in no vault, so it is no part of what the patient's history tells.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.colleagues import Colleague, colleagues_of
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.recording import in_person
from safelight.exchange.access.study_rows import study_rows
from safelight.exchange.release.inbox.events import InboxEvent
from safelight.exchange.release.inbox.models import Assignment
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn


def may_take(party: Party) -> bool:
    """Say whether this party is one who takes exams on: of an institution, and in person."""
    try:
        in_person(party)
    except NotFoundError:
        return False
    return bool(party.organizations)


def who_may_take(party: Party, study_id: UUID, *, at: datetime) -> list[Colleague]:
    """List the colleagues who may see the exam by the rules already.

    Raises:
        NotFoundError: it is not this party's to see, or they belong to no institution.
    """
    _seen(party, study_id, at=at)
    return [
        each
        for each in colleagues_of(party)
        if decide(each.party, Action.VIEW, study_id, at=at).allowed
    ]


def assign(party: Party, study_id: UUID, account_id: UUID, *, at: datetime) -> None:
    """Let oneself or a colleague take an exam on, in place of whoever has; again is harmless.

    Raises:
        NotFoundError: the party or the colleague may not see it, or is of no such institution.
    """
    _seen(party, study_id, at=at)
    if account_id == party.account:
        house = _house(party, study_id)
    else:
        known = {each.party.account: each for each in who_may_take(party, study_id, at=at)}
        if account_id not in known:
            raise NotFoundError
        house = known[account_id].organization_id
    with transaction.atomic():
        take_turn(f"inbox/{study_id}")
        live = _live(party, study_id)
        if any(row.account_id == account_id and row.organization_id == house for row in live):
            return
        for row in live:
            _end(party, row, at=at)
        Assignment.objects.create(
            organization_id=house,
            study_id=study_id,
            account_id=account_id,
            since=at,
            by_id=party.account,
        )
        _record(InboxEvent.ASSIGNED, party, study_id, account_id, house, at=at)


def give_back(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Let nobody of the party's institutions have taken an exam on; again is harmless.

    Raises:
        NotFoundError: it is not this party's to see.
    """
    _seen(party, study_id, at=at)
    with transaction.atomic():
        take_turn(f"inbox/{study_id}")
        for row in _live(party, study_id):
            _end(party, row, at=at)


def _seen(party: Party, study_id: UUID, *, at: datetime) -> None:
    if not may_take(party):
        raise NotFoundError
    find_study_by_id(party, study_id, at=at)


def _house(party: Party, study_id: UUID) -> UUID:
    """Return in which institution somebody takes an exam on: the one that keeps it, else theirs."""
    (study,) = study_rows([study_id])
    keeps = study.custodian_organization
    return keeps if keeps in party.organizations and keeps else min(party.organizations)


def _live(party: Party, study_id: UUID) -> list[Assignment]:
    rows = Assignment.objects.select_for_update().filter(
        study_id=study_id, organization_id__in=party.organizations, ended_at__isnull=True
    )
    return list(rows)


def _end(party: Party, row: Assignment, *, at: datetime) -> None:
    row.ended_at, row.ended_by_id = at, party.account
    row.save(update_fields=["ended_at", "ended_by_id"])
    _record(InboxEvent.UNASSIGNED, party, row.study_id, row.account_id, row.organization_id, at=at)


def _record(
    kind: InboxEvent,
    party: Party,
    study_id: UUID,
    account_id: UUID,
    house: UUID,
    *,
    at: datetime,
) -> None:
    record(
        kind,
        actor=party.name,
        session=party.session,
        subject=f"study/{study_id}",
        detail={"who": f"account/{account_id}", "institution": f"organization/{house}"},
        at=at,
    )
