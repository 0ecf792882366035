"""What a share's recipient must not get, and what only the giver may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from cast import Person, make_person, messages_to, party_of_person
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import seers
from safelight.exchange.release.models import Disclosure, Look, Share, ShareCode
from safelight.exchange.release.remove import bring_back, remove
from safelight.exchange.release.sharing import ceremony
from safelight.exchange.release.sharing.ceremony import MEANING, confirm, present
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.proof import accept_as_account, let_in
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.authorization.actions import begin
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import PatientRecord
from story import DOCTOR, Story, link_secret, one_time_code, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize("level", ["/studies", "/series", "/instances"])
def test_who_may_only_look_gets_no_file(story: Story, level: str) -> None:
    shared = story.share()
    cookie = open_share(shared)
    head, _, rest = story.address.partition(level)
    path = head + level + "/" + rest.lstrip("/").partition("/")[0]

    refused = story.under(shared, path, cookie)

    assert refused.status_code == 403
    assert refused.json()["code"] == "look_only"
    assert story.as_guest(shared, cookie) == 200


def test_a_file_that_leaves_is_recorded_as_a_copy(story: Story) -> None:
    shared = story.share(may_download=True)
    cookie = open_share(shared)

    assert story.as_guest(shared, cookie, "") == 200

    assert Disclosure.objects.filter(channel="download", consent_id=shared.consent_id).count() == 1
    told = activity(story.party, story.study_id, at=clock.now())
    assert {(each.who, each.did) for each in told} >= {("Dr Dora Doctor", "downloaded")}


def test_two_confirmations_of_one_draft_give_one_consent(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft_id = story.draft()
    shown = present(story.party, draft_id, statement_version="1", at=clock.now())
    first = story.approve(shown.challenge_id)
    again = begin(
        story.owner.account,
        session_id=session_id(story.party),
        digest=shown.digest,
        meaning=MEANING,
        at=clock.now(),
    )
    second = story.approve(again.id)
    draft = find_draft(story.party, draft_id)
    confirm(story.party, draft_id, first, at=clock.now())

    # The other request had read the draft before the first was through.
    monkeypatch.setattr(ceremony, "find_draft", lambda *_: draft)
    with pytest.raises(StateConflictError):
        confirm(story.party, draft_id, second, at=clock.now())

    assert Consent.objects.count() == 1
    assert Share.objects.count() == 1


def test_a_recipient_learns_nothing_of_other_recipients(story: Story, clinician: Person) -> None:
    address = "clara.clinician@people.example"
    story.share()
    shared = story.share(address=address)
    entered = show_secret(shared.share_id, link_secret=link_secret(address), at=clock.now())
    recipient = party_of_person(clinician)
    accept_as_account(recipient, entered.entry, passphrase="", at=clock.now())

    assert exam(recipient, story.study_id, at=clock.now()).summary.people == 0
    assert [each.people for each in exams(recipient, at=clock.now())] == [0]
    with pytest.raises(NotFoundError):
        seers(recipient, story.study_id, at=clock.now())
    assert [each.people for each in exams(story.party, at=clock.now())] == [2]


def test_a_cookie_that_was_never_given_out_is_not_taken(story: Story) -> None:
    shared = story.share()
    entered = show_secret(
        shared.share_id, link_secret=link_secret(), cookie="chosen-by-somebody", at=clock.now()
    )
    assert entered.cookie != "chosen-by-somebody"
    assert story.as_guest(shared, "chosen-by-somebody") == 404


def test_the_cookie_changes_when_the_address_is_proved(story: Story) -> None:
    shared = story.share()
    browser, page = Client(), f"/s/{to_text(shared.share_id)}/"
    browser.post(page.rstrip("/"), {"secret": link_secret()})
    before = browser.cookies["__Host-guest"].value
    said = {"code": one_time_code(), "agreed": "yes"}

    answer = browser.post(page + "prove/", said)

    after = browser.cookies["__Host-guest"].value
    assert answer.status_code == 302
    assert after != before
    assert story.as_guest(shared, before) == 404
    assert story.as_guest(shared, after) == 200


def test_only_the_newest_code_works_and_the_sixth_is_refused_aloud(story: Story) -> None:
    shared = story.share()
    browser, page = Client(), f"/s/{to_text(shared.share_id)}/"
    browser.post(page.rstrip("/"), {"secret": link_secret()})
    oldest = one_time_code()
    for _ in range(4):
        assert browser.post(page + "code/").status_code == 302
    assert ShareCode.objects.filter(expires_at__gt=clock.now()).count() == 1
    if oldest != one_time_code():
        wrong = browser.post(page + "prove/", {"code": oldest, "agreed": "yes"})
        assert wrong.status_code == 403

    refused = browser.post(page + "code/")

    assert refused.status_code == 429
    assert b"five codes" in refused.content
    sent = [template for template, _ in messages_to(DOCTOR) if template == "share-code"]
    assert len(sent) == 5


def test_letting_in_and_bringing_back_need_both_factors(story: Story) -> None:
    half = replace(story.party, second_factor=False)
    shared = story.share(second_check="owner-release")
    cookie = open_share(shared)
    with pytest.raises(NotFoundError):
        let_in(half, shared.share_id, at=clock.now())
    assert story.as_guest(shared, cookie) == 404
    remove(story.party, story.study_id, at=clock.now())
    with pytest.raises(NotFoundError):
        bring_back(half, story.study_id, at=clock.now())
    bring_back(story.party, story.study_id, at=clock.now())


def test_the_activity_of_an_exam_claimed_by_another_is_theirs(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    claimant = make_person("Clement Claimant", Kind.INDIVIDUAL)
    PatientRecord.objects.update(account_id=claimant.account.pk)

    assert activity(story.party, at=clock.now()) == []
    told = activity(party_of_person(claimant), at=clock.now())
    assert {each.did for each in told} == {"looked", "shared"}
    half = replace(party_of_person(claimant), second_factor=False)
    with pytest.raises(NotFoundError):
        activity(half, at=clock.now())


def test_the_database_keeps_what_was_agreed_and_what_left(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    write_down_counts()
    items = ConsentItem.objects.filter(consent_id=shared.consent_id)
    item = items.get()
    changes = (
        lambda: Disclosure.objects.update(sealed_detail=b"other"),
        lambda: Disclosure.objects.update(pictures=0),
        lambda: Consent.objects.update(sealed_signature=b"other"),
        lambda: Consent.objects.update(authorization_id=new_id()),
        items.delete,
        lambda: ConsentItem.objects.create(
            consent_id=item.consent_id,
            vault_id=item.vault_id,
            study_id=item.study_id,
            series_id=new_id(),
            up_to=99,
            pictures=1,
        ),
        lambda: Share.objects.update(secret_hash=bytes(32)),
        lambda: Share.objects.update(needs_release=True),
        lambda: Share.objects.all().delete(),
        lambda: Look.objects.update(actor="account/other"),
        lambda: Look.objects.all().delete(),
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
