"""How is something planted that nobody has a reason to touch?

A made-up person with one made-up exam, a token and a link. They belong to nobody, so no
real person ever finds them in a list; whoever does touch them came by a way that is none
of ours. Which they are is known to this room, and to whoever planted them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.dicom.phantom.exams import ChestExam, PhantomPatient, chest_slices
from safelight.dicom.source import BytesSource
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.asked.links import make_link
from safelight.exchange.receive.asked.rules import Wish
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.governance.compliance.actions import create_account
from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.models import Decoy
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.records.accounts.actions.tokens import LONGEST, create_token
from safelight.records.accounts.actors import actor_of_account
from safelight.records.accounts.models import Kind
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import Study
from safelight.records.imaging.vaults import person_vault

_FIRST: Final = ("Nora", "Ivan", "Lena", "Marco", "Judith", "Samir", "Edith", "Pavel")
_LAST: Final = ("Albers", "Castell", "Dorn", "Fenwick", "Harlan", "Lindqvist", "Moreau", "Ortega")
_SLICES: Final = 3
_SIZE: Final = 64
_OPEN_FOR: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A decoy just planted: its secrets are known now and never again."""

    account_id: UUID
    study_ids: tuple[UUID, ...]
    address: str
    token: str = field(repr=False)
    link_id: UUID
    link_secret: str = field(repr=False)


def plant(*, by: str, at: datetime) -> Planted:
    """Make a person that is nobody, with one exam, a token and a link, and watch over them.

    What happens to them up to the moment it is done is our own doing.
    """
    chance = SystemRandom()
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    # A name of no domain that exists (RFC 2606), so that no mail of theirs ever leaves.
    address = f"{first}.{last}.{secrets.token_hex(3)}@mail.invalid".lower()
    account = create_account(
        address,
        f"{first} {last}",
        Kind.INDIVIDUAL,
        password=secrets.token_urlsafe(24),
        accept_statement=True,
        at=at,
    )
    party = party_of(actor_of_account(account))
    study_ids = _bring_exam(party, f"{last}^{first}", chance.randrange(1, 100_000), at=at)
    text, token = create_token(
        account, [Scope.DICOMWEB_READ], valid_for=LONGEST, actor="operator", at=at
    )
    wish = Wish(ends_on=(at + _OPEN_FOR).date())
    link = make_link(party, wish, at=at)
    names = [
        f"account/{account.pk}",
        f"token/{token.pk}",
        f"uploadrequest/{link.request_id}",
        *(f"study/{study_id}" for study_id in study_ids),
    ]
    with transaction.atomic():
        done = clock.now()
        Decoy.objects.bulk_create(Decoy(name=name, planted_at=done) for name in names)
        record(WatchEvent.DECOY_PLANTED, actor=by, count=len(names), at=done)
    return Planted(
        account_id=account.pk,
        study_ids=study_ids,
        address=address,
        token=text,
        link_id=link.request_id,
        link_secret=link.secret,
    )


def is_decoy(name: str) -> bool:
    """Say whether a name of the trail is a decoy's, so that no figure counts it."""
    return Decoy.objects.filter(pk=name).exists()


def decoy_studies() -> frozenset[UUID]:
    """Return the exams that are decoys, so that no figure counts them."""
    rows = Decoy.objects.filter(name__startswith="study/").values_list("name", flat=True)
    return frozenset(UUID(name.removeprefix("study/")) for name in rows)


def _bring_exam(party: Party, name: str, seed: int, *, at: datetime) -> tuple[UUID, ...]:
    exam = ChestExam(
        patient=PhantomPatient(name=name, patient_id=f"P{seed:09d}"),
        on=at.date(),
        seed=seed,
        slices=_SLICES,
        size=_SIZE,
    )
    delivery = Delivery.start(party, Channel.IMPORT, at=at)
    for number, data in enumerate(chest_slices(exam)):
        delivery.take(number, BytesSource(data))
    delivery.finish(at=at)
    vault = person_vault(party.account, at=at)
    return tuple(Study.objects.filter(vault_id=vault.id).values_list("id", flat=True))
