"""Who may act for the person whose exam this is, how far, and until when?

Read from what was invited or verified, and from nothing else: no name, address,
household or emergency contact lets anybody act for anybody (L28).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from safelight.exchange.access.facts import Mandate, Power
from safelight.platform.database.asking import as_id, ask, marks
from safelight.records.accounts.models import Representative, RepresentativeState

ACTING: Final = (RepresentativeState.VERIFIED, RepresentativeState.DISPUTED)
_ANY: Final = """
    SELECT id FROM accounts_representative WHERE starts_at IS NOT NULL AND (
        account_id = %s OR patient_id IN ({patients}))
"""
_FOR_WHOM: Final = """
    SELECT represented_id, patient_id FROM accounts_representative
    WHERE account_id = %s AND state IN ('verified', 'disputed')
"""
_NOBODY: Final = UUID(int=0)


class Belonging(Protocol):
    """What must be known of a study to tell whose it is."""

    @property
    def id(self) -> UUID:
        """The study."""

    @property
    def patient_id(self) -> UUID:
        """The patient as its custodian knows them."""

    @property
    def owner_account(self) -> UUID | None:
        """Who claimed that record."""

    @property
    def custodian_account(self) -> UUID | None:
        """In whose own vault it lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandates:
    """What is known about acting for the person whose study it is.

    `is_of_another`: the patient is somebody else than the person in whose vault it lies.
    """

    own: tuple[Mandate, ...] = ()
    is_disputed: bool = False
    is_of_another: bool = False


NO_MANDATES: Final = Mandates()


def mandates_on(account_id: UUID | None, rows: Iterable[Belonging]) -> dict[UUID, Mandates]:
    """Say of each study what an account may do with it for another; what is absent is nothing."""
    studies = list(rows)
    patients = {row.patient_id for row in studies}
    statement = _ANY.format(patients=marks(patients))
    touching = [as_id(found) for (found,) in ask(statement, account_id or _NOBODY, *patients)]
    if not touching:
        return {}
    known = list(Representative.objects.filter(pk__in=touching).order_by("starts_at"))
    others = {row.patient_id for row in known}
    said = {
        study.id: Mandates(
            own=tuple(
                mandate_of(row)
                for row in known
                if row.account_id == account_id
                and row.state in ACTING
                and _is_about(row, study, is_of_another=study.patient_id in others)
            ),
            is_of_another=study.patient_id in others,
        )
        for study in studies
    }
    return _with_disputes(said, studies)


def representatives_of(study: Belonging) -> list[Representative]:
    """List who acts, by any right that was verified, for the person whose study it is."""
    return representatives_of_all([study])[study.id]


def representatives_of_all(studies: Sequence[Belonging]) -> dict[UUID, list[Representative]]:
    """List, for each study, who acts for the person whose it is, as `representatives_of`."""
    patients = {study.patient_id for study in studies}
    started = Representative.objects.filter(patient_id__in=patients, starts_at__isnull=False)
    others = set(started.values_list("patient_id", flat=True))
    whose = {
        study.id: owner_of(study, is_of_another=study.patient_id in others) for study in studies
    }
    rows = Representative.objects.filter(
        Q(patient_id__in=patients)
        | Q(represented_id__in={each for each in whose.values() if each}),
        state__in=ACTING,
    )
    known = list(rows.select_related("account").order_by("starts_at"))
    return {
        study.id: [
            row
            for row in known
            if row.patient_id == study.patient_id
            or (row.represented_id is not None and row.represented_id == whose[study.id])
        ]
        for study in studies
    }


def for_whom(account_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return the accounts and the patient records for which an account acts."""
    rows = ask(_FOR_WHOM, account_id)
    return (
        frozenset(as_id(represented) for represented, _ in rows if represented),
        frozenset(as_id(patient) for _, patient in rows if patient),
    )


def has_another_patient(patient_id: UUID) -> bool:
    """Say whether this patient was verified to be somebody for whom others act."""
    return Representative.objects.filter(patient_id=patient_id, starts_at__isnull=False).exists()


def patients_acted_for() -> QuerySet[Representative, Any]:
    """Return the patient records that were verified to be of somebody for whom others act."""
    known = Representative.objects.filter(patient_id__isnull=False, starts_at__isnull=False)
    return known.values("patient_id")


@dataclass(frozen=True, slots=True)
class Authority:
    """What has become of the right by which somebody agreed for another.

    `ends_at`: from when what they agreed to is paused, until the job has done so (E7); from then
    on the consent's own row says whether the person keeps it. `in_dispute`: any of those who act
    for the same person disputes what is done.
    """

    ends_at: datetime | None
    in_dispute: bool


def authority_by(representative_ids: Collection[UUID]) -> dict[UUID, Authority]:
    """Say what has become of each of these rights to act."""
    if not representative_ids:
        return {}
    rows = Representative.objects.in_bulk(representative_ids)
    people = {row.represented_id for row in rows.values() if row.represented_id is not None}
    patients = {row.patient_id for row in rows.values() if row.patient_id is not None}
    same = Q(pk__in=list(rows)) | Q(represented_id__in=people) | Q(patient_id__in=patients)
    disputed = list(Representative.objects.filter(same, state=RepresentativeState.DISPUTED))
    return {
        each: Authority(
            ends_at=(
                datetime.fromisoformat(rows[each].ends_on)
                if rows[each].state in ACTING and rows[each].ends_on
                else None
            ),
            in_dispute=any(_act_for_the_same(rows[each], row) for row in disputed),
        )
        for each in representative_ids
    }


def _act_for_the_same(one: Representative, other: Representative) -> bool:
    if one.pk == other.pk:
        return True
    if one.represented_id is not None and one.represented_id == other.represented_id:
        return True
    return one.patient_id is not None and one.patient_id == other.patient_id


def owner_of(study: Belonging, *, is_of_another: bool) -> UUID | None:
    """Return whose study it is: who claimed it, else in whose vault it lies.

    Where the patient is known to be somebody else, keeping it does not make it one's own.
    """
    if is_of_another:
        claimed = study.owner_account
        return claimed if claimed != study.custodian_account else None
    return study.owner_account or study.custodian_account


def mandate_of(row: Representative) -> Mandate:
    """Return what one representative may do."""
    powers = {Power.LOOK}
    powers |= {Power.SHARE} if row.may_share else set()
    powers |= {Power.MANAGE} if row.may_manage else set()
    powers |= {Power.RIGHTS} if row.may_use_rights else set()
    return Mandate(
        representative_id=row.pk,
        powers=frozenset(powers),
        since=row.starts_at or row.asked_at,
        until=datetime.fromisoformat(row.ends_on) if row.ends_on else None,
    )


def _is_about(row: Representative, study: Belonging, *, is_of_another: bool) -> bool:
    if row.patient_id is not None and row.patient_id == study.patient_id:
        return True
    owner = owner_of(study, is_of_another=is_of_another)
    return owner is not None and row.represented_id == owner


def _with_disputes(
    said: Mapping[UUID, Mandates], studies: Iterable[Belonging]
) -> dict[UUID, Mandates]:
    """Add whether a representative of the same person disputes what others do."""
    acting = [study for study in studies if said[study.id].own]
    if not acting:
        return dict(said)
    owners = {
        study.id: owner_of(study, is_of_another=said[study.id].is_of_another) for study in acting
    }
    disputed = Representative.objects.filter(
        Q(patient_id__in=[study.patient_id for study in acting])
        | Q(represented_id__in=[owner for owner in owners.values() if owner]),
        state=RepresentativeState.DISPUTED,
    )
    about = set(disputed.values_list("represented_id", "patient_id"))
    accounts = {represented for represented, _ in about if represented}
    patients = {patient for _, patient in about if patient}
    return dict(said) | {
        study.id: replace(said[study.id], is_disputed=True)
        for study in acting
        if study.patient_id in patients or owners[study.id] in accounts
    }
