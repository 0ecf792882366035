"""C-MOVE: what a hospital's system has sent goes where it is connected, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from pydicom.dataset import Dataset
from pynetdicom.association import Association
from starlette.testclient import TestClient

from asking import store
from cast import Person
from certificates import an_authority
from dicom_archive import PLAIN, TITLE, DicomArchive, a_dicom_archive
from dicom_peer import MOVE_STUDY, SCANNER, Caller, connect, data_set_of, identifier, served
from objects import a_file, uid
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.records.partners.actions import suspend_connection

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]
SUCCESS, PENDING, CANCELLED = 0x0000, 0xFF00, 0xFE00
UNABLE, UNKNOWN_DESTINATION, SOME_FAILED = 0xA702, 0xA801, 0xB000
STUDY = identifier("STUDY", StudyInstanceUID=uid(1))


@pytest.fixture
def caller(
    web: TestClient, clinician: Person, owner: Person, settings: LazySettings
) -> Iterator[Caller]:
    """Keep an exam of three in the hospital and one at home; let in a system of the hospital."""
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8"]
    store(web, clinician, *(a_file(each) for each in (1, 2, 3)))
    store(web, owner, a_file(1, study=3))
    connect()
    with served() as port:
        yield Caller(port)


@pytest.fixture
def archive(caller: Caller) -> Iterator[DicomArchive]:
    """Let the hospital's archive listen, connected to be sent to."""
    del caller
    with a_dicom_archive() as listening:
        destination(listening)
        yield listening


def destination(
    archive: DicomArchive,
    calling: str = TITLE,
    **wish: Any,  # noqa: ANN401 (fields of a wish)
) -> UUID:
    """Connect an archive, to be sent to and nothing else."""
    place = {"host": "127.0.0.1", "port": str(archive.port)}
    return connect(calling, they_send=False, they_ask=False, we_send=True, **(place | wish))


def moved(
    caller: Caller, to: str = TITLE, asked: Dataset = STUDY
) -> list[tuple[Dataset, Dataset | None]]:
    association = caller.associate(MOVE_STUDY)
    assert association.is_established
    answers = list(association.send_c_move(asked, to, MOVE_STUDY))
    association.release()
    return answers


def counts(status: Dataset) -> tuple[int, int, int]:
    return (
        status.NumberOfCompletedSuboperations,
        status.NumberOfFailedSuboperations,
        status.NumberOfWarningSuboperations,
    )


def test_an_exam_is_sent_as_it_is_kept_and_each_step_is_told(
    caller: Caller, archive: DicomArchive
) -> None:
    answers = moved(caller)
    assert [status.Status for status, _ in answers] == [PENDING, PENDING, SUCCESS]
    assert counts(answers[-1][0]) == (3, 0, 0)
    assert [each.data_set for each in archive.came] == [data_set_of(a_file(n)) for n in (1, 2, 3)]
    assert {each.originator for each in archive.came} == {SCANNER}
    assert archive.calling == ["SAFELIGHT"]
    assert archive.ends == ["released"]
    assert Entry.objects.filter(kind="study.looked-at").count() == 1


@pytest.mark.parametrize("to", ["NOBODY", SCANNER, "", "RIVERS"])
def test_a_title_that_is_no_destination_does_not_exist(
    caller: Caller, archive: DicomArchive, to: str
) -> None:
    answers = moved(caller, to or " X")
    assert [status.Status for status, _ in answers] == [UNKNOWN_DESTINATION]
    assert archive.calling == []


def test_a_destination_that_is_suspended_does_not_exist(
    caller: Caller, archive: DicomArchive
) -> None:
    other = destination(archive, calling="LAKE")
    suspend_connection(other, by="account/one", at=clock.now())
    assert [status.Status for status, _ in moved(caller, "LAKE")] == [UNKNOWN_DESTINATION]


def test_what_is_not_the_hospitals_is_not_sent(caller: Caller, archive: DicomArchive) -> None:
    elsewhere = identifier("STUDY", StudyInstanceUID=uid(3))
    nothing = identifier("STUDY", StudyInstanceUID=uid(99))
    for asked in (elsewhere, nothing):
        ((status, _),) = moved(caller, asked=asked)
        assert (status.Status, counts(status)) == (SUCCESS, (0, 0, 0))
    assert archive.calling == []


def test_nobody_at_the_destination_fails_all_and_names_them(caller: Caller) -> None:
    with a_dicom_archive() as gone:
        destination(gone)
    ((status, failed),) = [each for each in moved(caller) if each[0].Status != PENDING]
    assert status.Status == UNABLE
    assert counts(status) == (0, 3, 0)
    assert failed is not None
    assert sorted(failed.FailedSOPInstanceUIDList) == sorted(uid(1, 1, n) for n in (1, 2, 3))


def test_what_the_destination_refuses_is_named_and_the_rest_goes(
    caller: Caller, archive: DicomArchive
) -> None:
    archive.says = lambda number: 0xA900 if number == 2 else 0xB000 if number == 3 else 0
    status, failed = moved(caller)[-1]
    assert status.Status == SOME_FAILED
    assert counts(status) == (1, 1, 1)
    assert failed is not None
    assert failed.FailedSOPInstanceUIDList == uid(1, 1, 2)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_destination_that_hangs_up_fails_the_rest(caller: Caller, archive: DicomArchive) -> None:
    archive.says = lambda number: None if number == 2 else 0
    status, failed = moved(caller)[-1]
    assert status.Status == SOME_FAILED
    assert counts(status) == (1, 2, 0)
    assert failed is not None
    assert list(failed.FailedSOPInstanceUIDList) == [uid(1, 1, 2), uid(1, 1, 3)]


def test_a_connection_that_is_closed_in_the_middle_gets_nothing_more(
    caller: Caller, archive: DicomArchive
) -> None:
    key = destination(archive, calling="LAKE")

    def closing(number: int) -> int:
        if number == 1:
            suspend_connection(key, by="account/one", at=clock.now())
        return 0

    archive.says = closing
    status, _ = moved(caller, "LAKE")[-1]
    assert counts(status) == (1, 2, 0)
    assert archive.asked == 1


def test_it_is_cancelled_in_the_middle(caller: Caller, archive: DicomArchive) -> None:
    association = caller.associate(MOVE_STUDY)

    def cancelling(number: int) -> int:
        if number == 1:
            cancel(association)
        return 0

    archive.says = cancelling
    answers = list(association.send_c_move(STUDY, TITLE, MOVE_STUDY, msg_id=7))
    association.release()
    assert answers[-1][0].Status == CANCELLED
    # The cancelling crosses what is on its way: one more may have gone by then.
    left = answers[-1][0].NumberOfRemainingSuboperations
    assert left in {1, 2}
    assert len(archive.came) == 3 - left


def cancel(association: Association) -> None:
    association.send_c_cancel(7, query_model=MOVE_STUDY)


def test_whoever_takes_the_plain_form_alone_gets_that(web: TestClient, caller: Caller) -> None:
    with a_dicom_archive(syntaxes=PLAIN[1:]) as implicit:
        destination(implicit)
        assert counts(moved(caller)[-1][0]) == (3, 0, 0)
    assert {each.transfer_syntax for each in implicit.came} == {PLAIN[1]}


def test_a_destination_with_another_certificate_hears_no_word(
    caller: Caller, tmp_path: Path
) -> None:
    authority = an_authority(tmp_path)
    known, other = authority.sign("known"), authority.sign("other")
    for pair, expected in ((known, (3, 0, 0)), (other, (0, 3, 0))):
        with a_dicom_archive(pair) as archive:
            title = f"T{archive.port}"
            pem = known[0].read_text()
            destination(archive, calling=title, server_certificate=pem, is_plain=False)
            assert counts(moved(caller, title)[-1][0]) == expected
            assert bool(archive.calling) == (pair == known)
