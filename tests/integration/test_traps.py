"""Do we fall into the traps that others fell into?

Each test answers one mistake that was made in software of this kind. Others are
answered elsewhere: an address nobody thought of, and finding out who is a member
(test_no_way_around.py, promises V7 and L34); an identifier that opens things
(promise V1); secrets in the log (test_log_hygiene.py).
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from starlette.testclient import TestClient

import safelight
from cast import Person, make_person, messages_to, multipart
from objects import a_file, uid
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party, PartyKind, StudyFacts
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import Share
from safelight.exchange.release.sharing.ceremony import present
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.actions.tokens import revoke_token
from safelight.records.accounts.models import Account, Kind
from safelight.records.imaging.models import Instance
from story import (
    DOCTOR,
    Story,
    accept_share,
    another_ct,
    begin_story,
    browser_of,
    link_secret,
    open_share,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "clara.clinician@people.example"


def send(web: TestClient, person: Person, data: bytes) -> tuple[int, bytes]:
    """Store one file; return status and answer, identifiers left out."""
    body, headers = multipart(data)
    answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
    return answer.status_code, re.sub(rb"[0-9.]{12,}", b"*", answer.content)


def test_storing_under_known_identifiers_tells_nothing_of_who_has_them(
    story: Story, stranger: Person
) -> None:
    before = story.web.get("/dicomweb" + story.address, headers=story.owner.headers).content
    frame = "/dicomweb" + story.address + "/frames/1"
    other = {"PatientName": "Guess^One", "PatientID": "wrong", "AccessionNumber": "guessed"}
    known = send(story.web, stranger, another_ct(**other))
    fresh = {
        "StudyInstanceUID": uid(7),
        "SeriesInstanceUID": uid(7, 1),
        "SOPInstanceUID": uid(7, 2),
    }
    unknown = send(story.web, stranger, another_ct(**other, **fresh))
    assert known == unknown
    assert known[0] == 200
    after = story.web.get("/dicomweb" + story.address, headers=story.owner.headers).content
    assert after[200:-200] == before[200:-200]
    own = story.web.get(frame, headers=stranger.headers)
    assert own.status_code == 200
    assert Instance.objects.values("vault_id").distinct().count() == 2


def test_a_bearer_token_dies_when_it_is_revoked(story: Story) -> None:
    frame = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(frame, headers=story.owner.headers).status_code == 200
    row = story.owner.account.api_tokens.get()
    revoke_token(story.owner.account, row.pk, at=clock.now())
    assert story.web.get(frame, headers=story.owner.headers).status_code == 401


def test_no_way_in_exists_before_the_confirmation(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = story.draft()
    for step in ("what", "who", "why", "check"):
        assert browser.get(f"/share/{to_text(draft)}/{step}/").status_code == 200
    present(story.party, draft, statement_version="1", at=clock.now())
    assert not Consent.objects.exists()
    assert not Share.objects.exists()
    assert messages_to(DOCTOR) == []


@pytest.fixture
def _in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_tokyo")
def test_the_machines_time_zone_moves_no_end(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    assert datetime.now().astimezone().utcoffset() == timedelta(hours=9)
    shared = story.share()
    cookie = open_share(shared)
    consent = Consent.objects.get(pk=shared.consent_id)
    assert abs(consent.granted_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert consent.ends_at.utcoffset() == timedelta(0)
    assert story.as_guest(shared, cookie) == 200
    party = Party(kind=PartyKind.GUEST, share_id=shared.share_id, consent_id=consent.pk)
    moved_clock(consent.ends_at - clock.now() - timedelta(seconds=30))
    assert decide(party, Action.VIEW, story.study_id, at=clock.now()).allowed
    moved_clock(timedelta(seconds=31))
    assert not decide(party, Action.VIEW, story.study_id, at=clock.now()).allowed


def test_a_remembered_yes_does_not_outlive_a_revocation(story: Story, clinician: Person) -> None:
    shared = story.share(address=ADDRESS)
    accept_share(shared, clinician)
    frame = "/dicomweb" + story.address + "/frames/1"
    for _ in range(3):
        assert story.web.get(frame, headers=clinician.headers).status_code == 200
    withdraw(story.party, shared.consent_id, at=clock.now())
    assert story.web.get(frame, headers=clinician.headers).status_code == 404


def test_a_study_that_belongs_to_nobody_is_nobodys() -> None:
    orphan = StudyFacts(
        study_id=new_id(),
        vault_id=new_id(),
        filed=True,
        owner_account=None,
        custodian_account=None,
        custodian_organization=None,
        party_treats_patient=False,
        grants=(),
    )
    for kind in PartyKind:
        party = Party(
            kind=kind,
            account_id=None if kind in {PartyKind.GUEST, PartyKind.ANONYMOUS} else new_id(),
            consent_id=new_id() if kind is PartyKind.GUEST else None,
            second_factor=True,
            active=True,
            statement_accepted=True,
        )
        for action in Action:
            assert not judge(party, orphan, action, at=clock.now()).allowed


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</script><svg onload=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "{{ 7|add:7 }}{% now 'Y' %}",
    "javascript:alert(1)//",
)


@pytest.mark.parametrize("words", HOSTILE)
def test_words_from_a_header_are_words_on_every_page(web: TestClient, words: str) -> None:
    person = make_person("Olga Owner", Kind.INDIVIDUAL)
    said = {"PatientName": words, "StudyDescription": words, "SeriesDescription": words}
    story = begin_story(web, person, another_ct(**said))
    shared = story.share(name=f"Dr {words}", purpose="other", purpose_words=words)
    cookie = open_share(shared)
    browser = browser_of(person, story.code())
    exam = f"/exams/{to_text(story.study_id)}/"
    own = ("/", "/exams/", exam, exam + "view/", exam + "activity/", "/access/", "/activity/")
    consent = f"/consents/{to_text(shared.consent_id)}/"
    elsewhere = "somebody.else@clinic.example"
    draft = f"/share/{to_text(story.draft(name=words, address=elsewhere, purpose_words=words))}/"
    steps = [draft + step for step in ("what/", "who/", "why/", "check/")]
    guest = Client()
    guest.cookies["__Host-guest"] = cookie
    root = f"/s/{to_text(shared.share_id)}/exams/"
    asked = [(browser, path) for path in (*own, consent, *steps)]
    asked += [(guest, root), (guest, f"{root}{to_text(story.study_id)}/view/")]
    for who, path in asked:
        answer = who.get(path)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert "alert(1)>" not in page, path
        assert "<script>alert" not in page, path
        assert "<svg onload" not in page, path
        assert not re.search(r'"\s+autofocus onfocus="alert', page), path
        assert 'href="javascript:' not in page, path


@pytest.mark.parametrize(
    "count", [250, pytest.param(2000, marks=pytest.mark.long)], ids="{} pictures".format
)
def test_a_long_series_is_described_whole(web: TestClient, owner: Person, count: int) -> None:
    for start in range(0, count, 250):
        files = [a_file(start + each) for each in range(250)]
        body, headers = multipart(*files)
        answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
        assert answer.status_code == 200
    series = f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}"
    described = web.get(series + "/metadata", headers=owner.headers).json()
    assert len(described) == count
    assert len({each["00080018"]["Value"][0] for each in described}) == count
    study = web.get(f"/dicomweb/studies/{uid(1)}/metadata", headers=owner.headers).json()
    assert len(study) == count


def test_a_links_secret_stands_where_no_server_and_no_log_sees_it(story: Story) -> None:
    shared = story.share()
    link = [facts for name, facts in messages_to(DOCTOR) if name == "share-invitation"][-1]["link"]
    address, _, secret = link.partition("#")
    assert secret == link_secret()
    assert address.endswith(f"/s/{to_text(shared.share_id)}")
    answer = Client().get(address.removeprefix("http://localhost:8000"))
    assert secret not in answer.content.decode()
    sources = [*ROOT.glob("frontend/src/**/*.ts"), *ROOT.glob("src/safelight/surfaces/**/*.js")]
    built = ("static/build", "static/workplace")
    keepers = {path.name for path in sources if not any(each in str(path) for each in built)}
    users = {
        path.name
        for path in sources
        if path.name in keepers and re.search(r"\b(local|session)Storage\b", path.read_text())
    }
    # The uploader keeps there which parts of a disc have arrived; no key to anything.
    assert users <= {"uploader.ts", "plan.ts", "plans.ts"}


def test_nobody_can_sign_in_to_a_fresh_instance() -> None:
    assert not Account.objects.exists()
    answer = Client().post("/account/sign-in/", {"email": "admin@localhost", "password": "admin"})
    assert answer.status_code != 302


def test_no_password_or_key_stands_in_the_program() -> None:
    package = Path(safelight.__file__).parent
    named = re.compile(r"(password|secret|token|api_?key|root_?key)$", re.IGNORECASE)
    found = []
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg and named.search(node.arg):
                value = node.value
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    found.append(f"{path.relative_to(package)}:{value.lineno}")
    assert found == []
