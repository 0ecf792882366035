"""L70: no safeguard is absolute, so each is checked: the record by itself, and who changes it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harming import past_triggers
from powers import security_officer
from safelight.exchange.access.mode import Mode, mode_now
from safelight.governance.watch.checks import Checks, clock_step
from safelight.governance.watch.jobs import verify_record
from safelight.governance.watch.measures import lift_by_hand
from safelight.governance.watch.models import Measure
from safelight.governance.watch.thresholds import CLOCK_STEP, NO_CHECKPOINT_FOR
from safelight.kernel import clock
from story import Story
from watching import alerts, look_now

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_record_that_was_changed_is_found_within_the_hour_and_nothing_is_written_then(
    story: Story,
) -> None:
    officer = security_officer()
    look_now()
    verify_record.run({})
    look_now()
    assert [each.form for each in alerts("D10")] == [], "a whole record raises nothing"
    with past_triggers() as cursor:
        cursor.execute("UPDATE audit_entry SET text = replace(text, 'ok', 'no') WHERE seq = 3")
    verify_record.run({})
    look_now()
    (alert,) = alerts("D10")
    assert alert.severity == "high"
    assert mode_now() is Mode.READ_ONLY
    assert story.web.get("/dicomweb/studies", headers=story.owner.headers).status_code == 200
    measure = Measure.objects.get(kind="read-only")
    lift_by_hand(officer.party, measure.pk, "An exercise", at=clock.now())
    assert mode_now() is Mode.NORMAL


def test_a_clock_that_jumps_more_than_two_seconds_is_found_and_one_that_drifts_is_not() -> None:
    at = clock.now()
    near, far = at + CLOCK_STEP, at + CLOCK_STEP + timedelta(milliseconds=1)
    assert clock_step((at, 100.0), (near, 100.0)) == CLOCK_STEP
    checks = Checks()
    assert checks.clock((at, 100.0), at=at) is None, "the first look knows no step"
    assert checks.clock((near, 100.0), at=at) is None
    checks = Checks(read=(at, 100.0))
    found = checks.clock((far, 100.0), at=at)
    assert found is not None
    assert found.form == "clock-step"
    checks = Checks(read=(at, 100.0))
    back = checks.clock((at - CLOCK_STEP - timedelta(seconds=1), 100.0), at=at)
    assert back is not None, "set back is a step too"
    checks = Checks(read=(at, 100.0))
    assert checks.clock((at + timedelta(minutes=5), 400.0), at=at) is None, "time went by"


def test_entries_that_wait_five_minutes_for_a_signature_are_found_when_it_stays_so() -> None:
    at, checks = clock.now(), Checks()
    late = at - NO_CHECKPOINT_FOR - timedelta(seconds=1)
    assert checks.signing(at - NO_CHECKPOINT_FOR, 0.0, at=at) is None
    assert checks.signing(late, 0.0, at=at) is None, "a worker that begins lets the sequencer come"
    assert checks.signing(late, 29.0, at=at) is None
    found = checks.signing(late, 30.0, at=at)
    assert found is not None
    assert found.form == "no-checkpoint"
    assert checks.signing(None, 31.0, at=at) is None
    assert checks.signing(late, 32.0, at=at) is None, "signed meanwhile, so it begins anew"
