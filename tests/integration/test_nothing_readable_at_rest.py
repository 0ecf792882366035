"""Would a thief of the disk, without the root key, read anything?

A person registers, adds exams by every door, shares, is looked at; a worker does
all the work that came of it. Then every file of the data folder but the mail, and
every row of the databases unpacked, is searched for what was said on the way.
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pydicom import dcmread
from starlette.testclient import TestClient

from accepting import CURRENT
from cast import Person, app_code, make_person, messages_to, multipart, party_of_person
from detector import Detector
from safelight.exchange.release.sharing.ceremony import Shared, present
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.jobs.models import Job
from safelight.platform.jobs.models import State as JobState
from safelight.platform.jobs.worker import Worker
from safelight.platform.notices.models import Notice
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Account, Kind
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import ReviewItem, Thumbnail
from seeds import HEADER, PEOPLE, PIXELS, SEEDS, UIDS, seeded_ct
from story import FIREFOX, Story, open_share
from uploading import browser_of, bundled

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_no_word_and_no_picture_is_readable_in_the_data_folder(
    web: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(settings.SAFELIGHT_DATA)
    (data / "temporary").mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(data / "temporary"))
    person, secret = _registers()
    _adds_exams(web, person)
    story = _story(web, person, secret)
    shared = _shares(story)
    _looks_around(story, shared)
    make_person(PEOPLE["clinician"], Kind.PROVIDER, PEOPLE["clinic"])
    write_down_counts()
    _a_worker_works()

    assert Thumbnail.objects.exists()
    assert ReviewItem.objects.exists()
    detector, mail = Detector(SEEDS), data / "mail"
    assert detector.search_files(mail) != {}, "messages name people, so the search works"
    assert detector.search_rows() == {}
    assert detector.search_files(data, leave_out=[mail]) == {}


def _registers() -> tuple[Person, str]:
    """Come in by the front door; others knock and are turned away."""
    browser = Client(headers={"User-Agent": FIREFOX})
    asked = {"name": PEOPLE["name"], "email": PEOPLE["email"], "password": PEOPLE["password"]}
    browser.post("/account/register/", asked | {"statement": CURRENT, "accept": "on"})
    code = messages_to(PEOPLE["email"])[-1][1]["code"]
    browser.post("/account/verify/", {"code": code})
    page = browser.get("/account/security/factors/app/").content.decode()
    found = re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}", page)
    assert found
    secret = found[0].replace(" ", "")
    answer = browser.post("/account/security/factors/app/", {"code": app_code(secret)})
    assert browser.get(answer["Location"]).status_code == 200
    stranger = Client()
    for address in (PEOPLE["unknown"], PEOPLE["email"]):
        stranger.post("/account/sign-in/", {"email": address, "password": "wrong" * 4})
        stranger.post("/account/reset/", {"email": address})
    account = Account.objects.get()
    token, _ = create_token(account, list(Scope), label=PEOPLE["label"], at=clock.now())
    return Person(account, token), secret


def _adds_exams(web: TestClient, person: Person) -> None:
    """Add exams by both doors: kept, waiting for a decision, refused, and not yet complete."""
    other_bytes = seeded_ct("one", PIXELS[1])
    whole = [seeded_ct("one"), seeded_ct("two", PIXELS[1], compressed=True), other_bytes]
    body, headers = multipart(*whole, seeded_ct("three")[:3000])
    answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
    assert answer.status_code == 202
    browser = browser_of(web, person)
    batch = browser.open_batch(other_name_choice="me-under-another-name")
    browser.send(batch, bundled(seeded_ct("three")))
    half = bundled(seeded_ct("other"))
    address = browser.create(batch, len(half)).headers["Location"]
    assert browser.add(address, 0, half[: len(half) - 100]).status_code == 204


def _story(web: TestClient, person: Person, secret: str) -> Story:
    party = party_of_person(person)
    (exam,) = exams(party, at=clock.now())
    (series,) = (each for each in exam.series if each.series_uid == UIDS["series"])
    return Story(
        web=web,
        owner=person,
        party=party,
        secret=secret,
        study_id=exam.study_id,
        series_id=series.series_id,
        dataset=dcmread(BytesIO(seeded_ct("one"))),
        password=PEOPLE["password"],
    )


def _shares(story: Story) -> Shared:
    """Share with one doctor, and leave a draft and a page shown for another."""
    words = {"purpose_words": PEOPLE["purpose"], "passphrase": PEOPLE["passphrase"]}
    shared = story.share(
        name=PEOPLE["doctor"],
        address=PEOPLE["doctor_email"],
        second_check="passphrase",
        may_download=True,
        **words,
    )
    names = {"name": PEOPLE["draft_doctor"], "address": PEOPLE["draft_email"]}
    draft = story.draft(**names, **words, second_check="passphrase")
    present(story.party, draft, statement_version="1", at=clock.now())
    return shared


def _looks_around(story: Story, shared: Shared) -> None:
    """Look as the doctor and as the owner, search by name, take a copy."""
    cookie = open_share(shared, PEOPLE["passphrase"], PEOPLE["doctor_email"])
    for path in ("/frames/1", "/rendered", "/metadata", ""):
        assert story.as_guest(shared, cookie, path) == 200
    asked = {"PatientName": HEADER["PatientName"], "AccessionNumber": HEADER["AccessionNumber"]}
    found = story.web.get("/dicomweb/studies", params=asked, headers=story.owner.headers)
    assert found.json()[0]["0020000D"]["Value"] == [UIDS["study"]]
    assert b"".join(download(story.party, story.study_id, now=clock.now).pieces)


def _a_worker_works() -> None:
    """Let a worker do everything that is due, and put the trail in order."""
    stop = threading.Event()
    worker = threading.Thread(target=Worker(stop, threads=1).run)
    worker.start()
    try:
        for _ in range(600):
            waiting = (
                Job.objects.filter(state__in=[JobState.READY, JobState.RUNNING]).exists(),
                Entry.objects.filter(seq=None).exists(),
            )
            if not any(waiting):
                break
            time.sleep(0.1)
    finally:
        stop.set()
        worker.join()
    assert not Notice.objects.filter(state="waiting").exists()
    assert not Job.objects.filter(state=JobState.DEAD).exists()
    assert not Entry.objects.filter(seq=None).exists()
