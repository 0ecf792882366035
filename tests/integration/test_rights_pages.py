"""Can a person ask by right on a page, one decision each, and the official answer it on theirs?"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cast import make_person
from powers import browser_for, make_runner
from safelight.governance.rights.models import Authority, RightsRequest
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
WORDS = "Everything of my knee"


@pytest.fixture
def official() -> Client:
    return browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)


@pytest.fixture
def owner() -> Client:
    return browser_for(make_person("Olga Owner", Kind.INDIVIDUAL))


def asks(kind: str) -> str:
    return f"{reverse('right-ask')}?kind={kind}"


def ask(browser: Client, kind: str = "access", country: str = "AU") -> RightsRequest:
    said = {"words": WORDS, "country": country, "act": "confirm"}
    assert browser.post(asks(kind), said).status_code == 302
    return RightsRequest.objects.latest("received_at")


def act(browser: Client, row: RightsRequest, code: str, **said: str) -> int:
    where = reverse("operator-right-act", args=[to_text(row.pk)])
    return browser.post(where, {"act": code} | said).status_code


def test_one_chooses_says_confirms_and_sees_number_day_and_authority(owner: Client) -> None:
    page = owner.get(reverse("rights")).content.decode()
    say = asks("complaint")
    assert f'href="{say}"' in page
    assert owner.get(say).status_code == 200
    assert owner.get(asks("nonsense")).status_code == 404
    assert owner.post(say, {"words": " "}).status_code == 422
    assert owner.post(say, {"words": WORDS, "country": "Austria"}).status_code == 422
    shown = owner.post(say, {"words": WORDS, "country": "au"}).content.decode()
    assert WORDS in shown
    assert not RightsRequest.objects.exists()
    row = ask(owner, "complaint")
    one = owner.get(reverse("right", args=[to_text(row.pk)])).content.decode()
    assert row.number in one
    assert "You have an answer by" in one
    assert "Office of the Australian Information Commissioner" in one
    assert "Federal Trade" not in one
    assert row.number in owner.get(reverse("rights")).content.decode()


def test_nobody_sees_or_withdraws_what_another_asked(owner: Client) -> None:
    row = ask(owner)
    nosy = browser_for(make_person("Nosy Nora", Kind.INDIVIDUAL))
    one, leave = (reverse(n, args=[to_text(row.pk)]) for n in ("right", "right-withdraw"))
    assert nosy.get(one).status_code == 404
    assert nosy.post(leave).status_code == 404
    assert row.number not in nosy.get(reverse("rights")).content.decode()
    assert owner.get(leave).status_code == 405
    assert owner.post(leave).status_code == 302
    assert owner.post(leave).status_code == 409
    assert "Withdrawn" in owner.get(one).content.decode()


def test_the_official_answers_and_denies_only_with_a_letter(
    owner: Client, official: Client
) -> None:
    row = ask(owner)
    assert row.number in official.get(reverse("operator-rights")).content.decode()
    where = reverse("operator-right", args=[to_text(row.pk)])
    assert WORDS in official.get(where).content.decode()
    assert act(official, row, "fulfilled") == 409
    assert act(official, row, "identity_check") == 302
    assert act(official, row, "in_progress") == 302
    assert act(official, row, "denied", ground="kept-by-law") == 409
    assert act(official, row, "denied") == 422
    assert act(official, row, "nonsense") == 422
    assert act(official, row, "extend", words="Far away") == 302
    assert act(official, row, "letter", words="Kept until 2032.") == 302
    assert act(official, row, "denied", ground="kept-by-law") == 302
    one = owner.get(reverse("right", args=[to_text(row.pk)])).content.decode()
    assert "Kept until 2032." in one
    assert "The law demands that it is kept" in one
    assert act(official, row, "closed") == 302
    assert row.number not in official.get(reverse("operator-rights")).content.decode()


def test_for_everybody_else_the_desk_is_not_there(owner: Client) -> None:
    row = ask(owner)
    auditor = browser_for(make_runner("Axel Auditor", StaffRole.AUDITOR).person)
    for browser in (owner, auditor):
        assert browser.get(reverse("operator-rights")).status_code == 404
        assert browser.get(reverse("operator-right", args=[to_text(row.pk)])).status_code == 404
        assert browser.post(reverse("operator-right-enter")).status_code == 404
        assert browser.post(reverse("operator-authority")).status_code == 404
        assert act(browser, row, "identity_check") == 404
    assert not Entry.objects.filter(kind__startswith="rights.re").exists()


def test_what_came_by_phone_and_who_hears_complaints_are_written_down(official: Client) -> None:
    enter = reverse("operator-right-enter")
    said = {"kind": "erasure", "channel": "phone", "words": WORDS, "contact": "Pat, Elm Street 4"}
    for missing in said:
        assert official.post(enter, said | {missing: ""}).status_code == 422
    assert official.post(enter, said).status_code == 302
    row = RightsRequest.objects.get()
    shown = official.get(reverse("operator-right", args=[to_text(row.pk)])).content.decode()
    assert "Pat, Elm Street 4" in shown
    authority = reverse("operator-authority")
    assert (
        official.post(authority, {"code": "ico", "name": "ICO", "page": "nowhere"}).status_code
        == 422
    )
    assert (
        official.post(
            authority, {"code": "ico", "name": "ICO", "page": "https://ico.example/"}
        ).status_code
        == 302
    )
    assert Authority.objects.get(pk="ico").name == "ICO"
