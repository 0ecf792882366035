"""Do the pages ask why before something sealed is opened, and keep what a review found?"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from acting import make_staff
from cast import make_person
from powers import browser_for, make_runner
from safelight.governance.review.models import Item
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WHY = {"reason": "complaint", "words": "Case 17 of this spring"}


def test_what_is_sealed_opens_for_a_reason_that_is_kept_and_for_nobody_else() -> None:
    with transaction.atomic():
        entry_id = record(
            AuditEvent.READ, actor="account/a1", at=clock.now(), detail={"who": "Olga Owner"}
        )
    address = reverse("trail-detail", args=[to_text(entry_id)])
    official = browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)
    assert "Olga Owner" not in official.get(address).content.decode()
    assert official.post(address, {"reason": "curious", "words": "x"}).status_code == 422
    assert official.post(address, {"reason": "complaint"}).status_code == 422
    assert not Entry.objects.filter(kind="audit.detail_opened").exists()
    assert "Olga Owner" in official.post(address, WHY).content.decode()
    row = Entry.objects.get(kind="audit.detail_opened")
    assert '"reason":"complaint"' in row.text
    assert "Case 17" not in row.text

    auditor = browser_for(make_runner("Axel Auditor", StaffRole.AUDITOR).person)
    assert auditor.post(address, WHY).status_code == 404
    officer = browser_for(make_staff("Otis Officer"))
    assert officer.post(address, WHY).status_code == 404, "it is not of the own house"
    missing = reverse("trail-detail", args=[to_text(new_id())])
    assert official.post(missing, WHY).status_code == 404


def test_a_review_is_kept_with_its_words_and_an_auditor_only_reads() -> None:
    item = Item.objects.create(
        entry_id=new_id(),
        rule="marked-person",
        at=clock.now(),
        kind="study.looked-at",
        actor=f"account/{new_id()}",
        subject=f"study/{new_id()}",
    )
    page, decide = (
        reverse("operator-review"),
        reverse("operator-review-decide", args=[to_text(item.pk)]),
    )
    auditor = browser_for(make_runner("Axel Auditor", StaffRole.AUDITOR).person)
    seen = auditor.get(page).content.decode()
    assert "exams are watched" in seen
    assert "It was right" not in seen
    assert auditor.post(decide, {"decision": "fine"}).status_code == 404
    official = browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)
    assert "It was right" in official.get(page).content.decode()
    assert official.post(decide, {"decision": "maybe"}).status_code == 422
    assert official.post(decide, {"decision": "talked", "words": "The ward."}).status_code == 302
    after = official.get(page).content.decode()
    assert "We talked about it" in after
    assert "The ward." in after
    assert official.post(decide, {"decision": "fine"}).status_code == 409
    assert browser_for(make_person("Nosy Nora", Kind.INDIVIDUAL)).get(page).status_code == 404
