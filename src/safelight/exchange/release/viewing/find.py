"""Where is the exam that somebody names, if they may know of it at all?

Naming a UID never grants anything: the search starts from what the party can
reach, and an exam of someone else is answered exactly like one that does not
exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Min

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Decision, Reason
from safelight.exchange.access.epoch import current_epoch, is_still_good
from safelight.exchange.access.errors import PolicyNotAcceptedError
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.queries import Reach, reach
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.parts import arrivals_in
from safelight.exchange.release.viewing.memory import Memory
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.platform.audit.actions import aim, record_denial
from safelight.records.imaging.lookups import instance_at
from safelight.records.imaging.models import Instance, Series, Study
from safelight.records.imaging.study_index import vaults_where
from safelight.records.imaging.tokens import uid_token

_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Found:
    """One study, and the decision under which it may be used, and for what."""

    study: Study
    decision: Decision
    action: Action = Action.VIEW
    epoch: int | None = None
    """The epoch it was decided under, where things found below it may be remembered."""

    def covers(self, instance: Instance) -> bool:
        """Say whether an instance is part of what was allowed."""
        return self.decision.scope.covers(instance.series_id, instance.arrival)

    def covers_all_of(self, series: Series) -> bool:
        """Say whether every instance that a series holds now is part of what was allowed."""
        scope = self.decision.scope
        if scope.whole:
            return True
        rest = Instance.objects.filter(series_id=series.id).exclude(
            arrivals_in(scope.part_of(series.id))
        )
        return not rest.exists()


_founds: Memory[Found] = Memory(_REMEMBERED)
_series: Memory[Series] = Memory(_REMEMBERED)


def find_study(
    party: Party, study_uid: str, *, at: datetime, action: Action = Action.VIEW
) -> Found:
    """Find a study by its UID among what the party may use.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
        PolicyNotAcceptedError: the same, for who has not accepted the statement that binds.
    """
    epoch = current_epoch()
    known = _founds.recall_if(
        (party, study_uid, action),
        lambda then, found: is_still_good(then, epoch, found.study.id),
    )
    if known is not None and not (known.decision.until and known.decision.until <= at):
        return known
    for study in _candidates(reach(party), study_uid):
        decision = decide(party, action, study.id, at=at)
        if decision.allowed:
            found = Found(study, decision, action, epoch)
            # A copy that was shared must not stand before one's own that comes later.
            is_theirs = decision.reason != Reason.CONSENT or party.kind is PartyKind.GUEST
            is_lasting = decision.timed_access_id is None
            if is_theirs and is_lasting and not connection.in_atomic_block:
                _founds.keep((party, study_uid, action), epoch, found)
            return found
    deny(party, action, tried=study_uid, at=at)
    raise _not_for(party)


def find_study_by_id(
    party: Party, study_id: UUID, *, at: datetime, action: Action = Action.VIEW
) -> Found:
    """Find a study by our own id; refused exactly like an unknown one."""
    decision = decide(party, action, study_id, at=at)
    study = Study.objects.filter(pk=study_id).first() if decision.allowed else None
    if study is None:
        deny(party, action, tried=str(study_id), at=at)
        raise _not_for(party)
    return Found(study, decision, action)


def _not_for(party: Party) -> ExpectedError:
    """Return the one answer for what is not there and what is not for this party."""
    return PolicyNotAcceptedError() if party.is_limited else NotFoundError()


def find_series(found: Found, series_uid: str) -> Series:
    """Find a visible series of a study by its UID."""
    key = (found.study.id, series_uid)
    series = _series.recall(key, found.epoch) if found.epoch is not None else None
    if series is None:
        series = Series.objects.filter(
            study_id=found.study.id, uid_token=uid_token(found.study.vault_id, series_uid)
        ).first()
        if series is not None and found.epoch is not None:
            _series.keep(key, found.epoch, series)
    scope = found.decision.scope
    if series is None or not (scope.whole or series.id in scope.series):
        raise NotFoundError
    return series


def find_instance(found: Found, series: Series, instance_uid: str) -> Instance:
    """Find a visible instance of a series by its UID."""
    study = found.study
    token = uid_token(study.vault_id, instance_uid)
    instance = instance_at(study.vault_id, study.id, series.id, token)
    if instance is None or not found.covers(instance):
        raise NotFoundError
    return instance


def instances_of(found: Found, series: Series | None = None) -> list[Instance]:
    """List the visible instances of a study or series, in order of arrival."""
    rows = Instance.objects.filter(study_id=found.study.id)
    if series is not None:
        rows = rows.filter(series_id=series.id)
    return [row for row in rows.order_by("arrival") if found.covers(row)]


def series_of(found: Found) -> list[Series]:
    """List the visible series of a study, in order of arrival."""
    return series_of_all([found])[found.study.id]


def series_of_all(founds: Sequence[Found]) -> dict[UUID, list[Series]]:
    """List the visible series of each study, in order of arrival."""
    ids = [found.study.id for found in founds]
    first = dict(
        Instance.objects.filter(study_id__in=ids)
        .values_list("series_id")
        .annotate(Min("arrival"))
        .order_by()
    )
    # A series that came in the same moment as another is told apart by its first picture.
    rows = sorted(Series.objects.filter(study_id__in=ids), key=lambda row: first.get(row.id, 0))
    return {
        found.study.id: [
            row
            for row in rows
            if row.study_id == found.study.id
            and (found.decision.scope.whole or row.id in found.decision.scope.series)
        ]
        for found in founds
    }


def deny(party: Party, action: Action, *, at: datetime, tried: str = "") -> None:
    """Put a refusal on record; equal ones within a minute are counted together.

    What was `tried` is on record as a keyed token: whether it exists is not said.
    """
    record_denial(
        ReleaseEvent.DENIED,
        actor=party.name,
        session=party.session,
        subject=aim("study", tried) if tried else "",
        reason=action.value,
        at=at,
        apart=True,
    )


def _candidates(within: Reach, study_uid: str) -> list[Study]:
    """Return the studies of that UID where the party has something; each is still to be judged."""
    whole = (*within.vaults, *within.care_vaults)
    tokens = {uid_token(vault_id, study_uid): vault_id for vault_id in whole}
    own = [
        study
        for study in Study.objects.filter(vault_id__in=whole, uid_token__in=list(tokens))
        if tokens[bytes(study.uid_token)] == study.vault_id
    ]
    return own + _given(within, study_uid, whole)


def _given(within: Reach, study_uid: str, whole: Sequence[UUID]) -> list[Study]:
    """Return the studies of that UID in other vaults where something was given or is in care."""
    vaults = set(vaults_where(within.given)) if within.given else set()
    if within.study_ids:
        few = Study.objects.filter(pk__in=within.study_ids)
        vaults |= set(few.values_list("vault_id", flat=True))
    vaults.difference_update(whole)
    if not vaults:
        return []
    tokens = [uid_token(vault_id, study_uid) for vault_id in vaults]
    return list(Study.objects.filter(vault_id__in=vaults, uid_token__in=tokens))
