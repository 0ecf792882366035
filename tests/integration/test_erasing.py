"""An erasure takes what was there when it began, and nothing that was acknowledged since."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from starlette.testclient import TestClient

from asking import INSTANCE, STUDY, store
from cast import Person, multipart
from objects import a_file
from safelight.dicom.source import BytesSource
from safelight.exchange.access.mode import Mode, set_mode
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.verdicts import Ruling
from safelight.exchange.release.remove import TIME_TO_UNDO, bring_back, erase_due
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.keys.errors import KeyDestroyedError
from safelight.platform.keys.ring import ring
from safelight.records.accounts.actors import actor_of_token
from safelight.records.imaging.erasing import erase_study
from safelight.records.imaging.models import Instance, Quarantined, Study, StudyState
from safelight.records.imaging.quarantine import quarantine

from django.db import connections, transaction  # isort: skip

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
ROUNDS = 8
LATER = TIME_TO_UNDO + timedelta(hours=1)


def send(web: TestClient, owner: Person, data: bytes) -> int:
    body, headers = multipart(data)
    return web.post("/dicomweb/studies", content=body, headers=owner.headers | headers).status_code


def expect(web: TestClient, owner: Person, data: bytes) -> None:
    got = web.get(INSTANCE, headers=owner.headers | {"Accept": "application/dicom"})
    assert (got.status_code, got.content) == (200, data)


def test_an_exam_sent_again_while_its_erasure_is_due_stays(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    assert web.delete(STUDY, headers=owner.headers).status_code == 204
    due = Study.objects.get()
    assert send(web, owner, a_file()) == 200
    assert not erase_study(due, at=clock.now())
    expect(web, owner, a_file())


def test_an_exam_brought_back_and_removed_again_has_its_seven_days_anew(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file())
    assert web.delete(STUDY, headers=owner.headers).status_code == 204
    due = Study.objects.get()
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    bring_back(party, due.id, at=clock.now())
    assert web.delete(STUDY, headers=owner.headers).status_code == 204
    assert not erase_study(due, at=clock.now())
    bring_back(party, due.id, at=clock.now())
    expect(web, owner, a_file())


def test_whatever_is_acknowledged_beside_an_erasure_is_there_after_it(
    web: TestClient, owner: Person
) -> None:
    def erase(start: Barrier) -> int:
        start.wait()
        try:
            return erase_due(at=clock.now() + LATER)
        finally:
            connections.close_all()

    store(web, owner, a_file())
    for _ in range(ROUNDS):
        assert web.delete(STUDY, headers=owner.headers).status_code == 204
        start = Barrier(2)
        with ThreadPoolExecutor(1) as pool:
            erased = pool.submit(erase, start)
            start.wait()
            status = send(web, owner, a_file())
        assert erased.result() in {0, 1}
        # Who meets the erasure between two steps is refused, and sends it again.
        assert status in {200, 410}
        if status != 200:
            assert send(web, owner, a_file()) == 200
        expect(web, owner, a_file())


def test_what_was_taken_in_for_an_exam_that_is_erased_meanwhile_begins_a_new_one(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file())
    old = Study.objects.get()
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    delivery = Delivery.start(party, Channel.STOW, at=clock.now())
    delivery.take(0, BytesSource(a_file(2)))
    group = delivery._group
    assert group is not None
    group.make_durable()
    assert erase_study(old, at=clock.now())
    with transaction.atomic():
        (verdict,) = group.file()
    assert (verdict.ruling, verdict.study_id == old.id) == (Ruling.STORED, False)
    address = INSTANCE.removesuffix("1") + "2"
    got = web.get(address, headers=owner.headers | {"Accept": "application/dicom"})
    assert (got.status_code, got.content) == (200, a_file(2))


def test_an_erasure_that_was_cut_off_is_completed(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    study = Study.objects.get()
    # As a crash leaves it between the transaction that takes the rows and the key's end.
    Instance.objects.all().delete()
    Study.objects.filter(pk=study.pk).update(state=StudyState.ERASED, uid_token=study.id.bytes)
    assert send(web, owner, a_file()) == 200
    assert erase_due(at=clock.now()) == 1
    with pytest.raises(KeyDestroyedError):
        ring().study_key(study.id)
    assert Entry.objects.get(kind="study.erased").subject == f"study/{study.id}"
    assert erase_due(at=clock.now()) == 0
    expect(web, owner, a_file())


def test_a_damaged_object_of_a_removed_exam_is_not_said_to_be_here(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file())
    quarantine(Instance.objects.get(), "broken", at=clock.now())
    assert web.delete(STUDY, headers=owner.headers).status_code == 204
    assert send(web, owner, a_file()) == 409
    assert Study.objects.get().state == StudyState.REMOVED
    assert Quarantined.objects.count() == 1


@pytest.mark.parametrize("mode", [Mode.READ_ONLY, Mode.RECOVERING])
def test_nothing_is_destroyed_while_the_instance_is_not_in_its_normal_mode(
    web: TestClient, owner: Person, mode: Mode
) -> None:
    store(web, owner, a_file())
    assert web.delete(STUDY, headers=owner.headers).status_code == 204
    later = clock.now() + LATER
    set_mode(mode, "An emergency", actor="operator", at=clock.now())
    assert erase_due(at=later) == 0
    assert not Entry.objects.filter(kind="study.erased").exists()
    set_mode(Mode.NORMAL, "It is over", actor="operator", at=clock.now())
    assert erase_due(at=later) == 1
