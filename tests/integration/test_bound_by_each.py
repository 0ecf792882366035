"""Several consents let one recipient into one exam: what each of them asks is shown and sent."""

from __future__ import annotations

from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import orjson
import pytest

from cast import Person, app_code
from passing import NAMED, shown_to
from safelight.exchange.release.obligations import obligations_on
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_every_live_consent_binds_in_the_viewer_and_beside_a_copy(
    story: Story, clinician: Person
) -> None:
    doctor = shown_to(story, clinician, purpose="treatment", may_download=True, **NAMED)
    whom = {"name": clinician.account.name, "address": address_of(clinician.account)}
    second = story.share(**whom, purpose="research", may_download=True)
    accept_share(second, clinician)
    browser = browser_of(clinician, app_code(doctor.secret))
    place = f"/exams/{to_text(story.study_id)}"

    page = unescape(browser.get(f"{place}/").content.decode())
    assert "2 consents let you see this. Each holds for what it covers." in page
    assert "1. Shown to Clara Clinician by Olga Owner, for treatment" in page
    assert "2. Shown to Clara Clinician by Olga Owner, for research" in page
    assert "Do not pass it on" in page
    viewer = unescape(browser.get(f"{place}/view/").content.decode())
    assert "for research" in viewer
    assert "for treatment" in viewer

    answer: Any = browser.post(f"{place}/download/")
    copy = ZipFile(BytesIO(b"".join(answer.streaming_content)))
    data = orjson.loads(copy.read("OBLIGATIONS.json"))
    assert data["purpose"]["code"] == "treatment"
    assert [each["purpose"]["code"] for each in data["also"]] == ["research"]
    assert "2. Shown to Clara" in copy.read("OBLIGATIONS.txt").decode()

    withdraw(story.party, second.consent_id, at=clock.now())
    left = obligations_on(doctor.party, story.study_id, at=clock.now())
    assert left is not None
    assert [one.consent_id for one in left.each] == [doctor.received.consent_id]
    assert "also" not in left.data
    assert left.words[0].startswith("Shown to Clara Clinician")
