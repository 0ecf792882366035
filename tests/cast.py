"""The cast of the stories, and what they send."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.governance.compliance.actions import create_account
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Account, Kind
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
