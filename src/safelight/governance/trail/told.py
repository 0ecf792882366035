"""What must be known beside an entry, to tell it to another system? Whose exam, and whose house.

Ids only. They are looked up for a batch at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from safelight.platform.audit.queries import TrailEntry
from safelight.records.accounts.models import Membership
from safelight.records.imaging.models import Study, Vault


@dataclass(frozen=True, slots=True)
class Told:
    """An entry; the patient's opaque name, "account/…" or "patient/…"; the actor's house if any.

    `patient` is empty where an entry is about nobody's exams, or where that is not known.
    """

    entry: TrailEntry
    patient: str
    organization: str


def told(entries: Sequence[TrailEntry]) -> list[Told]:
    """Put to each entry whose exams it is about, and the house for which somebody acted."""
    vaults = {each.vault_id for each in entries if each.vault_id}
    owners = dict(Vault.objects.filter(id__in=vaults).values_list("id", "account_id"))
    studies = _ids(entries, "study")
    patients = dict(Study.objects.filter(id__in=studies).values_list("id", "patient_id"))
    actors = {each.actor for each in entries}
    people = {identity for each in actors if (identity := id_in(each, "account"))}
    houses: dict[UUID, UUID] = {}
    rows = Membership.objects.filter(account_id__in=people, ended_at=None).order_by("since")
    for account_id, place in rows.values_list("account_id", "organization_id"):
        houses.setdefault(account_id, place)
    return [Told(each, _patient(each, owners, patients), _house(each, houses)) for each in entries]


def id_in(name: str, kind: str) -> UUID | None:
    """Return the id in an opaque name of this kind; None for any other name."""
    found, _, part = name.partition("/")
    try:
        return UUID(part) if found == kind else None
    except ValueError:
        return None


def _ids(entries: Iterable[TrailEntry], kind: str) -> set[UUID]:
    return {identity for each in entries if (identity := id_in(each.subject, kind))}


def _patient(entry: TrailEntry, owners: dict[UUID, UUID | None], patients: dict[UUID, UUID]) -> str:
    if entry.vault_id and (owner := owners.get(entry.vault_id)):
        return f"account/{owner}"
    study_id = id_in(entry.subject, "study")
    patient = patients.get(study_id) if study_id else None
    return f"patient/{patient}" if patient else ""


def _house(entry: TrailEntry, houses: dict[UUID, UUID]) -> str:
    if entry.actor.startswith("organization/"):
        return entry.actor
    account_id = id_in(entry.actor, "account")
    place = houses.get(account_id) if account_id else None
    return f"organization/{place}" if place else ""
