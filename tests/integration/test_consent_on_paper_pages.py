"""Do the pages lead two people of a desk from a scan to a consent, and nobody alone?"""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponse, HttpResponseBase
from django.test import Client
from starlette.testclient import TestClient

from cast import PASSWORD, Person
from on_paper import Desk, fresh_code, make_desk
from safelight.exchange.consent.models import Consent
from safelight.kernel.ids import to_text
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def desk(web: TestClient) -> Desk:
    return make_desk(web)


def test_the_pages_lead_two_people_from_the_scan_to_the_passphrase(desk: Desk) -> None:
    first = browser_of(desk.first, fresh_code(desk.first))
    exam = to_text(desk.study_id)
    assert f"/exams/{exam}/paper/" in first.get(f"/exams/{exam}/").content.decode()
    said = {
        **{name: getattr(desk.said(), name) for name in FIELDS},
        "series": to_text(desk.series_id),
        "scan": SimpleUploadedFile("scan.png", desk.said().scan),
    }
    wrong = first.post(f"/exams/{exam}/paper/", said | {"seen_by": "", "scan": ""})
    assert wrong.status_code == 422
    assert "Say who saw it signed" in wrong.content.decode()
    said["scan"] = SimpleUploadedFile("scan.png", desk.said().scan)
    page = first.post(f"/exams/{exam}/paper/", said)["Location"]
    assert confirm(first, desk.first, page).status_code == 302

    assert "Somebody else at the desk must compare it" in first.get(page).content.decode()
    assert first.post(page, {"act": "confirm"}).status_code in {401, 409}
    second = browser_of(desk.second, fresh_code(desk.second))
    assert "Your turn" in second.get("/papers/").content.decode()
    scan = second.get(f"{page}scan/")
    assert scan["Content-Disposition"] == 'attachment; filename="signed-paper.png"'
    assert scan.content == desk.said().scan
    answer = confirm(second, desk.second, page)
    assert isinstance(answer, HttpResponse)
    assert "Tell the recipient this passphrase" in answer.content.decode()
    assert "passphrase by" not in second.get(page).content.decode()
    assert second.post(page, {"act": "end"}).status_code == 302
    assert Consent.objects.get().revoked_at is not None
    assert second.post(page, {"act": "burn"}).status_code == 404


FIELDS = (
    *("patient", "name", "address", "kind", "purpose", "ends_on"),
    *("signed_on", "seen_by", "seen_as", "known_by"),
)


def confirm(browser: Client, person: Person, page: str) -> HttpResponseBase:
    """Confirm on a page with password and code."""
    shown = browser.get(page).content.decode()
    challenge = re.search(r'name="confirm-challenge" value="(\w+)"', shown)
    assert challenge is not None
    said = {
        "act": "confirm",
        "confirm-challenge": challenge[1],
        "confirm-password": PASSWORD,
        "confirm-code": fresh_code(person),
    }
    return browser.post(page, said)
