"""Do those who look after alerts see, act, take back and close; and does nobody else?"""

from __future__ import annotations

import re

import pytest
from django.test import Client

from cast import Person, app_code, give_second_factor, make_person
from safelight.governance.watch.models import AlertState, Decoy, Incident, IncidentState, Measure
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.staff import appoint
from story import Story, browser_of
from watching import alerts, guess, look_now

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def browser(role: StaffRole | None, name: str = "Sam Staff") -> Client:
    person = make_person(name, Kind.INDIVIDUAL)
    if role is not None:
        appoint(person.account.pk, role, by="operator", at=clock.now())
    return browser_of(person, app_code(give_second_factor(person)))


def test_an_officer_looks_acts_takes_back_and_closes(owner: Person) -> None:
    officer = browser(StaffRole.SECURITY_OFFICER)
    guess(owner, 8)
    look_now()
    (alert,) = alerts("D2")
    page = f"/operate/alerts/{to_text(alert.pk)}/"
    listed = officer.get("/operate/alerts/").text
    assert f'href="{page}"' in listed
    shown = officer.get(page).text
    assert "Could not sign in" in shown
    assert "docs/how-to/runbooks.md#d2" in shown
    assert "Olga" not in listed + shown
    assert officer.post(f"{page}acknowledge/").status_code == 302
    act = {"act": f"suspend-account|{alert.subject}", "words": ""}
    assert officer.post(f"{page}act/", act).status_code == 422, "not without a reason"
    assert officer.post(f"{page}act/", act | {"words": "She asked for it"}).status_code == 302
    owner.account.refresh_from_db()
    assert owner.account.state == "suspended"
    measure = Measure.objects.get(kind="suspend-account")
    lifting = f"{page}lift/{to_text(measure.pk)}/"
    assert officer.post(lifting, {"words": "She is back"}).status_code == 302
    owner.account.refresh_from_db()
    assert owner.account.state == "active"
    assert officer.post(f"{page}close/", {"words": "x"}).status_code == 422, "not without a verdict"
    said = {"verdict": "harmless", "words": "Forgot her password"}
    assert officer.post(f"{page}close/", said).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.words) == (AlertState.CLOSED, "Forgot her password")
    kinds = {each.kind for each in page_of(TrailFilter()).entries}
    assert {"alert.read", "alert.acknowledged", "alert.closed", "measure.lifted"} <= kinds


@pytest.mark.parametrize("role", [None, StaffRole.COUNSEL, StaffRole.SUPPORT, StaffRole.AUDITOR])
def test_for_all_others_there_is_no_such_page(owner: Person, role: StaffRole | None) -> None:
    other = browser(role)
    guess(owner, 8)
    look_now()
    (alert,) = alerts("D2")
    page = f"/operate/alerts/{to_text(alert.pk)}/"
    assert {other.get(each).status_code for each in ("/operate/alerts/", page)} == {404}
    for act in ("acknowledge/", "act/", "close/"):
        assert other.post(page + act).status_code == 404
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN


def test_an_incident_shows_by_when_people_must_be_told_and_moves_with_words(
    owner: Person,
) -> None:
    officer = browser(StaffRole.PRIVACY_OFFICIAL)
    Decoy.objects.create(name=f"account/{owner.account.pk}", planted_at=clock.now())
    guess(owner, 1)
    look_now()
    (alert,) = alerts("D13")
    incident = Incident.objects.get()
    assert incident.discovered_at == alert.first_seen_at
    page = f"/operate/alerts/{to_text(alert.pk)}/"
    shown = officer.get(page).text
    assert re.search(r"must be told by\W+\w", shown)
    step = f"/operate/incidents/{to_text(incident.pk)}/"
    assert f'href="{step}"' in shown
    assert officer.post(step, {"state": "contained", "words": ""}).status_code == 422
    assert officer.post(step, {"state": "contained", "words": "Account closed"}).status_code == 302
    incident.refresh_from_db()
    assert incident.state == IncidentState.CONTAINED
    assert officer.post(step, {"state": "triaged", "words": "Back"}).status_code == 422


def test_an_incident_that_a_person_opened_is_looked_into_closed_and_opened_again(
    story: Story,
) -> None:
    browser_of(story.owner, story.code()).post("/account/not-me/here/")
    incident = Incident.objects.get()
    page = f"/operate/incidents/{to_text(incident.pk)}/"
    officer, admin = (
        browser(StaffRole.SECURITY_OFFICER, "Sam"),
        browser(StaffRole.SYSTEM_ADMIN, "A"),
    )
    assert f'href="{page}"' in officer.get("/operate/alerts/").text
    assert "this was not me" in officer.get(page).text

    # Who runs the machine sees it, and moves nothing; all others find nothing.
    assert "Close the incident" not in admin.get(page).text
    said = {"state": "triaged", "words": "Two browsers, one stolen"}
    assert admin.post(page, said).status_code == 404
    other = browser(StaffRole.AUDITOR, "Ada")
    assert {other.get(page).status_code, other.post(page, said).status_code} == {404}
    assert officer.get(f"/operate/incidents/{to_text(story.study_id)}/").status_code == 404

    assert officer.post(page, said).status_code == 302
    closing = {"state": "closed", "words": "Her lost telephone; nothing was opened"}
    refused = officer.post(page, closing)
    assert refused.status_code == 422, "not without an outcome"
    assert "Her lost telephone" in refused.text, "what was typed is still there"
    assert officer.post(page, closing | {"outcome": "odd"}).status_code == 422
    assert officer.post(page, closing | {"outcome": "no-breach"}).status_code == 302
    incident.refresh_from_db()
    assert incident.state == IncidentState.CLOSED
    assert list(incident.steps.order_by("at").values_list("state", "outcome")) == [
        ("suspected", ""),
        ("triaged", ""),
        ("closed", "no-breach"),
    ]
    assert f'href="{page}"' in officer.get("/operate/alerts/").text, "it can still be found"
    again = {"state": "suspected", "words": "A second browser", "outcome": "breach"}
    assert officer.post(page, again).status_code == 302
    assert incident.steps.latest("at").outcome == ""
    moved = [each for each in page_of(TrailFilter()).entries if each.kind == "incident.moved"]
    assert {each.reason for each in moved} == {"triaged", "closed:no-breach", "suspected"}
