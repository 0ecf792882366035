"""Who may see this exam now, and by which way?

One mechanism answers this and what a party may see: every row was judged by the rules that
also judge a single fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.facts import Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.load import grants_on, marks_on, study_facts
from safelight.exchange.access.mandates import representatives_of_all
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.powers.live import accesses_to_all
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.access.study_rows import StudyRow, study_rows
from safelight.exchange.access.systems import own_systems_asking
from safelight.exchange.consent.models import Consent
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import memberships_of


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
    return _allowed([study_id], (*_PEOPLE, _system_rows), at)[study_id]


def people_who_can_see(study_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, list[AccessRow]]:
    """List the people alone, for each study: what the cards of a list count.

    What is asked of the database grows with the people, and not with the studies.
    """
    return _allowed(study_ids, _PEOPLE, at)


def _allowed(
    study_ids: Sequence[UUID], ways: Iterable[_Way], at: datetime
) -> dict[UUID, list[AccessRow]]:
    allowed: dict[UUID, list[AccessRow]] = {each: [] for each in study_ids}
    found = study_facts(Party(kind=PartyKind.ANONYMOUS), study_ids)
    if found:
        known = _Known(found, study_rows(study_ids))
        for way in ways:
            for study_id, row in way(known, at):
                if row.decision.allowed:
                    allowed[study_id].append(row)
    return allowed


@dataclass(frozen=True, slots=True)
class _Known:
    """Some studies, as the rules see them and as they are kept."""

    facts: Mapping[UUID, StudyFacts]
    rows: Sequence[StudyRow]

    def as_seen_by(self, party: Party) -> dict[UUID, StudyFacts]:
        """Load the facts once more, for one party."""
        return study_facts(party, list(self.facts))


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


def _owner_rows(known: _Known, at: datetime) -> _Rows:
    for study_id, found in known.facts.items():
        if (owner := found.owner) is None:
            continue
        party = _person(owner, PartyKind.INDIVIDUAL, frozenset())
        yield (
            study_id,
            AccessRow(
                way="owner",
                account_id=owner,
                consent_id=None,
                since=None,
                until=None,
                decision=judge(party, found, Action.VIEW, at=at),
            ),
        )


def _representative_rows(known: _Known, at: datetime) -> _Rows:
    facts_of = cache(known.as_seen_by)
    acting = representatives_of_all(known.rows)
    for study_id, row in ((study.id, row) for study in known.rows for row in acting[study.id]):
        if row.account is None:
            continue
        party = _person(row.account.pk, PartyKind(row.account.kind), frozenset())
        decision = judge(party, facts_of(party).get(study_id), Action.VIEW, at=at)
        if decision.representative_id == row.pk:
            yield (
                study_id,
                AccessRow(
                    way="representative",
                    account_id=row.account_id,
                    consent_id=None,
                    since=row.starts_at,
                    until=decision.until,
                    decision=decision,
                ),
            )


def _care_rows(known: _Known, at: datetime) -> _Rows:
    facts_of, places_of = cache(known.as_seen_by), cache(_places_of)
    relations = CareRelation.objects.filter(
        Q(study_id__isnull=True) | Q(study_id__in=list(known.facts)),
        Q(until__isnull=True) | Q(until__gt=at),
        patient_id__in={row.patient_id for row in known.rows},
        since__lte=at,
        ended_at__isnull=True,
    )
    for relation in relations:
        party = _person(relation.account_id, PartyKind.PROVIDER, places_of(relation.account_id))
        for study in known.rows:
            if relation.patient_id != study.patient_id:
                continue
            if relation.study_id is not None and relation.study_id != study.id:
                continue
            yield (
                study.id,
                AccessRow(
                    way="care",
                    account_id=relation.account_id,
                    consent_id=None,
                    since=relation.since,
                    until=relation.until,
                    decision=judge(party, facts_of(party).get(study.id), Action.VIEW, at=at),
                    relation_id=relation.id,
                ),
            )


def _places_of(account_id: UUID) -> frozenset[UUID]:
    return frozenset(each.organization_id for each in memberships_of(account_id))


def _timed_rows(known: _Known, at: datetime) -> _Rows:
    facts_of, places_of = cache(known.as_seen_by), cache(_places_of)
    accesses = accesses_to_all(known.rows)
    accounts = Account.objects.in_bulk(
        {row.account_id for found in accesses.values() for row in found}
    )
    for study_id, row in ((study.id, row) for study in known.rows for row in accesses[study.id]):
        account = accounts[row.account_id]
        party = _person(account.pk, PartyKind(account.kind), places_of(account.pk))
        decision = judge(party, facts_of(party).get(study_id), Action.VIEW, at=at)
        if decision.timed_access_id == row.pk:
            yield (
                study_id,
                AccessRow(
                    way=row.way,
                    account_id=account.pk,
                    consent_id=None,
                    since=row.began_at,
                    until=decision.until,
                    decision=decision,
                ),
            )


def _system_rows(known: _Known, at: datetime) -> _Rows:
    for study_id, found in known.facts.items():
        if found.custodian_organization is None:
            continue
        for party in own_systems_asking(found.custodian_organization, at=at):
            yield (
                study_id,
                AccessRow(
                    way="own-system",
                    account_id=None,
                    consent_id=None,
                    since=None,
                    until=None,
                    decision=judge(party, found, Action.VIEW, at=at),
                    connection_id=party.account,
                ),
            )


def _consent_rows(known: _Known, at: datetime) -> _Rows:
    touching = Q(items__study_id__in=list(known.facts)) | Q(
        standing__patient_id__in={row.patient_id for row in known.rows}
    )
    consents = Consent.objects.filter(touching).distinct().order_by("granted_at", "id")
    by_id = {consent.id: consent for consent in consents}
    sensitive = marks_on(list(known.facts))
    for study_id, grants in grants_on(known.rows, by_id.values()).items():
        found, marked = known.facts[study_id], sensitive.get(study_id, frozenset())
        for grant in grants:
            consent = by_id[grant.granted.consent_id]
            yield (
                study_id,
                AccessRow(
                    way="consent",
                    account_id=consent.recipient_account_id,
                    consent_id=consent.id,
                    since=consent.granted_at,
                    until=consent.ends_at,
                    decision=_judge_recipient(found, grant, marked, at),
                ),
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


_Rows = Iterator[tuple[UUID, AccessRow]]
_Way = Callable[[_Known, datetime], _Rows]
_PEOPLE: Final[tuple[_Way, ...]] = (
    _owner_rows,
    _representative_rows,
    _care_rows,
    _consent_rows,
    _timed_rows,
)
