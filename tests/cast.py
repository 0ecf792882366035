"""The cast of the stories, and what they send."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

from safelight.exchange.access.facts import Party, PartyKind
from safelight.governance.compliance.actions import create_account
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.notices.envelope import Envelope
from safelight.platform.notices.models import Notice
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Account, Kind, Role
from safelight.records.accounts.queries import memberships_of
from safelight.records.accounts.tokens import Scope

PASSWORD = "a long walk along the river"


@dataclass(frozen=True)
class Person:
    """One of the cast, with a bearer token for programs."""

    account: Account
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def make_person(name: str, kind: Kind, organization: str = "") -> Person:
    account = create_account(
        f"{name.lower().replace(' ', '.')}@people.example",
        name,
        kind,
        password=PASSWORD,
        organization=organization,
        accept_statement=True,
        at=clock.now(),
    )
    token, _ = create_token(account, list(Scope), at=clock.now())
    return Person(account, token)


def multipart(*files: bytes) -> tuple[bytes, dict[str, str]]:
    """Write a STOW-RS body of DICOM files, and its headers."""
    boundary = "tests-boundary"
    body = b"".join(
        f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + data + b"\r\n"
        for data in files
    )
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": kind}


def app_code(secret: str, *, later: int = 0) -> str:
    """Return what an authenticator app shows now, or `later` steps of 30 seconds from now.

    Apps follow real time, whatever the application's clock says.
    """
    now = list(yield_hotp_counters_from_time())[1]
    return str(format_hotp_value(hotp_value(secret, now + later)))


def give_second_factor(person: Person) -> str:
    """Give one of the cast an authenticator app and return its secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(person.account, secret)
    return secret


def party_of_person(person: Person) -> Party:
    """Return a person as the decision point sees them after signing in with both factors."""
    memberships = memberships_of(person.account.pk)
    return Party(
        kind=PartyKind(person.account.kind),
        account_id=person.account.pk,
        session=f"session/{new_id()}",
        second_factor=True,
        active=True,
        statement_accepted=True,
        organizations=frozenset(each.organization_id for each in memberships),
        desks=frozenset(
            each.organization_id for each in memberships if each.role == Role.IMAGING_DESK
        ),
    )


def messages_to(address: str) -> list[tuple[str, dict[str, str]]]:
    """Return the messages waiting for an address: (template, facts), the oldest first."""
    found = []
    for notice in Notice.objects.order_by("created_at"):
        if notice.sealed:
            envelope = Envelope.opened(bytes(notice.sealed), notice.notice_id)
            if envelope.to == address:
                found.append((notice.template, envelope.facts))
    return found
