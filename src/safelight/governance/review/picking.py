"""Which entries of the record are picked for review? Read in order, each once.

A batch's items and the place up to which it was read commit together, so a crash loses
nothing and picks nothing twice. Names are opened here, compared, and forgotten.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from safelight.governance.review.events import ReviewEvent
from safelight.governance.review.models import Item, Place
from safelight.governance.review.rules import Facts, Rule, rules_fitting
from safelight.governance.review.watching import house_of, is_watched
from safelight.governance.trail.told import Told, id_in, told
from safelight.platform.audit.actions import record
from safelight.platform.audit.queries import (
    TrailFilter,
    count_placed,
    page_of,
    placed_after,
)
from safelight.platform.keys.errors import KeyDestroyedError, KeyUnknownError
from safelight.records.accounts.models import Account, Kind, Representative
from safelight.records.imaging.models import PatientRecord, Study
from safelight.records.imaging.patients import identity_of

LOOKS: Final = ("study.looked-at", "study.downloaded")
OUTSIDE: Final = ("database.touched-from-outside",)
BATCH: Final = 200
MOST_BATCHES: Final = 25
ONE_IN: Final = 100
_PLACE: Final = "looks"
_HOUR: Final = timedelta(hours=1)
_PLACES_OF: Final = 200  # entries by which somebody's places are known


def pick_on(*, at: datetime) -> int:
    """Read on where the last turn ended, as much as one turn may; return how many were picked."""
    picked = 0
    for _ in range(MOST_BATCHES):
        found = _pick_batch(at)
        if found is None:
            break
        picked += found
    return picked


@transaction.atomic
def _pick_batch(at: datetime) -> int | None:
    Place.objects.get_or_create(name=_PLACE)
    place = Place.objects.select_for_update().get(name=_PLACE)
    batch = placed_after(place.seq, TrailFilter(kinds=(*LOOKS, *OUTSIDE)), limit=BATCH)
    if not batch:
        return None
    items = [item for each in told(batch) for item in _items(each)]
    Item.objects.bulk_create(items, ignore_conflicts=True)
    for item in items:
        subject = f"entry/{item.entry_id}"
        record(ReviewEvent.PICKED, actor="system", subject=subject, reason=item.rule, at=at)
    Place.objects.filter(pk=_PLACE).update(seq=batch[-1].seq or place.seq)
    return len(items)


def _items(one: Told) -> list[Item]:
    said = one.entry
    rules: Sequence[Rule] = [Rule.OUTSIDE]
    if said.kind in LOOKS:
        account_id = id_in(said.actor, "account")
        workers = Account.objects.filter(kind=Kind.PROVIDER)
        actor = workers.filter(pk=account_id).first() if account_id else None
        rules = rules_fitting(_facts(one, actor)) if actor else []
    return [
        Item(
            entry_id=said.entry_id,
            rule=rule.value,
            at=said.at,
            kind=said.kind,
            actor=said.actor,
            subject=said.subject,
            vault_id=said.vault_id,
            organization_id=id_in(one.organization, "organization"),
        )
        for rule in rules
    ]


def _facts(one: Told, actor: Account) -> Facts:
    said = one.entry
    patient = _patient_of(said.subject)
    person_id = patient.account_id if patient else id_in(one.patient, "account")
    return Facts(
        at=timezone.localtime(said.at, settings.SAFELIGHT_TIME_ZONE),
        actor_name=actor.name,
        patient_name=_name_of(patient) if patient else "",
        is_related=person_id is not None and _are_related(actor.pk, person_id),
        is_marked=_is_marked(one, person_id, patient),
        looks_in_the_hour=_looks_before(said.actor, said.at, said.seq or 0),
        is_known_place=_is_known(said.actor, said.origin, said.row),
        is_drawn=secrets.randbelow(ONE_IN) == 0,
    )


def _is_marked(one: Told, person_id: UUID | None, patient: PatientRecord | None) -> bool:
    subjects = [f"account/{person_id}"] if person_id else []
    subjects += [f"patient/{patient.pk}"] if patient else []
    houses = (house_of(one.entry.vault_id), id_in(one.organization, "organization"))
    return is_watched(subjects, houses, one.entry.at)


def _patient_of(subject: str) -> PatientRecord | None:
    study_id = id_in(subject, "study")
    study = Study.objects.filter(pk=study_id).first() if study_id else None
    return PatientRecord.objects.filter(pk=study.patient_id).first() if study else None


def _name_of(patient: PatientRecord) -> str:
    try:
        return identity_of(patient.vault_id, patient).name
    except (KeyDestroyedError, KeyUnknownError):
        return ""  # erased since, and the name with it


def _are_related(one: UUID, other: UUID) -> bool:
    """Say whether one acts for the other, or did: a parent, a guardian, somebody who helps."""
    acts = Q(account_id=one, represented_id=other) | Q(account_id=other, represented_id=one)
    return Representative.objects.filter(acts).exists()


def _looks_before(actor: str, at: datetime, seq: int) -> int:
    hour = TrailFilter(actor=actor, kinds=LOOKS, since=at - _HOUR)
    return count_placed(hour, upto=seq)


def _is_known(actor: str, origin: str, row: int) -> bool:
    """Say whether somebody came from there before; the first place of all is not unusual."""
    earlier = page_of(TrailFilter(actor=actor), older_than=row, limit=_PLACES_OF).entries
    places = {each.origin for each in earlier} - {""}
    return not origin or not places or origin in places
