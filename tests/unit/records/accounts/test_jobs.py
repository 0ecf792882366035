"""What is over is forgotten; what is not stays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.actions.register import Application, register
from safelight.records.accounts.authorization.actions import begin
from safelight.records.accounts.jobs import forget
from safelight.records.accounts.models import Account, AddressProof, Challenge, State

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def _moving_clock() -> Iterator[None]:
    clock.allow_moving()
    yield
    clock.reset()


@pytest.mark.usefixtures("_moving_clock")
def test_an_account_that_never_proved_its_address_is_forgotten_after_a_week(
    owner: Account,
) -> None:
    asked = Application(address="nora@example.org", name="Nora", password="nine lives of a cat")
    made = register(asked, source="203.0.113.7", at=clock.now()).account
    assert made is not None
    clock.move(timedelta(days=6))
    forget.run({})
    made.refresh_from_db()
    assert made.name == "Nora"

    clock.move(timedelta(days=2))
    forget.run({})
    made.refresh_from_db()

    assert (made.state, made.name, made.password) == (State.ERASED, "", "")
    assert not EmailAddress.objects.filter(user=made).exists()
    assert not AddressProof.objects.exists()
    owner.refresh_from_db()
    assert owner.state == State.ACTIVE


@pytest.mark.usefixtures("_moving_clock")
def test_questions_nobody_answered_are_forgotten(owner: Account) -> None:
    begin(owner, session_id=new_id(), digest=b"x" * 32, meaning="I agree", at=clock.now())
    forget.run({})
    assert Challenge.objects.exists()

    clock.move(timedelta(hours=2))
    forget.run({})
    assert not Challenge.objects.exists()
