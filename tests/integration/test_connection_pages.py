"""The desk's pages for partners: two people open a connection and verify an agreement."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import PASSWORD, Person, give_second_factor
from dicom_archive import TITLE as ARCHIVE
from dicom_archive import a_dicom_archive
from on_paper import fresh_code
from partnering import PAPER, Bond, House, a_bond, a_certificate, a_house, a_partner, a_wish, agree
from safelight.exchange.access.connecting import change_connection
from safelight.governance.agreements.models import Agreement
from safelight.governance.agreements.recording import closes_with
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.partners.models import Connection, Partner
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


class Desk:
    """One of the desk at a browser."""

    def __init__(self, person: Person) -> None:
        self.person = person
        give_second_factor(person)
        self.browser: Client = browser_of(person, fresh_code(person))

    def sign(self, page: str, act: str, *, password: str = PASSWORD) -> int:
        """Prove who they are, and do what the page asks."""
        shown = self.browser.get(page).content.decode()
        challenge = re.search(r'name="confirm-challenge" value="(\w+)"', shown)
        assert challenge is not None
        said = {
            "act": act,
            "confirm-challenge": challenge[1],
            "confirm-password": password,
            "confirm-code": fresh_code(self.person),
        }
        return self.browser.post(page, said).status_code


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture
def first(house: House) -> Desk:
    return Desk(house.first)


@pytest.fixture
def second(house: House) -> Desk:
    return Desk(house.second)


def filled(pem: str, **changes: str) -> dict[str, str]:
    return {
        "name": "River archive",
        "kind": "dimse",
        "basis": "baa",
        "they_send": "yes",
        "called": "SAFELIGHT",
        "calling": "RIVER",
        "networks": "192.0.2.0/24",
        "client_certificate": pem,
    } | changes


def test_a_country_in_words_is_refused_and_not_cut_to_another(first: Desk) -> None:
    page = first.browser.get("/desk/partners/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="country"[^>]*>', page)
    assert "maxlength" not in field  # "Germany" would be sent as "Ge", which is Georgia
    said = {"partner": "River Clinic", "country": "Germany"}
    told = first.browser.post("/desk/partners/", said)
    assert told.status_code == 422
    assert "two letters, such as DE or US" in told.content.decode()
    assert not Partner.objects.exists()


def test_two_people_open_a_connection_by_the_pages_alone(
    first: Desk, second: Desk, house: House, tmp_path: Path
) -> None:
    pem = a_certificate(tmp_path)
    said = {"partner": "River Clinic", "country": "US"}
    assert first.browser.post("/desk/partners/", said).status_code == 302
    partner = Partner.objects.get()
    wish = filled(pem, partner=to_text(partner.pk))
    assert first.browser.post("/desk/connections/new/", wish).status_code == 302
    row = Connection.objects.get()
    page = f"/desk/connections/{to_text(row.pk)}/"
    assert "confirm-challenge" not in first.browser.get(page).content.decode()
    assert first.browser.post(page, {"act": "open"}).status_code >= 400
    assert second.sign(page, "open", password="another password") >= 400
    assert Connection.objects.get().state == "draft"
    assert second.sign(page, "open") == 302

    bond = Bond(house, Connection.objects.get(), pem, partner)
    assert bond.row.state == "open"
    assert bond.come() is None
    told = second.browser.get("/desk/partners/").content.decode()
    assert "Missing: Business associate agreement" in told

    today = clock.now().date()
    paper = {
        "agreement": "baa",
        "parties": "For both, their directors",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=60)).isoformat(),
        "paper": SimpleUploadedFile("signed.pdf", PAPER),
    }
    listed = f"/desk/partners/{to_text(partner.pk)}/"
    assert first.browser.post(listed, paper).status_code == 302
    agreement = f"/desk/agreements/{to_text(Agreement.objects.get().pk)}/"
    assert "confirm-challenge" not in first.browser.get(agreement).content.decode()
    assert second.sign(agreement, "verify") == 302
    assert bond.come() is not None

    saved = first.browser.get(f"{agreement}paper/")
    assert saved.content == PAPER
    assert saved["Content-Disposition"].startswith("attachment")
    told = first.browser.get(agreement).content.decode()
    assert "This closes at once" in told
    assert "River archive" in told
    assert first.browser.post(agreement, {"act": "end", "because": ""}).status_code == 422
    assert bond.come() is not None
    ended = first.browser.post(agreement, {"act": "end", "because": "They were bought"})
    assert ended.status_code == 302
    assert bond.come() is None

    assert first.browser.post(page, {"act": "suspend"}).status_code == 302
    assert first.browser.post(page, {"act": "close"}).status_code == 302
    assert Connection.objects.get().state == "closed"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("called", "A\\B"),
        ("calling", "SEVENTEEN LETTERS"),
        ("networks", "0.0.0.0/0"),
        ("client_certificate", "no certificate"),
        ("kind", "telex"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    first: Desk, tmp_path: Path, field: str, text: str
) -> None:
    said = filled(a_certificate(tmp_path), basis="", **{field: text})
    answer = first.browser.post("/desk/connections/new/", said)
    told = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}"' in told
    assert f'id="{field}-error"' in told
    assert not Connection.objects.exists()


def test_what_was_changed_after_it_was_read_is_not_opened(
    first: Desk, second: Desk, house: House, tmp_path: Path
) -> None:
    pem = a_certificate(tmp_path)
    bond = a_bond(house, None, pem, opened=False, basis="")
    page = f"/desk/connections/{to_text(bond.row.pk)}/"
    shown = second.browser.get(page).content.decode()
    challenge = re.search(r'name="confirm-challenge" value="(\w+)"', shown)
    assert challenge is not None
    change_connection(house.one, bond.row.pk, a_wish(pem, basis="", port="1"), at=clock.now())
    said = {
        "act": "open",
        "confirm-challenge": challenge[1],
        "confirm-password": PASSWORD,
        "confirm-code": fresh_code(house.second),
    }
    assert second.browser.post(page, said).status_code >= 400
    assert Connection.objects.get().state == "draft"


def test_a_change_keeps_what_is_not_shown_and_takes_the_next_certificate(
    first: Desk, house: House, tmp_path: Path
) -> None:
    pem, folder = a_certificate(tmp_path), tmp_path / "next"
    folder.mkdir()
    following = a_certificate(folder)
    wish: dict[str, Any] = {"kind": "dicomweb", "token": "secret-token"}
    wish["url"] = "https://river.example/dicom"
    row = a_bond(house, None, pem, basis="", **wish).row
    page = f"/desk/connections/{to_text(row.pk)}/change/"
    shown = first.browser.get(page).content.decode()
    assert "secret-token" not in shown
    said = filled(pem, basis="", kind="dicomweb", url=row.url, we_send="yes")
    said |= {"server_certificate": pem, "next_server_certificate": following}
    assert first.browser.post(page, said).status_code == 302
    row = Connection.objects.get()
    assert (row.state, row.token) == ("draft", "secret-token")
    assert row.next_server_certificate.strip() == following.strip()


def test_an_end_closes_what_works_for_the_partner_too_and_nothing_that_another_holds(
    house: House, tmp_path: Path
) -> None:
    pem, at = a_certificate(tmp_path), clock.now()
    days = (at.date(), at.date() + timedelta(days=9))
    above = a_partner(house)
    below = a_partner(house, "Cloud Ltd", through=above.pk)
    own = a_bond(house, above, pem, name="Own")
    worker = a_bond(house, below, pem, name="Worker", calling="CLOUD")
    key = agree(house, above, "baa", *days)
    worker.agree("baa_subcontractor", *days)
    found = closes_with(Agreement.objects.get(pk=key), at=at)
    assert {each.name for each in found} == {"Own", "Worker"}
    own.agree("baa", *days)
    assert closes_with(Agreement.objects.get(pk=key), at=at) == []


def test_an_echo_says_whether_it_answers_and_is_on_record(
    house: House, first: Desk, settings: LazySettings, tmp_path: Path
) -> None:
    settings.SAFELIGHT_DIMSE_PLAIN_SEGMENTS = ["127.0.0.0/8"]
    plain: dict[str, Any] = {
        "is_plain": True,
        "client_certificate": "",
        "server_certificate": "",
        "networks": "127.0.0.0/8",
        "host": "127.0.0.1",
        "calling": ARCHIVE,
    }
    with a_dicom_archive() as archive:
        pem = a_certificate(tmp_path)
        bond = a_bond(house, a_partner(house), pem, **plain, port=str(archive.port))
        page = f"/desk/connections/{to_text(bond.row.pk)}/"
        assert first.browser.post(page, {"act": "test"}).status_code == 302
        assert "It answered." in first.browser.get(page).content.decode()
    assert first.browser.post(page, {"act": "test"}).status_code == 302
    assert "It answered." not in first.browser.get(page).content.decode()
    assert Entry.objects.filter(kind="connection.tested").count() == 2


def test_a_word_is_shown_once_and_never_again(
    house: House, first: Desk, second: Desk, tmp_path: Path
) -> None:
    wish: dict[str, Any] = {"kind": "dicomweb", "we_send": False, "client_certificate": ""}
    bond = a_bond(house, a_partner(house), a_certificate(tmp_path), **wish)
    page = f"/desk/connections/{to_text(bond.row.pk)}/"
    assert "It has none yet" in first.browser.get(page).content.decode()
    shown = first.browser.post(page, {"act": "word"}).content.decode()
    (word,) = re.findall(r'id="new-word">(slc_[\w-]{43})<', shown)
    again = first.browser.get(page).content.decode()
    assert word not in again
    assert "It has one" in again
    assert Connection.objects.get().state == "draft"
    assert second.sign(page, "open") == 302
    assert Connection.objects.get().state == "open"
