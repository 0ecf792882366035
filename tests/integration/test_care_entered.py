"""Who treats whom: what the desk enters opens exams, from its first instant to its last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.caring.lists import care_at_desk
from safelight.exchange.access.caring.reasons import CareCause, give_reason, wants_reason
from safelight.exchange.access.caring.relations import (
    CareWish,
    begin_care,
    clinicians_of,
    end_care,
    end_care_that_is_over,
)
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.models import CareReason, CareRelation
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.release.inbox.listing import inbox
from safelight.exchange.release.inbox.wanted import Wanted
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, Membership, Role
from safelight.records.imaging.models import Study
from story import another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"
SECOND = {"StudyInstanceUID": "1.2.826.0.1.5", "SeriesInstanceUID": "1.2.826.0.1.6"}


@pytest.fixture
def exam(web: TestClient, clinician: Person) -> UUID:
    """Let a clinician bring in two exams of one patient; return the first."""
    of_whom = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(web, clinician, another_ct(AccessionNumber="A-1", **of_whom))
    second = another_ct(AccessionNumber="A-2", SOPInstanceUID="1.2.826.0.1.7", **of_whom, **SECOND)
    store(web, clinician, second)
    return Study.objects.earliest("received_at").pk


@pytest.fixture
def desk(exam: UUID) -> Person:
    assert exam
    return make_staff("Dana Desk", Role.IMAGING_DESK)


@pytest.fixture
def colleague(exam: UUID) -> Person:
    assert exam
    return make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")


def wish(colleague: Person, **changes: Any) -> CareWish:  # noqa: ANN401 (fields of CareWish)
    last = (clock.now() + timedelta(days=10)).date().isoformat()
    said: dict[str, Any] = {
        "number": NUMBER,
        "born_on": BORN,
        "clinician": str(colleague.account.pk),
        "way": "list",
        "reason": "Follow-up of the operation",
        "ends_on": last,
    }
    return CareWish(**said | changes)


def sees(person: Person) -> int:
    """Count the exams this person lists, each decided like a fetch."""
    return len(exams(party_of_person(person), at=clock.now()))


def test_the_list_opens_a_patients_exams_until_its_last_day(
    exam: UUID,
    desk: Person,
    colleague: Person,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    assert sees(colleague) == 0
    relation = begin_care(party_of_person(desk), wish(colleague), at=clock.now())
    assert sees(colleague) == 2
    before_them = inbox(party_of_person(colleague), Wanted(), at=clock.now()).rows
    assert {each.way for each in before_them} == {Reason.CARE_RELATION}
    (row,) = [
        row for row in who_can_see(exam, at=clock.now()) if row.account_id == colleague.account.pk
    ]
    assert (row.way, row.until, row.relation_id) == ("care", relation.until, relation.pk)
    party = party_of_person(colleague)
    assert relation.until is not None
    before, after = relation.until - timedelta(seconds=1), relation.until
    assert decide(party, Action.VIEW, exam, at=before).allowed
    assert not decide(party, Action.VIEW, exam, at=after).allowed
    assert decide(party, Action.DOWNLOAD, exam, at=before).reason == Reason.ONWARD_RELEASE
    moved_clock(timedelta(days=12))
    assert sees(colleague) == 0
    assert end_care_that_is_over(at=clock.now()) == 1
    assert CareRelation.objects.get(pk=relation.pk).ended_by == "term"


def test_it_ends_at_once_by_the_desk_and_with_the_membership(
    exam: UUID, desk: Person, colleague: Person
) -> None:
    office, at = party_of_person(desk), clock.now()
    relation = begin_care(office, wish(colleague), at=at)
    with pytest.raises(StateConflictError):
        begin_care(office, wish(colleague), at=at)
    party = party_of_person(colleague)
    assert decide(party, Action.VIEW, exam, at=clock.now()).allowed
    end_care(office, relation.pk, at=clock.now())
    end_care(office, relation.pk, at=clock.now())
    assert not decide(party, Action.VIEW, exam, at=clock.now()).allowed

    begin_care(office, wish(colleague), at=clock.now())
    assert decide(party, Action.VIEW, exam, at=clock.now()).allowed
    Membership.objects.filter(account=colleague.account).update(state=Membership.State.ENDED)
    left = party_of_person(colleague)
    assert not decide(left, Action.VIEW, exam, at=clock.now()).allowed
    assert colleague.account.pk not in dict(clinicians_of(office))


def test_a_referral_for_one_exam_opens_that_one_alone_from_its_first_day(
    desk: Person, colleague: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    first = (clock.now() + timedelta(days=2)).date().isoformat()
    referred = wish(colleague, way="referral", reference="R-9", accession="A-2", starts_on=first)
    begin_care(party_of_person(desk), referred, at=clock.now())
    assert sees(colleague) == 0
    moved_clock(timedelta(days=2))
    (only,) = exams(party_of_person(colleague), at=clock.now())
    assert only.study_id == Study.objects.latest("received_at").pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "MRN-8"}, "number"),
        ({"number": ""}, "number"),
        ({"born_on": "1970-02-04"}, "number"),
        ({"born_on": "soon"}, "born_on"),
        ({"clinician": "00000000-0000-0000-0000-000000000001"}, "clinician"),
        ({"way": "delivery"}, "way"),
        ({"reason": "  "}, "reason"),
        ({"way": "encounter"}, "reference"),
        ({"way": "encounter", "reference": "x" * 81}, "reference"),
        ({"accession": "A-9"}, "accession"),
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"ends_on": "2199-01-01"}, "ends_on"),
    ],
)
def test_what_is_missing_or_unfit_is_named_and_opens_nothing(
    desk: Person, colleague: Person, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidFieldError) as refused:
        begin_care(party_of_person(desk), wish(colleague, **changes), at=clock.now())
    assert refused.value.field == field
    assert sees(colleague) == 0


def test_nobody_but_the_desk_of_this_institution_keeps_its_list(
    desk: Person, colleague: Person, stranger: Person
) -> None:
    relation = begin_care(party_of_person(desk), wish(colleague), at=clock.now())
    other = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    other.account.memberships.update(role=Role.IMAGING_DESK)
    program = replace(party_of_person(desk), token_scopes=frozenset({"exchange:write"}))
    for party in (party_of_person(colleague), party_of_person(stranger), program):
        with pytest.raises(NotFoundError):
            care_at_desk(party, at=clock.now())
        with pytest.raises(NotFoundError):
            begin_care(party, wish(colleague), at=clock.now())
    elsewhere = party_of_person(other)
    assert care_at_desk(elsewhere, at=clock.now()) == []
    with pytest.raises(NotFoundError):
        end_care(elsewhere, relation.pk, at=clock.now())
    with pytest.raises(InvalidFieldError):
        begin_care(elsewhere, wish(colleague), at=clock.now())


def test_the_desks_page_enters_shows_and_ends(desk: Person, colleague: Person) -> None:
    browser = browser_of(desk, app_code(give_second_factor(desk)))
    said = vars_of(wish(colleague))
    unfit = browser.post("/desk/care/", said | {"reason": ""})
    assert unfit.status_code == 422
    assert "The patient reads it" in unfit.content.decode()
    page = browser.post("/desk/care/", said, follow=True).content.decode()
    assert "Carl Colleague" in page
    assert "Follow-up of the operation" in page
    again = browser.post("/desk/care/", said)
    assert "entered for this already" in again.content.decode()
    relation = CareRelation.objects.get(way="list")
    browser.post(f"/desk/care/{to_text(relation.pk)}/end/")
    assert "Carl Colleague, " not in browser.get("/desk/care/").content.decode()
    assert sees(colleague) == 0


def test_nobody_is_asked_who_has_no_account(clinician: Person, exam: UUID) -> None:
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    page = browser.get(f"/exams/{to_text(exam)}/").content.decode()
    assert "Nobody has made this record their own yet" in page
    assert "/ask/" not in page
    assert f"<dd>{NUMBER}</dd>" in page


def vars_of(said: CareWish) -> dict[str, str]:
    return {name: getattr(said, name) for name in CareWish.__slots__}


def test_whom_nobody_entered_says_why_once_a_day(
    exam: UUID, clinician: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    party = party_of_person(clinician)
    assert not wants_reason(party, exam, at=clock.now())
    moved_clock(timedelta(days=1))
    assert wants_reason(party, exam, at=clock.now())
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    asked = browser.get(f"/exams/{to_text(exam)}/view/")
    assert asked.headers["Location"] == f"/exams/{to_text(exam)}/reason/"
    form = asked.headers["Location"]
    assert browser.post(form, {"code": ""}).status_code == 422
    assert browser.post(form, {"code": "other", "words": " "}).status_code == 422
    assert browser.post(form, {"code": "conference", "words": "Board"}).status_code == 302
    assert browser.get(f"/exams/{to_text(exam)}/view/").status_code == 200
    assert browser.get(form).status_code == 302
    second = Study.objects.latest("received_at").pk
    assert not wants_reason(party, second, at=clock.now())
    give_reason(party, exam, CareCause.QUALITY, "", at=clock.now())
    assert CareReason.objects.get().code == "conference"
    moved_clock(timedelta(days=1))
    assert wants_reason(party, second, at=clock.now())


def test_a_reason_stated_by_the_desk_is_not_asked_for_again(
    exam: UUID, desk: Person, colleague: Person, stranger: Person
) -> None:
    begin_care(party_of_person(desk), wish(colleague), at=clock.now())
    assert not wants_reason(party_of_person(colleague), exam, at=clock.now())
    for nobody in (stranger, desk):
        with pytest.raises(NotFoundError):
            give_reason(party_of_person(nobody), exam, CareCause.TREATMENT, "", at=clock.now())
