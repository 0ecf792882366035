"""Does a deadline remind once each, move once only, and say when it was missed?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from powers import make_runner
from safelight.governance.deadlines.errors import ExtensionRefusedError
from safelight.governance.deadlines.keeping import extend, meet, pause, resume, start
from safelight.governance.deadlines.models import Deadline, Fired
from safelight.governance.deadlines.reminding import remind
from safelight.kernel import clock
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.platform.notices.models import Notice
from safelight.records.accounts.models import StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
A_DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
BY = "account/a1"


def begun(*clocks: str) -> Deadline:
    return start("rights-request", new_id(), clocks, at=clock.now())


def kinds(row: Deadline) -> list[str]:
    entries = Entry.objects.filter(subject=row.subject, kind__startswith="deadline.")
    return [each.kind for each in entries.order_by("row")]


def test_each_moment_is_fired_once_and_the_end_is_a_miss() -> None:
    make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    row = begun("access.hipaa")
    told = Notice.objects.filter(template__startswith="deadline-").count
    assert remind(at=row.due - 14 * A_DAY - SECOND) == 0
    assert remind(at=row.due - 14 * A_DAY) == 1
    assert remind(at=row.due - 14 * A_DAY) == 0
    assert told() == 1
    # Nothing ran for two weeks less a second: what came meanwhile is fired, once each.
    assert remind(at=row.due - SECOND) == 3
    assert "deadline.missed" not in kinds(row)
    assert told() == 2
    assert remind(at=row.due) == 1
    assert remind(at=row.due + 9 * A_DAY) == 0
    assert kinds(row).count("deadline.reminded") == 4
    assert kinds(row).count("deadline.missed") == 1
    assert Notice.objects.filter(template="deadline-missed").count() == 1


def test_what_is_met_reminds_nobody() -> None:
    row = begun("access.gdpr")
    meet(row.pk, actor=BY, at=row.started + A_DAY)
    meet(row.pk, actor=BY, at=row.started + A_DAY)
    assert remind(at=row.due + A_DAY) == 0
    assert kinds(row).count("deadline.met") == 1
    with pytest.raises(StateConflictError):
        pause(row.pk, actor=BY, at=row.started + A_DAY)


def test_it_is_extended_once_before_its_end_for_a_reason() -> None:
    row = begun("access.hipaa", "access.gdpr")
    with pytest.raises(ExtensionRefusedError):
        extend(row.pk, " ", actor=BY, at=row.due - SECOND)
    with pytest.raises(ExtensionRefusedError):
        extend(row.pk, "The archive is far away", actor=BY, at=row.due)
    longer = extend(row.pk, "The archive is far away", actor=BY, at=row.due - SECOND)
    assert longer.due == row.extendable_until
    with pytest.raises(ExtensionRefusedError):
        extend(row.pk, "Again", actor=BY, at=row.due)
    entry = Entry.objects.get(kind="deadline.extended", subject=row.subject)
    assert "archive" not in entry.text


def test_an_extended_one_reminds_anew_and_what_knows_no_extension_is_not_extended() -> None:
    row = begun("accounting.hipaa")
    remind(at=row.due - 3 * A_DAY)
    before = Fired.objects.count()
    longer = extend(row.pk, "Many places", actor=BY, at=row.due - A_DAY)
    remind(at=longer.due)
    assert Fired.objects.count() == before + 5
    with pytest.raises(ExtensionRefusedError):
        extend(begun("complaint.acknowledged").pk, "Ill", actor=BY, at=clock.now())


def test_waiting_for_the_requester_stops_only_what_may_wait() -> None:
    waits, runs = begun("access.gdpr"), begun("access.gdpr", "access.hipaa")
    at = waits.started + A_DAY
    for each in (waits, runs):
        pause(each.pk, actor=BY, at=at)
        with pytest.raises(StateConflictError):
            pause(each.pk, actor=BY, at=at)
    assert remind(at=runs.due) == 5, "the one that does not wait"
    for each in (waits, runs):
        resume(each.pk, actor=BY, at=at + 20 * A_DAY)
        with pytest.raises(StateConflictError):
            resume(each.pk, actor=BY, at=at)
    assert Deadline.objects.get(pk=waits.pk).due == waits.due + 20 * A_DAY
    assert Deadline.objects.get(pk=runs.pk).due == runs.due
