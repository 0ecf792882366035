"""Do two of a desk record over the API what a patient signed on paper, and nobody alone?"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import Program, page_of, program_of
from cast import PASSWORD, Person, app_code, give_second_factor
from on_paper import Desk, fresh_code, make_desk
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

RECORD, PAPER = "POST /exams/{exam_id}/signed-papers", "/signed-papers/{paper_id}"
FIELDS = (
    *("patient", "name", "address", "kind", "purpose", "ends_on"),
    *("signed_on", "seen_by", "seen_as", "known_by"),
)


@pytest.fixture
def desk(web: TestClient) -> Desk:
    return make_desk(web)


def page_for(person: Person) -> Program:
    return page_of(browser_of(person, fresh_code(person)))


def said(desk: Desk, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever the field holds)
    """Say what the paper says, with its scan."""
    usual = {name: getattr(desk.said(), name) for name in FIELDS}
    scan = b64encode(desk.said().scan).decode()
    return usual | {"series": [to_text(desk.series_id)], "scan": scan} | changes


def recorded(desk: Desk, page: Program) -> dict[str, str]:
    place = {"exam_id": to_text(desk.study_id)}
    return {"paper_id": page(RECORD, said(desk), status=201, ids=place)["id"]}


def signed(page: Program, person: Person, place: dict[str, str]) -> dict[str, Any]:
    """Ask for the words and answer with password and code, as the person does."""
    shown = page(f"POST {PAPER}/present", ids=place)
    return {
        "digest": shown["digest"],
        "challenge": shown["challenge"]["id"],
        "password": PASSWORD,
        "code": fresh_code(person),
    }


def test_two_people_lead_a_paper_from_its_scan_to_the_passphrase(desk: Desk) -> None:
    first, second = page_for(desk.first), page_for(desk.second)
    place = recorded(desk, first)
    made = first(f"GET {PAPER}", ids=place)
    assert (made["state"], made["patient"], made["first"]) == (
        "prepared",
        "Paul Patient",
        "Dana Desk",
    )
    assert made["your_turn"] is True
    assert "Paul Patient" in made["words_html"]
    assert made["seen_by"] == "Nina Nurse"
    # It is the first's turn, then the second's.
    for asked in ("present", "confirm"):
        body = None if asked == "present" else {"digest": "0" * 64, "challenge": place["paper_id"]}
        status = 409 if asked == "present" else 403
        second(f"POST {PAPER}/{asked}", body, status=status, ids=place)
    began = first(f"POST {PAPER}/confirm", signed(first, desk.first, place), ids=place)
    assert (began["state"], began["consent"], began["passphrase"]) == ("waiting", None, None)
    assert first(f"POST {PAPER}/present", status=409, ids=place)["code"] == "state_conflict"
    assert not Consent.objects.exists()

    (waiting,) = second("GET /signed-papers?state=waiting")["items"]
    assert (waiting["id"], waiting["your_turn"]) == (place["paper_id"], True)
    scan = second(f"GET {PAPER}/scan", ids=place)
    assert (scan["kind"], b64decode(scan["data"])) == ("png", desk.said().scan)
    opened = second(f"POST {PAPER}/confirm", signed(second, desk.second, place), ids=place)
    assert opened["state"] == "live"
    assert len(opened["passphrase"].split()) == 4
    consent = Consent.objects.get()
    assert opened["consent"] == to_text(consent.pk)
    again = second(f"POST {PAPER}/present", status=409, ids=place)
    assert again["code"] == "state_conflict"
    assert "passphrase" not in second(f"GET {PAPER}", ids=place)

    second(f"POST {PAPER}/end", status=204, ids=place)
    consent.refresh_from_db()
    assert consent.revoked_at is not None
    kinds = set(Entry.objects.filter(kind__startswith="paper.").values_list("kind", flat=True))
    assert kinds == {
        *("paper.recorded", "paper.opened", "paper.confirmed", "paper.listed"),
        *("paper.read", "paper.compared"),
    }


def test_what_stands_wrong_on_a_paper_is_said_by_field(desk: Desk) -> None:
    page, place = page_for(desk.first), {"exam_id": to_text(desk.study_id)}
    for field, value in {
        "seen_by": "",
        "signed_on": "2020-01-01",
        "ends_on": "2020-01-01",
        "patient": "",
        "address": "nobody",
        "series": [],
        "scan": b64encode(b"MZ no scan").decode(),
        "known_by": "hearsay",
        "purpose": "fun",
        "approved": True,
    }.items():
        wrong = page(RECORD, said(desk, **{field: value}), status=422, ids=place)
        assert f"invalid:{field}" in {each["code"] for each in wrong["errors"]}, field
    broken = page(RECORD, said(desk, scan="%%%"), status=422, ids=place)
    assert broken["code"] == "invalid:scan"
    assert not SignedPaper.objects.exists()


def test_other_words_than_those_shown_are_not_confirmed(desk: Desk) -> None:
    page = page_for(desk.first)
    place = recorded(desk, page)
    other = signed(page, desk.first, place) | {"digest": "0" * 64}
    refused = page(f"POST {PAPER}/confirm", other, status=403, ids=place)
    assert refused["code"] == "authorization_other_content"
    wrong = signed(page, desk.first, place) | {"code": "000000"}
    assert page(f"POST {PAPER}/confirm", wrong, status=422, ids=place)["code"] == "invalid:code"
    assert SignedPaper.objects.get().state == "prepared"


def test_either_refuses_before_it_is_compared_and_that_is_final(desk: Desk) -> None:
    page = page_for(desk.second)
    place = {"paper_id": to_text(desk.record())}
    page(f"POST {PAPER}/refuse", status=204, ids=place)
    assert page(f"GET {PAPER}", ids=place)["state"] == "refused"
    assert page(f"POST {PAPER}/refuse", status=409, ids=place)["code"] == "state_conflict"
    assert page(f"POST {PAPER}/end", status=404, ids=place)["code"] == "not_found"
    assert page("GET /signed-papers?state=waiting")["items"] == []


def test_the_patient_reads_refuses_and_takes_back_but_records_nothing(
    desk: Desk, owner: Person
) -> None:
    desk.belongs_to(owner)
    opened = desk.live()
    patient = page_of(browser_of(owner, app_code(give_second_factor(owner))))
    (line,) = patient("GET /signed-papers")["items"]
    place = {"paper_id": line["id"]}
    assert patient(f"POST {PAPER}/present", status=409, ids=place)["code"] == "state_conflict"
    where = {"exam_id": to_text(desk.study_id)}
    assert patient(RECORD, said(desk), status=404, ids=where)["code"] == "not_found"
    patient(f"POST {PAPER}/end", status=204, ids=place)
    assert Consent.objects.get(pk=opened.consent_id).revoked_at is not None


def test_nobody_else_and_no_token_learns_that_there_is_a_paper(
    desk: Desk, stranger: Person, clinician: Person
) -> None:
    named = {"paper_id": to_text(desk.record()), "exam_id": to_text(desk.study_id)}
    answer = {"digest": "0" * 64, "challenge": named["paper_id"]}
    asked = {
        RECORD: said(desk),
        f"GET {PAPER}": None,
        f"GET {PAPER}/scan": None,
        f"POST {PAPER}/present": None,
        f"POST {PAPER}/confirm": answer,
        f"POST {PAPER}/refuse": None,
        f"POST {PAPER}/end": None,
    }
    for person in (stranger, clinician):
        page = page_of(browser_of(person, app_code(give_second_factor(person))))
        assert page("GET /signed-papers")["items"] == []
        for each, body in asked.items():
            assert page(each, body, status=404, ids=named)["code"] == "not_found"
    token = program_of(desk.first)
    for each, body in (asked | {"GET /signed-papers": None}).items():
        assert token(each, body, status=403, ids=named)["code"] == "token_omits_scope"
