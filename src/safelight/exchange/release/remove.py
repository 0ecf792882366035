"""How is a wrong upload taken away? Seven days to change one's mind, then its keys go.

By the owner, or by who looks after the exams for them; either brings it back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q

from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import study_facts
from safelight.exchange.access.mode import Mode, mode_now
from safelight.exchange.access.representing.scope import authorities_of, studies_of
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.release.budgets import require_removal
from safelight.exchange.release.people import representative_named
from safelight.exchange.release.viewing.find import Found, find_study, find_study_by_id
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.holds import INSTANCE, is_held
from safelight.records.accounts.models import HoldKind
from safelight.records.imaging.erasing import erase_study, half_erased
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import (
    RemovedInstance,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.parts import erase_parts, put_back

TIME_TO_UNDO: Final = timedelta(days=7)


def remove(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Take an exam out of sight at once; its keys are destroyed after seven days.

    Raises:
        NotFoundError: it is not this party's to remove.
        RemovalsFrozenError, RateLimitedError: not now (see budgets).
    """
    found = find_study_by_id(party, study_id, at=at, action=Action.REMOVE)
    require_removal(party, found, at=at)
    with transaction.atomic():
        remove_found(party, found, at=at)


def remove_by_uid(party: Party, study_uid: str, *, at: datetime) -> None:
    """Take the exam out of sight that a program names by its Study Instance UID.

    Raises:
        NotFoundError: there is none that this party may remove.
    """
    found = find_study(party, study_uid, at=at, action=Action.REMOVE)
    remove(party, found.study.id, at=at)


def remove_found(party: Party, found: Found, *, at: datetime) -> None:
    """Take an exam out of sight that was found to be this party's, in the caller's transaction."""
    filed = Study.objects.filter(pk=found.study.id, state=StudyState.FILED)
    if not filed.update(state=StudyState.REMOVED, removed_at=at, changed_at=at):
        raise NotFoundError
    turn_epoch([found.study.id])
    note(ImagingEvent.STUDY_REMOVED, party, found.study, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """An exam of which all or parts were removed, and until when it can be brought back.

    `for_whom` names whose it is, to somebody who acts for them.
    """

    study_id: UUID
    until: datetime
    for_whom: str = ""


def bring_back(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Undo a removal, of an exam or of parts of it, while there is time.

    Raises:
        NotFoundError: nothing of this party's was removed under this id.
        StateConflictError: the seven days are over.
    """
    if Study.objects.filter(pk=study_id, state=StudyState.FILED).exists():
        _bring_back_parts(party, study_id, at=at)
        return
    study = _removed(party, study_id, at=at)
    if study.removed_at is None or at - study.removed_at >= TIME_TO_UNDO:
        raise StateConflictError("The seven days are over. The exam cannot be brought back.")
    with transaction.atomic():
        removed = Study.objects.filter(pk=study_id, state=StudyState.REMOVED)
        if not removed.update(state=StudyState.FILED, removed_at=None, changed_at=at):
            raise NotFoundError
        turn_epoch([study_id])
        note(ImagingEvent.STUDY_RESTORED, party, study, at)


def removed_exams(party: Party, *, at: datetime) -> list[Removed]:
    """List the exams of which all or parts were removed, and that this party can bring back."""
    theirs = Q(vault_id__in=Vault.objects.filter(account_id=party.account).values("id"))
    for row in authorities_of(party.account):
        theirs |= Q(pk__in=studies_of(row).values("id"))
    latest = at - TIME_TO_UNDO
    gone = Study.objects.filter(theirs, state=StudyState.REMOVED, removed_at__gt=latest)
    removed = {row.id: row.removed_at for row in gone if row.removed_at is not None}
    removed |= _first_removed_parts(theirs, latest)
    found = []
    for study_id, removed_at in removed.items():
        decision = _may_bring_back(party, study_id, at=at)
        if decision.allowed:
            acting = decision.representative_id
            whose = representative_named(acting).represented_name if acting else ""
            until = removed_at + TIME_TO_UNDO
            found.append(Removed(study_id=study_id, until=until, for_whom=whose))
    return found


def erase_due(*, at: datetime) -> int:
    """Destroy what was removed and whose time to undo is over; return of how many exams.

    One that is sent again meanwhile stays. All do while removals are frozen, and while
    the instance is only read or is being put back: nothing is destroyed in an emergency.
    """
    if mode_now() is not Mode.NORMAL or is_held(HoldKind.DELETES, INSTANCE, at=at):
        return 0
    due = Study.objects.filter(state=StudyState.REMOVED, removed_at__lte=at - TIME_TO_UNDO)
    erased = sum(erase_study(study, at=at) for study in [*half_erased(), *due])
    return erased + erase_parts(before=at - TIME_TO_UNDO, at=at)


def _bring_back_parts(party: Party, study_id: UUID, *, at: datetime) -> None:
    found = find_study_by_id(party, study_id, at=at, action=Action.REMOVE)
    with transaction.atomic():
        back = put_back(found.study, since=at - TIME_TO_UNDO, at=at)
        if back is None:
            raise NotFoundError
        turn_epoch([found.study.id])
        note(ImagingEvent.PARTS_RESTORED, party, found.study, at, count=back)


def _first_removed_parts(theirs: Q, latest: datetime) -> dict[UUID, datetime]:
    """Return the exams that stand, but for parts that can be brought back, and since when."""
    rows = (
        RemovedInstance.objects.filter(removed_at__gt=latest)
        .filter(study_id__in=Study.objects.filter(theirs, state=StudyState.FILED).values("id"))
        .values_list("study_id")
        .annotate(Min("removed_at"))
        .order_by()
    )
    return dict(rows)


def _removed(party: Party, study_id: UUID, *, at: datetime) -> Study:
    study = Study.objects.filter(pk=study_id, state=StudyState.REMOVED).first()
    if study is None or not _may_bring_back(party, study_id, at=at).allowed:
        raise NotFoundError
    return study


def _may_bring_back(party: Party, study_id: UUID, *, at: datetime) -> Decision:
    """Ask the rules, which see only what stands, as if the exam still stood."""
    facts = study_facts(party, [study_id]).get(study_id)
    stood = replace(facts, filed=True) if facts is not None else None
    return judge(party, stood, Action.REMOVE, at=at)


def note(event: ImagingEvent, party: Party, study: Study, at: datetime, *, count: int = 0) -> None:
    """Put on record what was done with an exam, or with so many instances of it."""
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"study/{study.id}",
        vault_id=study.vault_id,
        count=count,
        at=at,
    )
