"""Do a hospital's people find their patients' exams by name, with no name in an address?"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from starlette.testclient import TestClient

from cast import Person, app_code, give_second_factor
from story import another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def browser(web: TestClient, clinician: Person) -> Client:
    for number, (name, born) in enumerate((("Doe^Jane", "19740504"), ("Roe^Rita", "19690131"))):
        store(
            web,
            clinician,
            another_ct(
                StudyInstanceUID=f"1.2.826.0.1.7{number}1",
                SeriesInstanceUID=f"1.2.826.0.1.7{number}2",
                SOPInstanceUID=f"1.2.826.0.1.7{number}3",
                PatientName=name,
                PatientID=f"MRN{number}",
                PatientBirthDate=born,
            ),
        )
    return browser_of(clinician, app_code(give_second_factor(clinician)))


@pytest.mark.parametrize("page", ["home", "exams"])
def test_a_card_names_the_patient_and_the_day_of_birth(browser: Client, page: str) -> None:
    said = browser.get(reverse(page)).content.decode()
    assert "Jane Doe, born 4 May 1974" in said
    assert "Rita Roe, born 31 January 1969" in said


@pytest.mark.parametrize("words", ["jane doe", "DOE Jane", "1974-05-04", "Doe CT"])
def test_a_patients_name_is_searched_and_stays_out_of_the_address(
    browser: Client, words: str
) -> None:
    answer = browser.post(reverse("exams"), {"q": words})
    assert answer.status_code == 302
    assert "oe" not in answer["Location"].removeprefix(reverse("exams"))
    said = browser.get(answer["Location"]).content.decode()
    assert "Jane Doe" in said
    assert "Rita Roe" not in said
    assert "Rita Roe" in browser.get(reverse("exams")).content.decode()
