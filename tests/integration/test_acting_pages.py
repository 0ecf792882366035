"""Do the pages of acting for somebody lead through it, and refuse whom they must?"""

from __future__ import annotations

import re

import pytest
from django.test import Client

from acting import hospital_id, make_staff
from cast import PASSWORD, Person, app_code, give_second_factor, make_person
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def signed_in(person: Person) -> Client:
    return browser_of(person, app_code(give_second_factor(person)))


def test_helping_from_the_first_page_to_the_helpers_list(story: Story, stranger: Person) -> None:
    owner = browser_of(story.owner, story.code())
    said = {"name": "Stan Stranger", "address": address_of(stranger.account), "may_share": "yes"}
    wrong = owner.post("/acting/help/", said | {"address": "nobody"})
    assert wrong.status_code == 422
    shown = owner.post("/acting/help/", said)
    page = shown.content.decode()
    assert "Stan Stranger can look at all your exams" in page
    found = re.search(r'name="confirm-challenge" value="(\w+)"', page)
    assert found is not None
    proof = {
        "confirm-challenge": found[1],
        "confirm-password": PASSWORD,
        "confirm-code": story.code(),
    }
    other = owner.post("/acting/help/", said | proof | {"step": "sign", "may_manage": "yes"})
    assert other.status_code == 403
    assert not Representative.objects.exists()
    page = other.content.decode()
    again = re.search(r'name="confirm-challenge" value="(\w+)"', page)
    assert again is not None
    proof |= {"confirm-challenge": again[1], "confirm-code": story.code()}
    signed = owner.post("/acting/help/", said | proof | {"step": "sign", "may_manage": "yes"})
    assert signed.status_code == 302
    row = Representative.objects.get()
    assert (row.state, row.may_share, row.may_manage) == ("invited", True, True)

    helper = signed_in(stranger)
    assert b"Olga Owner asks for your help" in helper.get("/acting/").content
    assert helper.post(f"/acting/{to_text(row.pk)}/accept/").status_code == 302
    page = helper.get("/exams/").content.decode()
    assert "You act for Olga Owner" in page
    assert "For Olga Owner" in page
    mine = helper.get("/exams/?whose=mine").content.decode()
    assert "You act for Olga Owner" not in mine
    assert b"Acts for you" in owner.get(f"/exams/{to_text(story.study_id)}/").content
    assert owner.post(f"/acting/{to_text(row.pk)}/end/").status_code == 302
    assert helper.get(f"/exams/{to_text(story.study_id)}/").status_code == 404


def test_two_of_the_house_verify_on_their_pages(story: Story) -> None:
    officer, desk = make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)
    mother = make_person("Paula Parent", Kind.INDIVIDUAL)
    asker = signed_in(mother)
    said = {
        "kind": "parent",
        "name": "Mia Minor",
        "address": address_of(story.owner.account),
        "born_on": "2015-05-05",
        "may_share": "yes",
        "organization": hospital_id(),
    }
    assert asker.post("/acting/ask/", said).status_code == 422
    assert asker.post("/acting/ask/", said | {"words": "A certificate."}).status_code == 302
    row = Representative.objects.get()
    one = f"/officer/acting/{to_text(row.pk)}/"
    first, second = signed_in(officer), signed_in(desk)
    for browser in (asker, browser_of(story.owner, story.code())):
        assert browser.get("/officer/acting/").status_code == 404
        assert browser.post(one + "decide/", {"act": "confirm"}).status_code == 404
    assert b"Paula Parent for Mia Minor" in first.get("/officer/acting/").content
    assert b"A certificate." in first.get(one).content
    first.post(one + "decide/", {"act": "confirm"})
    first.post(one + "decide/", {"act": "confirm"})
    assert Representative.objects.get().state == "pending"
    second.post(one + "decide/", {"act": "confirm"})
    assert Representative.objects.get().state == "verified"
    page = asker.get(f"/exams/{to_text(story.study_id)}/").content.decode()
    assert "You act for Mia Minor" in page
    begun = asker.post(f"/exams/{to_text(story.study_id)}/share/")
    assert (
        "who is told of it, sees it, and can take it back"
        in asker.get(begun["Location"]).content.decode()
    )
    asker.post(f"/acting/{to_text(row.pk)}/disagree/", {"words": "No."})
    refused = asker.post(f"/exams/{to_text(story.study_id)}/share/")
    assert refused.status_code == 409
