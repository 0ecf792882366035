"""L102: a complaint gets a number, is acknowledged in two working days, and has a last day."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import make_person
from powers import browser_for, make_runner
from safelight.governance.deadlines.reminding import remind
from safelight.governance.rights.models import RightsRequest
from safelight.governance.rights.moving import deadlines_of
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.platform.notices.models import Notice
from safelight.records.accounts.models import Kind, StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_complaint_is_numbered_and_does_not_lie_unanswered() -> None:
    make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    browser = browser_for(make_person("Olga Owner", Kind.INDIVIDUAL))
    said = {"words": "Nobody called me back", "country": "DE", "act": "confirm"}
    assert browser.post(f"{reverse('right-ask')}?kind=complaint", said).status_code == 302
    row = RightsRequest.objects.get()
    page = browser.get(reverse("right", args=[to_text(row.pk)])).content.decode()
    assert row.number in page
    assert "You have an answer by" in page
    for clock in ("complaint.acknowledged", "complaint.answered"):
        ends = deadlines_of(row).get(clock=clock).due
        remind(at=ends)
        missed = Entry.objects.filter(kind="deadline.missed", text__contains=clock)
        assert missed.count() == 1
    assert Notice.objects.filter(template="deadline-missed").count() == 2
