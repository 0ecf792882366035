"""A person sends an exam to a hospital on pages, and the desk sees what goes out and comes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from starlette.testclient import TestClient

from cast import PASSWORD, Person, app_code, give_second_factor
from objects import uid
from partnering import first_moment_after
from receiving import Archive, an_archive
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.transfer.models import Transfer, TransferState
from safelight.exchange.release.transfer.running import run
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import browser_of
from transferring import Stage, a_stage, bound_by_web

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def archive(tmp_path: Path, settings: LazySettings) -> Iterator[Archive]:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    with an_archive(tmp_path) as listening:
        yield listening


@pytest.fixture
def stage(web: TestClient, owner: Person, clinician: Person, archive: Archive) -> Stage:
    house, story = a_stage(web, owner, clinician)
    return bound_by_web(house, story, archive)


@pytest.fixture
def patient(stage: Stage) -> Client:
    return browser_of(stage.story.owner, stage.story.code())


@pytest.fixture
def desk(stage: Stage) -> Client:
    person = stage.house.first
    return browser_of(person, app_code(give_second_factor(person)))


def said(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def send_page(stage: Stage) -> str:
    return f"/exams/{to_text(stage.study_id)}/send/"


def to(stage: Stage) -> dict[str, str]:
    return {"to": to_text(stage.bond.row.pk)}


def test_what_is_not_agreed_goes_through_the_ceremony_and_then_leaves(
    stage: Stage, patient: Client, archive: Archive
) -> None:
    page = said(patient, send_page(stage))
    assert "River Clinic" in page
    assert "Choose what, and sign" in page
    answer = patient.post(send_page(stage), to(stage))
    assert re.fullmatch(r"/share/\w+/what/", answer["Location"])
    assert not Transfer.objects.exists()

    draft = answer["Location"].split("/")[2]
    steps = (
        ("what", {"series": [str(each) for each in stage.series()]}),
        ("who", {"audience": "institution", "institution": "River Clinic", "within": "desk"}),
        ("why", {"purpose": "treatment", "may_download": "yes"}),
    )
    for step, words in steps:
        assert patient.post(f"/share/{draft}/{step}/", words).status_code == 302, step
    check = f"/share/{draft}/check/"
    assert "a copy goes to River archive (River Clinic)" in said(patient, check)
    for refused in ({}, {"confirm-password": "guess it now"}):
        assert patient.post(check, refused).status_code >= 400
    assert not Transfer.objects.exists()

    shown = re.search(r'name="confirm-challenge" value="(\w+)"', said(patient, check))
    assert shown
    proof = {
        "confirm-challenge": shown[1],
        "confirm-password": PASSWORD,
        "confirm-code": stage.story.code(),
    }
    answer = patient.post(check, proof)
    row = Transfer.objects.get()
    assert answer["Location"] == f"/transfers/{to_text(row.pk)}/"
    assert row.consent_id == Consent.objects.get().pk
    assert "0 of 4 objects have arrived" in said(patient, answer["Location"])
    run(row.pk)
    page = said(patient, answer["Location"])
    assert "4 of 4 objects have arrived" in page
    assert "Arrived whole" in page
    assert "River archive (River Clinic)" in said(patient, "/transfers/")
    assert "River archive (River Clinic)" in said(patient, send_page(stage))
    assert len(archive.came) == 4


def test_what_was_agreed_before_is_sent_with_one_press_and_once(
    stage: Stage, patient: Client
) -> None:
    stage.agree()
    assert "Send it now" in said(patient, send_page(stage))
    answer = patient.post(send_page(stage), to(stage))
    page = answer["Location"]
    assert page == f"/transfers/{to_text(Transfer.objects.get().pk)}/"
    again = patient.post(send_page(stage), to(stage))
    assert again.status_code == 409
    assert "It is on its way there already." in again.content.decode()
    assert patient.post(page, {"act": "stop"}).status_code == 302
    assert "Somebody stopped it." in said(patient, page)
    assert patient.post(page, {"act": "retry"}).status_code == 302
    run(Transfer.objects.get().pk)
    assert "Arrived whole" in said(patient, page)
    over = patient.post(page, {"act": "stop"})
    assert (over.status_code, "It is over already." in over.content.decode()) == (409, True)
    assert (
        "All of it has arrived there before."
        in patient.post(send_page(stage), to(stage)).content.decode()
    )


def test_nobody_else_finds_the_pages(stage: Stage, stranger: Person, desk: Client) -> None:
    stage.agree()
    row = stage.order()
    other = browser_of(stranger, app_code(give_second_factor(stranger)))
    page = f"/transfers/{to_text(row.pk)}/"
    for path in (send_page(stage), page, "/desk/transfers/", "/desk/transfers/new/"):
        assert other.get(path).status_code == 404, path
    assert other.post(send_page(stage), to(stage)).status_code == 404
    assert other.post(page, {"act": "stop"}).status_code == 404
    assert "River" not in said(other, "/transfers/")
    assert desk.get(send_page(stage)).status_code == 404
    assert Transfer.objects.get().state == TransferState.QUEUED


def test_the_desk_sees_what_is_held_and_why_and_it_goes_on(stage: Stage, desk: Client) -> None:
    stage.agree()
    row = stage.order()
    over = first_moment_after(clock.now().date() + timedelta(days=300)) - clock.now()
    run(row.pk, now=lambda: clock.now() + over)
    page = said(desk, "/desk/transfers/")
    assert "Held back, or tried again later" in page
    assert "Business associate agreement" in page
    assert "AB-17" in page
    assert "0 of 4 objects have arrived" in page
    assert desk.post(f"/transfers/{to_text(row.pk)}/", {"act": "retry"}).status_code == 302
    run(row.pk)
    page = said(desk, "/desk/transfers/")
    assert "Arrived whole" in page
    assert "Held back" not in page


def later(tries: int) -> datetime:
    return clock.now() + timedelta(hours=2 * tries)


def test_a_dead_letter_is_tried_again_by_the_desk(
    stage: Stage, desk: Client, archive: Archive
) -> None:
    stage.agree()
    archive.says = lambda _number, _came: (503, {}, b"")
    row = stage.order()
    for tries in range(9):
        run(row.pk, now=partial(later, tries))
    assert Transfer.objects.get().state == TransferState.FAILED
    page = said(desk, "/desk/transfers/")
    assert "Somebody must look" in page
    assert "The receiver&#x27;s web server answered 503." in page
    assert "Try again" in page


def test_an_empty_desk_reads_what_one_does_there(desk: Client) -> None:
    page = said(desk, "/desk/transfers/")
    assert "A copy goes out when a patient has agreed that a hospital gets it." in page
    assert "They need a connection that may send to you." in page


def test_the_desk_sees_what_changes_before_it_leaves(
    stage: Stage, desk: Client, archive: Archive
) -> None:
    stage.agree()
    words = {
        "study": uid(1),
        "to": to_text(stage.bond.row.pk),
        "patient_id": "RC-77",
        "issuer": "RIVER",
        "accession": "RA-9",
    }
    page = desk.post("/desk/transfers/new/", words | {"act": "preview"}).content.decode()
    assert "<del>AB-17</del>" in page
    assert "<ins>RC-77</ins>" in page
    assert not Transfer.objects.exists()
    shown = re.search(r'name="shown" value="(\w+)"', page)
    assert shown
    sent = words | {"act": "send", "shown": shown[1]}
    unseen = desk.post("/desk/transfers/new/", sent | {"patient_id": "RC-78"})
    assert unseen.status_code == 200
    assert "<ins>RC-78</ins>" in unseen.content.decode()
    assert not Transfer.objects.exists()
    answer = desk.post("/desk/transfers/new/", sent)
    row = Transfer.objects.get()
    assert answer["Location"] == f"/transfers/{to_text(row.pk)}/"
    run(row.pk)
    assert b"RC-77" in archive.came[0].data


def test_the_desk_cannot_send_what_nobody_agreed_to(stage: Stage, desk: Client) -> None:
    words = {"study": uid(1), "to": to_text(stage.bond.row.pk), "act": "preview"}
    refused = desk.post("/desk/transfers/new/", words)
    assert refused.status_code == 422
    assert "perhaps the patient has not agreed" in refused.content.decode()
    assert not Transfer.objects.exists()
