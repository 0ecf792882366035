"""Can anybody get or learn anything by an address they have no business with?

A walk over every address and every method, as people without the right to any of
it. What exists and what does not must read the same, byte for byte, and nothing
may change by looking.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from starlette.testclient import TestClient

from acting import ask, make_staff
from asked import Outsider
from asked import ask as ask_for_images
from cast import PASSWORD, app_code, give_second_factor, make_person, multipart
from copying import draft_of_a_copy
from matrix.operating import put_alert
from passing import shown_to
from permission_matrix import API, FHIR, PAGES, READ_AND_NOTE, SERVICES, May
from powers import admin, elevate, security_officer
from safelight.exchange.access.groups import admit_member, make_group
from safelight.exchange.access.models import CareRelation, CareWay, DeathNotice, RecordClaim
from safelight.exchange.receive.batches import expect
from safelight.exchange.receive.door import Attestation, start_batch
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.uploads import create_upload
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.exchange.release.sharing.asking import ask_patient
from safelight.exchange.release.sharing.wishes import Wish
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import (
    ChangeKind,
    Instance,
    PatientRecord,
    RecordChange,
    Study,
    StudyCopy,
)
from safelight.surfaces.dicomweb.app import app
from story import (
    DOCTOR,
    Story,
    begin_story,
    browser_of,
    open_share,
    session_cookie,
)
from uploading import bundled, pictures
from walk import (
    API_ROOT,
    METHODS,
    SAFE,
    changed,
    operations,
    pages,
    resources,
    routes,
    services,
    state,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
OTHERS_DOCTOR = "dr.other@elsewhere.example"
# What is fresh in each answer, and the number of a factor in its own address.
_FRESH = re.compile(
    rb'name="(csrfmiddlewaretoken|confirm-challenge)" value="\w+"|"csrf": ?"\w+"|(?<=/factors/)\d+'
)
# In this order: what ends the stranger's own session comes last.
_ENDS_SESSION = ("sign-out", "end-session", "end-sessions", "not-me-here")
_TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "1000",
    "Upload-Offset": "0",
    "Content-Type": "application/offset+octet-stream",
}
_EMERGENCY = {
    "number": "MRN-7",
    "born_on": "1970-02-03",
    "cause": "unconscious",
    "reason": "Found on the street",
}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NOTHING_HERE = frozenset({302, 401, 403, 404, 405})


@dataclass
class Place:
    """What the walk looks for: ids of the owner's things, or of nothing at all."""

    ids: dict[str, object]

    def hide(self, text: bytes) -> bytes:
        """Take the ids out of an answer that merely repeats the question."""
        for each in self.ids.values():
            if len(str(each)) > 6:  # not a number that may stand anywhere
                text = text.replace(str(each).encode(), b"*")
        return _FRESH.sub(b"*", text)


@dataclass
class World:
    """An owner with an exam, a draft, a share and a delivery: real places, and empty ones."""

    places: tuple[Place, Place]
    secrets: tuple[str, ...]


def at_the_desk(story: Story) -> dict[str, object]:
    """Enter who treats the owner, and let their record wait for them; return the ids."""
    patient, at = PatientRecord.objects.get(), clock.now()
    later = at + timedelta(days=9)
    relation = CareRelation.objects.create(
        vault_id=patient.vault_id,
        patient_id=patient.pk,
        account_id=story.owner.account.pk,
        way=CareWay.LIST,
        since=at,
        until=later,
        entered_by=story.owner.account.pk,
        reason="Secret reason",
    )
    claim = RecordClaim.objects.create(
        vault_id=patient.vault_id,
        patient_id=patient.pk,
        code_token=b"sixteen  letters",
        made_by=story.owner.account.pk,
        made_at=at,
        expires_at=later,
        checked="Secret card",
        tries_left=5,
    )
    notice = DeathNotice.objects.create(
        vault_id=patient.vault_id,
        patient_id=patient.pk,
        account_id=story.owner.account.pk,
        evidence="Secret certificate",
        first_by=story.owner.account.pk,
        first_at=at,
    )
    change = RecordChange.objects.create(
        vault_id=patient.vault_id,
        kind=ChangeKind.MOVE_EXAM,
        study_id=story.study_id,
        here_id=patient.pk,
        words="Secret reason",
        asked_by=story.owner.account.pk,
        asked_at=at,
    )
    return {
        "change_id": to_text(change.pk),
        "relation_id": to_text(relation.pk),
        "claim_id": to_text(claim.pk),
        "notice_id": to_text(notice.pk),
        "paper_id": to_text(_paper(story, patient.vault_id).pk),
    }


def _paper(story: Story, vault_id: UUID) -> SignedPaper:
    """Leave a paper on the desk, as far as anybody else can tell."""
    at, desk = clock.now(), make_staff("Dana Desk", Role.IMAGING_DESK).account
    return SignedPaper.objects.create(
        vault_id=vault_id,
        organization_id=desk.memberships.get().organization_id,
        subject_account_id=story.owner.account.pk,
        scan_kind="pdf",
        recorded_at=at,
        lapses_at=at + timedelta(days=9),
        signed_digest=b"Secret digest",
        first_by_id=desk.pk,
        sealed_content=b"Secret content",
        sealed_scan=b"Secret scan",
    )


def _copy(story: Story) -> UUID:
    draft_of_a_copy(story)
    return StudyCopy.objects.get().study_id


@pytest.fixture
def world(story: Story) -> World:
    at = clock.now()
    shared = story.share()
    open_share(shared)
    attested = Attestation(whose="mine", believed_right=True)
    batch = start_batch(story.party, Channel.WEB, attested, at=at)
    expect(batch, files=1, size=1000)
    upload = create_upload(story.party, batch.pk, 1000, at=at)
    browser_of(story.owner, story.code())
    group = make_group(story.party, "Secret family", at=at)
    other = make_person("Maud Member", Kind.INDIVIDUAL)
    admit_member(story.party, group.pk, address_of(other.account), at=at)
    clara = shown_to(story, make_person("Clara Clinician", Kind.PROVIDER, "Example Hospital"))
    later = (at + timedelta(days=9)).date().isoformat()
    wish = Wish(purpose="treatment", note="Dr Secret asks", ends_on=later)
    asked = ask_patient(clara.party, story.study_id, wish, at=clock.now())
    make_staff("Otis Officer")
    acting = ask(other, name="Olga Owner", address=address_of(story.owner.account))
    ct = story.dataset
    outsider = Outsider(ask_for_images(story.owner, message="Secret wish", parcels=2))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures(count=1)))
    access = elevate(admin(), security_officer(), f"study/{story.study_id}")
    present = at_the_desk(story) | {
        "access_id": to_text(access.pk),
        "approval_id": to_text(access.approval_id or access.pk),
        **put_alert(f"account/{story.owner.account.pk}"),
        "entry_id": to_text(Entry.objects.earliest("row").entry_id),
        "partner_id": to_text(new_id()),
        "connection_id": to_text(new_id()),
        "agreement_id": to_text(new_id()),
        "transfer_id": to_text(new_id()),
        "item_id": to_text(new_id()),
        "watched_id": to_text(new_id()),
        "right_id": to_text(new_id()),
        "search_id": to_text(new_id()),
        "link_id": to_text(outsider.made.request_id),
        "parcel_id": to_text(parcel.pk),
        "representative_id": to_text(acting.pk),
        "evidence_id": to_text(acting.evidence.get().pk),
        "exam_id": to_text(story.study_id),
        "draft_id": to_text(story.draft()),
        "copy_id": to_text(_copy(story)),
        "series_id": to_text(story.series_id),
        "group_id": to_text(group.pk),
        "account_id": to_text(other.account.pk),
        "request_id": to_text(asked),
        "consent_id": to_text(shared.consent_id),
        "share_id": to_text(shared.share_id),
        "batch_id": to_text(batch.pk),
        "batch": to_text(batch.pk),
        "upload": to_text(upload.pk),
        "session": to_text(story.owner.account.sessions.get().pk),
        "token": to_text(story.owner.account.api_tokens.get().pk),
        "factor": Authenticator.objects.get(user=story.owner.account).pk,
        "study": ct.StudyInstanceUID,
        "series": ct.SeriesInstanceUID,
        "instance": ct.SOPInstanceUID,
    }
    usual = {
        "number": 1,
        "key": "none",
        "job": "none",
        "name": "home",
        "path": "7FE00010",
        "frames": "1",
    }
    absent = {name: to_text(new_id()) for name in present}
    absent |= {"study": "1.2.826.0.1.77", "series": "1.2.826.0.1.78", "instance": "1.2.826.0.1.79"}
    return World(
        (Place(present | usual), Place(absent | usual | {"factor": 999999})),
        (
            "Olga Owner",
            "Maud",
            "Secret family",
            "Secret wish",
            "Pat Porter",
            "olga.owner",
            DOCTOR,
            "Dora",
            "CompressedSamples",
            str(ct.PatientID),
        ),
    )


@dataclass
class Stranger:
    """Somebody with no right to anything of the owner's, and how they come."""

    browser: Client
    headers: dict[str, str]
    is_member: bool = False


def nobody(_web: TestClient) -> Stranger:
    return Stranger(Client(), {})


def member(_web: TestClient) -> Stranger:
    person = make_person("Stan Stranger", Kind.INDIVIDUAL)
    browser = browser_of(person, app_code(give_second_factor(person)))
    return Stranger(browser, session_cookie(browser), is_member=True)


def without_second_factor(_web: TestClient) -> Stranger:
    make_person("Hal Half", Kind.INDIVIDUAL)
    browser = Client()
    asked = {"email": "hal.half@people.example", "password": PASSWORD}
    assert browser.post("/account/sign-in/", asked).status_code == 302
    return Stranger(browser, session_cookie(browser))


def bearer(web: TestClient) -> Stranger:
    person = make_person("Tom Token", Kind.INDIVIDUAL)
    web.get("/dicomweb/studies", headers=person.headers)  # notes the day it was last used
    return Stranger(Client(headers=person.headers), person.headers, is_member=True)


def guest_of_another_share(web: TestClient) -> Stranger:
    other = begin_story(web, make_person("Oscar Other", Kind.INDIVIDUAL))
    cookie = open_share(other.share(address=OTHERS_DOCTOR), address=OTHERS_DOCTOR)
    browser = Client()
    browser.cookies["__Host-guest"] = cookie
    return Stranger(browser, {"Cookie": f"__Host-guest={cookie}"})


STRANGERS = [
    nobody,
    member,
    without_second_factor,
    bearer,
    guest_of_another_share,
]
# Who has but one factor is led away before any page: see test_permission_matrix.py.
ON_PAGES = [nobody, member, bearer, guest_of_another_share]


def test_every_address_is_in_the_matrix_and_nothing_else() -> None:
    assert {page.name for page in pages()} == set(PAGES)
    served = {
        f"{method} {path}" for path, methods in services(app.routes).items() for method in methods
    }
    assert served == set(SERVICES)
    assert operations() == set(API)
    assert {page.name for page in resources()} == set(FHIR)
    beside = {page.address for page in routes()} - {page.address for page in pages()}
    beside -= {page.address for page in resources()}
    assert beside == {API_ROOT} | {API_ROOT + each.partition(" /")[2] for each in API}


@pytest.mark.parametrize("who", ON_PAGES, ids=lambda who: who.__name__.replace("_", " "))
def test_no_page_gives_a_stranger_anything(
    world: World, web: TestClient, who: Callable[[TestClient], Stranger]
) -> None:
    stranger = who(web)
    stranger.browser.raise_request_exception = False
    for page in sorted(pages(), key=lambda page: page.name in _ENDS_SESSION):
        before = state()
        for method in METHODS:
            places = world.places if page.places else world.places[:1]
            said = [_ask(stranger, method, page.at(**place.ids)) for place in places]
            answers = [
                (answer.status_code, place.hide(_words(answer)))
                for answer, place in zip(said, places, strict=True)
            ]
            where = f"{method} {page.name}"
            assert answers[0] == answers[-1], where
            assert answers[0][0] < 500, where
            if not _may(PAGES[page.name], stranger):
                assert answers[0][0] in _NOTHING_HERE, where
            for secret in world.secrets:
                assert secret.encode() not in answers[0][1], f"{where} tells {secret}"
            if method == METHODS[len(SAFE) - 1] and page.name not in READ_AND_NOTE:
                assert changed(before, state()) == set(), f"looking at {page.name} changed"
        if PAGES[page.name] not in {May.ANYONE, May.ACCOUNT}:
            assert changed(before, state()) == set(), f"asking for {page.name} changed"


@pytest.mark.parametrize("who", STRANGERS, ids=lambda who: who.__name__.replace("_", " "))
def test_no_service_gives_a_stranger_anything(
    world: World, web: TestClient, who: Callable[[TestClient], Stranger]
) -> None:
    stranger = who(web)
    headers = stranger.headers | _from_our_page(stranger)
    for path in services(app.routes):
        before = state()
        for method in METHODS:
            said = [
                web.request(
                    method, _filled(path, place.ids), **_asked(method, path, headers, place)
                )
                for place in world.places
            ]
            answers = [
                (answer.status_code, place.hide(answer.content))
                for answer, place in zip(said, world.places, strict=True)
            ]
            where = f"{method} {path}"
            assert answers[0] == answers[1], where
            assert answers[0][0] < 500, where
            if not _may(SERVICES.get(where), stranger):
                assert answers[0][0] in _NOTHING_HERE | {204}, where
                assert answers[0][0] != 204 or answers[0][1] == b"", where
            for secret in world.secrets:
                assert secret.encode() not in answers[0][1], f"{where} tells {secret}"
        left = changed(before, state()) - {"default.receive_intakebatch", "default.imaging_vault"}
        assert left <= {"keys.keys_wrappedkey"}, f"asking for {path} changed"


def test_the_json_api_gives_a_stranger_nothing(world: World, web: TestClient) -> None:
    for who in (nobody, member):
        stranger = who(web)
        headers = _from_our_page(stranger)
        for path in sorted({each.partition(" ")[2] for each in API}):
            before = state()
            for method in METHODS:
                _ask_for_json(world, stranger, f"{method} {path}", headers)
            if API.get(f"POST {path}") is not May.MEMBER:
                assert changed(before, state()) == set(), f"{who.__name__}: {path} changed"


@pytest.mark.parametrize("who", STRANGERS, ids=lambda who: who.__name__.replace("_", " "))
def test_fhir_gives_a_stranger_nothing(
    world: World, story: Story, web: TestClient, who: Callable[[TestClient], Stranger]
) -> None:
    seen = story.share(address=OTHERS_DOCTOR)
    assert story.as_guest(seen, open_share(seen, address=OTHERS_DOCTOR)) == 200
    write_down_counts()
    stranger = who(web)
    study = Study.objects.first()
    assert study is not None
    ids = {
        "patient_id": to_text(study.patient_id),
        "object_id": to_text(Instance.objects.earliest("arrival").id),
        "event_id": to_text(Disclosure.objects.earliest("at").pk),
        "other": "nowhere",
    }
    for page in resources():
        before = state()
        for method in METHODS:
            there = _ask(stranger, method, page.at(**(world.places[0].ids | ids)))
            absent = {name: to_text(new_id()) for name in page.places}
            nowhere = _ask(stranger, method, page.at(**(absent | {"other": "here"})))
            where = f"{method} {page.name}"
            assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
            assert there.status_code < 500, where
            if not _may(FHIR[page.name], stranger):
                assert there.status_code in _NOTHING_HERE, where
            for secret in world.secrets:
                assert secret.encode() not in there.content, f"{where} tells {secret}"
        assert changed(before, state()) == set(), f"asking for {page.name} changed"


def _ask_for_json(world: World, stranger: Stranger, asked: str, headers: dict[str, str]) -> None:
    """Ask for what is there and for what is not, and find no difference."""
    method, _, path = asked.partition(" ")
    places = world.places if "{" in path else world.places[:1]
    said = [
        stranger.browser.generic(
            method,
            API_ROOT.rstrip("/") + path.format(**place.ids),
            orjson.dumps(_of_api(path, place)) if method in _WITH_BODY else b"",
            content_type="application/json",
            headers=headers,
        )
        for place in places
    ]
    answers = [
        (answer.status_code, place.hide(answer.content))
        for answer, place in zip(said, places, strict=True)
    ]
    assert answers[0] == answers[-1], asked
    assert answers[0][0] < 500, asked
    if not _may(API.get(asked.replace("HEAD", "GET")), stranger):
        assert answers[0][0] in _NOTHING_HERE, asked
    for secret in world.secrets:
        assert secret.encode() not in answers[0][1], f"{asked} tells {secret}"


def _of_api(path: str, place: Place) -> dict[str, Any]:
    """Return a body as it should be, so that nothing but the right to it is missing."""
    known: dict[str, dict[str, Any]] = {
        "/drafts": {"exams": [place.ids["exam_id"]]},
        "/drafts/{draft_id}": {"purpose": "legal"},
        "/drafts/{draft_id}/confirm": {
            "digest": "0" * 64,
            "challenge": place.ids["consent_id"],
            "password": PASSWORD,
            "code": "123456",
        },
        "/exams/{exam_id}/sensitive": {"classes": []},
        "/exams/{exam_id}/reason": {"code": "conference"},
        "/exams/{exam_id}/requests": {"purpose": "treatment", "ends_on": "2099-01-01"},
        "/groups": {"name": "Mine"},
        "/desk/care": {
            "number": "MRN-7",
            "born_on": "1970-02-03",
            "clinician": place.ids["account_id"],
            "way": "list",
            "reason": "Follow-up",
            "ends_on": "2099-01-01",
        },
        "/desk/claims": {"number": "MRN-7", "born_on": "1970-02-03", "checked": "Card seen"},
        "/emergencies": _EMERGENCY,
        "/emergencies/confirm": _EMERGENCY
        | {
            "digest": "0" * 64,
            "challenge": place.ids["consent_id"],
            "password": PASSWORD,
            "code": "123456",
        },
        "/desk/deaths": {"number": "MRN-7", "born_on": "1970-02-03", "evidence": "Seen"},
        "/exams/{exam_id}/signed-papers": {
            "series": [],
            "patient": "Paul Patient",
            "name": "Dr Dora Doctor",
            "address": "dora@doctor.example",
            "kind": "clinician",
            "purpose": "treatment",
            "ends_on": "2099-01-01",
            "signed_on": "2099-01-01",
            "seen_by": "Nina Nurse",
            "seen_as": "nurse",
            "known_by": "photo-id",
            "scan": "",
        },
        "/signed-papers/{paper_id}/confirm": {
            "digest": "0" * 64,
            "challenge": place.ids["consent_id"],
            "password": PASSWORD,
            "code": "123456",
        },
        "/handovers/{transfer_id}": {
            "study": "1.2.3",
            "wanted": 1,
            "consent": place.ids["consent_id"],
            "purpose": "treatment",
            "further": "none",
            "given_at": "2026-01-01T00:00:00Z",
            "ends_at": "2099-01-01T00:00:00Z",
        },
        "/handovers/{transfer_id}/agree": {"count": 1, "proof": "0" * 64},
        "/parcels/{parcel_id}/accept": {"people": {"0": "mine"}, "believed_right": True},
        "/shares/{share_id}/decline": {"why": "not-wanted"},
        "/representatives/{representative_id}/dispute": {"words": "No."},
        "/representatives/{representative_id}/settle": {"words": "Yes."},
        "/representatives/{representative_id}/block": {"words": "Danger."},
        "/groups/{group_id}/members": {"address": OTHERS_DOCTOR},
    }
    return known.get(path, {})


def _may(who: May | None, stranger: Stranger) -> bool:
    if who is May.ANYONE:
        return True
    if who is May.ACCOUNT:
        return "__Host-session" in stranger.browser.cookies
    return who is May.MEMBER and stranger.is_member


def _ask(stranger: Stranger, method: str, address: str) -> Any:  # noqa: ANN401 (Django's test answer)
    return stranger.browser.generic(method, address)


def _words(answer: Any) -> bytes:  # noqa: ANN401 (the same)
    body: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    location: str = answer.headers.get("Location", "")
    return location.encode() + b"\n" + body


def _filled(path: str, ids: dict[str, object]) -> str:
    if path.endswith("/wado"):  # its address names nothing, its query does
        path += "?requestType=WADO&studyUID={study}&seriesUID={series}&objectUID={instance}"
    return path.replace("{path:path}", "{path}").format(**ids)


def _from_our_page(stranger: Stranger) -> dict[str, str]:
    """Return what a script of our own pages adds to a request that changes something."""
    stranger.browser.get("/statement/")
    stranger.browser.get("/account/sign-in/")
    csrf = stranger.browser.cookies.get("__Host-csrf")
    if csrf is None:
        return {}
    cookies = "; ".join(f"{name}={one.value}" for name, one in stranger.browser.cookies.items())
    said = {"Origin": "http://localhost:8000", "X-CSRF-Token": csrf.value}
    return said | ({"Cookie": cookies} if "Cookie" in stranger.headers else {})


def _asked(method: str, path: str, headers: dict[str, str], place: Place) -> dict[str, Any]:
    """Return a request as it should be, so that nothing but the right to it is missing."""
    if path == "/uploads/known":
        asked = [hashlib.sha256(str(place.ids["instance"]).encode()).hexdigest()]
        return {"headers": headers | _TUS, "json": {"sop": asked}}
    if path.startswith("/uploads/batches"):
        return {"headers": headers | _TUS, "json": {}}
    if path.startswith("/uploads"):
        batch = base64.b64encode(str(place.ids["batch"]).encode()).decode()
        return {
            "headers": headers | _TUS | {"Upload-Metadata": f"batch {batch}"},
            "content": b"x" if method == "PATCH" else b"",
        }
    if method in {"POST", "PUT"}:
        body, kind = multipart()
        return {"headers": headers | kind, "content": body}
    return {"headers": headers}
