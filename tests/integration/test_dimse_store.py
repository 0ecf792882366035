"""What a hospital's systems send by C-STORE: kept as it was sent, or refused with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from django.conf import settings
from pydicom import dcmread

from cast import Person
from dicom_peer import (
    CT,
    OURS,
    SCANNER,
    VERIFICATION,
    Caller,
    connect,
    data_set_of,
    rejection_of,
    send_as_it_is,
    served,
    soon,
)
from made import made_files
from objects import a_file, uid
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from safelight.exchange.access.mode import Mode, set_mode
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.kernel import clock
from safelight.platform.audit.models import DenialFold
from safelight.records.imaging.models import Instance, ReviewItem
from safelight.records.imaging.store import open_instance
from safelight.records.partners.actions import suspend_connection
from safelight.surfaces.dimse.holding import IN_MEMORY

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings(
        "ignore:unclosed <s"
    ),  # a client that was hung up on leaves its socket
]


@pytest.fixture
def caller(clinician: Person) -> Iterator[Caller]:
    """Let in a scanner of the clinician's hospital."""
    connect()
    with served() as port:
        yield Caller(port)


def kept() -> list[bytes]:
    """Return the data sets that are kept, byte for byte."""
    found = []
    for row in Instance.objects.order_by("arrival"):
        stored = open_instance(row)
        card = stored.card
        found.append(stored.read(card.dataset_offset, card.dataset_size))
    return found


def test_who_is_let_in_is_answered(caller: Caller) -> None:
    association = caller.associate()
    assert association.is_established
    assert association.send_c_echo().Status == 0
    association.release()
    assert association.is_released


@pytest.mark.parametrize(("calling", "called"), [("NOBODY", OURS), (SCANNER, "OTHER")])
def test_whoever_is_not_known_hears_the_same_rejection(
    caller: Caller, calling: str, called: str
) -> None:
    association = Caller(caller.port, calling, called).associate()
    assert rejection_of(association) == (1, 1, 1)
    assert DenialFold.objects.count() == 1


def test_a_closed_connection_is_rejected_like_an_unknown_one(clinician: Person) -> None:
    connection = connect()
    suspend_connection(connection, by="account/one", at=clock.now())
    with served() as port:
        assert rejection_of(Caller(port).associate()) == (1, 1, 1)


def test_what_is_sent_is_kept_as_it_was_sent(caller: Caller, clinician: Person) -> None:
    association = caller.associate(CT)
    files = [a_file(number) for number in (1, 2, 3)]
    for data in files:
        assert association.send_c_store(dcmread(BytesIO(data))).Status == 0
    association.release()
    assert sorted(map(sha, kept())) == sorted(sha(data_set_of(each)) for each in files)
    soon(lambda: IntakeBatch.objects.get().finished_at is not None)
    receipt = IntakeBatch.objects.get()
    assert (receipt.channel, receipt.stored, receipt.refused) == (Channel.DIMSE, 3, 0)


def test_again_is_success_and_other_bytes_wait_for_somebody(caller: Caller) -> None:
    association = caller.associate(CT)
    made = dcmread(BytesIO(a_file(1)))
    assert association.send_c_store(made).Status == 0
    assert association.send_c_store(made).Status == 0
    made.PatientComments = "other bytes"
    answer = association.send_c_store(made)
    assert answer.Status == 0xB000
    assert answer.ErrorComment == "other-bytes-under-a-known-uid"
    association.release()
    assert Instance.objects.count() == 1
    assert ReviewItem.objects.count() == 1


def test_what_is_broken_is_refused_and_not_kept(caller: Caller) -> None:
    association = caller.associate(CT)
    made = dcmread(BytesIO(a_file(1)))
    del made.StudyInstanceUID
    answer = association.send_c_store(made)
    assert (answer.Status, answer.ErrorComment) == (0xC000, "missing-uid")
    assert send_as_it_is(association, a_file(2)[:-40]) == 0xC000
    assert association.send_c_store(dcmread(BytesIO(a_file(3)))).Status == 0
    association.release()
    assert Instance.objects.count() == 1


def test_another_object_than_announced_is_refused(caller: Caller) -> None:
    association = caller.associate(CT)
    assert send_as_it_is(association, a_file(1), announced=uid(1, 1, 2)) == 0xA900
    association.release()
    assert Instance.objects.count() == 0


def test_while_it_is_only_read_nothing_comes_in(caller: Caller) -> None:
    association = caller.associate(CT, VERIFICATION)
    made = dcmread(BytesIO(a_file(1)))
    set_mode(Mode.READ_ONLY, "being moved", actor="operator", at=clock.now())
    answer = association.send_c_store(made)
    assert (answer.Status, answer.ErrorComment) == (0xA700, "read_only")
    assert association.send_c_echo().Status == 0
    set_mode(Mode.NORMAL, "moved", actor="operator", at=clock.now())
    assert association.send_c_store(made).Status == 0
    association.release()


def test_a_connection_that_is_closed_meanwhile_takes_nothing_more(clinician: Person) -> None:
    connection = connect()
    with served() as port:
        association = Caller(port).associate(CT)
        assert association.send_c_store(dcmread(BytesIO(a_file(1)))).Status == 0
        suspend_connection(connection, by="account/one", at=clock.now())
        assert association.send_c_store(dcmread(BytesIO(a_file(2)))).Status == 0x0124
        association.release()
    assert Instance.objects.count() == 1


def test_one_that_only_asks_stores_nothing(clinician: Person) -> None:
    connect(they_send=False)
    with served() as port:
        association = Caller(port).associate(CT)
        assert association.send_c_store(dcmread(BytesIO(a_file(1)))).Status == 0x0124
        association.release()
    assert Instance.objects.count() == 0


def test_a_large_object_waits_sealed_on_disk(caller: Caller) -> None:
    pattern = b"READABLE" * 4096
    rows = IN_MEMORY // 2048 + 64
    data = a_file(
        1, Rows=rows, Columns=2048, BitsAllocated=8, BitsStored=8, HighBit=7,
        PixelData=(pattern * (rows * 2048 // len(pattern) + 1))[: rows * 2048],
    )  # fmt: skip
    spools = Path(settings.SAFELIGHT_DATA) / "spool"
    association = caller.associate(CT)
    assert association.send_c_store(dcmread(BytesIO(data))).Status == 0
    association.release()
    assert sha(kept()[0]) == sha(data_set_of(data))
    assert [each for each in spools.iterdir() if pattern[:64] in each.read_bytes()] == []


def test_a_lone_association_waits_for_no_clock(caller: Caller) -> None:
    association = caller.associate(CT)
    objects = [dcmread(BytesIO(a_file(number))) for number in range(1, 22)]
    times = []
    for each in objects:
        began = perf_counter()
        assert association.send_c_store(each).Status == 0
        times.append(perf_counter() - began)
    association.release()
    # A delayed acknowledgement takes 40 ms, on each of them.
    assert median(times) < 0.035, times


def test_made_objects_come_in_as_they_are(caller: Caller) -> None:
    """Every tenth of the made objects, each in its own transfer syntax, byte for byte."""
    for sample in made_files()[::10]:
        header = index(BytesSource(sample.data))
        association = caller.associate(header.sop_class_uid, syntaxes=[header.transfer_syntax])
        assert association.is_established, sample.name
        assert send_as_it_is(association, sample.data) == 0, sample.name
        association.release()
        start, size = header.dataset_offset, header.data_size
        assert kept()[-1] == sample.data[start : start + size], sample.name


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
