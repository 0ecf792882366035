"""Does a clinician break the glass over the JSON API as on the pages, and nobody else?"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from acting import make_staff
from api import Program
from cast import PASSWORD, Person, give_second_factor, make_person
from on_paper import fresh_code
from safelight.exchange.access.powers.models import TimedAccess
from safelight.records.accounts.models import Kind, Role
from story import another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WHO: dict[str, Any] = {
    "number": "MRN-7",
    "born_on": "1970-02-03",
    "cause": "unconscious",
    "reason": "Found on the street",
}
OURS = {"Origin": "http://localhost:8000"}


@pytest.fixture
def doctor(web: TestClient, clinician: Person) -> Person:
    store(web, clinician, another_ct(PatientID="MRN-7", PatientBirthDate="19700203"))
    return make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")


def _page(person: Person) -> Program:
    give_second_factor(person)
    return Program(browser_of(person, fresh_code(person)), **OURS)


def _signed(page: Program, person: Person, who: dict[str, Any]) -> dict[str, Any]:
    shown = page("POST /emergencies", who)
    proof = {"password": PASSWORD, "code": fresh_code(person)}
    return who | {"digest": shown["digest"], "challenge": shown["challenge"]["id"]} | proof


def test_a_clinician_signs_and_has_four_hours(doctor: Person) -> None:
    page = _page(doctor)
    nobody = _signed(page, doctor, WHO | {"number": "MRN-9"})
    assert page("POST /emergencies/confirm", nobody, status=422)["code"] == "invalid:number"
    other = _signed(page, doctor, WHO) | {"reason": "Another reason"}
    page("POST /emergencies/confirm", other, status=403)
    assert not TimedAccess.objects.exists()
    opened = page("POST /emergencies/confirm", _signed(page, doctor, WHO), status=201)
    assert opened["is_live"] is True
    assert [each["id"] for each in page("GET /emergencies")["items"]] == [opened["id"]]
    assert len(page("GET /exams")["items"]) == 1


def test_nobody_else_and_no_program(doctor: Person) -> None:
    desk = make_staff("Dana Desk", Role.IMAGING_DESK)
    page = _page(desk)
    for asked, body in (("POST /emergencies", WHO), ("GET /emergencies", None)):
        page(asked, body, status=404)
    program = Program(page.browser.__class__(), **doctor.headers)
    assert program("POST /emergencies", WHO, status=403)["code"] == "token_omits_scope"
