"""One share from the first choice to its end, and everything that must not happen on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from cast import (
    Person,
    messages_to,
    party_of_person,
)
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import lamp, shared_by
from safelight.exchange.release.errors import (
    ManifestChangedError,
    ShareLockedError,
    ShareRevokedError,
    TermsNotFitError,
    WrongProofError,
)
from safelight.exchange.release.models import Disclosure, Share
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.sharing.drafts import choose, find_draft, start_draft
from safelight.exchange.release.sharing.entries import guest, show_secret
from safelight.exchange.release.sharing.proof import accept_as_account, let_in, prove, wrong_person
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import words_of
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
)
from story import Story, another_ct, link_secret, one_time_code, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_day_that_is_shown_is_the_consents_not_the_sessions(story: Story) -> None:
    shared = story.share()
    cookie, at = open_share(shared), clock.now()
    party = replace(guest(shared.share_id, cookie, at=at), until=at + timedelta(hours=1))
    (summary,) = exams(party, at=at)
    assert summary.until == Consent.objects.get(pk=shared.consent_id).ends_at
    assert summary.until is not None
    assert summary.until > at + timedelta(days=1)


def test_the_named_doctor_sees_it_until_it_is_taken_back(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, "no-such-cookie") == 404
    cookie = open_share(shared)

    assert story.as_guest(shared, cookie) == 200
    assert lamp(story.party, at=clock.now()).people == 1
    write_down_counts()
    told = activity(story.party, story.study_id, at=clock.now())
    assert {(each.who, each.did) for each in told} >= {("Dr Dora Doctor", "looked")}

    withdraw(story.party, shared.consent_id, at=clock.now())

    assert story.as_guest(shared, cookie) == 410
    assert not lamp(story.party, at=clock.now()).is_on
    with pytest.raises(ShareRevokedError):
        show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())


def test_a_forwarded_link_opens_nothing_without_the_code(story: Story) -> None:
    shared = story.share()
    forwarded = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())

    assert story.as_guest(shared, forwarded.cookie) == 404
    with pytest.raises(WrongProofError) as wrong:
        prove(forwarded.entry, code="000000", passphrase="", at=clock.now())
    assert not wrong.value.is_code_right


def test_five_wrong_codes_lock_the_share_and_tell_the_owner(story: Story) -> None:
    shared = story.share()
    entered = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    right = one_time_code()
    wrong = "111111" if right != "111111" else "222222"
    for _ in range(4):
        with pytest.raises(WrongProofError):
            prove(entered.entry, code=wrong, passphrase="", at=clock.now())
    with pytest.raises(ShareLockedError):
        prove(entered.entry, code=wrong, passphrase="", at=clock.now())
    with pytest.raises(ShareLockedError):
        prove(entered.entry, code=right, passphrase="", at=clock.now())
    assert "share-locked" in [name for name, _ in messages_to("olga.owner@people.example")]


def test_many_browsers_have_no_more_tries_than_one(story: Story) -> None:
    shared = story.share()
    entries = [
        show_secret(shared.share_id, link_secret=link_secret(), at=clock.now()).entry
        for _ in range(2)
    ]
    right = one_time_code()
    wrong = "111111" if right != "111111" else "222222"
    for turn in range(4):
        with pytest.raises(WrongProofError):
            prove(entries[turn % 2], code=wrong, passphrase="", at=clock.now())
    with pytest.raises(ShareLockedError):
        prove(entries[0], code=wrong, passphrase="", at=clock.now())
    with pytest.raises(ShareLockedError):
        prove(entries[1], code=right, passphrase="", at=clock.now())


def test_a_wrong_secret_and_an_unknown_share_are_the_same(story: Story) -> None:
    shared = story.share()
    for share_id in (shared.share_id, new_id()):
        with pytest.raises(NotFoundError):
            show_secret(share_id, link_secret="guessed", at=clock.now())
    assert Share.objects.get(pk=shared.share_id).tries_left == 5


def test_the_passphrase_keeps_a_mistyped_mailbox_out(story: Story) -> None:
    shared = story.share(second_check="passphrase", passphrase="amber beacon cactus dragon")
    with pytest.raises(WrongProofError) as wrong:
        open_share(shared, passphrase="amber beacon cactus donkey")
    assert wrong.value.is_code_right
    cookie = open_share(shared, passphrase="Amber beacon,  cactus - dragon.")
    assert story.as_guest(shared, cookie) == 200


def test_the_owner_lets_the_recipient_in(story: Story) -> None:
    shared = story.share(second_check="owner-release")
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 404
    assert shared_by(story.party, at=clock.now())[0].waits_for_you
    let_in(story.party, shared.share_id, at=clock.now())
    assert story.as_guest(shared, cookie) == 200


def test_what_was_shown_is_what_is_kept(story: Story) -> None:
    draft_id = story.draft()
    presented = present(story.party, draft_id, statement_version="1", at=clock.now())
    shared = confirm(story.party, draft_id, story.approve(presented.challenge_id), at=clock.now())
    consent = Consent.objects.get(pk=shared.consent_id)
    assert words_of(consent) == presented.html
    assert bytes(consent.signed_digest) == presented.digest


def test_an_approval_of_one_share_does_not_sign_another(story: Story) -> None:
    first, second = story.draft(), story.draft(name="Dr Someone Else")
    shown = present(story.party, first, statement_version="1", at=clock.now())
    present(story.party, second, statement_version="1", at=clock.now())
    approved = story.approve(shown.challenge_id)
    with pytest.raises(AuthorizationOtherContentError):
        confirm(story.party, second, approved, at=clock.now())
    confirm(story.party, first, approved, at=clock.now())
    third = story.draft()
    present(story.party, third, statement_version="1", at=clock.now())
    with pytest.raises((AuthorizationUsedError, AuthorizationOtherContentError)):
        confirm(story.party, third, approved, at=clock.now())
    assert Consent.objects.count() == 1


def test_pictures_that_came_later_are_not_shared(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    story.add(another_ct(SOPInstanceUID="1.2.826.0.1.99"))
    root = f"/dicomweb/shares/{to_text(shared.share_id)}"
    cookies = {"Cookie": f"__Host-guest={cookie}"}
    newer = story.address.rpartition("/")[0] + "/1.2.826.0.1.99"
    assert story.web.get(root + newer + "/frames/1", headers=cookies).status_code == 404
    study = story.web.get(root + "/studies", headers=cookies).json()[0]
    assert study["00201208"]["Value"] == [1]


def test_an_exam_that_changed_after_it_was_shown_is_shown_again(story: Story) -> None:
    draft_id = story.draft()
    presented = present(story.party, draft_id, statement_version="1", at=clock.now())
    approved = story.approve(presented.challenge_id)
    _, choices = find_draft(story.party, draft_id)
    draft, _ = find_draft(story.party, draft_id)
    choose(draft, choices, at=clock.now(), name="Somebody Else")
    with pytest.raises(ManifestChangedError):
        confirm(story.party, draft_id, approved, at=clock.now())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"name": "anyone"}, "name", id="nobody in particular"),
        pytest.param({"address": ""}, "address", id="no address"),
        pytest.param({"address": "a@b.example, c@d.example"}, "address", id="a list"),
        pytest.param({"address": "olga.owner@people.example"}, "address", id="oneself"),
        pytest.param({"series_ids": ()}, "items", id="nothing"),
        pytest.param({"ends_on": "2020-01-01"}, "ends", id="an end in the past"),
        pytest.param({"ends_on": "2099-01-01"}, "ends", id="an end too far away"),
        pytest.param({"purpose": ""}, "purpose", id="no purpose"),
        pytest.param({"second_check": ""}, "second_check", id="no second check chosen"),
    ],
)
def test_terms_that_are_not_specific_cannot_be_signed(
    story: Story, changes: dict[str, object], field: str
) -> None:
    draft_id = story.draft(**changes)
    with pytest.raises(TermsNotFitError) as refused:
        present(story.party, draft_id, statement_version="1", at=clock.now())
    assert field in refused.value.faults
    assert not Consent.objects.exists()


def test_a_stranger_can_neither_share_nor_take_back_nor_let_in(
    story: Story, stranger: Person
) -> None:
    other = party_of_person(stranger)
    with pytest.raises(NotFoundError):
        start_draft(other, story.study_id, at=clock.now())
    shared = story.share()
    with pytest.raises(NotFoundError):
        withdraw(other, shared.consent_id, at=clock.now())
    with pytest.raises(NotFoundError):
        let_in(other, shared.share_id, at=clock.now())


def test_a_share_ends_with_its_time(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    shared = story.share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    moved_clock(timedelta(minutes=20))
    assert story.as_guest(shared, cookie) == 200
    moved_clock(timedelta(days=31))
    assert story.as_guest(shared, cookie) in {404, 410}


def test_the_database_refuses_a_disclosure_without_a_basis(story: Story) -> None:
    shared = story.share()
    consent = Consent.objects.get(pk=shared.consent_id)
    facts = {
        "vault_id": consent.vault_id,
        "study_id": story.study_id,
        "recipient": "account/x",
        "channel": "view",
    }
    at = clock.now()
    before = consent.granted_at - timedelta(seconds=1)
    for wrong in (
        {"basis": "authorised", "consent_id": None, "at": at},
        {"basis": "authorised", "consent_id": new_id(), "at": at},
        {"basis": "authorised", "consent_id": consent.id, "at": before},
        {"basis": "self", "consent_id": None, "at": at},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Disclosure.objects.create(**(facts | wrong))
    withdraw(story.party, shared.consent_id, at=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.create(
            **facts, basis="authorised", consent_id=consent.id, at=clock.now()
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=consent.id).update(may_download=True)


def test_an_account_waits_like_everybody_until_the_owner_lets_it_in(
    story: Story, clinician: Person
) -> None:
    address = "clara.clinician@people.example"
    shared = story.share(address=address, second_check="owner-release")
    entered = show_secret(shared.share_id, link_secret=link_secret(address), at=clock.now())
    accept_as_account(party_of_person(clinician), entered.entry, passphrase="", at=clock.now())
    by_token = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(by_token, headers=clinician.headers).status_code == 404
    assert story.as_guest(shared, entered.cookie) == 404
    let_in(story.party, shared.share_id, at=clock.now())
    assert story.as_guest(shared, entered.cookie) == 200


def test_not_for_me_ends_it_also_for_an_account_that_had_accepted(
    story: Story, clinician: Person
) -> None:
    address = "clara.clinician@people.example"
    shared = story.share(address=address)
    entered = show_secret(shared.share_id, link_secret=link_secret(address), at=clock.now())
    accept_as_account(party_of_person(clinician), entered.entry, passphrase="", at=clock.now())
    by_token = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(by_token, headers=clinician.headers).status_code == 200

    wrong_person(entered.entry, at=clock.now())

    assert story.web.get(by_token, headers=clinician.headers).status_code == 404
    assert not lamp(story.party, at=clock.now()).is_on
    assert who_can_see(story.study_id, at=clock.now())[1:] == []
    ended = shared_by(story.party, at=clock.now())[0]
    assert (ended.was_declined, ended.was_taken_back, ended.is_live) == (True, False, False)
    told = activity(story.party, story.study_id, at=clock.now())
    assert "took-back" not in {each.did for each in told}
