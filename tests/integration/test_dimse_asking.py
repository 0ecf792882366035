"""What a hospital's own systems ask for: they find and get what is theirs, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from starlette.testclient import TestClient

from asking import store
from cast import Person
from dicom_peer import (
    CT,
    EXPLICIT,
    FIND_PATIENT,
    FIND_STUDY,
    GET_STUDY,
    Caller,
    connect,
    data_set_of,
    found,
    identifier,
    served,
)
from objects import a_file, uid
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.release.models import Disclosure
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.records.accounts import throttle
from safelight.records.accounts.allowances import spend
from safelight.records.partners.actions import suspend_connection

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings(
        "ignore:unclosed <s"
    ),  # a client that was hung up on leaves its socket
]
IMPLICIT = "1.2.840.10008.1.2"


@pytest.fixture
def caller(web: TestClient, clinician: Person, owner: Person) -> Iterator[Caller]:
    """Keep two exams in the hospital and one at home; let in a system of the hospital."""
    store(web, clinician, a_file(1), a_file(2), a_file(1, study=2, PatientID="XY-9"))
    store(web, owner, a_file(1, study=3))
    connect()
    with served() as port:
        yield Caller(port)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_studies_are_found_with_what_was_asked(caller: Caller, syntax: str) -> None:
    association = caller.associate(FIND_STUDY, syntaxes=[syntax])
    asked = identifier(
        "STUDY",
        PatientID="AB-17",
        PatientName="berg*",
        StudyDate="20260101-20261231",
        StudyInstanceUID="",
        NumberOfStudyRelatedInstances="",
        ModalitiesInStudy="",
        InstitutionName="",
    )
    (match,) = found(association, asked)
    association.release()
    assert match.StudyInstanceUID == uid(1)
    assert match.PatientName == "Berg^Anna"
    assert match.NumberOfStudyRelatedInstances == 2
    assert match.ModalitiesInStudy == "CT"
    assert match.QueryRetrieveLevel == "STUDY"
    assert match.RetrieveAETitle == "SAFELIGHT"
    assert "AccessionNumber" not in match


def test_what_is_not_the_hospitals_is_not_there(caller: Caller) -> None:
    association = caller.associate(FIND_STUDY)
    studies = found(association, identifier("STUDY", StudyInstanceUID="", StudyDate="20000101-"))
    assert sorted(each.StudyInstanceUID for each in studies) == sorted([uid(1), uid(2)])
    assert found(association, identifier("STUDY", StudyInstanceUID=uid(3))) == []
    series = identifier("SERIES", StudyInstanceUID=uid(3), SeriesInstanceUID="")
    assert found(association, series) == []
    association.release()


def test_patients_series_and_images_are_found(caller: Caller) -> None:
    association = caller.associate(FIND_STUDY, FIND_PATIENT)
    patients = found(
        association,
        identifier("PATIENT", PatientID="*", PatientName="", NumberOfPatientRelatedStudies=""),
        FIND_PATIENT,
    )
    assert sorted(str(each.PatientID) for each in patients) == ["AB-17", "XY-9"]
    assert {each.NumberOfPatientRelatedStudies for each in patients} == {1}
    of_patient = identifier("STUDY", PatientID="XY-9", StudyInstanceUID="")
    assert [each.StudyInstanceUID for each in found(association, of_patient, FIND_PATIENT)] == [
        uid(2)
    ]
    (series,) = found(
        association,
        identifier("SERIES", StudyInstanceUID=uid(1), SeriesInstanceUID="", Modality="CT"),
    )
    assert series.SeriesInstanceUID == uid(1, 1)
    images = found(
        association,
        identifier(
            "IMAGE",
            StudyInstanceUID=uid(1),
            SeriesInstanceUID=uid(1, 1),
            SOPInstanceUID="",
            InstanceNumber="",
        ),
    )
    assert {(each.SOPInstanceUID, each.InstanceNumber) for each in images} == {
        (uid(1, 1, 1), 1),
        (uid(1, 1, 2), 2),
    }
    association.release()


def test_a_level_without_what_is_above_it_is_refused(caller: Caller) -> None:
    association = caller.associate(FIND_STUDY)
    for asked in (identifier("SERIES", SeriesInstanceUID=""), identifier("PATIENT", PatientID="")):
        answers = list(association.send_c_find(asked, FIND_STUDY))
        assert [status.Status for status, _ in answers] == [0xA900]
    association.release()


def test_who_asks_for_everything_is_on_record(caller: Caller) -> None:
    association = caller.associate(FIND_STUDY)
    assert len(found(association, identifier("STUDY", StudyInstanceUID=""))) == 2
    association.release()
    assert Entry.objects.filter(kind="access.asked-everything").count() == 1


def test_more_searches_than_one_may_are_refused(clinician: Person) -> None:
    connection = connect()
    named = Party(kind=PartyKind.SYSTEM, account_id=connection).name
    spend(throttle.FINDS, named, amount=throttle.FINDS.count, at=clock.now())
    with served() as port:
        association = Caller(port).associate(FIND_STUDY)
        asked = identifier("STUDY", StudyInstanceUID=uid(1))
        answers = list(association.send_c_find(asked, FIND_STUDY))
        association.release()
    assert [status.Status for status, _ in answers] == [0xA700]


def test_to_a_connection_that_is_closed_meanwhile_there_is_nothing(
    web: TestClient, clinician: Person
) -> None:
    store(web, clinician, a_file(1))
    connection = connect()
    with served() as port:
        association = Caller(port).associate(FIND_STUDY)
        asked = identifier("STUDY", StudyInstanceUID=uid(1))
        assert len(found(association, asked)) == 1
        suspend_connection(connection, by="account/one", at=clock.now())
        assert found(association, asked) == []
        association.release()


def test_what_is_got_is_as_it_was_sent_and_disclosed_to_nobody(caller: Caller) -> None:
    taken: list[bytes] = []
    association = caller.collecting(taken, GET_STUDY, objects={CT: [EXPLICIT]})
    asked = identifier("STUDY", StudyInstanceUID=uid(1))
    answers = list(association.send_c_get(asked, GET_STUDY))
    assert [status.Status for status, _ in answers] == [0xFF00, 0x0000]
    assert answers[-1][0].NumberOfCompletedSuboperations == 2
    assert sorted(taken) == sorted(data_set_of(a_file(number)) for number in (1, 2))
    nothing = list(association.send_c_get(identifier("STUDY", StudyInstanceUID=uid(3)), GET_STUDY))
    assert [status.Status for status, _ in nothing] == [0x0000]
    assert len(taken) == 2
    image = identifier(
        "IMAGE",
        StudyInstanceUID=uid(1),
        SeriesInstanceUID=uid(1, 1),
        SOPInstanceUID=uid(1, 1, 2),
    )
    assert list(association.send_c_get(image, GET_STUDY))[-1][0].Status == 0
    assert taken[2:] == [data_set_of(a_file(2))]
    association.release()
    assert Disclosure.objects.count() == 0
    assert Entry.objects.filter(kind="study.looked-at").exists()


def test_what_the_peer_cannot_take_fails_by_itself(caller: Caller) -> None:
    taken: list[bytes] = []
    other = "1.2.840.10008.5.1.4.1.1.4"
    association = caller.collecting(taken, GET_STUDY, objects={other: [EXPLICIT]})
    asked = identifier("STUDY", StudyInstanceUID=uid(1))
    status, failed = list(association.send_c_get(asked, GET_STUDY))[-1]
    association.release()
    assert status.Status == 0xA702
    assert status.NumberOfFailedSuboperations == 2
    assert isinstance(failed, Dataset)
    assert set(failed.FailedSOPInstanceUIDList) == {uid(1, 1, 1), uid(1, 1, 2)}
    assert taken == []


def test_what_only_implicit_takes_is_made_anew(caller: Caller) -> None:
    taken: list[bytes] = []
    association = caller.collecting(taken, GET_STUDY, objects={CT: [IMPLICIT]})
    asked = identifier("STUDY", StudyInstanceUID=uid(2))
    status, _ = list(association.send_c_get(asked, GET_STUDY))[-1]
    association.release()
    assert status.Status in {0x0000, 0xA702}
    if taken:
        assert dcmread(BytesIO(taken[0]), force=True).SOPInstanceUID == uid(2, 1, 1)


def test_one_that_only_sends_finds_nothing(web: TestClient, clinician: Person) -> None:
    store(web, clinician, a_file(1))
    connect(they_ask=False)
    with served() as port:
        association = Caller(port).associate(FIND_STUDY)
        assert not association.accepted_contexts
        association.abort()
