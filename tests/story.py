"""How does an owner with one exam share it, step by step?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.test import Client
from httpx2 import Response
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from starlette.testclient import TestClient

from cast import (
    PASSWORD,
    Person,
    app_code,
    give_second_factor,
    messages_to,
    multipart,
    party_of_person,
)
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.drafts import choose, find_draft, start_draft
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.proof import accept_as_account, prove
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.authorization.actions import confirm_with_password_and_code
from safelight.records.accounts.queries import address_of

DOCTOR = "dr.dora@clinic.example"
CT = Path(str(get_testdata_file("CT_small.dcm")))
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Story:
    """An owner with one exam of one CT picture, and the steps they take."""

    web: TestClient
    owner: Person
    party: Party
    secret: str
    study_id: UUID
    series_id: UUID
    dataset: Dataset
    password: str = PASSWORD

    @property
    def address(self) -> str:
        """The picture's address below a DICOMweb root."""
        ct = self.dataset
        return (
            f"/studies/{ct.StudyInstanceUID}/series/{ct.SeriesInstanceUID}"
            f"/instances/{ct.SOPInstanceUID}"
        )

    def code(self) -> str:
        """Return the code of the owner's app, as if none had been used in this half minute."""
        app = Authenticator.objects.get(user=self.owner.account, type=Authenticator.Type.TOTP)
        app.data["last_counter"] = 0
        app.save()
        return app_code(self.secret)

    def draft(self, **changes: object) -> UUID:
        at = clock.now()
        draft = start_draft(self.party, self.study_id, at=at)
        _, choices = find_draft(self.party, draft.id)
        chosen: dict[str, object] = {
            "series_ids": (str(self.series_id),),
            "name": "Dr Dora Doctor",
            "address": DOCTOR,
            "kind": "clinician",
            "purpose": "second-opinion",
            "second_check": "waived",
        }
        choose(draft, choices, at=at, **(chosen | changes))
        return draft.id

    def approve(self, challenge_id: UUID) -> UUID:
        authorization = confirm_with_password_and_code(
            challenge_id,
            account=self.owner.account,
            session_id=session_id(self.party),
            password=self.password,
            code=self.code(),
            at=clock.now(),
        )
        return authorization.pk

    def share(self, **changes: object) -> Shared:
        draft_id = self.draft(**changes)
        presented = present(self.party, draft_id, statement_version="1", at=clock.now())
        return confirm(self.party, draft_id, self.approve(presented.challenge_id), at=clock.now())

    def as_guest(self, shared: Shared, cookie: str, path: str = "/frames/1") -> int:
        """Ask for something of the picture as a share's guest; return the status."""
        return self.under(shared, self.address + path, cookie).status_code

    def under(self, shared: Shared, path: str, cookie: str) -> Response:
        """Ask for anything under a share's own root."""
        root = f"/dicomweb/shares/{to_text(shared.share_id)}"
        return self.web.get(root + path, headers={"Cookie": f"__Host-guest={cookie}"})

    def add(self, data: bytes) -> None:
        """Add one more file to the owner's exams."""
        store(self.web, self.owner, data)


def story_of(web: TestClient, owner: Person) -> Story:
    """Return how somebody shares the one CT that is theirs; they add a second factor."""
    party = party_of_person(owner)
    (seen,) = exams(party, at=clock.now())
    return Story(
        web=web,
        owner=owner,
        party=party,
        secret=give_second_factor(owner),
        study_id=seen.study_id,
        series_id=seen.series[0].series_id,
        dataset=dcmread(CT),
    )


def begin_story(web: TestClient, owner: Person, data: bytes = b"") -> Story:
    """Let an owner store one CT and add a second factor."""
    store(web, owner, data or CT.read_bytes())
    party = party_of_person(owner)
    seen = exams(party, at=clock.now())[0]
    return Story(
        web=web,
        owner=owner,
        party=party,
        secret=give_second_factor(owner),
        study_id=seen.study_id,
        series_id=seen.series[0].series_id,
        dataset=dcmread(CT),
    )


def sharing_as(story: Story, person: Person) -> Story:
    """Let somebody else share the same exam, who may."""
    return replace(
        story, owner=person, party=party_of_person(person), secret=give_second_factor(person)
    )


def store(web: TestClient, person: Person, *files: bytes) -> None:
    """Store files as a program does."""
    body, headers = multipart(*files)
    answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
    assert answer.status_code == 200, answer.text


def another_ct(**values: object) -> bytes:
    """Return the CT with other values; a changed UID makes another object of it."""
    dataset = dcmread(CT)
    for name, value in values.items():
        setattr(dataset, name, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    written = BytesIO()
    dataset.save_as(written)
    return written.getvalue()


def link_secret(address: str = DOCTOR) -> str:
    """Return the secret of the last link that was sent to an address."""
    found = [facts for template, facts in messages_to(address) if template == "share-invitation"]
    return found[-1]["link"].partition("#")[2]


def one_time_code(address: str = DOCTOR) -> str:
    """Return the last code that was sent to an address."""
    found = [facts for template, facts in messages_to(address) if template == "share-code"]
    return found[-1]["code"]


def open_share(shared: Shared, passphrase: str = "", address: str = DOCTOR) -> str:
    """Open a share as its recipient does, and return the browser's cookie."""
    entered = show_secret(shared.share_id, link_secret=link_secret(address), at=clock.now())
    prove(entered.entry, code=one_time_code(address), passphrase=passphrase, at=clock.now())
    return entered.cookie


def browser_of(person: Person, code: str) -> Client:
    """Sign a person in on the pages, with password and code."""
    browser = Client(headers={"User-Agent": FIREFOX})
    address = f"{person.account.name.lower().replace(' ', '.')}@people.example"
    browser.post("/account/sign-in/", {"email": address, "password": PASSWORD})
    answer = browser.post("/account/sign-in/factor/", {"code": code})
    assert answer.status_code == 302
    return browser


def session_cookie(browser: Client) -> dict[str, str]:
    """Return the header by which a browser's session speaks to the other surface."""
    return {"Cookie": f"__Host-session={browser.cookies['__Host-session'].value}"}


def accept_share(shared: Shared, person: Person) -> str:
    """Take a share with one's own account, and return the browser's cookie."""
    address = address_of(person.account)
    entered = show_secret(shared.share_id, link_secret=link_secret(address), at=clock.now())
    accept_as_account(party_of_person(person), entered.entry, passphrase="", at=clock.now())
    return entered.cookie
