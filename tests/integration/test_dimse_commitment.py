"""Whether what a system sent is kept, it can ask, and only it (PS3.4 annex J)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import connection
from pydicom import dcmread
from pydicom.uid import UID, generate_uid

from cast import Person
from commitment_asked import (
    COMMITMENT,
    NO_SUCH_CLASS,
    NOT_KEPT,
    OTHER_CLASS,
    USED_BEFORE,
    Reports,
    a_sender,
    ask,
    failed,
    kept,
    listening,
    wanted,
)
from dicom_peer import CT, SCANNER, VERIFICATION, Caller, connect, served, soon
from objects import a_file, uid
from safelight.exchange.receive.commitment.reporting import KEPT_FOR, due, forget, tell
from safelight.exchange.receive.jobs import report_commitments, tell_commitment
from safelight.exchange.receive.models import Brought, Commitment
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.records.imaging.models import Instance, ReviewItem, Study, StudyState
from safelight.records.imaging.quarantine import quarantine
from safelight.records.partners.actions import suspend_connection

MR = "1.2.840.10008.5.1.4.1.1.4"
pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings(
        "ignore:unclosed <s"
    ),  # a client that was hung up on leaves its socket
]


@pytest.fixture
def scanner(clinician: Person) -> UUID:
    """Let in a scanner of the clinician's hospital that has no port of its own."""
    return connect()


@pytest.fixture
def caller(scanner: UUID) -> Iterator[Caller]:
    with served() as port:
        yield Caller(port)


def send(association: object, *numbers: int) -> None:
    for number in numbers:
        made = dcmread(BytesIO(a_file(number)))
        assert association.send_c_store(made).Status == 0  # type: ignore[attr-defined]


def said(kind: str) -> list[tuple[int, str]]:
    """Return what of this kind is on record: how many, and with what reason."""
    entries = Entry.objects.filter(kind=kind).order_by("row")
    texts = [json.loads(each.text) for each in entries]
    return [(each.get("count", 0), each.get("reason", "")) for each in texts]


def report_waiting(*, at: datetime) -> None:
    """Do what the jobs do, at that moment."""
    for commitment_id in list(due(at=at)):
        tell(commitment_id, at=at)
    forget(at=at)


def test_what_is_kept_is_said_on_the_same_association(caller: Caller) -> None:
    reports = Reports()
    association = a_sender(caller, reports)
    send(association, 1, 2, 3)
    asked = wanted(*((CT, uid(1, 1, number)) for number in (1, 2, 3)))
    assert ask(association, asked) == 0
    event, report = reports.next()
    assert (event, report.TransactionUID) == (1, asked.TransactionUID)
    assert kept(report) == {uid(1, 1, number) for number in (1, 2, 3)}
    assert failed(report) == {}
    soon(lambda: Commitment.objects.get().reported_at is not None)
    association.release()
    assert said("commitment.asked") == [(3, "")]
    assert said("commitment.reported") == [(3, "all")]
    assert Commitment.objects.get().asked is None, "what was asked is not needed any more"


def test_each_that_is_not_kept_is_named_with_its_reason(caller: Caller, scanner: UUID) -> None:
    reports = Reports()
    association = a_sender(caller, reports)
    send(association, 1, 2, 3)
    quarantine(Instance.objects.order_by("arrival")[1], "test", at=clock.now())
    asked = wanted(
        (CT, uid(1, 1, 1)),
        (CT, uid(1, 1, 2)),  # damaged
        (MR, uid(1, 1, 3)),
        (CT, uid(1, 1, 4)),  # never sent
        (COMMITMENT, uid(1, 1, 5)),
    )
    assert ask(association, asked) == 0
    event, report = reports.next()
    soon(lambda: said("commitment.reported") == [(1, "not-all")])
    association.release()
    assert event == 2
    assert kept(report) == {uid(1, 1, 1)}
    assert failed(report) == {
        uid(1, 1, 2): NOT_KEPT,
        uid(1, 1, 3): OTHER_CLASS,
        uid(1, 1, 4): NOT_KEPT,
        uid(1, 1, 5): NO_SUCH_CLASS,
    }


def test_other_bytes_and_what_was_removed_are_not_kept(caller: Caller) -> None:
    reports = Reports()
    association = a_sender(caller, reports)
    send(association, 1)
    made = dcmread(BytesIO(a_file(1)))
    made.SOPInstanceUID = UID(uid(1, 1, 9))
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.PatientName = "Somebody^Else"
    assert association.send_c_store(made).Status == 0xB000
    assert ReviewItem.objects.count() == 1
    ask(association, wanted((CT, uid(1, 1, 9)), (CT, uid(1, 1, 1))))
    assert failed(reports.next()[1]) == {uid(1, 1, 9): NOT_KEPT}
    Study.objects.update(state=StudyState.REMOVED)
    ask(association, wanted((CT, uid(1, 1, 1))))
    assert failed(reports.next()[1]) == {uid(1, 1, 1): NOT_KEPT}
    association.release()


def test_sent_again_by_another_system_each_may_ask_and_a_third_hears_no(
    clinician: Person,
) -> None:
    for title in ("CT1", "CT2", "CT3"):
        connect(title)
    with served() as port:
        for title, expected in (("CT1", set()), ("CT2", set()), ("CT3", {uid(1, 1, 1)})):
            reports = Reports()
            association = a_sender(Caller(port, title), reports)
            if not expected:
                send(association, 1)
            ask(association, wanted((CT, uid(1, 1, 1))))
            assert set(failed(reports.next()[1])) == expected
            association.release()
    assert Brought.objects.count() == 2


def test_a_transaction_counts_once(caller: Caller) -> None:
    reports = Reports()
    association = a_sender(caller, reports)
    send(association, 1)
    asked = wanted((CT, uid(1, 1, 1)))
    ask(association, asked)
    assert failed(reports.next()[1]) == {}
    ask(association, asked)
    assert failed(reports.next()[1]) == {uid(1, 1, 1): USED_BEFORE}
    association.release()
    assert Commitment.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"action": 2}, 0x0123), ({"instance": uid(9)}, 0x0112)],
)
def test_what_is_no_request_is_refused(
    caller: Caller, wrong: dict[str, object], status: int
) -> None:
    association = a_sender(caller, Reports())
    assert ask(association, wanted((CT, uid(1))), **wrong) == status  # type: ignore[arg-type]
    nothing = wanted()
    assert ask(association, nothing) == 0x0115
    unnamed = wanted((CT, uid(1)))
    del unnamed.TransactionUID
    assert ask(association, unnamed) == 0x0115
    association.release()
    assert not Commitment.objects.exists()


def test_who_only_asks_has_nothing_to_commit(clinician: Person) -> None:
    connect(they_send=False)
    with served() as port:
        association = Caller(port).associate(VERIFICATION, COMMITMENT)
        taken = {each.abstract_syntax for each in association.accepted_contexts}
        association.release()
    assert taken == {VERIFICATION}


def test_a_connection_that_closes_is_told_nothing_more(caller: Caller, scanner: UUID) -> None:
    reports = Reports()
    association = a_sender(caller, reports)
    send(association, 1)
    suspend_connection(scanner, by="account/one", at=clock.now())
    assert ask(association, wanted((CT, uid(1, 1, 1)))) == 0x0124
    association.release()
    assert not Commitment.objects.exists()


def test_who_left_is_called_and_told(clinician: Person, settings: LazySettings) -> None:
    reports = Reports()
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8"]
    with listening(reports) as there, served() as port:
        connect(host="127.0.0.1", port=str(there))
        association = Caller(port).associate(CT, COMMITMENT)
        send(association, 1)
        asked = wanted((CT, uid(1, 1, 1)), (CT, uid(1, 1, 2)))
        assert ask(association, asked) == 0
        association.release()
        soon(lambda: not Commitment.objects.filter(next_at=None).exists())
        report_commitments.run({})
        waits = {"commitment_id": str(Commitment.objects.get().pk)}
        assert tell_commitment.is_under_way(**waits)
        tell_commitment.run(waits)
        event, report = reports.next()
    assert (event, report.TransactionUID) == (2, asked.TransactionUID)
    assert kept(report) == {uid(1, 1, 1)}
    assert failed(report) == {uid(1, 1, 2): NOT_KEPT}
    soon(lambda: Commitment.objects.get().reported_at is not None)


def test_who_does_not_take_the_part_is_asked_again_and_given_up_after_a_day(
    clinician: Person, settings: LazySettings
) -> None:
    reports = Reports()
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8"]
    with listening(reports, with_role=False) as there, served() as port:
        connect(host="127.0.0.1", port=str(there))
        association = Caller(port).associate(CT, COMMITMENT)
        send(association, 1)
        ask(association, wanted((CT, uid(1, 1, 1))))
        association.release()
        soon(lambda: not Commitment.objects.filter(next_at=None).exists())
        report_waiting(at=clock.now())
        row = Commitment.objects.get()
        assert (row.tries, row.reported_at, row.ended_at) == (1, None, None)
        assert row.next_at is not None
        assert row.next_at > clock.now()
        report_waiting(at=clock.now())
        assert Commitment.objects.get().tries == 1, "not before its time"
        report_waiting(at=clock.now() + timedelta(days=1, minutes=1))
    assert reports.heard == []
    row = Commitment.objects.get()
    assert row.ended_at is not None
    assert row.asked is None
    assert said("commitment.unreported") == [(0, "association-refused")]


def test_who_cannot_be_called_is_told_nothing_and_may_ask_again(caller: Caller) -> None:
    association = caller.associate(CT, COMMITMENT)
    send(association, 1)
    ask(association, wanted((CT, uid(1, 1, 1))))
    association.release()
    soon(lambda: said("commitment.unreported") == [(0, "nowhere-to-call")])
    reports = Reports()
    association = a_sender(caller, reports)
    ask(association, wanted((CT, uid(1, 1, 1))))
    assert kept(reports.next()[1]) == {uid(1, 1, 1)}
    association.release()


def test_what_was_brought_is_forgotten_after_a_time(caller: Caller) -> None:
    association = a_sender(caller, Reports())
    send(association, 1)
    association.release()
    report_waiting(at=clock.now() + KEPT_FOR - timedelta(minutes=1))
    assert Brought.objects.count() == 1
    report_waiting(at=clock.now() + KEPT_FOR + timedelta(seconds=1))
    assert Brought.objects.count() == 0


def test_nothing_of_it_can_be_read_at_rest(caller: Caller, scanner: UUID) -> None:
    association = caller.associate(CT, COMMITMENT)
    send(association, 1)
    transaction = generate_uid()
    ask(association, wanted((CT, uid(1, 1, 1)), transaction=transaction))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM receive_commitment")
        (asked,) = cursor.fetchall()
        cursor.execute("SELECT * FROM receive_brought")
        (brought,) = cursor.fetchall()
    association.release()
    readable = repr([bytes(each) if isinstance(each, memoryview) else each for each in asked])
    for word in (transaction, uid(1, 1, 1), CT, SCANNER):
        assert word not in readable
        assert word not in repr(brought)
