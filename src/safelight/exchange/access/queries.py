"""Where can the exams lie that this party may see?

Candidates only: each is judged by the rules that also judge a single fetch. The other way
round, who may see one exam, is `who_sees.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.given import LATER
from safelight.exchange.access.mandates import for_whom
from safelight.exchange.access.naming import consents_naming_sql
from safelight.exchange.access.powers.live import studies_opened_to
from safelight.exchange.access.rules import standing_refusal
from safelight.platform.database.asking import as_id, ask, ask_one
from safelight.records.imaging.models import Study, StudyState
from safelight.records.imaging.study_index import Condition

# Above this many care relations a provider's exams are looked for in the vault, not listed.
_LISTED_AT_MOST: Final = 500

_OWN: Final = "SELECT id FROM imaging_vault WHERE account_id = %s"
_OF_PLACE: Final = "SELECT id FROM imaging_vault WHERE organization_id = %s"
_GIVEN: Final = """ AND study.id IN (
    SELECT item.study_id FROM consent_consentitem AS item WHERE item.consent_id IN ({naming})
    UNION ALL {later})"""
_CLAIMED: Final = """
    SELECT study.id FROM imaging_patientrecord AS patient
    JOIN imaging_study AS study ON study.patient_id = patient.id
    WHERE patient.account_id = %s AND patient.vault_id {side} %s AND study.state = %s
"""
_NO_VAULT: Final = UUID(int=0)
_CARE: Final = """
    SELECT patient_id, study_id, vault_id FROM access_carerelation
    WHERE account_id = %s AND ended_at IS NULL LIMIT %s
"""
_CARE_VAULTS: Final = """
    SELECT DISTINCT vault_id FROM access_carerelation WHERE account_id = %s AND ended_at IS NULL
"""
_TREATED: Final = """ AND (study.patient_id IN (SELECT patient_id FROM access_carerelation
        WHERE account_id = %s AND ended_at IS NULL AND study_id IS NULL)
    OR study.id IN (SELECT study_id FROM access_carerelation
        WHERE account_id = %s AND ended_at IS NULL AND study_id IS NOT NULL)
    OR study.patient_id IN (SELECT patient_id FROM powers_timedaccess
        WHERE account_id = %s AND ended_at IS NULL AND patient_id IS NOT NULL)
    OR study.id IN (SELECT study_id FROM powers_timedaccess
        WHERE account_id = %s AND ended_at IS NULL AND study_id IS NOT NULL))"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a party's visible studies can lie: candidates, to be judged one by one.

    `vaults` are searched by tokens, and so are `care_vaults`, narrowed by `care`;
    `study_ids` are reached by care and are few. `given` narrows to what consents
    name, live or ended, which may be many.
    """

    vaults: tuple[UUID, ...]
    study_ids: tuple[UUID, ...]
    care_vaults: tuple[UUID, ...] = ()
    care: Condition | None = None
    given: Condition | None = None


def reach(party: Party) -> Reach:
    """Return where to look for what a party may see."""
    if standing_refusal(party, Action.VIEW) is not None:
        return Reach((), ())
    within = _lasting_reach(party, _given(party))
    timed = studies_opened_to(party.account_id)
    return replace(within, study_ids=tuple({*within.study_ids, *timed})) if timed else within


def treated_by(party: Party) -> Condition:
    """Return the condition for the studies of whom a provider treats, or has hours for."""
    return Condition(_TREATED, (party.account,) * 4)


def _lasting_reach(party: Party, given: Condition | None) -> Reach:
    if party.kind is PartyKind.INDIVIDUAL:
        vaults = tuple(as_id(vault) for (vault,) in ask(_OWN, party.account))
        elsewhere = _claimed_elsewhere(party.account, vaults)
        return _with_those_acted_for(party, Reach(vaults, tuple(elsewhere), given=given))
    if party.kind is PartyKind.PROVIDER:
        return _reach_of_care(party, given)
    if party.kind is PartyKind.SYSTEM and party.is_own:
        return Reach(tuple(as_id(vault) for (vault,) in ask(_OF_PLACE, party.serves)), ())
    return Reach((), (), given=given)


def _given(party: Party) -> Condition | None:
    naming, values = consents_naming_sql(party)
    if ask_one(f"SELECT 1 FROM ({naming}) AS named LIMIT 1", *values) is None:  # noqa: S608 (ours)
        return None
    return Condition(
        _GIVEN.format(naming=naming, later=LATER.format(naming=naming, more="")), (*values, *values)
    )


def _with_those_acted_for(party: Party, own: Reach) -> Reach:
    """Add where the exams of those lie for whom this person acts."""
    accounts, patients = for_whom(party.account)
    vaults, study_ids = list(own.vaults), set(own.study_ids)
    for account_id in accounts:
        theirs = tuple(as_id(vault) for (vault,) in ask(_OWN, account_id))
        vaults += theirs
        study_ids |= _claimed_elsewhere(account_id, theirs)
    if patients:
        about = Study.objects.filter(patient_id__in=patients, state=StudyState.FILED)
        study_ids |= set(about.values_list("id", flat=True))
    return replace(own, vaults=tuple(vaults), study_ids=tuple(study_ids))


def _claimed_elsewhere(account_id: UUID, own: tuple[UUID, ...]) -> set[UUID]:
    # A person has one vault at most, and all that lies in it is theirs: the index skips it.
    vault = own[0] if own else _NO_VAULT
    return {
        as_id(study)
        for side in "<>"
        for (study,) in ask(_CLAIMED.format(side=side), account_id, vault, StudyState.FILED.value)
    }


def _reach_of_care(party: Party, given: Condition | None) -> Reach:
    """List the exams a provider treats where they are few, else say how to look for them."""
    relations = ask(_CARE, party.account, _LISTED_AT_MOST + 1)
    if len(relations) > _LISTED_AT_MOST:
        vaults = tuple(as_id(vault) for (vault,) in ask(_CARE_VAULTS, party.account))
        return Reach((), (), vaults, treated_by(party), given)
    patients = {as_id(patient) for patient, study, _ in relations if study is None}
    of_patients = Study.objects.filter(patient_id__in=patients, state=StudyState.FILED)
    study_ids = set(of_patients.values_list("id", flat=True)) if patients else set()
    study_ids |= {as_id(study) for _, study, _ in relations if study is not None}
    return Reach((), tuple(study_ids), given=given)
