"""Does one more consent to the same recipient never widen what they hold without being seen?

Elsewhere the widest right wins silently. Here the person sees the sum before
confirming, and says whether the new consent adds or replaces.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client

from cast import PASSWORD, Person
from safelight.exchange.access.groups import admit_member, make_group
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.sharing.earlier import together
from safelight.exchange.release.signed import terms_of, words_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.queries import address_of
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def browser(story: Story) -> Client:
    return browser_of(story.owner, story.code())


def confirm(story: Story, browser: Client, check: str) -> None:
    """Read the page and confirm it with password and code."""
    page = browser.get(check).content.decode()
    challenge = re.search(r'name="confirm-challenge" value="(\w{26})"', page)
    assert challenge is not None, page
    asked = {
        "confirm-challenge": challenge[1],
        "confirm-password": PASSWORD,
        "confirm-code": story.code(),
    }
    assert browser.post(check, asked).status_code == 302


def test_the_sum_is_shown_and_an_answer_is_asked_for_before_anything_is_confirmed(
    story: Story, browser: Client
) -> None:
    story.share(may_download=True)
    check = f"/share/{to_text(story.draft())}/check/"
    led = browser.get(check)
    assert led.status_code == 302
    earlier = led.headers["Location"]
    page = browser.get(earlier).content.decode()
    assert "It adds to what they have" in page
    assert "It takes the place of the earlier one" in page
    assert "Download nothing." in page, "what is left after the download ended with the earlier one"
    assert "Download CT until" in page, "what is left when both last"
    assert "checked" not in page
    assert browser.post(earlier, {}).status_code == 422


def test_the_new_one_takes_the_place_of_the_old_one_in_one_moment(
    story: Story, browser: Client
) -> None:
    first = story.share(may_download=True)
    draft = to_text(story.draft())
    answer = browser.post(f"/share/{draft}/earlier/", {"answer": str(first.consent_id)})
    confirm(story, browser, answer.headers["Location"])
    old, new = Consent.objects.order_by("granted_at")
    assert old.ended_by == "replaced"
    assert new.replaces_id == old.id
    assert new.revoked_at is None
    assert "takes the place of what you agreed" in words_of(new)


def test_the_new_one_stands_beside_the_old_one_where_the_person_says_so(
    story: Story, browser: Client
) -> None:
    story.share(may_download=True)
    draft = to_text(story.draft())
    answer = browser.post(f"/share/{draft}/earlier/", {"answer": "adds"})
    confirm(story, browser, answer.headers["Location"])
    both = list(Consent.objects.filter(revoked_at__isnull=True))
    assert len(both) == 2
    widest = together(terms_of(each) for each in both)
    assert widest.downloads == ("CT",)
    assert widest.looks == (("CT", 1),), "a picture that both cover is one picture"


def test_a_consent_to_somebody_else_is_not_in_the_way(story: Story, browser: Client) -> None:
    story.share(address="other@clinic.example")
    assert browser.get(f"/share/{to_text(story.draft())}/check/").status_code == 200


def test_a_consent_takes_the_place_of_none_to_another_group(story: Story, stranger: Person) -> None:
    groups = [make_group(story.party, name, at=clock.now()) for name in ("Family", "Friends")]
    for group in groups:
        admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    first, other = ({"audience": "group", "group_id": str(group.pk)} for group in groups)
    shared = story.share(**first)
    with pytest.raises(ManifestChangedError):
        story.share(**other, replaces_id=str(shared.consent_id))
    assert Consent.objects.get().revoked_at is None
