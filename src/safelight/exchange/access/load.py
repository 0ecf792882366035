"""Where do the facts of a decision come from?

Reads only. A fact that cannot be read is not guessed: the exception travels up
and the answer is no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.decision import Part
from safelight.exchange.access.facts import Care, Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.mandates import (
    NO_MANDATES,
    Authority,
    authority_by,
    mandates_on,
)
from safelight.exchange.access.mark_tokens import mark_token
from safelight.exchange.access.models import CareRelation, CareWay
from safelight.exchange.access.naming import consents_naming
from safelight.exchange.access.powers.live import timed_on
from safelight.exchange.access.study_rows import StudyRow, study_rows
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.consent.rules import Granted
from safelight.exchange.consent.terms import Permission, Sensitive
from safelight.platform.database.asking import as_id, as_time, ask, marks

# From when, and until when if there is an end.
CareTime = tuple[datetime, datetime | None]
_STANDING: Final = """
    SELECT consent_id, patient_id, until FROM consent_consentstanding
    WHERE consent_id IN ({consents}) AND patient_id IN ({patients})
"""
_COPIES: Final = "SELECT study_id FROM imaging_studycopy WHERE study_id IN ({marks})"
_MARKED: Final = """
    SELECT study_id, token FROM access_sensitivemark
    WHERE study_id IN ({marks}) AND ended_at IS NULL
"""
_INCLUDED: Final = """
    SELECT consent_id, token FROM consent_consentsensitive WHERE consent_id IN ({marks})
"""


def granted(consent: Consent) -> Granted:
    """Return the facts of a consent row that rules decide on, without its sensitive marks."""
    return granted_by([consent])[consent.id]


def granted_by(
    consents: Collection[Consent], sensitive: Mapping[UUID, frozenset[bytes]] | None = None
) -> dict[UUID, Granted]:
    """Return, for each consent, the facts that rules decide on.

    What was passed on rests on the patient's own consent: once that is over, so is this.
    """
    above = {each.parent_id for each in consents if each.parent_id is not None}
    parents = Consent.objects.in_bulk(above) if above else {}
    over = {
        each.id: [each, *([parents[each.parent_id]] if each.parent_id is not None else [])]
        for each in consents
    }
    rights = authority_by(
        {row.representative_id for rows in over.values() for row in rows if row.representative_id}
    )
    marked = sensitive or {}
    return {
        each.id: _granted(
            each,
            over[each.id],
            [rights[row.representative_id] for row in over[each.id] if row.representative_id],
            marked.get(each.id, frozenset()),
        )
        for each in consents
    }


def _granted(
    consent: Consent,
    over: Sequence[Consent],
    rights: Sequence[Authority],
    sensitive: frozenset[bytes],
) -> Granted:
    permissions = {Permission.VIEW} if consent.may_view else set()
    if consent.may_download:
        permissions.add(Permission.DOWNLOAD)
    return Granted(
        consent_id=consent.id,
        permissions=frozenset(permissions),
        granted_at=consent.granted_at,
        starts_at=consent.starts_at,
        ends_at=consent.ends_at,
        revoked_at=min((each.revoked_at for each in over if each.revoked_at), default=None),
        suspended_at=min((each.suspended_at for each in over if each.suspended_at), default=None),
        pauses_at=min((each.ends_at for each in rights if each.ends_at), default=None),
        may_pass_on=consent.may_pass_on,
        is_in_dispute=any(each.in_dispute for each in rights),
        sensitive=sensitive,
    )


def grants_on(
    studies: Iterable[StudyRow], consents: Iterable[Consent]
) -> dict[UUID, tuple[Grant, ...]]:
    """Return what each of the consents covers of each of the studies, in the consents' order."""
    rows = {study.id: study for study in studies}
    by_id = {consent.id: consent for consent in consents}
    if not by_id or not rows:
        return {}
    covered: dict[tuple[UUID, UUID], dict[UUID, Part]] = {}
    for item in ConsentItem.objects.filter(study_id__in=list(rows), consent_id__in=list(by_id)):
        parts = covered.setdefault((item.study_id, item.consent_id), {})
        parts[item.series_id] = Part(item.up_to, frozenset(item.only))
    came_after = _came_after(rows.values(), by_id)
    included = _included(by_id)
    pairs = {*covered, *came_after}
    live = {consent_id for _, consent_id in pairs}
    facts = granted_by([by_id[each] for each in by_id if each in live], included)
    grants: dict[UUID, list[Grant]] = {}
    order = {consent_id: place for place, consent_id in enumerate(by_id)}
    for study_id, consent_id in sorted(pairs, key=lambda pair: order[pair[1]]):
        grant = Grant(
            granted=facts[consent_id],
            series=covered.get((study_id, consent_id), {}),
            whole=(study_id, consent_id) in came_after,
        )
        grants.setdefault(study_id, []).append(grant)
    return {study_id: tuple(found) for study_id, found in grants.items()}


def _came_after(
    studies: Iterable[StudyRow], consents: Mapping[UUID, Consent]
) -> set[tuple[UUID, UUID]]:
    """Pair the studies that came after a standing consent, and within its time, with it."""
    rows = list(studies)
    patients = {row.patient_id for row in rows}
    statement = _STANDING.format(consents=marks(consents), patients=marks(patients))
    found = set()
    for consent_id, patient_id, until in ask(statement, *consents, *patients):
        consent = consents[as_id(consent_id)]
        for row in rows:
            in_time = consent.granted_at < row.received_at <= as_time(until)
            if row.patient_id == as_id(patient_id) and in_time:
                found.add((row.id, consent.id))
    copies = _copies_among({study_id for study_id, _ in found})
    return {pair for pair in found if pair[0] not in copies}


def _copies_among(studies: Collection[UUID]) -> frozenset[UUID]:
    """Return which of the studies are copies without a name: those are no results to come."""
    if not studies:
        return frozenset()
    return frozenset(as_id(copy) for (copy,) in ask(_COPIES.format(marks=marks(studies)), *studies))


def _included(consents: Mapping[UUID, Consent]) -> dict[UUID, frozenset[bytes]]:
    """Return the sensitive marks that each consent includes."""
    found: dict[UUID, set[bytes]] = {}
    for consent_id, mark in ask(_INCLUDED.format(marks=marks(consents)), *consents):
        found.setdefault(as_id(consent_id), set()).add(bytes(mark))
    return {consent_id: frozenset(tokens) for consent_id, tokens in found.items()}


def study_facts(party: Party, study_ids: Sequence[UUID]) -> dict[UUID, StudyFacts]:
    """Load what decides about some studies for one party; those that do not exist are absent."""
    rows = study_rows(study_ids)
    if not rows:
        return {}
    treated = _care(party, {row.patient_id for row in rows}, study_ids)
    grants = grants_on(rows, consents_naming(party, studies=rows))
    acting = mandates_on(party.account_id, rows)
    sensitive = marks_on({*grants, *acting})
    timed = timed_on(party.account_id, rows)
    return {
        row.id: StudyFacts(
            study_id=row.id,
            vault_id=row.vault_id,
            filed=row.filed,
            owner_account=row.owner_account,
            custodian_account=row.custodian_account,
            custodian_organization=row.custodian_organization,
            party_treats_patient=any(until is None for _, until in _times(treated, row)),
            grants=grants.get(row.id, ()),
            sensitive=sensitive.get(row.id, frozenset()),
            mandates=acting.get(row.id, NO_MANDATES).own,
            is_in_dispute=acting.get(row.id, NO_MANDATES).is_disputed,
            is_in_confidence=row.id in acting and _is_in_confidence(row.id, sensitive),
            is_of_another=acting.get(row.id, NO_MANDATES).is_of_another,
            care=tuple(
                Care(since=since, until=until)
                for since, until in _times(treated, row)
                if until is not None
            ),
            timed=timed.get(row.id, ()),
        )
        for row in rows
    }


def marks_on(studies: Collection[UUID]) -> dict[UUID, frozenset[bytes]]:
    """Return the sensitive marks of studies; they bind whoever has nothing but a consent."""
    if not studies:
        return {}
    found: dict[UUID, set[bytes]] = {}
    for study_id, mark in ask(_MARKED.format(marks=marks(studies)), *studies):
        found.setdefault(as_id(study_id), set()).add(bytes(mark))
    return {study_id: frozenset(tokens) for study_id, tokens in found.items()}


def _is_in_confidence(study_id: UUID, sensitive: Mapping[UUID, frozenset[bytes]]) -> bool:
    """Say whether nobody who acts for the patient may know of this study (E9)."""
    return mark_token(study_id, Sensitive.MINOR_CONFIDENTIAL) in sensitive.get(study_id, ())


def _times(care: Mapping[UUID, tuple[CareTime, ...]], row: StudyRow) -> tuple[CareTime, ...]:
    return care.get(row.id, ()) + care.get(row.patient_id, ())


def _care(
    party: Party, patients: Iterable[UUID], study_ids: Sequence[UUID]
) -> dict[UUID, tuple[CareTime, ...]]:
    """Return by what times the party treats patients, or has care of single studies, by id."""
    if party.kind is not PartyKind.PROVIDER or party.account_id is None:
        return {}
    live = CareRelation.objects.filter(account_id=party.account_id, ended_at__isnull=True)
    of_patients = live.filter(patient_id__in=list(patients), study_id__isnull=True)
    of_studies = live.filter(study_id__in=study_ids)
    found: dict[UUID, tuple[CareTime, ...]] = {}
    for rows in (
        of_patients.values_list("patient_id", "since", "until"),
        of_studies.values_list("study_id", "since", "until"),
    ):
        for about, since, until in rows:
            if about is not None:
                found[about] = (*found.get(about, ()), (since, until))
    return found


def care_began(
    vault_id: UUID,
    patient_id: UUID,
    account_id: UUID,
    *,
    at: datetime,
    study_ids: Iterable[UUID] = (),
) -> None:
    """Record that a member of the care team treats this patient, if it is not known yet.

    Where `study_ids` names some of the patient's studies, it is for these alone.
    """
    about = {
        "patient_id": patient_id,
        "account_id": account_id,
        "way": CareWay.DELIVERY,
        "ended_at": None,
    }
    defaults = {"vault_id": vault_id, "since": at}
    if CareRelation.objects.filter(**about, study_id=None).exists():
        return
    only: set[UUID | None] = set(study_ids)
    for study_id in only or {None}:
        CareRelation.objects.get_or_create(**about, study_id=study_id, defaults=defaults)
