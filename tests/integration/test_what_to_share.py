"""May an owner choose exactly what is seen: whole sets, single pictures, and what is sensitive?"""

from __future__ import annotations

import re
from io import BytesIO
from uuid import UUID

import pytest
from django.test import Client
from pydicom import dcmread
from pydicom.uid import generate_uid

from cast import party_of_person
from made_documents import documents
from made_images import as_file
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.sharing.drafts import Choices, find_draft
from safelight.exchange.release.signed import terms_of, words_of
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.records.imaging.models import Instance, Series
from story import Story, another_ct, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def browser(story: Story) -> Client:
    return browser_of(story.owner, story.code())


def begin(browser: Client, story: Story) -> str:
    """Begin to share on the exam's page, and return the draft's id."""
    answer = browser.post(f"/exams/{to_text(story.study_id)}/share/")
    return answer.headers["Location"].split("/")[2]


def chosen(story: Story, draft: str) -> Choices:
    _, choices = find_draft(party_of_person(story.owner), from_text(draft))
    return choices


def test_single_pictures_are_chosen_by_tick_or_by_number(story: Story, browser: Client) -> None:
    for number in range(2, 5):
        story.add(another_ct(SOPInstanceUID=generate_uid(), InstanceNumber=number))
    rows = list(Instance.objects.filter(series_id=story.series_id).order_by("arrival"))
    draft = begin(browser, story)
    what = f"/share/{draft}/what/"
    assert "checked" not in browser.get(what).content.decode()

    to = browser.post(what, {"single": str(story.series_id)}).headers["Location"]
    page = browser.get(to).content.decode()
    assert "0 of 4 are chosen" in page
    assert len(re.findall(r'name="object"', page)) == 4
    assert "checked" not in page

    browser.post(to, {"object": [str(rows[0].id)], "numbers": "3-4, 99"})
    assert set(chosen(story, draft).instance_ids) == {str(rows[each].id) for each in (0, 2, 3)}
    assert "3 single pictures chosen" in browser.get(what).content.decode()

    browser.post(to, {"object": [str(rows[1].id)]})
    assert chosen(story, draft).instance_ids == (str(rows[1].id),)
    assert browser.post(what, {}).headers["Location"].endswith("/who/")


def test_a_share_of_nothing_does_not_go_on(story: Story, browser: Client) -> None:
    answer = browser.post(f"/share/{begin(browser, story)}/what/", {})
    assert answer.status_code == 422
    assert "Tick at least one" in answer.content.decode()


def test_another_exam_is_added_and_left_out_again_when_nothing_of_it_is_ticked(
    story: Story, browser: Client
) -> None:
    story.add(
        another_ct(
            StudyInstanceUID=generate_uid(),
            SeriesInstanceUID=generate_uid(),
            SOPInstanceUID=generate_uid(),
        )
    )
    seen = exams(party_of_person(story.owner), at=clock.now())
    other = next(each for each in seen if each.study_id != story.study_id)
    draft = begin(browser, story)
    what = f"/share/{draft}/what/"
    to = browser.post(what, {"more": "yes"}).headers["Location"]
    both = [str(story.study_id), str(other.study_id)]
    assert browser.post(to, {"exam": both}).headers["Location"] == what
    assert chosen(story, draft).study_ids == tuple(both)

    picked = {"series": [str(other.series[0].series_id)]}
    assert browser.post(what, picked).headers["Location"].endswith("/who/")
    assert chosen(story, draft).study_ids == (str(other.study_id),)


def test_what_is_marked_as_sensitive_is_shared_only_where_it_is_ticked_by_itself(
    story: Story, browser: Client
) -> None:
    exam = to_text(story.study_id)
    page = browser.get(f"/exams/{exam}/sensitive/").content.decode()
    assert "checked" not in page
    browser.post(f"/exams/{exam}/sensitive/", {"kind": ["hiv", "nonsense"]})
    assert classes_of([story.study_id])[story.study_id] == {Sensitive.HIV}

    what = f"/share/{begin(browser, story)}/what/"
    page = browser.get(what).content.decode()
    assert "not shared unless you tick it" in page
    assert "checked" not in page
    ticked = {"series": [str(story.series_id)]}
    refused = browser.post(what, ticked)
    assert refused.status_code == 422
    assert "sensitive" in refused.content.decode()
    assert browser.post(what, ticked | {"sensitive": ["hiv"]}).status_code == 302


def test_what_was_never_offered_is_not_taken(story: Story, browser: Client) -> None:
    draft = begin(browser, story)
    other = str(UUID(int=5))
    browser.post(f"/share/{draft}/what/", {"series": [other], "sensitive": ["hiv"]})
    assert chosen(story, draft).series_ids == ()
    assert chosen(story, draft).sensitive == ()
    assert browser.get(f"/share/{draft}/what/{to_text(UUID(int=5))}/").status_code == 404


def test_a_report_beside_the_pictures_is_called_one_wherever_it_is_told(
    story: Story, browser: Client
) -> None:
    study_uid = story.dataset.StudyInstanceUID
    (letter,) = [made for name, made in documents() if name == "pdf"]
    dataset = dcmread(BytesIO(letter))
    dataset.StudyInstanceUID = study_uid
    for name in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex"):
        setattr(dataset, name, story.dataset.get(name, ""))
    story.add(as_file(dataset))
    series = [str(each) for each in Series.objects.values_list("id", flat=True)]
    assert len(series) == 2
    shared = story.share(series_ids=tuple(series))
    consent = Consent.objects.get(pk=shared.consent_id)
    assert "1 picture and 1 report in 2 sets" in words_of(consent)
    assert sorted((each.pictures, each.reports) for each in terms_of(consent).items) == [
        (1, 0),
        (1, 1),
    ]
    for page in ("/access/", f"/consents/{to_text(shared.consent_id)}/"):
        assert b"1 picture and 1 report" in browser.get(page).content, page
