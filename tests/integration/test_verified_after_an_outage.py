"""After an outage entries wait for their places: that alone closes nothing for anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from harming import past_triggers
from safelight.exchange.access.mode import Mode, mode_now
from safelight.governance.watch.jobs import verify_record
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Entry
from stage import moved_clock
from watching import alerts, look_now

__all__ = ["moved_clock"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
Moved = Callable[[timedelta], datetime]


def _written_before_an_outage(moved: Moved) -> None:
    with transaction.atomic():
        for _ in range(3):
            record(AuditEvent.READ, actor="system", subject=f"study/{uuid4()}", at=clock.now())
    moved(timedelta(seconds=40))


def test_entries_that_nobody_came_to_yet_get_their_places_before_they_are_judged(
    moved_clock: Moved,
) -> None:
    _written_before_an_outage(moved_clock)
    verify_record.run({})
    look_now()
    assert alerts("D10") == []
    assert mode_now() is Mode.NORMAL
    assert Entry.objects.filter(kind=AuditEvent.READ, seq__isnull=True).count() == 0


def test_one_that_this_instance_did_not_write_is_found_as_ever(moved_clock: Moved) -> None:
    _written_before_an_outage(moved_clock)
    with past_triggers() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET text = replace(text, 'system', 'nobody') WHERE seq IS NULL"
        )
    verify_record.run({})
    look_now()
    assert [each.rule for each in alerts("D10")] == ["D10"]
    assert mode_now() is Mode.READ_ONLY
