"""E27: an owner dies with live shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from starlette.testclient import TestClient

from acting import approve, ask, make_helper, make_staff, verify
from cast import (
    Person,
    app_code,
    give_second_factor,
    make_person,
    messages_to,
    party_of_person,
)
from safelight.exchange.access.models import DeathNotice
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.deceased import (
    confirm_death,
    deaths_at_desk,
    end_what_no_executor_kept,
    report_death,
    still_alive,
    undo_death,
)
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.keeping import keep_share, paused_for, present_keeping
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.records.accounts.models import Account, Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import PatientRecord
from story import Story, another_ct, browser_of, open_share, sharing_as, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN, SEEN = "MRN-7", "1970-02-03", "Death certificate seen"


@dataclass(frozen=True)
class Scene:
    """The owner, whose hospital record is theirs, and two of the hospital's desk."""

    story: Story
    first: Person
    second: Person

    def die(self) -> DeathNotice:
        """Let the two note that the owner has died."""
        notice = report_death(party_of_person(self.first), NUMBER, BORN, SEEN, at=clock.now())
        confirm_death(party_of_person(self.second), notice.pk, at=clock.now())
        return notice


@pytest.fixture
def scene(story: Story, web: TestClient, clinician: Person) -> Scene:
    record = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    uids = {"StudyInstanceUID": "1.2.826.0.1.5", "SeriesInstanceUID": "1.2.826.0.1.6"}
    store(web, clinician, another_ct(SOPInstanceUID="1.2.826.0.1.7", **record, **uids))
    first, second = make_staff("Dana Desk", Role.IMAGING_DESK), make_staff("Otis Officer")
    _, code = offer_claim(party_of_person(first), NUMBER, BORN, "Card seen", at=clock.now())
    claim_record(story.party, code, BORN, at=clock.now())
    return Scene(story, first, second)


@pytest.fixture
def executor(scene: Scene) -> Person:
    person = make_person("Ed Executor", Kind.INDIVIDUAL)
    owner = address_of(scene.story.owner.account)
    row = ask(person, kind="executor", name="Olga Owner", address=owner, may_share=True)
    verify(row, scene.first, scene.second)
    return person


def keep(executor: Person, shared: Shared) -> None:
    party = party_of_person(executor)
    shown = present_keeping(party, shared.consent_id, at=clock.now())
    given = approve(executor, party, shown.challenge_id)
    keep_share(party, shared.consent_id, given, at=clock.now())


def test_what_was_shared_for_treatment_pauses_and_the_account_is_a_memorial(
    scene: Scene,
) -> None:
    story = scene.story
    treated = story.share()
    cookies = [open_share(treated)]
    legal = story.share(purpose="legal", kind="attorney")
    cookies.append(open_share(legal))
    helper = make_helper(story.owner, make_person("Hal Helper", Kind.INDIVIDUAL))
    browser = browser_of(story.owner, story.code())
    scene.die()
    assert story.as_guest(treated, cookies[0]) == 423
    assert story.as_guest(legal, cookies[1]) == 200
    assert browser.get("/exams/").status_code == 302
    assert story.web.get("/dicomweb/studies", headers=story.owner.headers).status_code == 401
    assert Representative.objects.get(pk=helper.pk).ended_by == "death"
    assert PatientRecord.objects.filter(account_id=story.owner.account.pk).count() == 2
    told = [template for template, _ in messages_to(address_of(story.owner.account))]
    assert told.index("death-reported") < told.index("death-noted")


def test_an_executor_keeps_a_share_by_signing(scene: Scene, executor: Person) -> None:
    story = scene.story
    shared = story.share()
    cookie = open_share(shared)
    assert paused_for(party_of_person(executor), at=clock.now()) == []
    scene.die()
    browser: Client = browser_of(executor, app_code(give_second_factor(executor)))
    assert "who has died" in browser.get("/acting/").content.decode()
    with pytest.raises(NotFoundError):
        present_keeping(party_of_person(scene.first), shared.consent_id, at=clock.now())
    keep(executor, shared)
    assert story.as_guest(shared, cookie) == 200
    assert paused_for(party_of_person(executor), at=clock.now()) == []


def test_an_executor_is_verified_by_a_document_after_the_death(scene: Scene) -> None:
    shared = scene.story.share()
    scene.die()
    person = make_person("Ed Executor", Kind.INDIVIDUAL)
    owner = address_of(scene.story.owner.account)
    row = ask(person, kind="executor", name="Olga Owner", address=owner, may_share=True)
    assert paused_for(party_of_person(person), at=clock.now()) == []
    verify(row, scene.second, scene.first)
    (left,) = paused_for(party_of_person(person), at=clock.now())
    assert left.pk == shared.consent_id
    proxy = ask(person, kind="proxy", name="Olga Owner", address=owner)
    assert proxy.represented_id is None


def test_what_nobody_keeps_in_thirty_days_ends(
    scene: Scene, moved_clock: Callable[[timedelta], datetime]
) -> None:
    later = (clock.now() + timedelta(days=90)).date().isoformat()
    shared = scene.story.share(ends_on=later)
    scene.die()
    assert end_what_no_executor_kept(at=clock.now()) == 0
    moved_clock(timedelta(days=30))
    assert end_what_no_executor_kept(at=clock.now()) == 1
    assert Consent.objects.get(pk=shared.consent_id).ended_by == "death"
    assert end_what_no_executor_kept(at=clock.now()) == 0


def test_one_person_alone_notes_no_death(scene: Scene, stranger: Person) -> None:
    notice = report_death(party_of_person(scene.first), NUMBER, BORN, SEEN, at=clock.now())
    with pytest.raises(StateConflictError):
        report_death(party_of_person(scene.second), NUMBER, BORN, SEEN, at=clock.now())
    with pytest.raises(StateConflictError):
        confirm_death(party_of_person(scene.first), notice.pk, at=clock.now())
    other = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    other.account.memberships.update(role=Role.IMAGING_DESK)
    for nobody in (stranger, other):
        for act in (confirm_death, undo_death):
            with pytest.raises(NotFoundError):
                act(party_of_person(nobody), notice.pk, at=clock.now())
    for said in ((NUMBER, "1970-02-04", SEEN), (NUMBER, BORN, " ")):
        with pytest.raises(InvalidFieldError):
            report_death(party_of_person(scene.first), *said, at=clock.now())
    assert Account.objects.get(pk=scene.story.owner.account.pk).state == "active"


def test_who_lives_says_so_and_an_error_is_undone(scene: Scene) -> None:
    story = scene.story
    shared = story.share()
    cookie = open_share(shared)
    report_death(party_of_person(scene.first), NUMBER, BORN, SEEN, at=clock.now())
    program = replace(story.party, token_scopes=frozenset({"exchange:write"}))
    with pytest.raises(NotFoundError):
        still_alive(program, at=clock.now())
    still_alive(story.party, at=clock.now())
    assert deaths_at_desk(party_of_person(scene.first), at=clock.now()) == []
    with pytest.raises(NotFoundError):
        still_alive(story.party, at=clock.now())

    notice = scene.die()
    assert story.as_guest(shared, cookie) == 423
    undo_death(party_of_person(scene.first), notice.pk, at=clock.now())
    undo_death(party_of_person(scene.first), notice.pk, at=clock.now())
    assert story.as_guest(shared, cookie) == 200
    assert Account.objects.get(pk=story.owner.account.pk).state == "active"
    with pytest.raises(StateConflictError):
        confirm_death(party_of_person(scene.second), notice.pk, at=clock.now())


def test_an_error_that_is_undone_revives_nothing_whose_giver_acts_no_more(
    scene: Scene, stranger: Person
) -> None:
    story = scene.story
    make_helper(story.owner, stranger, may_share=True)
    shared = sharing_as(story, stranger).share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    notice = scene.die()
    undo_death(party_of_person(scene.first), notice.pk, at=clock.now())
    assert story.as_guest(shared, cookie) == 423
    assert [each.pk for each in paused_for(story.party, at=clock.now())] == [shared.consent_id]
    asked = present_keeping(story.party, shared.consent_id, at=clock.now())
    given = approve(story.owner, story.party, asked.challenge_id)
    keep_share(story.party, shared.consent_id, given, at=clock.now())
    assert story.as_guest(shared, cookie) == 200


def test_the_desks_page_of_deaths(scene: Scene) -> None:
    first = browser_of(scene.first, app_code(give_second_factor(scene.first)))
    said = {"number": NUMBER, "born_on": BORN, "evidence": SEEN}
    assert first.post("/desk/deaths/", said | {"evidence": ""}).status_code == 422
    page = first.post("/desk/deaths/", said, follow=True).content.decode()
    assert "waits for a second person" in page
    assert "I have seen it too" not in page
    assert first.post("/desk/deaths/", said).status_code == 422
    owner = browser_of(scene.story.owner, scene.story.code())
    assert "noted that you died" in owner.get("/records/").content.decode()
    second = browser_of(scene.second, app_code(give_second_factor(scene.second)))
    address = second.get("/desk/deaths/").content.decode().partition('action="/desk/deaths/')[2]
    where = f"/desk/deaths/{address.partition(chr(34))[0]}"
    done = second.post(where, {"act": "confirm"}, follow=True).content.decode()
    assert "Confirmed by two" in done
    again = second.post(where, {"act": "confirm"}, follow=True).content.decode()
    assert "cannot be done in its present state" in again
    assert second.post(where, {"act": "other"}).status_code == 404
    undone = second.post(where, {"act": "undo"}, follow=True).content.decode()
    assert "Confirmed by two" not in undone
    assert owner.post("/records/alive/").status_code in {302, 404}
