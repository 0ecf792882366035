"""Are the reports of an exam read beside its pictures, and by nobody who may not?"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import Person, app_code, give_second_factor
from reported import FINDINGS, PAPER, paper, structured
from safelight.exchange.release.models import Look
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.imaging.models import Instance, Series
from safelight.surfaces.web.recipients import GUEST_COOKIE
from story import Story, browser_of, open_share, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
NOTICE = "Not cleared for primary diagnosis"


@pytest.fixture
def reported(story: Story, web: TestClient) -> Story:
    store(web, story.owner, structured(), paper())
    return story


def test_an_owner_reads_the_reports_beside_the_pictures_and_without_them(reported: Story) -> None:
    browser = browser_of(reported.owner, reported.code())
    place = f"/exams/{to_text(reported.study_id)}/"
    for page in ("view/", "reports/"):
        shown = browser.get(place + page).content.decode()
        for words in (*FINDINGS.splitlines(), "Findings", "12.5 mm", "Letter to the surgery"):
            assert words in shown, (page, words)
    assert f'href="{place}reports/"' in browser.get(place).content.decode()
    assert NOTICE in browser.get(place + "view/").content.decode()


def test_a_paper_leaves_as_it_came_and_the_look_counts_it(reported: Story) -> None:
    browser = browser_of(reported.owner, reported.code())
    answer = browser.get(
        f"/exams/{to_text(reported.study_id)}/reports/", {"paper": _paper(reported)}
    )
    assert answer.getvalue() == PAPER
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert Look.objects.filter(study_id=reported.study_id, action="view").exists()


def test_nobody_else_finds_a_report_by_its_name(reported: Story, stranger: Person) -> None:
    browser = browser_of(stranger, app_code(give_second_factor(stranger)))
    place = f"/exams/{to_text(reported.study_id)}/reports/"
    assert browser.get(place).status_code == 404
    assert browser.get(place, {"paper": _paper(reported)}).status_code == 404
    for wrong in ("x", to_text(reported.study_id)):
        owner = browser_of(reported.owner, reported.code())
        assert owner.get(place, {"paper": wrong}).status_code == 404


def test_a_recipient_reads_only_the_reports_that_the_consent_names(reported: Story) -> None:
    guest, place = _as_guest(reported.share())
    page = guest.get(place + "view/").content.decode()
    assert NOTICE in page
    assert "nodule" not in page
    assert "Letter to" not in page
    assert "nodule" not in guest.get(place + "reports/").content.decode()
    refused = guest.get(place + "reports/", {"paper": _paper(reported)})
    assert refused.status_code == 302  # to the share's own page, like all that is not there

    everything = (str(each) for each in Series.objects.values_list("pk", flat=True))
    guest, place = _as_guest(reported.share(series_ids=tuple(everything)))
    assert "nodule" in guest.get(place + "view/").content.decode()
    page = guest.get(place + "reports/").content.decode()
    assert "nodule" in page
    assert "Letter to" in page
    answer = guest.get(place + "reports/", {"paper": _paper(reported)})
    assert answer.getvalue() == PAPER


def test_every_page_that_shows_pictures_large_says_what_it_is_not_cleared_for(
    story: Story,
) -> None:
    browser, own = browser_of(story.owner, story.code()), f"/exams/{to_text(story.study_id)}/"
    guest, shared = _as_guest(story.share())
    for who, place in ((browser, own), (guest, shared)):
        for viewer in ("view/", "workplace/"):
            page = who.get(place + viewer)
            assert page.status_code == 200
            assert NOTICE in page.content.decode(), (place, viewer)


def test_a_report_that_is_endless_is_cut_and_says_so(story: Story, web: TestClient) -> None:
    store(web, story.owner, structured(deep=14))
    browser = browser_of(story.owner, story.code())
    page = browser.get(f"/exams/{to_text(story.study_id)}/reports/").content.decode()
    assert "longer than what is shown" in page
    assert "nodule" not in page


def _paper(story: Story) -> str:
    seen = exams(story.party, at=clock.now())[0]
    (series,) = [each.series_id for each in seen.series if each.modality == "DOC"]
    return to_text(Instance.objects.get(series_id=series).id)


def _as_guest(shared: Shared) -> tuple[Client, str]:
    """Return a guest's browser, and where the one exam of a share stands."""
    guest = Client()
    guest.cookies[GUEST_COOKIE] = open_share(shared)
    share = f"/s/{to_text(shared.share_id)}/exams/"
    found = re.search(rf'{share}([^/"]+)/', guest.get(share).content.decode())
    assert found is not None
    return guest, f"{share}{found[1]}/"
