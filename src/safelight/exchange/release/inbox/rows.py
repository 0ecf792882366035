"""What does one row of an inbox say of an exam?

Of what a consent gives it says what the consent itself says, and opens nothing: nobody is
told of a look, and an exam stays unread. Of a patient one treats it says what lists say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.json.summary import search_facts
from safelight.dicom.search.titles import body_parts, exam_title
from safelight.exchange.access.caring.relations import ENTERED
from safelight.exchange.access.decision import Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import CareRelation, CareWay
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.unnamed import as_told
from safelight.exchange.release.disclosures import TO_ANOTHER
from safelight.exchange.release.inbox.assigned import Held, held_by
from safelight.exchange.release.inbox.reaching import Candidate
from safelight.exchange.release.signed import terms_of
from safelight.exchange.release.viewing.answers import MODALITY, series_answers_of
from safelight.exchange.release.viewing.find import Found
from safelight.platform.database.asking import as_id, as_time, ask, marks
from safelight.platform.keys.ring import ring
from safelight.records.accounts.models import Organization
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import Vault

DELIVERY: Final = CareWay.DELIVERY.value
REPORTS: Final = frozenset({"SR", "DOC"})
_OPENED: Final = """
    SELECT study_id, opened_at FROM release_look
    WHERE study_id IN ({marks}) AND actor = %s AND NOT is_glimpse
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One exam that is before somebody.

    `terms` are those of the consent that gives it, None where nobody gave it; `way` is what the
    rules said it is before them by, and `DELIVERY` where they brought it in and nobody entered
    that they treat the patient.
    `on` is the day of the exam as a consent writes it, else a date.
    """

    study_id: UUID
    came_at: datetime
    is_soon: bool
    is_new: bool
    title: str
    modalities: tuple[str, ...]
    parts: frozenset[str]
    on: date | None
    source: str
    terms: Terms | None
    way: str
    until: datetime | None
    patient_name: str
    birth_date: date | None
    waits_for_report: bool
    held: Held | None


def rows_of(
    party: Party,
    found: Sequence[tuple[Candidate, Found]],
    *,
    at: datetime,
    looked: frozenset[UUID] = frozenset(),
) -> list[InboxRow]:
    """Describe candidates that were found to be before a party; their number costs no question.

    What goes to somebody else than whose it is, or who treats them, tells of its header only
    where it was `looked` at, so that the look is on record.
    """
    if not found:
        return []
    ids = [each.study.id for _, each in found]
    agreed = _agreed([each for _, each in found])
    series = series_answers_of([each for _, each in found])
    opened = _opened(party, ids)
    held = held_by(party, ids)
    houses = _houses([each for _, each in found])
    entered = _entered(party, [each for _, each in found], at)
    keys = ring().study_keys(ids)
    rows = []
    for candidate, each in found:
        study = each.study
        told = agreed.get(study.id)
        parts = series.get(study.id, [])
        kinds = {str(kind) for part in parts for kind in part[MODALITY].get("Value", [])}
        is_care = each.decision.reason == Reason.CARE_RELATION
        seen = opened.get(study.id)
        said: dict[str, Any] = {}
        tells = each.decision.reason not in TO_ANOTHER or study.id in looked
        if tells:
            said = open_answer("study", study.id, study.sealed_answer, study_key=keys[study.id])
        about = search_facts(said)
        item = next((i for i in told.items if i.study_id == study.id), None) if told else None
        rows.append(
            InboxRow(
                study_id=study.id,
                came_at=candidate.came_at,
                is_soon=candidate.is_soon,
                is_new=seen is None or seen < candidate.came_at,
                title=exam_title(said, parts) if tells else item.exam_title if item else "",
                modalities=tuple(sorted(kinds)),
                parts=body_parts(parts),
                on=study.study_on if tells or told is None or item else None,
                source=told.grantor_name if told else houses.get(study.vault_id, ""),
                terms=told,
                way=DELIVERY if is_care and study.id not in entered else each.decision.reason,
                until=each.decision.ends_at,
                patient_name=about.patient_name_shown if tells else "",
                birth_date=parse_date(about.birth_date) if tells else None,
                waits_for_report=is_care and not kinds & REPORTS,
                held=held.get(study.id),
            )
        )
    return rows


def _agreed(found: Sequence[Found]) -> dict[UUID, Terms]:
    """Return by what terms each exam that a consent gives was given last."""
    last = {each.study.id: each.decision.consents[-1] for each in found if each.decision.consents}
    consents = Consent.objects.in_bulk(set(last.values()))
    ring().ledger_keys(list({row.vault_id for row in consents.values()}))  # opened together
    terms = {consent_id: as_told(terms_of(row)) for consent_id, row in consents.items()}
    return {study_id: terms[consent_id] for study_id, consent_id in last.items()}


def _entered(party: Party, found: Sequence[Found], at: datetime) -> set[UUID]:
    """Return the exams of those whom the desk entered this party to treat, and it lasts."""
    relations = CareRelation.objects.filter(
        account_id=party.account,
        patient_id__in={each.study.patient_id for each in found},
        way__in=ENTERED,
        since__lte=at,
        until__gt=at,
        ended_at__isnull=True,
    )
    reach = set(relations.values_list("patient_id", "study_id"))
    return {
        each.study.id
        for each in found
        if {(each.study.patient_id, None), (each.study.patient_id, each.study.id)} & reach
    }


def _opened(party: Party, study_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when this party last opened each of some exams."""
    found: dict[UUID, datetime] = {}
    for study, opened_at in ask(_OPENED.format(marks=marks(study_ids)), *study_ids, party.name):
        study_id, at = as_id(study), as_time(opened_at)
        found[study_id] = max(at, found.get(study_id, at))
    return found


def _houses(found: Sequence[Found]) -> dict[UUID, str]:
    """Return which institution keeps each vault."""
    vaults = Vault.objects.filter(
        pk__in={each.study.vault_id for each in found}, organization_id__isnull=False
    )
    kept = dict(vaults.values_list("id", "organization_id"))
    houses = Organization.objects.in_bulk({house for house in kept.values() if house})
    return {vault: houses[house].name for vault, house in kept.items() if house in houses}
