"""R07: a copy goes to a partner's DICOM system by C-STORE, over TLS, to the one that is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from pydicom import dcmread
from starlette.testclient import TestClient

from cast import Person
from certificates import an_authority
from dicom_archive import PLAIN, DicomArchive, a_dicom_archive
from dicom_peer import data_set_of
from objects import a_file
from safelight.dicom.writing.part10 import file_meta
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.transfer import ways
from safelight.exchange.release.transfer.coercion import Wish
from safelight.exchange.release.transfer.models import TransferItem, TransferState
from safelight.exchange.release.transfer.ordering import order
from safelight.exchange.release.viewing.objects import gathered
from safelight.kernel import clock
from safelight.records.imaging.models import Instance
from safelight.records.imaging.store import open_instance
from samples import all_files
from transferring import Stage, a_stage, bound_by_dicom, recorded

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]
Pair = tuple[Path, Path]


@pytest.fixture
def pair(tmp_path: Path, settings: LazySettings) -> Pair:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    return an_authority(tmp_path).sign("river")


@pytest.fixture
def archive(pair: Pair) -> Iterator[DicomArchive]:
    with a_dicom_archive(pair) as listening:
        yield listening


@pytest.fixture
def stage(
    web: TestClient, owner: Person, clinician: Person, archive: DicomArchive, pair: Pair
) -> Stage:
    house, story = a_stage(web, owner, clinician)
    return bound_by_dicom(house, story, archive.port, pair[0].read_text())


def test_what_was_agreed_arrives_as_it_is_kept_and_its_proof_fits(
    stage: Stage, archive: DicomArchive
) -> None:
    shared = stage.agree()
    row = stage.sent(stage.order())

    assert (row.state, row.sent, row.cause) == (TransferState.SENT, 4, "")
    assert archive.calling == ["SAFELIGHT"]
    assert archive.ends == ["released"]
    for each, came in zip(Instance.objects.order_by("arrival"), archive.came, strict=True):
        stored = open_instance(each)
        start = stored.card.dataset_offset
        assert came.data_set == stored.read_range(start, start + stored.card.dataset_size)
    hashes = TransferItem.objects.order_by("number").values_list("sha256", flat=True)
    proof = hashlib.sha256(b"".join(bytes(each or b"") for each in hashes)).digest()
    assert bytes(row.proof or b"") == proof
    (disclosure,) = stage.disclosures()
    assert (disclosure.result, disclosure.pictures) == ("complete", 4)
    assert disclosure.consent_id == shared.consent_id
    assert len(recorded("transfer.begun")) == len(recorded("transfer.sent")) == 1


def test_another_certificate_hears_not_even_our_title(stage: Stage, tmp_path: Path) -> None:
    stage.agree()
    folder = tmp_path / "other"
    folder.mkdir()
    with a_dicom_archive(an_authority(folder).sign("river")) as impostor:
        type(stage.bond.row).objects.filter(pk=stage.bond.row.pk).update(port=impostor.port)
        row = stage.sent(stage.order())
    assert (row.state, row.cause) == (TransferState.PUT_OFF, "other-certificate")
    assert impostor.calling == []
    assert stage.disclosures() == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_cut_in_the_middle_is_resumed_without_duplicates(
    stage: Stage, archive: DicomArchive
) -> None:
    stage.agree()
    row = stage.order()
    archive.says = lambda number: None if number == 3 else 0
    cut = stage.sent(row)
    assert (cut.state, cut.cause, cut.sent) == (TransferState.PUT_OFF, "unreachable", 2)
    done = stage.sent(row, later=timedelta(hours=2))
    assert (done.state, done.sent) == (TransferState.SENT, 4)
    assert len(set(archive.kept_uids)) == len(archive.came) == 4
    (disclosure,) = stage.disclosures()
    assert (disclosure.result, disclosure.pictures) == ("complete", 4)


def test_a_withdrawal_in_the_middle_stops_the_rest(stage: Stage, archive: DicomArchive) -> None:
    shared = stage.agree()
    row = stage.order()

    def taken_back(number: int) -> int:
        if number == 2:
            withdraw(stage.story.party, shared.consent_id, at=clock.now())
        return 0

    archive.says = taken_back
    over = stage.sent(row)
    assert (over.state, over.cause, over.sent) == (TransferState.WITHDRAWN, "share_revoked", 2)
    assert len(archive.came) == 2


def test_a_withdrawal_within_an_object_ends_the_association_before_its_end(
    web: TestClient, owner: Person, clinician: Person, archive: DicomArchive, pair: Pair
) -> None:
    frames: dict[str, Any] = {
        "Rows": 2048,
        "Columns": 2048,
        "PixelData": bytes(range(256)) * (2048 * 2048 // 128),
    }
    house, story = a_stage(web, owner, clinician, a_file(1, PatientBirthDate="19800203", **frames))
    stage = bound_by_dicom(house, story, archive.port, pair[0].read_text())
    shared = stage.agree()
    row = stage.order()

    def slow(pieces: Iterator[bytes]) -> Iterator[bytes]:
        for number, piece in enumerate(gathered(pieces)):
            if number == 3:
                withdraw(stage.story.party, shared.consent_id, at=clock.now())
            yield piece

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ways, gathered.__name__, slow)
        over = stage.sent(row)
    assert (over.state, over.sent) == (TransferState.WITHDRAWN, 0)
    assert archive.came == []
    assert archive.ends == ["aborted"]


@pytest.mark.parametrize(
    ("status", "state", "cause"),
    [
        (0xB007, TransferState.SENT, ""),
        (0x0111, TransferState.SENT, ""),
        (0xA700, TransferState.PUT_OFF, "status-A700"),
        (0xA900, TransferState.FAILED, "status-A900"),
        (0x0122, TransferState.FAILED, "status-0122"),
    ],
)
def test_what_a_receiver_answers_is_understood(
    stage: Stage, archive: DicomArchive, status: int, state: str, cause: str
) -> None:
    stage.agree()
    archive.says = lambda _: status
    row = stage.sent(stage.order())
    assert (row.state, row.cause) == (state, cause)


def test_it_goes_under_the_receivers_names_with_the_originals_in_it(
    stage: Stage, archive: DicomArchive
) -> None:
    stage.agree()
    wish = Wish(patient_id="R-1", issuer="RIVER", accession="A-9")
    row = order(stage.desk, stage.study_id, stage.bond.row.pk, wish=wish, at=clock.now())
    assert stage.sent(row).state == TransferState.SENT
    came = archive.came[0]
    head = file_meta("1.2.840.10008.5.1.4.1.1.2", came.uid, came.transfer_syntax)
    read = dcmread(BytesIO(head + came.data_set))
    assert (read.PatientID, read.IssuerOfPatientID, read.AccessionNumber) == ("R-1", "RIVER", "A-9")
    original = read.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert original.PatientID == "AB-17"
    assert read.PixelData == dcmread(BytesIO(a_file(1))).PixelData


def test_compressed_pictures_are_made_plain_for_who_takes_no_others(
    web: TestClient, owner: Person, clinician: Person, pair: Pair
) -> None:
    known = next(each for each in all_files() if each.name.endswith("J2K_pixelrep_mismatch.dcm"))
    made = dcmread(BytesIO(known.data))
    made.PatientID, made.PatientBirthDate = "AB-17", "19800203"
    written = BytesIO()
    made.save_as(written)
    house, story = a_stage(web, owner, clinician, written.getvalue())
    with a_dicom_archive(pair, syntaxes=PLAIN[:1]) as archive:
        stage = bound_by_dicom(house, story, archive.port, pair[0].read_text())
        stage.agree()
        row = stage.sent(stage.order())
    assert (row.state, row.cause) == (TransferState.SENT, "")
    (came,) = archive.came
    assert came.transfer_syntax == PLAIN[0]
    assert len(came.data_set) > len(data_set_of(written.getvalue()))
    item = TransferItem.objects.get()
    assert item.size > len(came.data_set)


def test_a_class_that_nobody_takes_there_is_named(
    web: TestClient, owner: Person, clinician: Person, pair: Pair
) -> None:
    house, story = a_stage(web, owner, clinician)
    with a_dicom_archive(pair, only=["1.2.840.10008.5.1.4.1.1.4"]) as archive:
        stage = bound_by_dicom(house, story, archive.port, pair[0].read_text())
        stage.agree()
        failed = stage.sent(stage.order())
    assert (failed.state, failed.cause) == (TransferState.FAILED, "form-not-taken")
    assert archive.asked == 0
