"""Who takes an exam on: it is about work, opens nothing, and stays inside the institution."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from passing import shown_to
from safelight.exchange.access.caring.leaving import leave
from safelight.exchange.access.caring.relations import CareWish, begin_care
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.release.activity import activity
from safelight.exchange.release.inbox.assigning import assign, give_back, who_may_take
from safelight.exchange.release.inbox.listing import inbox
from safelight.exchange.release.inbox.models import Assignment
from safelight.exchange.release.inbox.wanted import wanted_of
from safelight.exchange.release.models import Disclosure, Look
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Organization, Role
from safelight.records.imaging.models import Study
from story import Story, another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"


@pytest.fixture
def exam(web: TestClient, clinician: Person) -> UUID:
    """Let a clinician bring in an exam of a patient they treat."""
    of_whom = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(web, clinician, another_ct(StudyInstanceUID="1.2.826.0.1.9", **of_whom))
    return Study.objects.latest("received_at").pk


@pytest.fixture
def colleague(exam: UUID) -> Person:
    """Let the desk enter a colleague who treats the same patient."""
    assert exam
    found = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    wish = CareWish(
        number=NUMBER,
        born_on=BORN,
        clinician=str(found.account.pk),
        way="list",
        reason="Follow-up",
        ends_on=(clock.now() + timedelta(days=10)).date().isoformat(),
    )
    begin_care(party_of_person(make_staff("Dana Desk", Role.IMAGING_DESK)), wish, at=clock.now())
    return found


def held(person: Person, study_id: UUID) -> str | None:
    """Return who has an exam by what this person's inbox says, None for nobody."""
    rows = inbox(party_of_person(person), wanted_of({}), at=clock.now()).rows
    (row,) = [row for row in rows if row.study_id == study_id]
    return row.held.name if row.held else None


def listed(person: Person, whose: str) -> list[UUID]:
    page = inbox(party_of_person(person), wanted_of({"held": whose}), at=clock.now())
    return [row.study_id for row in page.rows]


def test_taken_handed_on_and_given_back_and_each_of_it_is_on_record(
    exam: UUID, clinician: Person, colleague: Person
) -> None:
    party = party_of_person(clinician)
    assert held(clinician, exam) is None
    assert listed(clinician, "nobody") == [exam]

    assign(party, exam, clinician.account.pk, at=clock.now())
    assign(party, exam, clinician.account.pk, at=clock.now())  # again is harmless
    assert held(clinician, exam) == held(colleague, exam) == "Clara Clinician"
    assert listed(clinician, "me") == listed(colleague, "colleague") == [exam]
    assert listed(clinician, "nobody") == listed(colleague, "me") == []

    assign(party, exam, colleague.account.pk, at=clock.now())
    assert held(clinician, exam) == "Carl Colleague"
    assert listed(clinician, to_text(colleague.account.pk)) == [exam]
    give_back(party_of_person(colleague), exam, at=clock.now())
    assert held(clinician, exam) is None
    kinds = Entry.objects.filter(kind__startswith="inbox.").order_by("row")
    assert list(kinds.values_list("kind", flat=True)) == [
        "inbox.assigned",
        "inbox.unassigned",
        "inbox.assigned",
        "inbox.unassigned",
    ]
    first, second = Assignment.objects.order_by("since")
    assert (first.by_id, first.ended_by_id) == (clinician.account.pk,) * 2
    assert (second.by_id, second.ended_by_id) == (clinician.account.pk, colleague.account.pk)


def test_it_is_handed_to_nobody_who_may_not_see_it_and_gives_nobody_access(
    exam: UUID, clinician: Person, colleague: Person
) -> None:
    party, at = party_of_person(clinician), clock.now()
    nora = make_person("Nora Nurse", Kind.PROVIDER, "Example Hospital")
    other = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    assert [each.name for each in who_may_take(party, exam, at=at)] == [colleague.account.name]
    for nobody in (nora, other):
        with pytest.raises(NotFoundError):
            assign(party, exam, nobody.account.pk, at=at)
        with pytest.raises(NotFoundError):
            assign(party_of_person(nobody), exam, nobody.account.pk, at=at)
        with pytest.raises(NotFoundError):
            give_back(party_of_person(nobody), exam, at=at)
        assert not decide(party_of_person(nobody), Action.VIEW, exam, at=at).allowed
    assert not Assignment.objects.exists()


def test_whoever_leaves_has_nothing_any_more(
    exam: UUID, clinician: Person, colleague: Person
) -> None:
    assign(party_of_person(clinician), exam, colleague.account.pk, at=clock.now())
    leave(colleague.account.pk, Organization.objects.get().pk, at=clock.now())
    assert held(clinician, exam) is None
    assert listed(clinician, "nobody") == [exam]
    assign(party_of_person(clinician), exam, clinician.account.pk, at=clock.now())
    assert held(clinician, exam) == "Clara Clinician"


def test_neither_the_owner_nor_another_institution_learns_of_it(
    story: Story, clinician: Person
) -> None:
    other = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    for person in (clinician, other):
        shown_to(story, person)
    before = activity(story.party, story.study_id, at=clock.now())
    assign(party_of_person(clinician), story.study_id, clinician.account.pk, at=clock.now())

    assert held(clinician, story.study_id) == "Clara Clinician"
    assert held(other, story.study_id) is None
    assert listed(other, "nobody") == [story.study_id]
    give_back(party_of_person(other), story.study_id, at=clock.now())
    assert held(clinician, story.study_id) == "Clara Clinician"
    assert activity(story.party, story.study_id, at=clock.now()) == before
    assert not Look.objects.filter(study_id=story.study_id).exclude(actor=story.party.name).exists()
    assert not Disclosure.objects.exists()
    entry = Entry.objects.get(kind="inbox.assigned")
    assert entry.vault_id is None


def test_the_pages_do_it_without_a_script(exam: UUID, clinician: Person, colleague: Person) -> None:
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    address = f"/inbox/{to_text(exam)}/assign/"
    taken = browser.post(address, {"to": "me", "back": "held=nobody&q=Anna"})
    assert taken.status_code == 302
    assert taken["Location"] == f"/inbox/?held=nobody#{to_text(exam)}"
    page = browser.get("/inbox/").content.decode()
    assert "Give it back" in page
    assert to_text(exam) not in browser.get("/inbox/?held=nobody").content.decode()
    assert "Carl Colleague" in browser.get(address).content.decode()
    browser.post(address, {"to": to_text(colleague.account.pk)})
    assert "Carl Colleague" in browser.get("/inbox/").content.decode()
    browser.post(address, {"to": "nobody"})
    assert held(clinician, exam) is None
    assert browser.post(address, {"to": "somebody"}).status_code == 404
    assert browser.get(f"/inbox/{to_text(UUID(int=7))}/assign/").status_code == 404
