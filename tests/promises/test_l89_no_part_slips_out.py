"""L89: of what you did not share, not a thumbnail, not a count, not a word shows."""

from __future__ import annotations

import pytest
from django.test import Client

from safelight.exchange.release.sharing.ceremony import Shared
from safelight.kernel.ids import to_text
from story import Story, another_ct, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

HIDDEN = "1.2.826.0.1.4321"


@pytest.fixture
def shared(story: Story) -> Shared:
    story.add(
        another_ct(
            SOPInstanceUID=HIDDEN + ".1",
            SeriesInstanceUID=HIDDEN,
            Modality="PT",
            SeriesDescription="Hidden whole body",
        )
    )
    return story.share()


def test_a_part_of_an_exam_shows_only_itself(story: Story, shared: Shared) -> None:
    cookie = open_share(shared)
    study = f"/studies/{story.dataset.StudyInstanceUID}"
    (seen,) = story.under(shared, "/studies", cookie).json()
    assert seen["00080061"]["Value"] == ["CT"]
    assert (seen["00201206"]["Value"], seen["00201208"]["Value"]) == ([1], [1])
    levels = ("/studies", study + "/series", study + "/instances")
    asked = [f"{level}{query}" for level in levels for query in ("", "?Modality=PT")]
    for path in (*asked, study + "/metadata", "/studies?ModalitiesInStudy=PT"):
        content = story.under(shared, path, cookie).content
        assert HIDDEN.encode() not in content, path
        assert b"Hidden whole body" not in content, path
    browser = Client()
    browser.cookies["__Host-guest"] = cookie
    page = browser.get(f"/s/{to_text(shared.share_id)}/exams/").content.decode()
    assert "Hidden whole body" not in page
    assert HIDDEN not in page


def test_a_hidden_series_is_answered_like_none(story: Story, shared: Shared) -> None:
    cookie = open_share(shared)
    study = f"/studies/{story.dataset.StudyInstanceUID}"
    for path in ("", "/metadata", "/thumbnail", "/instances", f"/instances/{HIDDEN}.1/rendered"):
        hidden = story.under(shared, f"{study}/series/{HIDDEN}{path}", cookie)
        absent = story.under(shared, f"{study}/series/{HIDDEN}9{path}", cookie)
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content), path
        assert hidden.status_code in {204, 403, 404}
