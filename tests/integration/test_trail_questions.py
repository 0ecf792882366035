"""Can an officer ask the record about a person, and does nothing but ids come back?"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from acting import make_staff
from cast import Person, party_of_person
from powers import browser_for, make_runner
from safelight.exchange.access.officer import people_asked_for
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.on_paper.events import PaperEvent
from safelight.governance.compliance.events import ComplianceEvent
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Entry
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.platform.jobs.events import JobEvent
from safelight.platform.notices.events import NoticeEvent
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, Role, StaffRole
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.events import ImagingEvent
from safelight.surfaces.web.trail_words import words_of
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ROOMS = (
    *(AccountEvent, AuditEvent, ComplianceEvent, ConsentEvent, ImagingEvent, JobEvent),
    *(NoticeEvent, PaperEvent, ReceiveEvent, ReleaseEvent),
)


@pytest.fixture
def officer() -> Person:
    """Return the privacy official, who reads all of it (test_whose_trail.py: who reads what)."""
    return make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person


@pytest.fixture
def browser(officer: Person) -> Client:
    return browser_for(officer)


def _led_to(browser: Client, **asked: str) -> dict[str, list[str]]:
    answer = browser.post(reverse("trail-find"), asked)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)


@pytest.mark.parametrize("words", ["address", "name", "NAME", "address with spaces"])
def test_a_person_is_found_by_address_or_whole_name(
    browser: Client, story: Story, words: str
) -> None:
    account = story.owner.account
    typed = {
        "address": address_of(account),
        "name": account.name,
        "NAME": f"  {account.name.upper().replace(' ', '   ')} ",
        "address with spaces": f" {address_of(account).upper()} ",
    }[words]
    sought = f"account/{account.pk}"

    assert _led_to(browser, subject=typed) == {"subject": [sought]}
    assert Entry.objects.filter(kind="audit.person-sought", subject=sought).count() == 1
    page = browser.get(reverse("trail"), {"subject": sought}).content.decode()
    assert "Began to add images" in page
    assert account.name not in page
    assert address_of(account) not in page


def test_what_is_typed_of_a_person_stands_in_no_address_and_in_no_entry(
    browser: Client, story: Story
) -> None:
    address = address_of(story.owner.account)
    answer = browser.post(reverse("trail-find"), {"actor": address})
    assert "%40" not in answer["Location"]
    assert "@" not in answer["Location"]
    assert not Entry.objects.filter(text__contains=address).exists()


def test_asking_about_somebody_unknown_is_answered_and_written_down(browser: Client) -> None:
    for words in ("nobody@people.example", "Nobody At All", "Maria", "no@address@at.all"):
        answer = browser.post(reverse("trail-find"), {"actor": words})
        assert answer.status_code == 422
        assert "No account has exactly this" in answer.content.decode()
    assert Entry.objects.filter(kind="audit.person-sought", subject="").count() == 4


def test_of_two_people_with_one_name_the_officer_chooses(browser: Client, story: Story) -> None:
    name = story.owner.account.name
    second = Account.objects.create(kind="individual", state="active", name=name)
    page = browser.post(reverse("trail-find"), {"actor": name}).content.decode()
    for account in (story.owner.account, second):
        assert f"actor=account%2F{account.pk}" in page


@pytest.mark.parametrize("way", ["whole", "shown", "digits", "address", "no kind"])
def test_an_entry_is_found_by_as_much_of_an_id_as_somebody_has(
    browser: Client, story: Story, way: str
) -> None:
    study_id = story.study_id
    typed = {
        "whole": f"study/{study_id}",
        "shown": f"study/{str(study_id)[:8]}…",
        "digits": str(study_id)[:8].upper(),
        "address": to_text(study_id),
        "no kind": str(study_id),
    }[way]
    (subject,) = _led_to(browser, subject=typed)["subject"]
    found = page_of(TrailFilter(subject=subject)).entries
    assert found
    assert {entry.subject for entry in found} == {f"study/{study_id}"}
    assert not Entry.objects.filter(kind="audit.person-sought").exists()


def test_about_a_person_means_also_about_what_is_theirs(browser: Client, story: Story) -> None:
    sought = f"account/{story.owner.account.pk}"
    page = browser.get(reverse("trail"), {"subject": sought, "kind": "study.filed"})
    assert f"study/{story.study_id}" in page.content.decode()


def test_about_a_consent_means_also_under_it(story: Story) -> None:
    shared = story.share()
    kinds = {
        entry.kind
        for name in (f"consent/{shared.consent_id}", f"consent/{str(shared.consent_id)[:8]}")
        for entry in page_of(TrailFilter(subject=name)).entries
    }
    assert {"consent.granted", "study.shared"} <= kinds


def test_signed_checkpoints_stay_out_until_they_are_asked_for(browser: Client) -> None:
    row = Entry.objects.latest("row")
    assert row.kind != "checkpoint.signed"
    text = row.text.replace(row.kind, "checkpoint.signed")
    Entry.objects.create(
        entry_id="00000000-0000-0000-0000-00000000c0de",
        at=row.at,
        kind="checkpoint.signed",
        outcome="ok",
        actor="system",
        text=text,
        mac=b"",
    )

    def shown(**asked: str) -> bool:
        page = browser.get(reverse("trail"), asked).content.decode()
        return "<code>checkpoint.signed</code>" in page

    assert not shown()
    assert shown(checkpoints="1")
    assert shown(kind="checkpoint.signed")


def test_the_officer_of_a_house_comes_home_to_what_went_wrong() -> None:
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    officer = make_staff("Otis Officer")
    browser = browser_for(officer)
    Client().post(reverse("sign-in"), {"email": address_of(desk.account), "password": "no"})
    page = browser.get("/").content.decode()
    assert "Could not sign in" in page
    assert "Read the record" in page
    assert "Nobody has shared" not in page


def test_nobody_else_may_look_for_people(owner: Person) -> None:
    with pytest.raises(NotFoundError):
        people_asked_for(party_of_person(owner), "Anybody", at=clock.now())


@pytest.mark.parametrize("room", ROOMS)
def test_every_happening_has_words(room: type[StrEnum]) -> None:
    assert [kind for kind in room if words_of(kind) == kind] == []
