"""A few attributes change for a receiver; the rest is byte for byte what it was."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from objects import an_object
from safelight.dicom.reading.index import index
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.coercing import ACCESSION, ISSUER, PATIENT_ID, bytes_of, coerced
from safelight.dicom.writing.part10 import file_meta

VALUES = {PATIENT_ID: "THEIRS-123", ISSUER: "RIVER", ACCESSION: "RA-9"}


def written(made: Dataset, syntax: UID) -> bytes:
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    out = BytesIO()
    dcmwrite(out, made, enforce_file_format=True)
    return out.getvalue()


def changed(data: bytes, values: dict[int, str] = VALUES) -> tuple[Dataset, bytes]:
    source = BytesSource(data)
    header = index(source)
    spans = coerced(header, source, values, when="20260101120000+0000", system="SAFELIGHT")
    made = b"".join(piece for each in spans for piece in bytes_of(each, source))
    assert len(made) == sum(each.size for each in spans)
    meta = file_meta(header.sop_class_uid, header.sop_instance_uid, header.transfer_syntax)
    read = dcmread(BytesIO(meta + made))
    assert [each.tag for each in read] == sorted(each.tag for each in read)
    return read, made


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
@pytest.mark.parametrize("missing", [(), ("AccessionNumber",), ("PatientID", "AccessionNumber")])
def test_the_names_change_the_originals_stay_and_so_does_all_else(
    syntax: UID, missing: tuple[str, ...]
) -> None:
    made = an_object(1)
    for name in missing:
        del made[name]
    before = dcmread(BytesIO(written(made, syntax)))
    after, _ = changed(written(made, syntax))

    assert (after.PatientID, after.IssuerOfPatientID) == ("THEIRS-123", "RIVER")
    assert after.AccessionNumber == "RA-9"
    (item,) = after.OriginalAttributesSequence
    assert item.ReasonForTheAttributeModification == "COERCE"
    assert item.ModifyingSystem == "SAFELIGHT"
    (old,) = item.ModifiedAttributesSequence
    assert old.get("PatientID", "") == before.get("PatientID", "")
    assert old.AccessionNumber == before.get("AccessionNumber", "")
    assert old.IssuerOfPatientID == ""
    for name in ("PatientID", "IssuerOfPatientID", "AccessionNumber", "OriginalAttributesSequence"):
        for each in (before, after):
            if name in each:
                del each[name]
    assert before == after
    assert before.PixelData == after.PixelData


@pytest.mark.parametrize("undefined", [True, False])
def test_what_somebody_changed_before_stays_known(*, undefined: bool) -> None:
    made = an_object(1)
    earlier, was = Dataset(), Dataset()
    was.PatientID = "FIRST"
    earlier.ModifiedAttributesSequence = Sequence([was])
    earlier.ModifyingSystem = "OTHER"
    made.OriginalAttributesSequence = Sequence([earlier])
    made["OriginalAttributesSequence"].is_undefined_length = undefined
    after, _ = changed(written(made, ExplicitVRLittleEndian))
    assert [each.ModifyingSystem for each in after.OriginalAttributesSequence] == [
        "SAFELIGHT",
        "OTHER",
    ]
    assert after.PixelData == made.PixelData


def test_only_what_is_wished_changes() -> None:
    after, _ = changed(written(an_object(1), ExplicitVRLittleEndian), {ACCESSION: "RA-9"})
    assert (after.PatientID, after.AccessionNumber) == ("AB-17", "RA-9")
    assert "IssuerOfPatientID" not in after
    (old,) = after.OriginalAttributesSequence[0].ModifiedAttributesSequence
    assert [each.keyword for each in old] == ["AccessionNumber"]


def test_what_is_deflated_is_left_alone() -> None:
    with pytest.raises(UnreadableError):
        changed(written(an_object(1), DeflatedExplicitVRLittleEndian))
