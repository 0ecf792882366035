"""Does the owner see how each share stands, and can they do something about it?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from cast import Person, app_code, give_second_factor, messages_to
from safelight.exchange.access.groups import admit_member, dismiss_member, make_group
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.models import Share
from safelight.exchange.release.progress import Stand, progress_of
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.invitations import tell_of_bounces
from safelight.exchange.release.sharing.proof import turn_down, wrong_person
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.platform.notices.models import Notice, State
from safelight.records.accounts.queries import address_of
from story import DOCTOR, Story, browser_of, link_secret, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def browser(story: Story) -> Client:
    return browser_of(story.owner, story.code())


def stand(story: Story, shared: Shared) -> Stand:
    at = clock.now()
    return progress_of(shared_by(story.party, at=at), at=at)[shared.consent_id].stand


def access(browser: Client) -> str:
    return browser.get("/access/").content.decode()


def test_when_the_mail_server_is_down_the_consent_stands_and_the_owner_sees_it(
    story: Story,
    browser: Client,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    shared = story.share()
    assert stand(story, shared) is Stand.INVITED
    moved_clock(timedelta(minutes=6))
    assert stand(story, shared) is Stand.LATE
    assert "The invitation has not gone out yet" in access(browser)
    secret = link_secret()
    browser.post(f"/access/{to_text(shared.share_id)}/invite/")
    assert link_secret() == secret, "the message that waits is tried again, not another made"
    assert show_secret(shared.share_id, link_secret=secret, at=clock.now())


def test_an_invitation_that_came_back_is_told_once_and_can_be_sent_again(
    story: Story, browser: Client
) -> None:
    shared = story.share()
    old = link_secret()
    Notice.objects.filter(template="share-invitation").update(
        state=State.BOUNCED, ended_at=clock.now(), sealed=b""
    )
    for _ in range(2):
        tell_of_bounces(at=clock.now())
    told = [template for template, _ in messages_to(address_of(story.owner.account))]
    assert told.count("share-bounced") == 1
    assert stand(story, shared) is Stand.BOUNCED
    assert "The invitation came back" in access(browser)
    done = browser.get(f"/consents/{to_text(shared.consent_id)}/").content.decode()
    assert "came back" in done

    browser.post(f"/access/{to_text(shared.share_id)}/invite/")
    assert stand(story, shared) is Stand.INVITED
    with pytest.raises(NotFoundError):
        show_secret(shared.share_id, link_secret=old, at=clock.now())
    assert show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    assert Consent.objects.get().revoked_at is None


def test_whoever_came_in_is_not_invited_again(story: Story, browser: Client) -> None:
    shared = story.share()
    open_share(shared)
    before = bytes(Share.objects.get().secret_hash)
    browser.post(f"/access/{to_text(shared.share_id)}/invite/")
    assert bytes(Share.objects.get().secret_hash) == before


def test_the_picture_of_the_way_in_holds_no_secret(story: Story, browser: Client) -> None:
    shared = story.share()
    page = browser.get(f"/consents/{to_text(shared.consent_id)}/").content.decode()
    assert "<svg" in page.partition('class="qr"')[2]
    assert f"/s/{to_text(shared.share_id)}<" in page
    assert link_secret() not in page


@pytest.mark.parametrize(
    ("how", "becomes", "told"),
    [
        (turn_down, Stand.DECLINED, "share-declined"),
        (wrong_person, Stand.MISDIRECTED, "share-misdirected"),
    ],
)
def test_a_no_and_a_wrong_person_are_two_things(
    story: Story, how: Callable[..., None], becomes: Stand, told: str
) -> None:
    shared = story.share()
    entered = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    how(entered.entry, at=clock.now())
    assert stand(story, shared) is becomes
    assert told in [template for template, _ in messages_to(address_of(story.owner.account))]
    recipient = Client()
    answer = recipient.post(f"/s/{to_text(shared.share_id)}", {"secret": link_secret()})
    assert answer.status_code == 410
    assert "This was sent back" in answer.content.decode()


def test_a_link_that_is_used_up_says_so_and_a_pause_says_so(story: Story) -> None:
    once = story.share(most_openings="1")
    open_share(once)
    assert stand(story, once) is Stand.USED_UP
    used = Client().post(f"/s/{to_text(once.share_id)}", {"secret": link_secret()})
    assert used.status_code == 410
    assert "as often as was agreed" in used.content.decode()

    Consent.objects.update(suspended_at=clock.now())
    assert stand(story, once) is Stand.PAUSED
    paused = Client().post(f"/s/{to_text(once.share_id)}", {"secret": link_secret()})
    assert paused.status_code == 423
    assert "This is paused" in paused.content.decode()


def test_extending_is_a_new_consent_that_begins_as_the_old_one(
    story: Story, browser: Client
) -> None:
    shared = story.share(may_download=True, purpose_words="before the operation")
    at = browser.post(f"/consents/{to_text(shared.consent_id)}/extend/").headers["Location"]
    assert at.endswith("/why/")
    draft, choices = find_draft(story.party, from_text(at.split("/")[2]))
    assert choices.replaces_id == str(shared.consent_id)
    assert choices.address == DOCTOR
    assert choices.series_ids == (str(story.series_id),)
    assert choices.purpose_words == "before the operation"
    assert choices.may_download
    assert choices.ends_on == ""
    assert browser.get(f"/share/{to_text(draft.id)}/check/").status_code == 200
    assert Consent.objects.get().revoked_at is None, "nothing changes before it is signed"


def test_who_is_behind_a_group_is_listed_as_it_is_today(
    story: Story, browser: Client, stranger: Person
) -> None:
    group = make_group(story.party, "My family", at=clock.now())
    admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    story.share(audience="group", group_id=str(group.pk), act="publish")
    page = access(browser)
    assert "Stan Stranger" in page
    assert "Yes, withdraw it" in page
    assert re.search(r"1 person: who\?", page)
    dismiss_member(story.party, group.pk, stranger.account.pk, at=clock.now())
    assert "Stan Stranger" not in access(browser)


def test_nobody_else_sends_or_extends_what_is_not_theirs(story: Story, stranger: Person) -> None:
    shared = story.share()
    other = browser_of(stranger, app_code(give_second_factor(stranger)))
    assert other.post(f"/access/{to_text(shared.share_id)}/invite/").status_code == 404
    assert other.post(f"/consents/{to_text(shared.consent_id)}/extend/").status_code == 404


def test_nobody_is_let_in_to_what_has_ended(story: Story, browser: Client) -> None:
    shared = story.share(second_check="owner-release")
    open_share(shared)
    withdraw(story.party, shared.consent_id, at=clock.now())
    answer = browser.post(f"/access/{to_text(shared.share_id)}/let-in/")
    assert answer.status_code == 410
    assert Share.objects.get().released_at is None
