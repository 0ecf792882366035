"""In an emergency nothing is changed, and after a loss nothing is given out before it is safe."""

from __future__ import annotations

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import Person, messages_to, multipart
from safelight.exchange.access.errors import ReadOnlyError
from safelight.exchange.access.mode import Mode, set_mode
from safelight.exchange.receive.door import vault_for
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from story import CT, Story, another_ct, browser_of, open_share, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def be(mode: Mode) -> None:
    set_mode(mode, "tried by a test", actor="operator", at=clock.now())


def test_nothing_is_stored_or_removed_while_read_only_and_looks_are_recorded(story: Story) -> None:
    be(Mode.READ_ONLY)
    body, headers = multipart(another_ct(SOPInstanceUID="1.2.3.4"))
    stored = story.web.post(
        "/dicomweb/studies", content=body, headers=headers | story.owner.headers
    )
    uid = story.dataset.StudyInstanceUID
    removed = story.web.delete(f"/dicomweb/studies/{uid}", headers=story.owner.headers)
    begun = story.web.post("/uploads/", headers=story.owner.headers)
    for refused in (stored, removed, begun):
        assert refused.status_code == 503
        assert refused.json()["code"] == "read_only"
        assert int(refused.headers["Retry-After"]) == 300
    looks = Entry.objects.filter(kind="study.looked-at").count()
    got = story.web.get(f"/dicomweb{story.address}", headers=story.owner.headers)
    assert got.status_code == 200
    assert Entry.objects.filter(kind="study.looked-at").count() == looks + 1


def test_programs_are_told_by_the_api_that_nothing_can_be_changed(story: Story) -> None:
    be(Mode.READ_ONLY)
    client = Client(headers=story.owner.headers)
    answer = client.post("/api/v1/drafts", data="{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
    assert answer["Retry-After"] == "300"
    assert client.get("/api/v1/exams").status_code == 200


def test_pages_say_that_nothing_can_be_changed_and_taking_back_goes_on(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    browser = browser_of(story.owner, story.code())
    be(Mode.READ_ONLY)
    home = browser.get("/")
    assert b"Nothing else can be changed" in home.content
    refused = browser.post(f"/exams/{to_text(story.study_id)}/remove/")
    assert refused.status_code == 503
    assert refused["Retry-After"] == "300"
    assert b"nothing was lost" in refused.content
    assert story.as_guest(shared, cookie) == 200
    taken = browser.post(f"/consents/{to_text(shared.consent_id)}/take-back/", {"confirmed": "yes"})
    assert taken.status_code in {200, 302}
    assert story.as_guest(shared, cookie) != 200


def test_signing_in_goes_on_while_read_only(story: Story) -> None:
    be(Mode.READ_ONLY)
    assert browser_of(story.owner, story.code()).get("/exams/").status_code == 200


def test_while_recovering_only_the_owner_sees_an_exam(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    be(Mode.RECOVERING)
    assert story.as_guest(shared, cookie) == 404
    own = story.web.get(f"/dicomweb{story.address}", headers=story.owner.headers)
    assert own.status_code == 200
    be(Mode.NORMAL)
    assert story.as_guest(shared, cookie) == 200


def test_while_recovering_the_address_of_a_link_answers_nobody(story: Story) -> None:
    shared = story.share()
    be(Mode.RECOVERING)
    sent = len(messages_to("dr.dora@clinic.example"))
    page = f"/s/{to_text(shared.share_id)}"
    for answer in (Client().get(page), Client().post(page, {"secret": "anything"})):
        assert answer.status_code == 503
        assert b"links open nothing" in answer.content
    assert len(messages_to("dr.dora@clinic.example")) == sent


def test_while_recovering_not_even_taking_back_is_done(story: Story) -> None:
    shared = story.share()
    browser = browser_of(story.owner, story.code())
    be(Mode.RECOVERING)
    answer = browser.post(f"/consents/{to_text(shared.consent_id)}/take-back/")
    assert answer.status_code == 503


def test_a_care_team_sees_nothing_while_recovering(web: TestClient, clinician: Person) -> None:
    store(web, clinician, CT.read_bytes())
    assert len(web.get("/dicomweb/studies", headers=clinician.headers).json()) == 1
    be(Mode.RECOVERING)
    assert not web.get("/dicomweb/studies", headers=clinician.headers).content


def test_the_only_door_is_closed_whoever_comes_to_it(story: Story) -> None:
    be(Mode.READ_ONLY)
    with pytest.raises(ReadOnlyError):
        vault_for(story.party, at=clock.now())
    be(Mode.NORMAL)
    assert vault_for(story.party, at=clock.now()).account_id == story.owner.account.pk
