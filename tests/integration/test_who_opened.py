"""What does the owner read as opened: the exam itself, not the small pictures of a list."""

from __future__ import annotations

import pytest

from safelight.exchange.release.activity import activity
from safelight.exchange.release.models import Look
from safelight.exchange.release.viewing.overview import exam
from safelight.exchange.release.viewing.retrieve import Asked, thumbnail
from safelight.exchange.release.viewing.standing import sitting
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


_A_BROWSERS = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


def _thumbnail(story: Story) -> str:
    ct = story.dataset
    return f"/studies/{ct.StudyInstanceUID}/series/{ct.SeriesInstanceUID}/thumbnail"


def _looks_told(story: Story) -> list[str]:
    told = activity(story.party, story.study_id, at=clock.now())
    return [each.who for each in told if each.did == "looked"]


def test_a_small_picture_in_ones_own_list_is_on_record_but_nothing_was_opened(
    story: Story,
) -> None:
    before = Entry.objects.filter(kind="study.looked-at").count()
    for accept in ("*/*", _A_BROWSERS):
        headers = story.owner.headers | {"Accept": accept}
        answer = story.web.get("/dicomweb" + _thumbnail(story), headers=headers)
        assert answer.headers["Content-Type"] == "image/jpeg"
    assert Entry.objects.filter(kind="study.looked-at").count() == before + 1
    assert _looks_told(story) == []

    exam(story.party, story.study_id, at=clock.now())
    assert len(_looks_told(story)) == 1


def test_small_pictures_on_the_page_of_an_opened_exam_belong_to_that_look(story: Story) -> None:
    ct = story.dataset
    exam(story.party, story.study_id, at=clock.now())
    asked = Asked(study_uid=ct.StudyInstanceUID, series_uid=ct.SeriesInstanceUID)
    here = sitting(story.party, asked, at=clock.now())
    thumbnail(story.party, here.found, here.series, at=clock.now())
    (look,) = Look.objects.filter(session=story.party.session)
    assert not look.is_glimpse


def test_what_a_recipient_sees_small_is_a_look(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    assert story.under(shared, _thumbnail(story), cookie).status_code == 200
    assert "Dr Dora Doctor" in _looks_told(story)
