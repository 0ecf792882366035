"""Are looks picked for review, once each, and reviewed by somebody else than who looked?"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings as Settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from acting import make_staff
from cast import Person, make_person, party_of_person
from powers import make_runner
from safelight.config.zones import zone_said
from safelight.exchange.access.facts import Party
from safelight.exchange.release.events import ReleaseEvent
from safelight.governance.review import picking, rules
from safelight.governance.review.deciding import decide, items_for
from safelight.governance.review.errors import OwnActError
from safelight.governance.review.models import Cause, Decision, Item, Place, Watched
from safelight.governance.review.rules import Rule
from safelight.governance.review.watching import Why, unwatch, watch
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.records.accounts.models import Account, Kind, Role, StaffRole
from safelight.records.imaging.models import Study
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

IS_AFTER_HOURS = rules._is_after_hours
WORDS = "I asked her: the ward had called."


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing by chance, and let every hour be a working hour."""
    monkeypatch.setattr(picking, "ONE_IN", 1 << 60)
    monkeypatch.setattr("safelight.governance.review.rules._is_after_hours", lambda _: False)


@pytest.fixture
def nurse() -> Person:
    return make_staff("Nina Nurse", Role.CLINICIAN)


def look(
    person: Person, story: Story, origin: str = "10.0.0.1", at: datetime | None = None
) -> None:
    study = Study.objects.get(pk=story.study_id)
    with transaction.atomic():
        record(
            ReleaseEvent.LOOKED,
            actor=f"account/{person.account.pk}",
            subject=f"study/{study.pk}",
            vault_id=study.vault_id,
            origin=origin,
            at=at or clock.now(),
        )


def mark(party: Party, account_id: UUID, *, at: datetime) -> None:
    why = Why(cause=Cause.KNOWN, until=at + timedelta(days=7), words="The mayor.")
    watch(party, f"account/{account_id}", why, at=at)


def picked() -> list[str]:
    while sequence_once():
        pass
    picking.pick_on(at=clock.now())
    return list(Item.objects.order_by("pk").values_list("rule", flat=True))


def waiting(person_or_runner: Person, *, decided: bool = False) -> list[UUID]:
    party = party_of_person(person_or_runner)
    return [each.pk for each in items_for(party, at=clock.now(), decided=decided)]


def test_a_usual_look_and_the_owners_own_are_let_be(story: Story, nurse: Person) -> None:
    look(nurse, story)
    look(story.owner, story)
    assert picked() == []
    assert Place.objects.get().seq > 0


def test_a_marked_person_and_a_new_place_are_picked_once_each(story: Story, nurse: Person) -> None:
    official = make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    mark(official.party, story.owner.account.pk, at=clock.now())
    look(nurse, story)
    assert picked() == ["marked-person"]
    unwatch(official.party, Watched.objects.get().pk, at=clock.now())
    look(nurse, story, origin="192.0.2.77")
    assert sorted(picked()) == ["marked-person", "unusual-place"]
    assert sorted(picked()) == ["marked-person", "unusual-place"], "nothing is picked twice"
    assert Entry.objects.filter(kind="review.picked").count() == 2
    with pytest.raises(NotFoundError):
        mark(party_of_person(nurse), story.owner.account.pk, at=clock.now())


def test_a_shared_surname_is_compared_inside_and_stands_nowhere(story: Story) -> None:
    namesake = make_person("Nora CompressedSamples", Kind.PROVIDER, "harbour hospital")
    look(namesake, story)
    assert picked() == ["same-surname"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM review_item")
        assert "ompressed" not in str(cursor.fetchall())
    assert not Entry.objects.filter(text__contains="ompressed").exists()


def test_a_crash_between_two_turns_picks_nothing_twice_and_loses_nothing(
    story: Story, nurse: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    official = make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    mark(official.party, story.owner.account.pk, at=clock.now())
    for _ in range(5):
        look(nurse, story)
    monkeypatch.setattr(picking, "BATCH", 2)
    monkeypatch.setattr(picking, "MOST_BATCHES", 1)
    assert [len(picked()) for _ in range(4)] == [2, 4, 5, 5]


def test_nobody_reviews_what_they_did_and_the_decision_is_sealed_and_on_record(
    story: Story, nurse: Person
) -> None:
    official = make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    mark(official.party, story.owner.account.pk, at=clock.now())
    officer = make_staff("Otis Officer")
    for person in (nurse, officer):
        look(person, story)
    picked()
    by = {each.actor: each.pk for each in Item.objects.all()}
    of_nurse = by[f"account/{nurse.account.pk}"]
    of_officer = by[f"account/{officer.account.pk}"]
    party, at = party_of_person(officer), clock.now()

    assert set(waiting(officer)) == {of_nurse, of_officer}
    with pytest.raises(OwnActError):
        decide(party, of_officer, Decision.FINE, "", at=at)
    decide(party, of_nurse, Decision.TALKED, WORDS, at=at)
    with pytest.raises(StateConflictError):
        decide(official.party, of_nurse, Decision.FINE, "", at=at)
    decide(official.party, of_officer, Decision.WRONG, WORDS, at=at)
    assert waiting(officer) == []
    assert len(waiting(officer, decided=True)) == 2
    assert Item.objects.get(pk=of_nurse).words == WORDS
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM review_item")
        assert "ward" not in str(cursor.fetchall())
    said = Entry.objects.filter(kind="review.decided")
    assert said.count() == 2


def test_who_reads_no_record_reviews_nothing_and_an_auditor_only_reads(
    story: Story, nurse: Person
) -> None:
    official = make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    mark(official.party, story.owner.account.pk, at=clock.now())
    look(nurse, story)
    picked()
    item = Item.objects.get().pk
    for role in (StaffRole.SUPPORT, StaffRole.SYSTEM_ADMIN):
        other = make_runner(f"Nosy {role.label}", role)
        with pytest.raises(NotFoundError):
            items_for(other.party, at=clock.now())
    auditor = make_runner("Axel Auditor", StaffRole.AUDITOR)
    assert waiting(auditor.person) == [item]
    with pytest.raises(NotFoundError):
        decide(auditor.party, item, Decision.FINE, "", at=clock.now())
    elsewhere = make_person("Erik Elsewhere", Kind.PROVIDER, "Lakeside Clinic")
    Account.objects.get(pk=elsewhere.account.pk).memberships.update(role=Role.PRIVACY_OFFICER)
    assert waiting(elsewhere) == []


def test_a_hand_in_the_database_waits_for_review() -> None:
    from enum import StrEnum  # noqa: PLC0415 (only here)

    class Outside(StrEnum):
        """What detection writes."""

        TOUCHED = "database.touched-from-outside"

    with transaction.atomic():
        record(Outside.TOUCHED, actor="system", at=clock.now())
    assert picked() == ["outside"]


@pytest.mark.parametrize(
    ("zone", "at", "is_picked"),
    [
        ("UTC", "2026-11-18T22:00", True),
        ("America/New_York", "2026-11-18T22:00", False),
        ("America/New_York", "2026-11-18T10:59", True),
        ("America/New_York", "2026-11-18T11:00", False),
        ("Asia/Tokyo", "2026-11-20T10:59", False),
        ("Asia/Tokyo", "2026-11-20T15:00", True),
        ("Europe/Vienna", "2026-07-15T04:00", False),
        ("Europe/Vienna", "2026-11-18T04:59", True),
    ],
)
def test_the_night_is_that_of_the_house(
    story: Story, nurse: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    zone: str, at: str, *, is_picked: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(rules, "_is_after_hours", IS_AFTER_HOURS)
    settings.SAFELIGHT_TIME_ZONE = zone_said(zone)
    look(nurse, story, at=datetime.fromisoformat(f"{at}+00:00"))
    picked()
    assert Item.objects.filter(rule=Rule.AFTER_HOURS).exists() is is_picked


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../../etc/passwd", "+01:00"])
def test_a_zone_that_is_none_stops_the_start(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="time_zone"):
        zone_said(name)
