"""Asking for an account, or getting one by an operator's hand."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accepting import CURRENT
from safelight.governance.compliance.actions import create_account
from safelight.governance.compliance.queries import has_accepted_current
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.audit.models import Entry
from safelight.platform.notices.models import Notice
from safelight.records.accounts.errors import AddressTakenError
from safelight.records.accounts.models import (
    Account,
    Attempts,
    Kind,
    Membership,
    Organization,
    Role,
    State,
)
from safelight.records.accounts.queries import memberships_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

PASSWORD = "a quiet room full of lamps"
ADDRESS = "ada.owner@example.org"


def by_operator(
    address: str = "dr@example.org", kind: Kind = Kind.PROVIDER, organization: str = "Example Hall"
) -> Account:
    return create_account(
        address,
        "Dr Example",
        kind,
        password=PASSWORD,
        organization=organization,
        at=clock.now(),
    )


def test_an_operator_makes_a_verified_account_with_a_membership() -> None:
    account = by_operator()

    (membership,) = memberships_of(account.pk)
    assert account.state == State.ACTIVE
    assert membership.organization.name == "Example Hall"
    assert membership.role == Role.CLINICIAN
    assert EmailAddress.objects.get(user=account).verified
    assert Entry.objects.get(kind="account.created").actor == "operator"
    assert not Notice.objects.exists()


def test_a_second_member_joins_the_same_organisation_whatever_the_spelling() -> None:
    by_operator()
    by_operator("other@example.org", organization=" EXAMPLE  hall ")

    assert Organization.objects.count() == 1
    assert Membership.objects.count() == 2


def test_the_person_still_accepts_unless_the_operator_did_it() -> None:
    waiting = by_operator()
    accepted = create_account(
        "ready@example.org",
        "Ready Example",
        Kind.INDIVIDUAL,
        password=PASSWORD,
        accept_statement=True,
        at=clock.now(),
    )

    assert not has_accepted_current(waiting.pk, at=clock.now())
    assert has_accepted_current(accepted.pk, at=clock.now())


def test_an_operator_cannot_take_an_address_twice() -> None:
    by_operator()

    with pytest.raises(AddressTakenError):
        by_operator("DR@Example.org")
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "organization"), [(Kind.PROVIDER, ""), (Kind.INDIVIDUAL, "Example Hall")]
)
def test_a_provider_belongs_somewhere_and_an_individual_nowhere(
    kind: Kind, organization: str
) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        by_operator(kind=kind, organization=organization)
    assert caught.value.code == "invalid:organization"


def _seconds(act: Callable[[str], None], address: str, clock_of: Callable[[], float]) -> float:
    Attempts.objects.all().delete()
    start = clock_of()
    act(address)
    return clock_of() - start


def _register(address: str) -> None:
    answer = Client().post(
        "/account/register/",
        {
            "name": "Nora New",
            "email": address,
            "password": "nine lives of a grey cat",
            "statement": CURRENT,
            "accept": "on",
        },
    )
    assert answer.status_code == 302


def _sign_in(address: str) -> None:
    answer = Client().post("/account/sign-in/", {"email": address, "password": "wrong password"})
    assert answer.status_code == 401


def _reset(address: str) -> None:
    assert Client().post("/account/reset/", {"email": address}).status_code == 302


@pytest.mark.usefixtures("hashing_each_time")
@pytest.mark.parametrize(
    ("act", "clock_of"),
    [
        # Their cost is one password hash: the work is compared, not how busy the machine is.
        pytest.param(_register, time.process_time, id="register"),
        pytest.param(_sign_in, time.process_time, id="sign-in"),
        pytest.param(_reset, time.perf_counter, id="reset"),
    ],
)
def test_known_and_unknown_addresses_take_the_same_time(
    owner: Account, act: Callable[[str], None], clock_of: Callable[[], float]
) -> None:
    act("warm@example.org")
    known, unknown = [], []
    # In turns, so that whatever else the machine does falls on both alike.
    for number in range(20):
        known.append(_seconds(act, ADDRESS, clock_of))
        unknown.append(_seconds(act, f"new{number}@example.org", clock_of))

    ratio = statistics.median(known) / statistics.median(unknown)
    assert 0.85 < ratio < 1.18
