"""L20: share, transfer and publish all pass the one ceremony; there is no shorter way."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from api import program_of
from cast import PASSWORD, Person, app_code, give_second_factor, messages_to
from objects import uid
from receiving import an_archive
from safelight.exchange.access.groups import admit_member, make_group
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import Share
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.transfer.models import Transfer
from safelight.exchange.release.transfer.ordering import order
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.errors import StepUpRequiredError
from safelight.records.accounts.models import Organization
from safelight.records.accounts.queries import address_of
from story import DOCTOR, Story, browser_of
from transferring import a_stage, bound_by_web

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_no_post_but_a_confirmed_one_makes_a_share(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = story.draft()
    page = f"/share/{to_text(draft)}/check/"
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    for said in (
        {},
        {"confirm-challenge": to_text(shown.challenge_id)},
        {"confirm-challenge": to_text(shown.challenge_id), "confirm-credential": "{}"},
        {"confirm-challenge": to_text(shown.challenge_id), "confirm-password": "guess it now"},
    ):
        assert browser.post(page, said).status_code >= 400
    browser.post(f"/exams/{to_text(story.study_id)}/share/")
    assert not Consent.objects.exists()
    assert not Share.objects.exists()
    assert messages_to(DOCTOR) == []


def test_a_draft_that_is_not_finished_cannot_be_confirmed(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    page = f"/share/{to_text(story.draft(purpose=''))}/check/"
    assert browser.get(page).status_code in {302, 422}
    assert browser.post(page, {"confirm-code": "123456"}).status_code != 200
    assert not Share.objects.exists()


def test_a_program_prepares_but_the_person_signs(story: Story) -> None:
    program = program_of(story.owner)
    draft = {"draft_id": to_text(story.draft())}
    shown = program("POST /drafts/{draft_id}/present", ids=draft)
    bare = {"digest": shown["digest"], "challenge": shown["challenge"]["id"]}
    for said in (bare, bare | {"password": PASSWORD}, bare | {"password": "x", "code": "1"}):
        program("POST /drafts/{draft_id}/confirm", said, status=422, ids=draft)
    assert not Share.objects.exists()
    program("POST /drafts/{draft_id}/confirm", bare | {"passkey": {}}, status=401, ids=draft)
    assert not Consent.objects.exists()
    assert messages_to(DOCTOR) == []


def test_nothing_with_a_name_on_it_is_published_to_everybody(story: Story) -> None:
    program = program_of(story.owner)
    draft = {"draft_id": to_text(story.draft(act="publish", audience="public"))}
    refused = program("POST /drafts/{draft_id}/present", status=422, ids=draft)
    assert refused["code"] == "identifiable_to_unbounded_audience"
    assert not Consent.objects.exists()


def test_a_token_cannot_share(story: Story) -> None:
    answer = story.web.post(f"/exams/{to_text(story.study_id)}/share/", headers=story.owner.headers)
    assert answer.status_code == 404
    assert not Share.objects.exists()


@pytest.mark.parametrize("way", ["a person", "a desk", "a group", "an institution"])
def test_every_way_ends_in_the_same_signature(story: Story, clinician: Person, way: str) -> None:
    assert clinician.account.is_provider
    hospital = str(Organization.objects.get().pk)
    group = make_group(story.party, "Family", at=clock.now())
    admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())
    ways: dict[str, dict[str, object]] = {
        "a person": {},
        "a desk": {"audience": "desk", "organization_id": hospital},
        "a group": {"audience": "group", "group_id": str(group.pk)},
        "an institution": {
            "act": "publish",
            "audience": "organization",
            "organization_id": hospital,
        },
    }
    draft = story.draft(**ways[way])
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    with pytest.raises(StepUpRequiredError):
        confirm(story.party, draft, new_id(), at=clock.now())
    assert not Consent.objects.exists()
    signed = confirm(story.party, draft, story.approve(shown.challenge_id), at=clock.now())
    assert bytes(Consent.objects.get(pk=signed.consent_id).signed_digest) == shown.digest


def test_a_transfer_is_ordered_by_no_page_before_that_signature(
    web: TestClient, owner: Person, clinician: Person, tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    with an_archive(tmp_path) as archive:
        stage = bound_by_web(house, story, archive)
        secret = give_second_factor(house.first)
        page, to = f"/exams/{to_text(stage.study_id)}/send/", to_text(stage.bond.row.pk)
        patient = browser_of(owner, story.code())
        desk = browser_of(house.first, app_code(secret))
        # The patient is led to the same form as for a share, and an order before that is refused.
        led = patient.post(page, {"to": to})["Location"]
        assert led.startswith("/share/")
        ordered = {"study": uid(1), "to": to, "act": "send", "shown": "0" * 64}
        assert desk.post("/desk/transfers/new/", ordered).status_code == 422
        for party in (story.party, stage.desk):
            with pytest.raises(NotFoundError):
                order(party, stage.study_id, stage.bond.row.pk, at=clock.now())
        # To look is not to get a copy.
        stage.agree(may_download=False)
        with pytest.raises(NotFoundError):
            order(stage.desk, stage.study_id, stage.bond.row.pk, at=clock.now())
        assert not Transfer.objects.exists()
        assert archive.asked == 0

        shared = stage.agree()
        assert stage.sent(stage.order()).consent_id == shared.consent_id
        assert len(archive.came) == 4
