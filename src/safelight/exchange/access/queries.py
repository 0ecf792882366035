"""Which exams may this party see, and who may see this exam?

One mechanism answers both: every study in every list was judged by the rules
that also judge a single fetch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.facts import Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.load import consents_naming, grants_on, study_facts
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import PatientRecord, Study, StudyState, Vault


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a party's visible studies can lie: candidates, to be judged one by one.

    `vaults` are searched by tokens; `study_ids` are reached by grant or care and
    are few.
    """

    vaults: tuple[UUID, ...]
    study_ids: tuple[UUID, ...]


def reach(party: Party) -> Reach:
    """Return where to look for what a party may see."""
    if standing_refusal(party, Action.VIEW) is not None:
        return Reach((), ())
    consents = [consent.id for consent in consents_naming(party)]
    study_ids = set(
        ConsentItem.objects.filter(consent_id__in=consents).values_list("study_id", flat=True)
    )
    vaults: tuple[UUID, ...] = ()
    if party.kind is PartyKind.INDIVIDUAL:
        vaults = tuple(Vault.objects.filter(account_id=party.account).values_list("id", flat=True))
        study_ids |= set(_claimed_elsewhere(party, vaults))
    elif party.kind is PartyKind.PROVIDER:
        study_ids |= set(_of_treated_patients(party))
    return Reach(vaults, tuple(study_ids))


def _claimed_elsewhere(party: Party, own: tuple[UUID, ...]) -> Iterator[UUID]:
    patients = PatientRecord.objects.filter(account_id=party.account).exclude(vault_id__in=own)
    yield from Study.objects.filter(
        patient_id__in=patients.values("id"), state=StudyState.FILED
    ).values_list("id", flat=True)


def _of_treated_patients(party: Party) -> Iterator[UUID]:
    relations = CareRelation.objects.filter(account_id=party.account, ended_at__isnull=True)
    of_patients = relations.filter(study_id__isnull=True).values("patient_id")
    of_studies = relations.filter(study_id__isnull=False).values("study_id")
    yield from Study.objects.filter(
        Q(patient_id__in=of_patients) | Q(pk__in=of_studies), state=StudyState.FILED
    ).values_list("id", flat=True)


def visible(party: Party, study_id: UUID, *, at: datetime) -> Decision:
    """Decide whether a party may see one study; short for the commonest question."""
    return decide(party, Action.VIEW, study_id, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One way by which somebody can see one exam now, as the rules answered it."""

    way: str
    account_id: UUID | None
    consent_id: UUID | None
    since: datetime | None
    until: datetime | None
    decision: Decision


def who_can_see(study_id: UUID, *, at: datetime) -> list[AccessRow]:
    """List everyone for whom the rules say yes to looking at this study (R04, L39)."""
    found = study_facts(Party(kind=PartyKind.ANONYMOUS), [study_id]).get(study_id)
    if found is None:
        return []
    rows = [*_owner_row(found, at), *_care_rows(found, at), *_consent_rows(found, at)]
    return [row for row in rows if row.decision.allowed]


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
    owner = found.owner_account or found.custodian_account
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


def _care_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    patient_id = Study.objects.values_list("patient_id", flat=True).get(pk=found.study_id)
    for relation in CareRelation.objects.filter(
        Q(study_id__isnull=True) | Q(study_id=found.study_id),
        patient_id=patient_id,
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
            until=None,
            decision=judge(party, facts, Action.VIEW, at=at),
        )


def _consent_rows(found: StudyFacts, at: datetime) -> Iterator[AccessRow]:
    consents = Consent.objects.filter(items__study_id=found.study_id).distinct()
    by_id = {consent.id: consent for consent in consents}
    for grant in grants_on([found.study_id], by_id.values()).get(found.study_id, ()):
        consent = by_id[grant.granted.consent_id]
        yield AccessRow(
            way="consent",
            account_id=consent.recipient_account_id,
            consent_id=consent.id,
            since=consent.granted_at,
            until=consent.ends_at,
            decision=_judge_recipient(found, grant, at),
        )


def _judge_recipient(found: StudyFacts, grant: Grant, at: datetime) -> Decision:
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
    )
    return judge(party, facts, Action.VIEW, at=at)
