"""How does an owner take a series or an instance of an exam away?

What would leave an exam without anything takes the exam away as a whole. Brought back
it is like an exam: see `remove`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from safelight.exchange.access.decision import Action
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.release.budgets import require_removal
from safelight.exchange.release.remove import note, remove_found
from safelight.exchange.release.viewing.find import Found, find_instance, find_series, find_study
from safelight.kernel.errors import NotFoundError
from safelight.platform.database.turns import take_turn
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Instance, Series, Study, StudyState
from safelight.records.imaging.parts import take_out


def remove_series(party: Party, study_uid: str, series_uid: str, *, at: datetime) -> None:
    """Take a series out of sight at once; it can be brought back for seven days.

    Raises:
        NotFoundError: there is none that this party may remove.
    """
    found = find_study(party, study_uid, at=at, action=Action.REMOVE)
    _take_out(party, found, find_series(found, series_uid), None, at=at)


def remove_instance(
    party: Party, study_uid: str, series_uid: str, instance_uid: str, *, at: datetime
) -> None:
    """Take one instance out of sight at once; it can be brought back for seven days.

    Raises:
        NotFoundError: there is none that this party may remove.
    """
    found = find_study(party, study_uid, at=at, action=Action.REMOVE)
    series = find_series(found, series_uid)
    _take_out(party, found, series, find_instance(found, series, instance_uid), at=at)


def _take_out(
    party: Party, found: Found, series: Series, instance: Instance | None, *, at: datetime
) -> None:
    study = found.study
    require_removal(party, found, at=at)
    with transaction.atomic():
        take_turn(f"filing/{study.vault_id}")
        # Whether anything stays is known only now, when nothing else comes in or goes.
        if not Study.objects.filter(pk=study.id, state=StudyState.FILED).update(changed_at=at):
            raise NotFoundError
        stay = Instance.objects.filter(study_id=study.id)
        others = stay.exclude(series_id=series.id)
        if instance is not None:
            others = stay.exclude(id=instance.id)
        if not others.exists():
            remove_found(party, found, at=at)
            return
        gone = take_out(series, instance, at=at)
        if not gone:
            raise NotFoundError
        turn_epoch([study.id])
        removed = ImagingEvent.SERIES_REMOVED if instance is None else ImagingEvent.INSTANCE_REMOVED
        note(removed, party, study, at, count=gone)
