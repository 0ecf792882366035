"""When is "and 41 more of the same" written? When their minute is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from safelight.platform.audit.actions import FOLD, opened_origin, record
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import DenialFold

if TYPE_CHECKING:
    from datetime import datetime
    from enum import StrEnum

    from django.db.models import QuerySet


def closed_folds(at: datetime) -> QuerySet[DenialFold]:
    """Return the folds whose minute is over."""
    return DenialFold.objects.filter(minute__lte=at - FOLD).order_by("pk")


def write_closed_folds(at: datetime) -> None:
    """Write one event for each fold that counted more than its first, and drop the folds.

    Must run in a transaction: what is dropped here is written here.
    """
    for fold in closed_folds(at).select_for_update():
        if fold.more:
            record(
                # Read back from what some room's StrEnum wrote.
                cast("StrEnum", fold.kind),
                actor=fold.actor,
                at=at,
                subject=fold.subject_kind,
                outcome=Outcome.DENIED,
                reason=fold.reason,
                origin=opened_origin(bytes(fold.origin)),
                count=fold.more,
            )
        fold.delete()
