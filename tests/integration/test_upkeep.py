"""What is swept away, what is never swept away, and how dead bytes come back."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from starlette.testclient import TestClient

from cast import Person, multipart
from objects import a_file, uid
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.platform.keys.models import WrappedKey
from safelight.platform.keys.ring import ring
from safelight.platform.storage.record import new_object_key
from safelight.platform.storage.sweep import packs
from safelight.records.imaging.erasing import erase_study
from safelight.records.imaging.models import Instance, ReviewItem, Study
from safelight.records.imaging.store import open_instance, writer
from safelight.records.imaging.upkeep.compaction import compact
from safelight.records.imaging.upkeep.sweep import sweep

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

HOURS = 7200


def folder() -> Path:
    return Path(settings.SAFELIGHT_DATA)


@pytest.fixture(autouse=True)
def _no_packs_of_before() -> None:
    writer().close()
    for name in packs(folder()):
        (folder() / name).unlink()


def send(web: TestClient, person: Person, *files: bytes) -> int:
    body, headers = multipart(*files)
    return web.post("/dicomweb/studies", content=body, headers=person.headers | headers).status_code


def expect(web: TestClient, person: Person, data: bytes, *numbers: int) -> None:
    study, series, instance = uid(*numbers[:1]), uid(*numbers[:2]), uid(*numbers)
    address = f"/dicomweb/studies/{study}/series/{series}/instances/{instance}"
    got = web.get(address, headers=person.headers | {"Accept": "application/dicom"})
    assert (got.status_code, got.content) == (200, data)


def two_hours_pass() -> None:
    """Let the writer begin a new pack, and all there are count as left alone."""
    writer().close()
    then = time.time() - HOURS
    for name in packs(folder()):
        os.utime(folder() / name, (then, then))


def test_a_pack_that_no_row_names_goes_after_an_hour(web: TestClient, owner: Person) -> None:
    assert send(web, owner, a_file()) == 200
    writer().close()
    writer().append(object_id=new_id(), key=new_object_key(), pieces=[b"nobody's"])
    writer().sync()
    two = set(packs(folder()))
    assert len(two) == 2
    assert sweep(at=clock.now()).packs == 0
    two_hours_pass()
    done = sweep(at=clock.now())
    assert (done.packs, done.missing) == (1, ())
    assert done.size > 0
    assert set(packs(folder())) == {Instance.objects.get().pack}
    expect(web, owner, a_file(), 1, 1, 1)


def test_what_is_being_written_is_never_swept(web: TestClient, owner: Person) -> None:
    writer().append(object_id=new_id(), key=new_object_key(), pieces=[b"not acknowledged yet"])
    (name,) = packs(folder())
    then = time.time() - HOURS
    os.utime(folder() / name, (then, then))
    assert sweep(at=clock.now()).packs == 0
    assert list(packs(folder())) == [name]


def test_a_study_key_without_a_study_goes_after_an_hour(web: TestClient, owner: Person) -> None:
    assert send(web, owner, a_file()) == 200
    study = Study.objects.get()
    left = new_id()
    ring().create_study_key(study.vault_id, left)
    assert sweep(at=clock.now()).keys == 0
    done = sweep(at=clock.now() + timedelta(hours=2))
    assert done.keys == 1
    assert not WrappedKey.objects.using("keys").filter(subject_id=left).exists()
    assert WrappedKey.objects.using("keys").filter(subject_id=study.id).exists()


@pytest.mark.parametrize("torn", [False, True])
def test_a_missing_or_torn_pack_is_an_alarm_and_stays_one(
    web: TestClient, owner: Person, *, torn: bool
) -> None:
    assert send(web, owner, a_file()) == 200
    row = Instance.objects.get()
    path = folder() / row.pack
    if torn:
        os.truncate(path, row.offset + row.length - 1)
    else:
        path.rename(path.with_suffix(".away"))
    assert sweep(at=clock.now()).missing == (row.pack,)
    alarm = Entry.objects.get(kind="pack.missing")
    assert (alarm.subject, alarm.outcome) == (f"pack/{path.stem}", "failed")
    assert Instance.objects.count() == 1


def test_compaction_gives_back_what_was_erased_and_keeps_the_rest(
    web: TestClient, owner: Person
) -> None:
    kept = {(2, 1, number): a_file(number, study=2) for number in range(1, 5)}
    assert send(web, owner, a_file(1, study=1), kept[2, 1, 1], a_file(2, study=1)) == 200
    assert send(web, owner, *[data for name, data in kept.items() if name[2] > 1]) == 200
    # Other bytes under a known UID wait for review, and move along.
    assert send(web, owner, a_file(1, study=2, PatientComments="other")) == 409
    study = Study.objects.exclude(pk=Instance.objects.order_by("-arrival")[0].study_id).get()
    erase_study(study, at=clock.now())
    (old,) = packs(folder())
    size = (folder() / old).stat().st_size
    assert list(compact()) == []
    two_hours_pass()
    (done,) = compact()
    assert (done.packs, done.moved) == (1, 5)
    (new,) = set(packs(folder())) - {old}
    assert (folder() / new).stat().st_size == size - done.freed
    assert {row.pack for row in Instance.objects.all()} == {new}
    assert ReviewItem.objects.get().pack == new
    for name, data in kept.items():
        expect(web, owner, data, *name)
    # The old pack has its hour for those who have just found a place in it.
    assert sweep(at=clock.now()).packs == 0
    two_hours_pass()
    assert sweep(at=clock.now()).packs == 1
    assert list(packs(folder())) == [new]
    for name, data in kept.items():
        expect(web, owner, data, *name)
    assert list(compact()) == []


def test_a_reader_goes_on_while_its_pack_is_regrouped_and_removed(
    web: TestClient, owner: Person
) -> None:
    assert send(web, owner, a_file(), a_file(1, study=2)) == 200
    first, second = Instance.objects.order_by("arrival")
    opened = open_instance(second)
    erase_study(Study.objects.get(pk=first.study_id), at=clock.now())
    two_hours_pass()
    assert [done.moved for done in compact()] == [1]
    two_hours_pass()
    assert sweep(at=clock.now()).packs == 1
    assert opened.read(0, opened.size) == a_file(1, study=2)


def test_small_packs_are_put_together(web: TestClient, owner: Person) -> None:
    for number in range(1, 5):
        assert send(web, owner, a_file(number)) == 200
        writer().close()
    assert len(set(packs(folder()))) == 4
    two_hours_pass()
    (done,) = compact()
    assert (done.packs, done.moved) == (4, 4)
    two_hours_pass()
    assert sweep(at=clock.now()).packs == 4
    for number in range(1, 5):
        expect(web, owner, a_file(number), 1, 1, number)


def test_a_damaged_pack_is_left_where_it_is(web: TestClient, owner: Person) -> None:
    assert send(web, owner, *[a_file(number, study=number) for number in range(1, 5)]) == 200
    rows = list(Instance.objects.order_by("arrival"))
    erase_study(Study.objects.get(pk=rows[0].study_id), at=clock.now())
    path = folder() / rows[2].pack
    with path.open("r+b") as pack:
        pack.seek(rows[2].offset + 300)
        pack.write(b"\0\0\0\0")
    two_hours_pass()
    assert sum(done.moved for done in compact()) == 0
    assert {row.pack for row in Instance.objects.all()} == {rows[0].pack}
    assert list(packs(folder())) == [rows[0].pack]
    expect(web, owner, a_file(2, study=2), 2, 1, 2)
