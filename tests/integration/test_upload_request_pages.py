"""Do the pages and services of upload requests hold together, from the link to the receipt?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from starlette.testclient import TestClient

from asked import file_taken
from cast import Person, app_code, give_second_factor, make_person
from safelight.exchange.receive.models import Parcel, UploadRequest
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.papers.verify_receipt import NotAsSignedError
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.models import Kind, Role
from story import browser_of
from uploading import Browser, bundled, pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
EVA = {
    "name": "Eva Brandt",
    "address": "eva@brandt.example",
    "relation": "Her sister",
    "may_send": "yes",
}


@dataclass
class SendersBrowser(Browser):
    """The browser of an outsider: the same uploader, under the root of a link."""

    link_id: str = ""

    def ask(self, method: str, path: str, **request: object):  # type: ignore[no-untyped-def]  # noqa: ANN201 (the client's own)
        root = f"/uploads/by-link/{self.link_id}"
        own = path if path.startswith(root) else root + path.removeprefix("/uploads")
        return super().ask(method, own, **request)


def made_link(browser: Client, **wish: str) -> tuple[str, str]:
    """Make a link on its page; return its id and its secret."""
    last = (clock.now() + timedelta(days=10)).date().isoformat()
    asked = {"ends_on": last, "parcels": "1", "check": "none", "whom": ""} | wish
    answer = browser.post("/send-to-me/new/", asked)
    assert answer.status_code == 302, answer.content.decode()
    page = browser.get(answer.headers["Location"]).content.decode()
    link_id = answer.headers["Location"].split("/")[2]
    return link_id, page.partition(f"/r/{link_id}#")[2][:43]


def sender_of(web: TestClient, link_id: str, secret: str) -> tuple[Client, SendersBrowser]:
    """Come by a link and say who one is."""
    browser = Client()
    assert browser.post(f"/r/{link_id}", {"secret": secret}).status_code == 302
    assert browser.post(f"/r/{link_id}/who/", EVA).headers["Location"] == f"/r/{link_id}/send/"
    page = browser.get(f"/r/{link_id}/send/")
    assert page.status_code == 200
    token = browser.cookies["__Host-csrf"].value
    cookies = f"__Host-sender={browser.cookies['__Host-sender'].value}; __Host-csrf={token}"
    return browser, SendersBrowser(web, cookies, token, link_id=link_id)


def test_from_the_link_to_the_receipt_and_the_yes(web: TestClient, owner: Person) -> None:
    home = browser_of(owner, app_code(give_second_factor(owner)))
    link_id, secret = made_link(home, expected="My sister", message="The disc, please.")
    stranger = Client()
    assert stranger.get(f"/r/{link_id}/who/").headers["Location"] == f"/r/{link_id}"
    stranger.post(f"/r/{link_id}", {"secret": secret})
    page = stranger.get(f"/r/{link_id}/who/").content.decode()
    assert "Olga Owner asks you for images" in page
    assert "The disc, please." in page
    assert "My sister" not in page
    refused = stranger.post(f"/r/{link_id}/who/", EVA | {"may_send": ""})
    assert refused.status_code == 422

    browser, sender = sender_of(web, link_id, secret)
    batch = sender.open_batch()
    listed = sender.ask("GET", "/uploads/batches/unfinished").json()
    assert [each["batch"] for each in listed["batches"]] == [batch]
    verdicts = sender.send(batch, bundled(*pictures()))
    assert {each["verdict"] for each in verdicts.values()} == {"stored"}
    done = sender.ask("POST", f"/uploads/batches/{batch}/finish", json={}).json()
    receipt = done["receipt_url"]
    page = browser.get(receipt).content.decode()
    assert "It arrived" in page
    paper = browser.get(receipt + "receipt/").content
    check_paper(paper)
    with pytest.raises(NotAsSignedError):
        check_paper(paper.replace(b"/Title", b"/TITLE", 1))

    assert "Somebody sent you something" in home.get("/").content.decode()
    assert "Waits for you" in home.get("/send-to-me/").content.decode()
    parcel = f"/sent-to-me/{to_text(Parcel.objects.get().pk)}/"
    page = home.get(parcel).content.decode()
    assert "Unconfirmed sender" in page
    assert "Eva Brandt" in page
    assert home.post(parcel, {}).status_code == 422
    assert home.post(parcel, {"who-0": "mine"}).status_code == 302
    file_taken()
    assert "It was added" in home.get(parcel).content.decode()
    assert "Somebody sent you something" not in home.get("/").content.decode()
    assert home.post(f"/send-to-me/{link_id}/withdraw/").status_code == 302
    assert browser.get(receipt).headers["Location"] == f"/r/{link_id}"


def test_every_closed_link_gets_the_same_page(web: TestClient, owner: Person) -> None:
    home = browser_of(owner, app_code(give_second_factor(owner)))
    answers = set()
    for sort in ("wrong", "withdrawn", "unknown"):
        link_id, secret = made_link(home)
        if sort == "withdrawn":
            home.post(f"/send-to-me/{link_id}/withdraw/")
        if sort == "wrong":
            secret = "x" * 43
        shown = link_id if sort != "unknown" else "0" * 26
        answer = Client().post(f"/r/{shown}", {"secret": secret})
        body = answer.content.decode().replace(shown, "*")
        answers.add((answer.status_code, body.partition("csrfmiddlewaretoken")[0]))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_the_services_of_a_link_are_its_senders_alone(web: TestClient, owner: Person) -> None:
    home = browser_of(owner, app_code(give_second_factor(owner)))
    link_id, secret = made_link(home, parcels="2")
    _, sender = sender_of(web, link_id, secret)
    _, other = sender_of(web, link_id, secret)
    batch = sender.open_batch()
    data = bundled(*pictures(count=1))
    address = sender.create(batch, len(data)).headers["Location"]
    assert address.startswith(f"/uploads/by-link/{link_id}/")
    for answer in (
        other.create(batch, 10),
        other.add(address, 0, data),
        other.ask("GET", address + "/verdicts"),
        other.ask("POST", f"/uploads/batches/{batch}/finish", json={}),
    ):
        assert answer.status_code == 404
    forged = SendersBrowser(web, sender.cookies, "another token", link_id=link_id)
    assert forged.add(address, 0, data).status_code == 403
    assert sender.ask("POST", "/uploads/known", json={"sop": []}).status_code in {404, 405}
    for path in ("/dicomweb/studies", "/uploads/batches/unfinished"):
        assert web.get(path, headers=sender.headers).status_code == 401
    home.post(f"/send-to-me/{link_id}/withdraw/")
    assert sender.add(address, 0, data).status_code == 404


def test_the_services_of_a_link_end_with_it_whatever_ends_it(
    web: TestClient, owner: Person
) -> None:
    home = browser_of(owner, app_code(give_second_factor(owner)))
    asked = {"files": 1, "bytes": 9, "attestation": {"accurate": True}}
    now = clock.now()
    for ended in ({"ends_at": now}, {"locked_at": now}, {"withdrawn_at": now}, {"parcels_left": 0}):
        link_id, secret = made_link(home, parcels="2")
        _, sender = sender_of(web, link_id, secret)
        batch = sender.open_batch()
        address = sender.create(batch, 10).headers["Location"]
        row = UploadRequest.objects.filter(pk=from_text(link_id))
        assert sender.ask("GET", "/uploads/batches/unfinished").status_code == 200
        row.update(**ended)
        assert sender.ask("POST", "/uploads/batches", json=asked).status_code == 404
        # Who has used the link's last parcel completes it; otherwise nothing goes on.
        goes_on = "parcels_left" in ended
        for answer in (
            sender.ask("GET", "/uploads/batches/unfinished"),
            sender.ask("HEAD", address, headers=sender.tus),
            sender.create(batch, 10),
        ):
            assert (answer.status_code < 300) == goes_on, (ended, answer.status_code)
            assert goes_on or answer.status_code == 404


def test_a_desk_chooses_among_its_places_and_who_may_not_ask_finds_no_page(
    web: TestClient,
) -> None:
    nurse = make_person("Nora Nurse", Kind.PROVIDER, "Example Hospital")
    browser = browser_of(nurse, app_code(give_second_factor(nurse)))
    assert browser.get("/send-to-me/new/").status_code == 404
    assert "Make a link" not in browser.get("/send-to-me/").content.decode()
    nurse.account.memberships.update(role=Role.IMAGING_DESK)
    page = browser.get("/send-to-me/new/").content.decode()
    whom = page.partition('name="whom" value="')[2].partition('"')[0]
    link_id, secret = made_link(browser, whom=whom)
    outside, _ = sender_of(web, link_id, secret)
    assert "Example Hospital" in outside.get(f"/r/{link_id}/send/").content.decode()
    wrong = browser.post("/send-to-me/new/", {"whom": whom, "parcels": "99", "check": "none"})
    assert wrong.status_code == 422
