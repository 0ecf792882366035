"""Every valid object goes in by C-STORE and comes back by C-GET, C-MOVE and WADO as it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from uuid import UUID

import pynetdicom._config
import pytest
from django.conf import LazySettings
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from starlette.testclient import TestClient

from cast import Person, make_person
from dicom_archive import PLAIN, a_dicom_archive
from dicom_peer import (
    GET_STUDY,
    MOVE_STUDY,
    OURS,
    Caller,
    connect,
    identifier,
    send_data_set,
    served,
)
from figures import figure
from made import made_files
from oracle import model_by_pydicom
from safelight.dicom.reading.index import Header, index
from safelight.dicom.source import BytesSource
from safelight.exchange.access.load import care_began
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, Organization
from safelight.records.imaging.models import PatientRecord
from samples import LEFT_OUT, Sample, all_files

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]
_LEAST = 330
_CONTEXTS = 120  # of one association; 128 are allowed


@dataclass
class House:
    """One hospital, in which no two objects share a UID or disagree about a person."""

    number: int
    person: Person
    organization: UUID
    held: dict[str, tuple[Sample, Header]] = field(default_factory=dict)
    patients: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"CT{self.number}"

    def takes(self, header: Header) -> bool:
        of = (header.text(0x00100021), header.text(0x00100020))
        agrees = self.patients.get(header.study_instance_uid, of) == of
        return agrees and header.sop_instance_uid not in self.held

    def put(self, sample: Sample, header: Header) -> None:
        self.held[header.sop_instance_uid] = sample, header
        of = (header.text(0x00100021), header.text(0x00100020))
        self.patients[header.study_instance_uid] = of


def dealt(samples: Iterable[Sample]) -> list[House]:
    """Deal samples to as many hospitals as they need, each with a system of its own."""
    houses: list[House] = []
    for sample in samples:
        if sample.name in LEFT_OUT:
            continue
        header = index(BytesSource(sample.data))
        house = next((each for each in houses if each.takes(header)), None)
        if house is None:
            number = len(houses)
            name = f"Hospital Number {number}"
            reader = make_person(f"Reader Number {number}", Kind.PROVIDER, name)
            own = UUID(str(Organization.objects.get(same_name=name).pk))
            house = House(number, reader, own)
            connect(house.title, organization=own)
            houses.append(house)
        house.put(sample, header)
    return houses


def data_set(sample: Sample, header: Header) -> bytes:
    return sample.data[header.dataset_offset : header.dataset_offset + header.data_size]


def send_and_get(port: int, house: House) -> dict[str, tuple[str, bytes]]:
    """Send what a house holds; return what comes back: transfer syntax and data set, by UID."""
    came: dict[str, tuple[str, bytes]] = {}
    kinds = sorted({(h.sop_class_uid, h.transfer_syntax) for _, h in house.held.values()})
    for at in range(0, len(kinds), _CONTEXTS):
        some = kinds[at : at + _CONTEXTS]
        mine = [
            (sample, header)
            for sample, header in house.held.values()
            if (header.sop_class_uid, header.transfer_syntax) in some
        ]
        association = associated(port, house, some, came)
        assert len(association.accepted_contexts) == len(some) + 1
        for sample, header in mine:
            status = send_data_set(
                association,
                header.sop_class_uid,
                header.sop_instance_uid,
                header.transfer_syntax,
                data_set(sample, header),
            )
            assert status == 0, (sample.name, hex(status))
        for _, header in mine:
            if header.sop_instance_uid in came:
                continue
            asked = identifier(
                "IMAGE",
                StudyInstanceUID=header.study_instance_uid,
                SeriesInstanceUID=header.series_instance_uid,
                SOPInstanceUID=header.sop_instance_uid,
            )
            answers = [status.Status for status, _ in association.send_c_get(asked, GET_STUDY)]
            assert answers[-1] == 0, (header.sop_instance_uid, answers)
        association.release()
    return came


def move(port: int, house: House) -> dict[str, tuple[str, bytes]]:
    """Have everything that a house holds sent to its archive; return what came there."""
    kinds = {h.sop_class_uid for _, h in house.held.values()}
    syntaxes = sorted({h.transfer_syntax for _, h in house.held.values()} | set(PLAIN))
    with a_dicom_archive(only=sorted(kinds), syntaxes=syntaxes) as archive:
        connect(
            f"AR{house.number}",
            organization=house.organization,
            they_send=False,
            they_ask=False,
            we_send=True,
            host="127.0.0.1",
            port=str(archive.port),
        )
        association = Caller(port, house.title).associate(MOVE_STUDY)
        for study in sorted({h.study_instance_uid for _, h in house.held.values()}):
            asked = identifier("STUDY", StudyInstanceUID=study)
            answers = association.send_c_move(asked, f"AR{house.number}", MOVE_STUDY)
            statuses = [status.Status for status, _ in answers]
            assert statuses[-1] == 0, (study, statuses)
        association.release()
    return {each.uid: (each.transfer_syntax, each.data_set) for each in archive.came}


def associated(
    port: int,
    house: House,
    kinds: Sequence[tuple[str, str]],
    came: dict[str, tuple[str, bytes]],
) -> Association:
    def take(event: evt.Event) -> int:
        request = event.request
        assert isinstance(request, C_STORE)
        assert isinstance(request.DataSet, BytesIO)
        uid = str(request.AffectedSOPInstanceUID)
        came[uid] = str(event.context.transfer_syntax), request.DataSet.getvalue()
        return 0

    return AE(house.title).associate(
        "127.0.0.1",
        port,
        ae_title=OURS,
        contexts=[build_context(GET_STUDY), *(build_context(*each) for each in kinds)],
        ext_neg=[
            build_role(each, scu_role=True, scp_role=True) for each in {kind for kind, _ in kinds}
        ],
        evt_handlers=[(evt.EVT_C_STORE, take)],
    )


def expect_by_web(web: TestClient, house: House, sample: Sample, header: Header) -> None:
    address = (
        f"/dicomweb/studies/{header.study_instance_uid}"
        f"/series/{header.series_instance_uid}/instances/{header.sop_instance_uid}"
    )
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    got = web.get(address, headers=house.person.headers | accept)
    assert got.status_code == 200, (sample.name, got.text)
    back = index(BytesSource(got.content))
    assert back.transfer_syntax == header.transfer_syntax, sample.name
    start = back.dataset_offset
    assert got.content[start:] == data_set(sample, header), sample.name
    metadata = web.get(address + "/metadata", headers=house.person.headers)
    ours = metadata.json()[0]
    assert ours == model_by_pydicom(BytesIO(sample.twin or sample.data), ours), sample.name


def round_trip(web: TestClient, samples: Iterable[Sample]) -> tuple[int, set[str]]:
    """Send and fetch samples; return how many there were, and their transfer syntaxes."""
    houses = dealt(samples)
    tried, syntaxes = 0, set()
    with served() as port:
        assert Caller(port, houses[0].title).associate().is_established
        for house in houses:
            before = set(PatientRecord.objects.values_list("pk", flat=True))
            came = send_and_get(port, house)
            moved = move(port, house)
            # What a system sends puts nobody into anybody's care.
            for patient in PatientRecord.objects.exclude(pk__in=before):
                reader = house.person.account.pk
                care_began(patient.vault_id, patient.pk, reader, at=clock.now())
            for uid, (sample, header) in house.held.items():
                expected = (header.transfer_syntax, data_set(sample, header))
                assert came[uid] == moved[uid] == expected, sample.name
                expect_by_web(web, house, sample, header)
                tried += 1
                syntaxes.add(header.transfer_syntax)
    return tried, syntaxes


@pytest.fixture(autouse=True)
def near(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the archives of these hospitals be on this machine, and take what nobody knows."""
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8"]
    monkeypatch.setattr(pynetdicom._config, "UNRESTRICTED_STORAGE_SERVICE", True)


def test_every_tenth_object_comes_back_as_it_was_sent(web: TestClient) -> None:
    tried, syntaxes = round_trip(web, (*all_files(), *made_files())[::10])
    assert tried > _LEAST // 12
    assert len(syntaxes) > 8


@pytest.mark.long
def test_every_object_comes_back_as_it_was_sent(web: TestClient) -> None:
    tried, _ = round_trip(web, (*all_files(), *made_files()))
    figure("dimse.objects-round-trip", tried, "objects")
    assert tried > _LEAST
