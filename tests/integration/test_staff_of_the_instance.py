"""Who runs this instance: appointed and dismissed at the command line, and no key to any exam?"""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError
from typer.testing import CliRunner

from cast import make_person, party_of_person
from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import is_staff, require_staff
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.records.accounts.models import Kind, Staff, StaffRole, State
from safelight.records.accounts.staff import appoint, dismiss, roles_of, staff_with
from safelight.surfaces.cli import staff as _commands  # noqa: F401 (registers them)
from safelight.surfaces.cli.main import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

OFFICER = StaffRole.SECURITY_OFFICER


@pytest.fixture
def party() -> Party:
    return party_of_person(make_person("Ada Watcher", Kind.INDIVIDUAL))


def _id(party: Party) -> UUID:
    assert party.account_id is not None
    return party.account_id


def test_a_role_holds_from_being_appointed_until_being_dismissed(party: Party) -> None:
    assert not is_staff(party, *StaffRole)
    appoint(_id(party), OFFICER, by="operator", at=clock.now())
    appoint(_id(party), OFFICER, by="operator", at=clock.now())
    assert is_staff(party, OFFICER, StaffRole.AUDITOR)
    assert not is_staff(party, StaffRole.AUDITOR)
    assert [each.account_id for each in staff_with(OFFICER)] == [party.account_id]
    dismiss(_id(party), OFFICER, by="operator", at=clock.now())
    with pytest.raises(NotFoundError):
        require_staff(party, OFFICER)
    with pytest.raises(NotFoundError):
        dismiss(_id(party), OFFICER, by="operator", at=clock.now())
    assert roles_of(_id(party)) == frozenset()
    assert Staff.objects.get().ended_at is not None
    said = page_of(TrailFilter(kinds=["staff.appointed", "staff.dismissed"])).entries
    assert [(each.kind, each.reason, each.subject) for each in said] == [
        ("staff.dismissed", "security_officer", f"account/{party.account_id}"),
        ("staff.appointed", "security_officer", f"account/{party.account_id}"),
    ]


@pytest.mark.parametrize(
    "lacking",
    [
        {"second_factor": False},
        {"active": False},
        {"statement_accepted": False},
        {"token_scopes": frozenset()},
        {"account_id": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_role_counts_only_for_who_is_fully_signed_in(
    party: Party, lacking: dict[str, Any]
) -> None:
    appoint(_id(party), OFFICER, by="operator", at=clock.now())
    assert not is_staff(dataclasses.replace(party, **lacking), OFFICER)


def test_who_may_not_sign_in_is_not_listed_to_be_told_of_anything(party: Party) -> None:
    appoint(_id(party), OFFICER, by="operator", at=clock.now())
    person = Staff.objects.get().account
    person.state = State.SUSPENDED
    person.save()
    assert staff_with() == []


def test_the_database_knows_no_other_role_and_no_role_twice(party: Party) -> None:
    appoint(_id(party), OFFICER, by="operator", at=clock.now())
    for role in ("king", OFFICER):
        with pytest.raises(IntegrityError):
            Staff.objects.create(account_id=_id(party), role=role, begun_at=clock.now())


def test_an_operator_appoints_lists_and_dismisses(
    party: Party,
) -> None:
    (settings.SAFELIGHT_DATA / "safelight.toml").write_text('instance = "tests"\n')

    def run(act: str, *words: str) -> tuple[int, str]:
        data = ("--data", str(settings.SAFELIGHT_DATA))
        done = CliRunner().invoke(app, ["staff", act, *data, *words])
        return done.exit_code, done.output

    who = ("--email", "ada.watcher@people.example")
    assert run("appoint", *who, "--role", "king")[0] == 1
    assert run("appoint", "--email", "nobody@people.example", "--role", "auditor")[0] == 1
    assert run("dismiss", *who, "--role", "auditor")[0] == 1
    assert run("appoint", *who, "--role", "auditor")[0] == 0
    assert is_staff(party, StaffRole.AUDITOR)
    code, said = run("list")
    assert code == 0
    assert said.startswith("auditor")
    assert said.rstrip().endswith(who[1])
    assert run("dismiss", *who, "--role", "auditor")[0] == 0
    assert run("list") == (0, "")
