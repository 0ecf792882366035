"""Many senders of one object at once: one is first, nobody tears anything."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from starlette.testclient import TestClient

from cast import Person
from objects import a_file, uid
from safelight.dicom.source import BytesSource
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.verdicts import Ruling
from safelight.kernel import clock
from safelight.records.accounts.actors import actor_of_token
from safelight.records.imaging.models import Instance, ReviewItem, Series, Study, Vault

from django.db import connections  # isort: skip

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
SENDERS = 16


def deliver(party: Party, data: bytes, start: Barrier) -> Ruling:
    """Store one object like one request does, beginning when all others do."""
    try:
        start.wait()
        delivery = Delivery.start(party, Channel.STOW, at=clock.now())
        delivery.take(0, BytesSource(data))
        (verdict,) = delivery.finish(at=clock.now())
        return verdict.ruling
    finally:
        connections.close_all()


def test_one_object_in_two_versions_from_sixteen_senders_has_one_first(
    web: TestClient, owner: Person
) -> None:
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    versions = [a_file(), a_file(SeriesDescription="other bytes")]
    start = Barrier(SENDERS)
    with ThreadPoolExecutor(SENDERS) as pool:
        rulings = Counter(
            pool.map(lambda number: deliver(party, versions[number % 2], start), range(SENDERS))
        )
    assert rulings == {
        Ruling.STORED: 1,
        Ruling.DUPLICATE: SENDERS // 2 - 1,
        Ruling.REVIEW: SENDERS // 2,
    }
    assert Instance.objects.count() == Study.objects.count() == Series.objects.count() == 1
    assert Vault.objects.count() == 1
    assert ReviewItem.objects.count() == 1
    got = web.get(
        f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, 1)}",
        headers=owner.headers | {"Accept": "application/dicom"},
    )
    assert got.content in versions


def test_sixteen_senders_of_one_new_study_make_it_once(web: TestClient, owner: Person) -> None:
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    start = Barrier(SENDERS)
    with ThreadPoolExecutor(SENDERS) as pool:
        rulings = Counter(
            pool.map(lambda number: deliver(party, a_file(number + 1), start), range(SENDERS))
        )
    assert rulings == {Ruling.STORED: SENDERS}
    (found,) = web.get("/dicomweb/studies", headers=owner.headers).json()
    assert found["00201208"]["Value"] == [SENDERS]
    assert Series.objects.count() == 1
