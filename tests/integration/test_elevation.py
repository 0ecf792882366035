"""Does a role at the instance open nothing, and an elevation exactly one thing for its hours?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from cast import make_person, messages_to
from powers import Runner, admin, approved, elevate, make_runner, request, security_officer
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.powers.approvals import refuse, show_for_approval
from safelight.exchange.access.powers.asking import Wish
from safelight.exchange.access.powers.elevation import begin_elevation, elevation_wish
from safelight.exchange.access.powers.ending import end_accesses_that_are_over, end_own_access
from safelight.exchange.access.powers.errors import ApprovalMissingError, SelfApprovalError
from safelight.exchange.access.powers.models import TimedAccess
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.release.activity import activity
from safelight.exchange.release.models import Disclosure, Look
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import accounting
from safelight.exchange.release.periods import ALWAYS
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.staff import dismiss
from safelight.records.imaging.models import Study
from story import Story, begin_story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def asker() -> Runner:
    return admin()


@pytest.fixture
def second() -> Runner:
    return security_officer()


@pytest.fixture
def other(story: Story) -> Story:
    """Let another person have an exam of their own, in their own vault."""
    return begin_story(story.web, make_person("Paul Patient", Kind.INDIVIDUAL))


def _sees(runner: Runner, study_id: UUID) -> bool:
    return decide(runner.party, Action.VIEW, study_id, at=clock.now()).allowed


def _wish(subject: str, hours: str = "2") -> Wish:
    return elevation_wish(
        subject, hours, cause="incident", reason="The exam does not open", ticket="INC-4"
    )


def test_no_role_shows_an_exam_and_nobody_elevates_themselves(story: Story) -> None:
    everything = make_runner("Eva Everything", *StaffRole)
    assert not _sees(everything, story.study_id)
    assert exams(everything.party, at=clock.now()) == []
    waiting = request(everything, _wish(f"study/{story.study_id}"))
    with pytest.raises(SelfApprovalError):
        show_for_approval(everything.party, waiting.pk, at=clock.now())
    with pytest.raises(ApprovalMissingError):
        begin_elevation(everything.party, waiting.pk, at=clock.now())
    assert not _sees(everything, story.study_id)
    said = page_of(TrailFilter(kinds=["approval.given"])).entries
    assert [(each.actor, each.outcome) for each in said] == [(f"account/{everything.id}", "denied")]


def test_an_elevation_to_one_exam_or_patient_opens_no_other(
    story: Story, other: Story, asker: Runner, second: Runner
) -> None:
    elevate(asker, second, f"study/{story.study_id}")
    assert _sees(asker, story.study_id)
    assert not _sees(asker, other.study_id)
    assert not _sees(second, story.study_id)
    assert [each.study_id for each in exams(asker.party, at=clock.now())] == [story.study_id]
    patient = Study.objects.get(pk=other.study_id).patient_id
    elevate(asker, second, f"patient/{patient}")
    assert _sees(asker, other.study_id)
    for action in set(Action) - {Action.VIEW}:
        for study_id in (story.study_id, other.study_id):
            assert not decide(asker.party, action, study_id, at=clock.now()).allowed


def test_what_was_seen_is_a_disclosure_that_the_owner_reads_and_is_told_of(
    story: Story, asker: Runner, second: Runner
) -> None:
    access = elevate(asker, second, f"study/{story.study_id}")
    exam(asker.party, story.study_id, at=clock.now())
    (left,) = Disclosure.objects.filter(study_id=story.study_id)
    assert (left.basis, left.timed_access_id) == ("elevation", access.pk)
    (look,) = Look.objects.filter(actor=asker.party.name)
    assert (look.basis, look.disclosure_id) == ("elevation", left.pk)
    told = [name for name, _ in messages_to(address_of(story.owner.account))]
    assert told.count("opened-by-staff") == 1
    happened = activity(story.party, story.study_id, at=clock.now())
    (looked, opened) = (each for each in happened if each.who == "Ada Admin")
    assert (looked.did, looked.cause) == ("looked", "elevation")
    assert (opened.did, opened.cause) == ("elevated", "elevation")
    assert opened.cause_words == "The exam does not open"
    ways = {row.way: row for row in who_can_see(story.study_id, at=clock.now())}
    assert ways["elevation"].until == access.ends_at
    for extent in Extent:
        lines = accounting(story.party, extent, ALWAYS, at=clock.now()).lines
        assert "elevation" in [each.first.ground for each in lines]


def test_it_ends_by_itself_in_the_middle_of_a_view(
    story: Story,
    asker: Runner,
    second: Runner,
    moved_clock: Callable[[timedelta], None],
) -> None:
    elevate(asker, second, f"study/{story.study_id}", hours="1")
    exam(asker.party, story.study_id, at=clock.now())
    moved_clock(timedelta(minutes=59))
    exam(asker.party, story.study_id, at=clock.now())
    moved_clock(timedelta(minutes=1))
    with pytest.raises(NotFoundError):
        exam(asker.party, story.study_id, at=clock.now())
    assert exams(asker.party, at=clock.now()) == []
    assert end_accesses_that_are_over(at=clock.now()) == 1
    assert end_accesses_that_are_over(at=clock.now()) == 0
    assert [each.reason for each in page_of(TrailFilter(kinds=["elevation.ended"])).entries] == [
        "term"
    ]
    assert "elevation" not in {row.way for row in who_can_see(story.study_id, at=clock.now())}


def test_it_ends_at_once_when_ended_or_when_the_role_ends(
    story: Story, other: Story, asker: Runner, second: Runner
) -> None:
    access = elevate(asker, second, f"study/{story.study_id}")
    assert _sees(asker, story.study_id)
    with pytest.raises(NotFoundError):
        end_own_access(second.party, access.pk, at=clock.now())
    end_own_access(asker.party, access.pk, at=clock.now())
    end_own_access(asker.party, access.pk, at=clock.now())
    assert not _sees(asker, story.study_id)
    elevate(asker, second, f"study/{other.study_id}")
    assert _sees(asker, other.study_id)
    dismiss(asker.id, StaffRole.SYSTEM_ADMIN, by="operator", at=clock.now())
    assert not _sees(asker, other.study_id)


def test_a_token_of_the_elevated_opens_nothing(story: Story, asker: Runner, second: Runner) -> None:
    elevate(asker, second, f"study/{story.study_id}")
    answer = story.web.get("/dicomweb" + story.address, headers=asker.person.headers)
    assert answer.status_code == 404


def test_only_who_asked_begins_it_and_once(story: Story, asker: Runner, second: Runner) -> None:
    given = approved(asker, second, _wish(f"study/{story.study_id}"))
    with pytest.raises(NotFoundError):
        begin_elevation(second.party, given.pk, at=clock.now())
    begin_elevation(asker.party, given.pk, at=clock.now())
    with pytest.raises(ApprovalMissingError):
        begin_elevation(asker.party, given.pk, at=clock.now())
    no = request(asker, _wish(f"study/{story.study_id}"))
    refuse(second.party, no.pk, at=clock.now())
    with pytest.raises(ApprovalMissingError):
        begin_elevation(asker.party, no.pk, at=clock.now())
    assert TimedAccess.objects.count() == 1


@pytest.mark.parametrize("hours", ["0", "5", "", "two"])
def test_it_lasts_four_hours_at_most(story: Story, hours: str) -> None:
    with pytest.raises(InvalidFieldError):
        _wish(f"study/{story.study_id}", hours)


@pytest.mark.parametrize("subject", ["", "study/1", "vault/x", "patient/" + "0" * 32])
def test_it_is_for_something_that_is_there(subject: str) -> None:
    with pytest.raises(InvalidFieldError):
        _wish(subject)


def test_the_database_itself_lets_nothing_leave_without_an_access(
    story: Story, other: Story, asker: Runner, second: Runner
) -> None:
    access = elevate(asker, second, f"study/{story.study_id}")
    study = Study.objects.get(pk=story.study_id)
    good = {
        "vault_id": study.vault_id,
        "study_id": study.pk,
        "at": clock.now(),
        "basis": "elevation",
        "recipient": asker.party.name,
        "channel": "view",
        "timed_access_id": access.pk,
    }
    elsewhere = Study.objects.get(pk=other.study_id)
    for wrong in (
        {"timed_access_id": None},
        {"basis": "break-glass"},
        {"recipient": second.party.name},
        {"study_id": elsewhere.pk, "vault_id": elsewhere.vault_id},
        {"at": access.ends_at},
        {"at": access.began_at - timedelta(seconds=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disclosure.objects.create(**(good | wrong))
    Disclosure.objects.create(**good)
    end_own_access(asker.party, access.pk, at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.create(**good)


def test_the_database_itself_makes_no_access_of_nothing(
    story: Story, asker: Runner, second: Runner
) -> None:
    access = elevate(asker, second, f"study/{story.study_id}")
    row = {
        field.attname: getattr(access, field.attname)
        for field in TimedAccess._meta.concrete_fields
        if field.attname != "id"
    }
    unused = approved(asker, second, _wish(f"study/{story.study_id}"))
    for wrong in (
        {"approval_id": None},
        {"approval_id": unused.pk},
        {"approval_id": story.study_id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            TimedAccess.objects.create(**(row | wrong))
    rows = TimedAccess.objects.filter(pk=access.pk)
    for change in (
        {"ends_at": access.ends_at + timedelta(days=1)},
        {"study_id": None, "patient_id": story.study_id},
        {"account_id": second.id},
        {"reviewed_at": clock.now(), "reviewed_by_id": asker.id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
