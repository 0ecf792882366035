"""What is open to somebody just now by an elevation, or because they broke the glass?

Reads only. An elevation counts only while whoever has it is of the staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.facts import Timed
from safelight.exchange.access.powers.kinds import AccessWay
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.study_rows import StudyRow
from safelight.platform.database.asking import as_id, as_time, ask
from safelight.records.imaging.models import Study, StudyState

_OPEN: Final = """
    SELECT timed.id, timed.way, timed.began_at, timed.ends_at, timed.patient_id, timed.study_id
    FROM powers_timedaccess AS timed
    WHERE timed.account_id = %s AND timed.ended_at IS NULL AND (timed.way = 'break-glass'
        OR EXISTS (SELECT 1 FROM accounts_staff AS staff
            WHERE staff.account_id = timed.account_id AND staff.ended_at IS NULL))
"""


def timed_on(account_id: UUID | None, rows: Sequence[StudyRow]) -> dict[UUID, tuple[Timed, ...]]:
    """Return what is open to an account of each of the studies, over or not, by study."""
    if account_id is None:
        return {}
    found: dict[UUID, tuple[Timed, ...]] = {}
    for access, way, since, until, patient, study in ask(_OPEN, account_id):
        timed = Timed(
            access_id=as_id(access),
            is_emergency=way == AccessWay.BREAK_GLASS,
            since=as_time(since),
            until=as_time(until),
        )
        about = as_id(study or patient)
        for row in rows:
            if about == (row.id if study else row.patient_id):
                found[row.id] = (*found.get(row.id, ()), timed)
    return found


def studies_opened_to(account_id: UUID | None) -> frozenset[UUID]:
    """Return the studies that may be open to an account so; each is still to be judged."""
    if account_id is None:
        return frozenset()
    open_now = [(patient, study) for *_, patient, study in ask(_OPEN, account_id)]
    found = {as_id(study) for _, study in open_now if study}
    patients = {as_id(patient) for patient, _ in open_now if patient}
    if patients:
        of_patients = Study.objects.filter(patient_id__in=patients, state=StudyState.FILED)
        found |= set(of_patients.values_list("id", flat=True))
    return frozenset(found)


def accesses_to(row: StudyRow) -> list[TimedAccess]:
    """Return who has or had such an access to a study, as far as its owner may know of it."""
    return accesses_to_all([row])[row.id]


def accesses_to_all(rows: Sequence[StudyRow]) -> dict[UUID, list[TimedAccess]]:
    """Return, for each study, who has or had such an access that its owner may know of."""
    about = TimedAccess.objects.filter(
        Q(study_id__in=[row.id for row in rows])
        | Q(patient_id__in={row.patient_id for row in rows}),
        owner_told_at__isnull=False,
    )
    known = list(about.order_by("began_at", "pk"))
    return {
        row.id: [
            each
            for each in known
            if each.study_id == row.id
            or (each.patient_id is not None and each.patient_id == row.patient_id)
        ]
        for row in rows
    }
