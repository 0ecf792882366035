"""Who may see this exam now, and by which way?

One mechanism answers this and what a party may see: every row was judged by the rules that
also judge a single fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.facts import Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.load import grants_on, marks_on, study_facts
from safelight.exchange.access.mandates import representatives_of
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.powers.live import accesses_to
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.access.study_rows import study_rows
from safelight.exchange.access.systems import own_systems_asking
from safelight.exchange.consent.models import Consent
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One way by which somebody can see one exam now, as the rules answered it."""

    way: str
    account_id: UUID | None
    consent_id: UUID | None
    since: datetime | None
    until: datetime | None
    decision: Decision
    relation_id: UUID | None = None
    connection_id: UUID | None = None


def who_can_see(study_id: UUID, *, at: datetime) -> list[AccessRow]:
    """List everyone for whom the rules say yes to looking at this study (R04, L39).

    Beside people, these are the custodian's own systems, while their connections are open.
    """
    return _allowed(study_id, (*_PEOPLE, _system_rows), at)


def people_who_can_see(study_id: UUID, *, at: datetime) -> list[AccessRow]:
    """List the people alone: what a card counts, for each exam of a list."""
    return _allowed(study_id, _PEOPLE, at)


def _allowed(study_id: UUID, ways: Iterable[_Way], at: datetime) -> list[AccessRow]:
    found = study_facts(Party(kind=PartyKind.ANONYMOUS), [study_id]).get(study_id)
    if found is None:
        return []
    return [row for way in ways for row in way(found, at) if row.decision.allowed]


def _person(account_id: UUID, kind: PartyKind, organizations: frozenset[UUID]) -> Party:
    """Return the party this account would be once fully signed in."""
    return Party(
        kind=kind,
        account_id=account_id,
        second_factor=True,
        active=True,
        statement_accepted=True,
        organizations=organizations,
    )


def _owner_row(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    owner = found.owner
    if owner is None:
        return
    party = _person(owner, PartyKind.INDIVIDUAL, frozenset())
    yield AccessRow(
        way="owner",
        account_id=owner,
        consent_id=None,
        since=None,
        until=None,
        decision=judge(party, found, Action.VIEW, at=at),
    )


def _representative_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    (study,) = study_rows([found.study_id])
    for row in representatives_of(study):
        if row.account is None:
            continue
        party = _person(row.account.pk, PartyKind(row.account.kind), frozenset())
        facts = study_facts(party, [found.study_id]).get(found.study_id)
        decision = judge(party, facts, Action.VIEW, at=at)
        if decision.representative_id == row.pk:
            yield AccessRow(
                way="representative",
                account_id=row.account_id,
                consent_id=None,
                since=row.starts_at,
                until=decision.until,
                decision=decision,
            )


def _care_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    patient_id = Study.objects.values_list("patient_id", flat=True).get(pk=found.study_id)
    for relation in CareRelation.objects.filter(
        Q(study_id__isnull=True) | Q(study_id=found.study_id),
        Q(until__isnull=True) | Q(until__gt=at),
        patient_id=patient_id,
        since__lte=at,
        ended_at__isnull=True,
    ):
        organizations = frozenset(
            membership.organization_id for membership in memberships_of(relation.account_id)
        )
        party = _person(relation.account_id, PartyKind.PROVIDER, organizations)
        facts = study_facts(party, [found.study_id]).get(found.study_id)
        yield AccessRow(
            way="care",
            account_id=relation.account_id,
            consent_id=None,
            since=relation.since,
            until=relation.until,
            decision=judge(party, facts, Action.VIEW, at=at),
            relation_id=relation.id,
        )


def _timed_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    (study,) = study_rows([found.study_id])
    for row in accesses_to(study, told=True):
        account = Account.objects.get(pk=row.account_id)
        places = frozenset(each.organization_id for each in memberships_of(account.pk))
        party = _person(account.pk, PartyKind(account.kind), places)
        decision = judge(party, study_facts(party, [study.id]).get(study.id), Action.VIEW, at=at)
        if decision.timed_access_id == row.pk:
            yield AccessRow(
                way=row.way,
                account_id=account.pk,
                consent_id=None,
                since=row.began_at,
                until=decision.until,
                decision=decision,
            )


def _system_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    if found.custodian_organization is None:
        return
    for party in own_systems_asking(found.custodian_organization, at=at):
        yield AccessRow(
            way="own-system",
            account_id=None,
            consent_id=None,
            since=None,
            until=None,
            decision=judge(party, found, Action.VIEW, at=at),
            connection_id=party.account,
        )


def _consent_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    rows = study_rows([found.study_id])
    touching = Q(items__study_id=found.study_id) | Q(
        standing__patient_id__in=[row.patient_id for row in rows]
    )
    consents = Consent.objects.filter(touching).distinct().order_by("granted_at", "id")
    by_id = {consent.id: consent for consent in consents}
    sensitive = marks_on([found.study_id]).get(found.study_id, frozenset())
    for grant in grants_on(rows, by_id.values()).get(found.study_id, ()):
        consent = by_id[grant.granted.consent_id]
        yield AccessRow(
            way="consent",
            account_id=consent.recipient_account_id,
            consent_id=consent.id,
            since=consent.granted_at,
            until=consent.ends_at,
            decision=_judge_recipient(found, grant, sensitive, at),
        )


def _judge_recipient(
    found: StudyFacts, grant: Grant, sensitive: frozenset[bytes], at: datetime
) -> Decision:
    party = Party(kind=PartyKind.GUEST, consent_id=grant.granted.consent_id)
    facts = StudyFacts(
        study_id=found.study_id,
        vault_id=found.vault_id,
        filed=found.filed,
        owner_account=found.owner_account,
        custodian_account=found.custodian_account,
        custodian_organization=found.custodian_organization,
        party_treats_patient=False,
        grants=(grant,),
        sensitive=sensitive,
    )
    return judge(party, facts, Action.VIEW, at=at)


_Way = Callable[[StudyFacts, datetime], Iterator[AccessRow]]
_PEOPLE: Final[tuple[_Way, ...]] = (
    _owner_row,
    _representative_rows,
    _care_rows,
    _consent_rows,
    _timed_rows,
)
