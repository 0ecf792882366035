"""A delivery leaves one receipt and one entry for what it brought, and little work for later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from asking import send
from cast import Person
from objects import a_file
from safelight.dicom.source import BytesSource
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.errors import MayNotStoreError
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.jobs.models import Job
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.holds import hold, lift
from safelight.records.accounts.models import HoldKind
from safelight.records.imaging.models import Instance

from django.db import connection  # isort: skip
from django.test.utils import CaptureQueriesContext  # isort: skip

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


MOST_STATEMENTS = 14


def kinds() -> dict[str, int]:
    """Return how many entries of each kind the doors wrote."""
    found = Entry.objects.filter(kind__startswith="intake.").values_list("kind", flat=True)
    return {kind: list(found).count(kind) for kind in found}


def test_the_receipt_and_the_record_say_what_became_of_each(web: TestClient, owner: Person) -> None:
    assert send(web, owner, a_file(1), a_file(2)).status_code == 200
    assert send(web, owner, a_file(1), a_file(3), b"no object").status_code == 202
    first, second = IntakeBatch.objects.order_by("started_at")
    assert (first.stored, first.duplicate, first.refused) == (2, 0, 0)
    assert (second.stored, second.duplicate, second.refused) == (1, 1, 1)
    assert first.finished_at is not None
    assert second.finished_at is not None
    assert kinds() == {"intake.taken": 2, "intake.known": 1, "intake.refused": 1}


def test_a_delivery_longer_than_a_group_has_one_receipt(
    web: TestClient, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.exchange.receive.delivery.GROUP_OBJECTS", 3)
    assert send(web, owner, *map(a_file, range(1, 12))).status_code == 200
    batch = IntakeBatch.objects.get()
    assert batch.stored == Instance.objects.count() == 11
    assert batch.finished_at is not None
    assert kinds() == {"intake.taken": 4}


def test_one_more_object_of_a_known_series_is_a_few_statements(owner: Person) -> None:
    party = party_of(actor_of_token(owner.token, at=clock.now()))

    def deliver(number: int) -> None:
        delivery = Delivery.start(party, Channel.STOW, at=clock.now())
        delivery.take(0, BytesSource(a_file(number)))
        (verdict,) = delivery.finish(at=clock.now())
        assert verdict.ruling == "stored"

    deliver(1)
    deliver(2)
    with CaptureQueriesContext(connection) as asked:
        deliver(3)
    said = [query["sql"] for query in asked]
    assert len(said) <= MOST_STATEMENTS, [each[:60] for each in said]
    # One transaction, and nothing is written outside it.
    begun = [each.startswith("BEGIN") for each in said]
    assert sum(begun) == 1, [each[:60] for each in said]
    before = said[: begun.index(True)]
    assert not any(each.startswith(("INSERT", "UPDATE", "DELETE")) for each in before)


def test_a_series_is_finished_once_a_second_and_only_where_there_is_something_to_make(
    web: TestClient, owner: Person
) -> None:
    for number in range(1, 4):
        assert send(web, owner, a_file(number)).status_code == 200
    assert Job.objects.filter(name="receive.finish-series").count() == 1
    assert send(web, owner, a_file(1, study=2, PixelData=None)).status_code == 200
    assert Job.objects.filter(name="receive.finish-series").count() == 1


def test_whose_uploads_are_held_brings_nothing_in_until_that_is_over(owner: Person) -> None:
    at = clock.now()
    party = party_of(actor_of_token(owner.token, at=at))
    hold(HoldKind.UPLOADS, party.name, until=at + timedelta(hours=1), at=at)
    with pytest.raises(MayNotStoreError):
        Delivery.start(party, Channel.STOW, at=at)
    Delivery.start(party, Channel.STOW, at=at + timedelta(hours=2))
    hold(HoldKind.UPLOADS, party.name, until=None, at=at)
    with pytest.raises(MayNotStoreError):
        Delivery.start(party, Channel.STOW, at=at + timedelta(hours=2))
    lift(HoldKind.UPLOADS, party.name, at=at)
    Delivery.start(party, Channel.STOW, at=at)
