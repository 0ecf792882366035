"""What does the database refuse about people who act for others?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import (
    Account,
    Authorization,
    Challenge,
    Kind,
    Membership,
    Organization,
    Representative,
    Role,
)

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def person(kind: Kind = Kind.INDIVIDUAL) -> Account:
    return Account.objects.create(name="N", kind=kind)


def house() -> Organization:
    return Organization.objects.create(name="H", same_name=str(new_id()))


def staff(organization: Organization, role: Role = Role.PRIVACY_OFFICER) -> Account:
    account = person(Kind.PROVIDER)
    Membership.objects.create(account=account, organization=organization, role=role)
    return account


def asked(**more: object) -> Representative:
    values: dict[str, Any] = {
        "kind": "parent",
        "state": "pending",
        "account": person(),
        "patient_id": new_id(),
        "represented_name": "C",
        "represented_address": "",
        "jurisdiction": "",
        "born_on": "",
        "ends_on": "",
        "invited_address": "",
        "asked_at": clock.now(),
    }
    return Representative.objects.create(**values | more)


def refused(row: Representative, says: str, **changes: object) -> None:
    with pytest.raises(DatabaseError, match=says), transaction.atomic():
        Representative.objects.filter(pk=row.pk).update(**changes)


def verified(row: Representative, first: Account, second: Account) -> None:
    at = clock.now()
    rows = Representative.objects.filter(pk=row.pk)
    rows.update(first_by=first, first_at=at)
    rows.update(second_by=second, second_at=at, state="verified", starts_at=at)


def test_nothing_begins_as_verified() -> None:
    for state in ("verified", "disputed", "blocked", "ended", "invited"):
        with pytest.raises(DatabaseError, match=r"not changed|begun"), transaction.atomic():
            asked(state=state)
    with pytest.raises(DatabaseError, match="not changed"), transaction.atomic():
        asked(kind="helper", state="pending")


def test_two_different_people_of_the_house_verify() -> None:
    hospital = house()
    row, at = asked(organization=hospital), clock.now()
    first, second = staff(hospital), staff(hospital, Role.IMAGING_DESK)
    refused(row, "not verified", state="verified", starts_at=at)
    refused(row, "not by this person", first_by=staff(house()), first_at=at)
    refused(row, "not by this person", first_by=staff(hospital, Role.CLINICIAN), first_at=at)
    refused(row, "not by this person", first_by=row.account, first_at=at)
    Representative.objects.filter(pk=row.pk).update(first_by=first, first_at=at)
    refused(row, "not verified", state="verified", starts_at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        Representative.objects.filter(pk=row.pk).update(second_by=first, second_at=at)
    refused(row, "not changed", first_by=second)
    Representative.objects.filter(pk=row.pk).update(
        second_by=second, second_at=at, state="verified", starts_at=at
    )
    assert Representative.objects.get(pk=row.pk).state == "verified"


def test_whoever_is_represented_does_not_verify() -> None:
    hospital = house()
    patient = staff(hospital)
    row = asked(organization=hospital, represented=patient, patient_id=None)
    refused(row, "not by this person", first_by=patient, first_at=clock.now())


def test_a_helper_needs_the_used_approval_of_the_one_they_help() -> None:
    owner, at = person(), clock.now()
    given = [approval(owner, None), approval(owner, at), approval(person(), at)]
    for authorization, may in zip(given, (False, True, False), strict=True):
        row = asked(
            kind="helper",
            state="invited",
            patient_id=None,
            represented=owner,
            authorization_id=authorization.pk,
        )
        if may:
            Representative.objects.filter(pk=row.pk).update(state="verified", starts_at=at)
        else:
            refused(row, "not verified", state="verified", starts_at=at)


def approval(account: Account, used_at: datetime | None) -> Authorization:
    at, session = used_at or clock.now(), new_id()
    expires = at + timedelta(minutes=5)
    challenge = Challenge.objects.create(
        account=account,
        session_id=session,
        digest=b"d",
        nonce=b"n",
        meaning="m",
        asked_at=at,
        expires_at=expires,
    )
    return Authorization.objects.create(
        challenge=challenge,
        account=account,
        session_id=session,
        digest=b"d",
        meaning="m",
        method="passkey",
        evidence={},
        given_at=at,
        expires_at=expires,
        used_at=used_at,
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda: {"state": "verified"},
        lambda: {"state": "pending"},
        lambda: {"ended_at": None},
        lambda: {"ends_on": "2030-01-01"},
    ],
)
def test_what_has_ended_stays_ended(change: Callable[[], dict[str, Any]]) -> None:
    hospital, at = house(), clock.now()
    row = asked(organization=hospital)
    verified(row, staff(hospital), staff(hospital))
    Representative.objects.filter(pk=row.pk).update(state="ended", ended_at=at)
    refused(row, r"not changed|no such step", **change())


def test_what_is_blocked_can_only_end() -> None:
    hospital = house()
    row = asked(organization=hospital)
    verified(row, staff(hospital), staff(hospital))
    refused(row, "no such step", state="pending")
    Representative.objects.filter(pk=row.pk).update(state="blocked")
    for state in ("verified", "disputed", "pending"):
        refused(row, "no such step", state=state)
    Representative.objects.filter(pk=row.pk).update(state="ended")


def test_nothing_of_it_turns_into_something_else_or_goes() -> None:
    row = asked()
    for change in (
        {"kind": "executor"},
        {"may_share": True},
        {"account": person()},
        {"patient_id": new_id()},
        {"organization": house()},
    ):
        refused(row, "not changed", **change)
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        Representative.objects.filter(pk=row.pk).delete()
