"""Do the pages say of an exam and of a consent what is so, and only to whom it is due?"""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import Person, app_code, give_second_factor
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.signed import words_of
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Membership, Role
from story import Story, another_ct, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_an_exam_names_the_person_its_own_header_names(story: Story) -> None:
    story.add(
        another_ct(
            StudyInstanceUID="1.2.826.0.1.5",
            SeriesInstanceUID="1.2.826.0.1.6",
            SOPInstanceUID="1.2.826.0.1.7",
            PatientName="Written^Otherwise",
            PatientBirthDate="19700102",
        )
    )
    at = clock.now()
    (newer,) = [each for each in exams(story.party, at=at) if each.study_id != story.study_id]
    assert "Otherwise" in exam(story.party, newer.study_id, at=at).patient_name
    first = exam(story.party, story.study_id, at=at)
    assert "Otherwise" not in first.patient_name
    assert exam(story.party, newer.study_id, at=at).birth_date != first.birth_date


def test_the_words_say_that_the_last_day_counts(story: Story) -> None:
    shared = story.share(ends_on=f"{clock.now().date().replace(month=12, day=31)}")
    consent = Consent.objects.get(pk=shared.consent_id)
    assert "until the end of 31 December" in words_of(consent)
    assert f"{consent.ends_at:%d %H:%M:%S}" == "31 23:59:59"


def test_a_passphrase_is_shown_with_its_own_share_alone(story: Story) -> None:
    first, second = story.share(), story.share(name="Dr Someone Else")
    browser = browser_of(story.owner, story.code())
    session = browser.session
    session["safelight_passphrase_" + to_text(first.consent_id)] = "amber beacon cactus dragon"
    session.save()

    def shown(consent_id: object) -> bool:
        page = browser.get(reverse("share-done", args=[consent_id]))
        assert page.status_code == 200
        return b"amber beacon cactus dragon" in page.content

    assert not shown(to_text(second.consent_id))
    assert shown(to_text(first.consent_id))
    assert not shown(to_text(first.consent_id))


def test_an_officer_asking_for_an_impossible_page_gets_the_first(clinician: Person) -> None:
    Membership.objects.update(role=Role.PRIVACY_OFFICER)
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    for impossible in ("²", "9" * 30):
        assert browser.get(reverse("trail"), {"before": impossible}).status_code == 200


def test_a_guessed_secret_is_on_record_whether_the_share_exists_or_not(story: Story) -> None:
    shared = story.share()
    before = Entry.objects.count()
    with pytest.raises(NotFoundError):
        show_secret(new_id(), link_secret="guessed", at=clock.now())
    assert Entry.objects.count() == before + 1
    with pytest.raises(NotFoundError):
        show_secret(shared.share_id, link_secret="guessed", at=clock.now())
