"""A hospital with two people at its desk, a partner, and a connection between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from cast import Person, make_person, party_of_person
from certificates import an_authority
from safelight.exchange.access.connecting import (
    Hand,
    add_connection,
    add_partner,
    hand_of,
    open_connection,
)
from safelight.exchange.access.systems import System, associate
from safelight.governance.agreements.recording import (
    AgreementWish,
    record_agreement,
    verify_agreement,
)
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, Membership, Role
from safelight.records.partners.models import Connection, Partner
from safelight.records.partners.wishes import ConnectionWish

PAPER = b"%PDF-1.7\nsigned by both\n%%EOF\n"
ADDRESS = "192.0.2.7"


@dataclass
class House:
    """One hospital's desk: who prepares and who checks."""

    organization_id: UUID
    first: Person
    second: Person

    @property
    def one(self) -> Hand:
        return hand_of(party_of_person(self.first))

    @property
    def other(self) -> Hand:
        return hand_of(party_of_person(self.second))


@dataclass
class Bond:
    """A connection of a house, and the certificate by which the other side is known."""

    house: House
    row: Connection
    pem: str
    partner: Partner | None = None
    called: str = "SAFELIGHT"
    calling: str = "RIVER"
    agreements: list[UUID] = field(default_factory=list)

    @property
    def fingerprint(self) -> bytes:
        return x509.load_pem_x509_certificate(self.pem.encode()).fingerprint(hashes.SHA256())

    def come(self, *, at: datetime | None = None) -> System | None:
        """Let the other side open an association."""
        return self.come_as({}, at=at)

    def come_as(self, said: dict[str, object], *, at: datetime | None = None) -> System | None:
        """Let it come with something else said."""
        told: dict[str, object] = {
            "called": self.called,
            "calling": self.calling,
            "fingerprint": self.fingerprint,
            "address": ADDRESS,
        }
        return associate(**(told | said), at=at or clock.now())  # type: ignore[arg-type]

    def agree(self, kind: str, first: date, last: date, *, verified: bool = True) -> UUID:
        """Record an agreement as one and verify it as the other."""
        assert self.partner is not None
        return agree(self.house, self.partner, kind, first, last, verified=verified)


def a_house(name: str = "Lakeside") -> House:
    """Make a hospital with two people at its desk."""
    people = [
        make_person(f"{name} {each}", Kind.PROVIDER, f"{name} Hospital") for each in ("One", "Two")
    ]
    for each in people:
        Membership.objects.filter(account=each.account).update(role=Role.IMAGING_DESK)
    places = Membership.objects.filter(account=people[0].account)
    return House(places.get().organization_id, *people)


def a_certificate(folder: Path, name: str = "river") -> str:
    """Make a certificate of somebody's own, and return it as PEM."""
    made, _ = an_authority(folder).sign(name)
    return made.read_text()


def a_wish(pem: str, **changes: object) -> ConnectionWish:
    """Fill in a DIMSE connection in all directions."""
    wish = ConnectionWish(
        name="River archive",
        they_send=True,
        they_ask=True,
        we_send=True,
        called="SAFELIGHT",
        calling="RIVER",
        host="archive.river.example",
        port="11112",
        networks="192.0.2.0/24",
        client_certificate=pem,
        server_certificate=pem,
        basis="baa",
    )
    return replace(wish, **changes)  # type: ignore[arg-type]


def a_partner(house: House, name: str = "River Clinic", **said: object) -> Partner:
    """Add a partner."""
    told: dict[str, object] = {"country": "US"} | said
    return add_partner(
        house.one,
        house.organization_id,
        name,
        at=clock.now(),
        **told,  # type: ignore[arg-type]
    )


def a_bond(
    house: House, partner: Partner | None, pem: str, *, opened: bool = True, **changes: object
) -> Bond:
    """Add a connection as one, and open it as the other."""
    wish = a_wish(pem, **changes)
    added = add_connection(
        house.one, house.organization_id, partner.pk if partner else None, wish, at=clock.now()
    )
    if opened:
        open_connection(house.other, added.pk, at=clock.now())
    row = Connection.objects.get(pk=added.pk)
    return Bond(house, row, pem, partner, called=wish.called, calling=wish.calling)


def agree(
    house: House, partner: Partner, kind: str, first: date, last: date, *, verified: bool = True
) -> UUID:
    """Record an agreement as one, and verify it as the other."""
    wish = AgreementWish(
        kind=kind,
        parties="For both, their directors",
        starts_on=first.isoformat(),
        ends_on=last.isoformat(),
    )
    row = record_agreement(house.one, partner.pk, wish, PAPER, at=clock.now())
    if verified:
        verify_agreement(house.other, row.pk, at=clock.now())
    return row.pk


def first_moment_after(day: date) -> datetime:
    """Return when a day is over, by the days that agreements are written in."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
