"""Does the database itself keep to the hours, and does doctor see where it was told not to?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.signals import pre_save
from starlette.testclient import TestClient

from cast import Person, make_person
from powers import (
    Runner,
    admin,
    break_the_glass,
    confirmed_by,
    elevate,
    emergency,
    request,
    security_officer,
)
from safelight.exchange.access.powers.kinds import USE_WITHIN
from safelight.exchange.access.powers.models import Approval, TimedAccess
from safelight.exchange.access.powers.triggers import TRIGGERS, install_triggers
from safelight.kernel import clock
from safelight.platform.database.triggers import install
from safelight.records.accounts.models import Authorization, Kind
from safelight.surfaces.cli.doctor.databases import examine
from story import Story, another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
SECOND = timedelta(seconds=1)
RULE = "the database itself refuses what nobody may do"


@pytest.fixture
def two() -> tuple[Runner, Runner]:
    return admin(), security_officer()


@contextmanager
def stretched(model: type[Model], field: str, by: timedelta) -> Iterator[None]:
    """Have whatever writes a row of this model write a later end."""

    def stretch(sender: type[Model], instance: Model, **_: object) -> None:
        setattr(instance, field, getattr(instance, field) + by)

    pre_save.connect(stretch, sender=model, weak=False)
    try:
        yield
    finally:
        pre_save.disconnect(stretch, sender=model)


def test_no_access_lasts_longer_than_four_hours(story: Story, two: tuple[Runner, Runner]) -> None:
    subject = f"study/{story.study_id}"
    with stretched(TimedAccess, "ends_at", SECOND), pytest.raises(IntegrityError):
        elevate(*two, subject, hours="4")
    assert not TimedAccess.objects.exists()
    with stretched(TimedAccess, "ends_at", SECOND):
        access = elevate(*two, subject, hours="3")
    assert access.ends_at - access.began_at == timedelta(hours=3) + SECOND
    assert elevate(*two, subject, hours="4").ends_at


def test_no_emergency_lasts_longer_than_four_hours(web: TestClient, clinician: Person) -> None:
    store(web, clinician, another_ct(PatientID="MRN-7", PatientBirthDate="19700203"))
    doctor = make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")
    what = emergency("MRN-7", "1970-02-03")
    with stretched(TimedAccess, "ends_at", SECOND), pytest.raises(IntegrityError):
        break_the_glass(doctor, what)
    assert break_the_glass(doctor, what).ends_at


def test_no_request_waits_longer_than_a_day(two: tuple[Runner, Runner]) -> None:
    with stretched(Approval, "lapses_at", SECOND), pytest.raises(IntegrityError):
        request(two[0])
    assert request(two[0]).pk


def test_no_approval_holds_longer_than_four_hours(two: tuple[Runner, Runner]) -> None:
    waiting = request(two[0])
    signed = confirmed_by(two[1], waiting.pk)
    at = clock.now()
    row = Approval.objects.filter(pk=waiting.pk)
    given = {"approved_by_id": two[1].id, "approved_authorization_id": signed, "approved_at": at}
    Authorization.objects.filter(pk=signed).update(used_at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(use_by=at + USE_WITHIN + SECOND, **given)
    assert row.update(use_by=at + USE_WITHIN, **given) == 1


def test_doctor_names_a_rule_that_is_gone_or_changed() -> None:
    def told() -> tuple[bool, str]:
        (found,) = (each for each in examine(Path()) if each.what == RULE)
        return found.good, found.advice

    assert told()[0]
    table = "" if connection.vendor == "sqlite" else " ON powers_approval"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER approval_by_another{table}")
    good, advice = told()
    assert not good
    assert "approval_by_another;" in advice
    lax = replace(next(each for each in TRIGGERS if each.name == "approval_by_another"), when="1=0")
    install(connection, [lax])
    assert not told()[0]
    install_triggers()
    assert told()[0]
