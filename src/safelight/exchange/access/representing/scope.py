"""About which exams may somebody decide for another, and who decides about this one?

Every exam named here was judged by the rules that also judge a single fetch.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party, PartyKind, Power
from safelight.exchange.access.load import study_facts
from safelight.exchange.access.mandates import ACTING, mandate_of, representatives_of
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.access.study_rows import study_rows
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Representative
from safelight.records.imaging.models import PatientRecord, Study, Vault


def acted_for(party: Party, representative_id: UUID) -> Representative:
    """Return the authority by which this party acts for somebody now.

    Raises:
        NotFoundError: it is not theirs, or over.
    """
    row = Representative.objects.filter(
        pk=representative_id, account_id=party.account, state__in=ACTING
    ).first()
    if row is None:
        raise NotFoundError
    return row


def followed_by(
    party: Party, representative_id: UUID, *, at: datetime
) -> tuple[Representative, list[UUID]]:
    """Return the authority of somebody who may follow what happens to a person's exams, and these.

    Raises:
        NotFoundError: it is not theirs, over, or for looking alone.
    """
    row = acted_for(party, representative_id)
    if mandate_of(row).powers <= {Power.LOOK}:
        raise NotFoundError
    return row, exams_in_scope(party, row, Action.READ_ACTIVITY, at=at)


def exams_in_scope(
    party: Party, row: Representative, action: Action, *, at: datetime
) -> list[UUID]:
    """List the exams of whoever is represented with which this party may do something now."""
    ids = list(studies_of(row).values_list("id", flat=True))
    decisions = decide_all(party, action, ids, at=at)
    return [
        study_id
        for study_id, decision in decisions.items()
        if decision.allowed and decision.reason == Reason.REPRESENTATIVE
    ]


def studies_of(row: Representative) -> QuerySet[Study, Any]:
    """Return the studies that can be those of whoever is represented, to be judged one by one."""
    if row.patient_id is not None:
        return Study.objects.filter(patient_id=row.patient_id)
    claimed = PatientRecord.objects.filter(account_id=row.represented_id)
    vaults = Vault.objects.filter(account_id=row.represented_id)
    return Study.objects.filter(
        Q(vault_id__in=vaults.values("id")) | Q(patient_id__in=claimed.values("id"))
    )


def authorities_of(account_id: UUID) -> list[Representative]:
    """List by which authorities an account acts for others now."""
    return list(Representative.objects.filter(account_id=account_id, state__in=ACTING))


def who_shares_for(study_id: UUID, *, at: datetime) -> list[UUID]:
    """List the accounts that may share an exam for the one it is about, first come first.

    A dispute does not take the right away, it only pauses it.
    """
    found = []
    for row in (each for study in study_rows([study_id]) for each in representatives_of(study)):
        party = Party(
            kind=PartyKind.INDIVIDUAL,
            account_id=row.account_id,
            second_factor=True,
            active=True,
            statement_accepted=True,
        )
        facts = study_facts(party, [study_id]).get(study_id)
        decision = judge(party, facts, Action.SHARE, at=at)
        is_theirs = decision.allowed and decision.reason == Reason.REPRESENTATIVE
        if is_theirs or decision.reason == Reason.IN_DISPUTE:
            found.append(party.account)
    return list(dict.fromkeys(found))
