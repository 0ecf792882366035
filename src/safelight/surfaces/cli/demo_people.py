"""Who lives in the demo, and what can they look at?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from safelight.dicom.source import BytesSource
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.governance.compliance.actions import create_account
from safelight.kernel import clock
from safelight.records.accounts.actions.demo_factors import give_app
from safelight.records.accounts.actors import actor_of_account
from safelight.records.accounts.models import Account, Kind, Role
from safelight.surfaces.cli.demo_exams import hospital_exams, patient_exams

_KEPT = "demo-people.json"
HOSPITAL = "Example University Hospital"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One made-up person and how to sign in as them."""

    role: str
    name: str
    email: str
    password: str
    secret: str

    def code(self) -> str:
        """Return the code their authenticator app shows now."""
        # Authenticator apps keep real time, whatever the demo's clock says.
        counters = sorted(yield_hotp_counters_from_time())
        return str(format_hotp_value(hotp_value(self.secret, counters[len(counters) // 2])))

    def lines(self) -> Iterator[str]:
        """Yield what is printed of them."""
        yield ""
        yield f"{self.role}: {self.name}"
        yield f"  e-mail    {self.email}"
        yield f"  password  {self.password}"
        yield f"  TOTP key  {self.secret}"
        yield f"  code now  {self.code()}"


_CAST = (
    ("patient", "Maria Example", "maria@demo.example", Kind.INDIVIDUAL, Role.CLINICIAN),
    ("clinician", "Dr Ana Ruiz", "ana.ruiz@demo.example", Kind.PROVIDER, Role.CLINICIAN),
    (
        "privacy officer",
        "Paul Winter",
        "paul.winter@demo.example",
        Kind.PROVIDER,
        Role.PRIVACY_OFFICER,
    ),
    # What one of the desk prepares, another opens.
    ("imaging desk", "Dana Berg", "dana.berg@demo.example", Kind.PROVIDER, Role.IMAGING_DESK),
    ("imaging desk", "Ole Lind", "ole.lind@demo.example", Kind.PROVIDER, Role.IMAGING_DESK),
)


def kept_people(data: Path) -> list[DemoPerson]:
    """Return the demo's people, if they were made."""
    kept = data / _KEPT
    if not kept.exists():
        return []
    return [DemoPerson(**person) for person in orjson.loads(kept.read_bytes())]


def ensure_people(data: Path) -> list[DemoPerson]:
    """Return the demo's people; make them and their exams at the first run."""
    if people := kept_people(data):
        return people
    people = []
    for role, name, email, kind, place in _CAST:
        password = secrets.token_urlsafe(12)
        at = clock.now()
        account = create_account(
            email,
            name,
            kind,
            password=password,
            organization=HOSPITAL if kind is Kind.PROVIDER else "",
            role=place,
            accept_statement=True,
            at=at,
        )
        people.append(DemoPerson(role, name, email, password, give_app(account, at=at)))
        if place is Role.CLINICIAN:
            exams = patient_exams() if kind is Kind.INDIVIDUAL else hospital_exams()
            _bring(account, exams, name)
    kept = data / _KEPT
    kept.touch(mode=0o600)
    kept.write_bytes(orjson.dumps([asdict(person) for person in people]))
    return people


def _bring(account: Account, exams: Iterator[tuple[str, bytes]], name: str) -> None:
    """File exams for a demo person, with a line for each exam on the way."""
    party = party_of(actor_of_account(account))
    delivery = Delivery.start(party, Channel.IMPORT, at=clock.now())
    title = ""
    for number, (exam, data) in enumerate(exams):
        if exam != title:
            title = exam
            print(f"  {name}: {title}", flush=True)
        delivery.take(number, BytesSource(data))
    delivery.finish(at=clock.now())
