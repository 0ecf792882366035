"""Does a privacy officer have somebody watched, and does nobody else learn of whom?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from acting import make_staff
from cast import Person, make_person, party_of_person
from powers import browser_for, make_runner
from safelight.exchange.access.decision import Action
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.governance.review import picking
from safelight.governance.review.models import Item, Watched
from safelight.governance.review.watching import forget_ended, is_watched
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Study
from story import Story, accept_share, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
SECRET = "She is the mayor"


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing by chance, and let every hour be a working hour."""
    monkeypatch.setattr(picking, "ONE_IN", 1 << 60)
    monkeypatch.setattr("safelight.governance.review.rules._is_after_hours", lambda _: False)


@pytest.fixture
def official() -> Client:
    return browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def watch(browser: Client, whom: str, **more: str) -> int:
    said = {"whom": whom, "cause": "known", "until": in_days(7), "words": SECRET}
    return browser.post(reverse("operator-watch"), said | more).status_code


def looked(story: Story, person: Person) -> list[str]:
    """Let a clinician look by a consent to them, and return what was picked then."""
    accept_share(story.share(address=address_of(person.account)), person)
    party, at = party_of_person(person), clock.now()
    look(party, find_study_by_id(party, story.study_id, at=at, action=Action.VIEW), at=at)
    while sequence_once():
        pass
    picking.pick_on(at=clock.now())
    return list(Item.objects.values_list("rule", flat=True))


def test_a_cause_and_an_end_are_asked_for_and_the_marking_is_on_record(
    story: Story, official: Client
) -> None:
    whom = f"account/{story.owner.account.pk}"
    for wrong in ({"cause": ""}, {"cause": "curious"}, {"until": ""}, {"until": "soon"}):
        assert watch(official, whom, **wrong) == 422
    assert watch(official, whom, until=in_days(-3)) == 422
    assert watch(official, whom, until=in_days(900)) == 422
    assert watch(official, "nobody@people.example") == 422
    assert not Watched.objects.exists()

    assert watch(official, whom) == 302
    (entry,) = Entry.objects.filter(kind="review.person-marked")
    assert entry.subject == whom
    assert '"reason":"known"' in entry.text
    assert SECRET not in entry.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM review_watched")
        assert b"mayor" not in bytes(cursor.fetchone()[0])
    page = official.get(reverse("operator-watched")).content.decode()
    assert SECRET in page
    end = reverse("operator-watch-end", args=[to_text(Watched.objects.get().pk)])
    assert official.post(end).status_code == 302
    assert official.post(end).status_code == 404
    assert Entry.objects.filter(kind="review.person-unmarked", subject=whom).count() == 1


def test_a_look_at_somebody_watched_waits_for_review_and_no_page_of_others_tells(
    story: Story, official: Client, clinician: Person
) -> None:
    other = make_person("Oona Other", Kind.INDIVIDUAL)
    assert watch(official, f"account/{story.owner.account.pk}") == 302
    assert watch(official, f"account/{other.account.pk}", words="The chief's wife") == 302

    assert looked(story, clinician) == ["marked-person"]

    mine = browser_of(story.owner, story.code())
    for path in ("/", "/exams/", "/activity/", f"/exams/{to_text(story.study_id)}/activity/"):
        answer = mine.get(path)
        assert answer.status_code == 200
        said = answer.content.decode().lower()
        assert "watched" not in said
        assert str(other.account.pk) not in said
        assert "mayor" not in said
    report = mine.get("/activity/export/?form=csv").content.decode()
    assert "watched" not in report
    for browser in (mine, browser_for(clinician)):
        assert browser.get(reverse("operator-watched")).status_code == 404
        assert watch(browser, f"account/{other.account.pk}") == 404
        for row in Watched.objects.all():
            end = reverse("operator-watch-end", args=[to_text(row.pk)])
            assert browser.post(end).status_code == 404


def test_an_auditor_and_a_security_officer_watch_nobody(official: Client) -> None:
    for role in (StaffRole.AUDITOR, StaffRole.SECURITY_OFFICER, StaffRole.SUPPORT):
        browser = browser_for(make_runner(f"Nosy {role.label}", role).person)
        assert browser.get(reverse("operator-watched")).status_code == 404
    auditor = browser_for(make_runner("Axel Auditor", StaffRole.AUDITOR).person)
    page, link = reverse("operator-review"), reverse("operator-watched")
    assert link not in auditor.get(page).content.decode()
    assert link in official.get(page).content.decode()


def test_an_officer_watches_only_who_occurs_and_sees_only_their_house(
    story: Story, official: Client
) -> None:
    assert watch(official, f"account/{story.owner.account.pk}") == 302
    officer = browser_for(make_staff("Otis Officer"))
    assert SECRET not in officer.get(reverse("operator-watched")).content.decode()
    assert watch(officer, f"account/{story.owner.account.pk}") == 422, "does not occur there"
    assert watch(officer, f"study/{story.study_id}") == 422, "not kept there"
    assert watch(officer, f"account/{new_id()}") == 422
    theirs = Watched.objects.get()
    end = reverse("operator-watch-end", args=[to_text(theirs.pk)])
    assert officer.post(end).status_code == 404


def test_who_has_no_account_is_watched_by_an_exam_and_an_end_ends_it(
    story: Story, official: Client, clinician: Person
) -> None:
    assert watch(official, f"study/{story.study_id}", until=in_days(1)) == 302
    row = Watched.objects.get()
    study = Study.objects.get(pk=story.study_id)
    assert row.subject == f"patient/{study.patient_id}"
    assert is_watched([row.subject], [None], clock.now())
    assert not is_watched([row.subject], [None], row.until)
    assert not is_watched([row.subject], [None], row.since - timedelta(seconds=1))
    forget_ended(at=row.until + timedelta(days=2))
    assert Watched.objects.exists()
    forget_ended(at=row.until + timedelta(days=31))
    assert not Watched.objects.exists()
