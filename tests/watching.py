"""The watch, as tests let it work: the trail put in order and read, as a worker does in a turn."""

from __future__ import annotations

from django.test import Client

from cast import Person
from safelight.governance.watch.jobs import look
from safelight.governance.watch.models import Alert, AlertState
from safelight.platform.audit.sequencer import sequence_once
from safelight.records.accounts.queries import address_of


def look_now() -> None:
    """Do what the worker does within ten seconds."""
    while sequence_once():
        pass
    look.run({})


def alerts(rule: str = "") -> list[Alert]:
    """Return the alerts that are not closed, the oldest first."""
    rows = Alert.objects.exclude(state=AlertState.CLOSED).order_by("raised_at", "pk")
    return list(rows.filter(rule=rule) if rule else rows)


def sign_in(address: str, password: str, source: str = "198.51.100.7") -> int:
    page = Client(REMOTE_ADDR=source).post(
        "/account/sign-in/", {"email": address, "password": password}
    )
    return page.status_code


def guess(person: Person, times: int, source: str = "198.51.100.7") -> None:
    for _ in range(times):
        sign_in(address_of(person.account), "no such password", source)
