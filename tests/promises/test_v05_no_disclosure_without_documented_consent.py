"""V5: nothing goes to anybody without your consent, and the consent is on paper, so to speak."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from cast import Person, app_code, give_second_factor
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.papers.verify_receipt import NotAsSignedError
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.signed import words_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story, accept_share, browser_of, link_secret

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ADDRESS = "clara.clinician@people.example"
PATHS = ("", "/metadata", "/rendered", "/frames/1", "/bulkdata/7FE00010")


def ways_out(story: Story) -> list[str]:
    series, study = story.address.rsplit("/", 2)[0], story.address.split("/series")[0]
    below = [story.address + path for path in PATHS]
    return [*below, series, series + "/thumbnail", study, study + "/metadata", study + "/thumbnail"]


def test_every_way_out_is_closed_without_a_consent(story: Story, clinician: Person) -> None:
    for path in ways_out(story):
        answer = story.web.get("/dicomweb" + path, headers=clinician.headers)
        assert answer.status_code == 404, path
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    exam = f"/exams/{to_text(story.study_id)}/"
    assert [browser.get(exam + page).status_code for page in ("", "view/")] == [404, 404]
    assert browser.post(exam + "download/").status_code == 404
    assert browser.get(f"/api/v1{exam.rstrip('/')}").status_code == 404
    assert b"Olga Owner" not in browser.get("/api/v1/fhir/consents").content
    assert Client().post(exam + "download/").status_code == 302
    assert not Disclosure.objects.exists()


def test_the_link_alone_gives_nothing_but_the_question_who_you_are(story: Story) -> None:
    shared = story.share()
    page = Client().get(f"/s/{to_text(shared.share_id)}")
    assert "Olga Owner" not in page.content.decode()
    entered = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    for path in ways_out(story):
        assert story.under(shared, path, entered.cookie).status_code == 404, path
    assert not Disclosure.objects.exists()


def test_with_a_consent_each_disclosure_cites_it_and_its_words_are_kept(
    story: Story, clinician: Person
) -> None:
    shared = story.share(address=ADDRESS, may_download=True)
    accept_share(shared, clinician)
    for path in ways_out(story):
        if "bulkdata" not in path:
            answer = story.web.get("/dicomweb" + path, headers=clinician.headers)
            assert answer.status_code == 200, path
    told = Disclosure.objects.filter(recipient=f"account/{clinician.account.pk}")
    assert {row.consent_id for row in told} == {shared.consent_id}
    assert "Dr Dora Doctor" in words_of(Consent.objects.get(pk=shared.consent_id))


def test_the_consent_can_be_printed_and_proved_to_others(story: Story) -> None:
    shared = story.share()
    paper = browser_of(story.owner, story.code()).get(
        f"/consents/{to_text(shared.consent_id)}/receipt/"
    )

    assert paper.content.startswith(b"%PDF")
    assert check_paper(paper.content).said["consent"] == str(shared.consent_id)
    with pytest.raises(NotAsSignedError):
        check_paper(paper.content.replace(b"/Title", b"/Tatle", 1))


def test_the_database_takes_no_disclosure_without_one(story: Story) -> None:
    facts = {
        "vault_id": Consent(vault_id=story.draft()).vault_id,
        "study_id": story.study_id,
        "recipient": "account/x",
        "channel": "view",
        "basis": "authorised",
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.create(**facts, at=clock.now())
