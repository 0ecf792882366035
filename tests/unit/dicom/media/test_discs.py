"""Is a disc that we make what pydicom, DCMTK and a reader of images take for one?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pycdlib
import pytest
from pydicom import dcmread
from pydicom.fileset import _FOUR_LEVEL_SOP_CLASSES, FileSet

from made_documents import documents
from objects import a_file
from safelight.dicom.media.directory import Listed, dicomdir
from safelight.dicom.media.iso9660 import SECTOR, DiscFile, UnfitFileError, image
from safelight.dicom.media.records import IMAGE, PRIVATE, record_of

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
UID = "2.25.1234567890"


def listed(number: int, data: bytes) -> Listed:
    read = dcmread(BytesIO(data))
    return Listed(
        model=read.to_json_dict(bulk_data_threshold=1 << 40),
        place=("DICOM", f"{number:08d}"),
        class_uid=str(read.SOPClassUID),
        instance_uid=str(read.SOPInstanceUID),
        transfer_syntax=str(read.file_meta.TransferSyntaxUID),
        has_pixels="PixelData" in read,
    )


def every_kind() -> dict[str, bytes]:
    made = dict(documents())
    for number in range(1, 4):
        made[f"ct-{number}"] = a_file(number)
    made["another patient"] = a_file(9, study=2, series=2, PatientID="P-2", PatientName="Ünal^Ö")
    return made


def disc(folder: Path, files: dict[str, bytes]) -> FileSet:
    (folder / "DICOM").mkdir(parents=True)
    objects = []
    for number, data in enumerate(files.values(), 1):
        (folder / "DICOM" / f"{number:08d}").write_bytes(data)
        objects.append(listed(number, data))
    (folder / "DICOMDIR").write_bytes(dicomdir(objects, UID))
    found = FileSet(folder / "DICOMDIR")
    found._stage["t"].cleanup()  # it is for writing, and would be left behind
    return found


def test_another_reader_finds_every_kind_of_object_by_the_directory(tmp_path: Path) -> None:
    files = every_kind()
    found = disc(tmp_path, files)
    assert len(found) == len(files)
    uids = {str(dcmread(BytesIO(data)).SOPInstanceUID) for data in files.values()}
    assert {str(each.SOPInstanceUID) for each in found} == uids
    for each in found:
        loaded = each.load()
        assert loaded.SOPClassUID == each.ReferencedSOPClassUIDInFile
        assert loaded.PatientID == each.PatientID
        assert loaded.StudyInstanceUID == each.StudyInstanceUID
        assert loaded.SeriesInstanceUID == each.SeriesInstanceUID
    names = {str(each) for each in found.find_values("PatientName")}
    assert "Ünal^Ö" in names


def test_the_directory_is_read_by_dcmtk(tmp_path: Path) -> None:
    program = shutil.which("dcmdump")
    if program is None:
        pytest.skip("DCMTK is not here")
    files = every_kind()
    disc(tmp_path, files)
    done = subprocess.run(
        [program, "+E", "+P", "0004,1430", "+P", "0004,1500", str(tmp_path / "DICOMDIR")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.count("(0004,1500)") == len(files)


def test_each_class_has_the_record_that_pydicom_knows() -> None:
    for class_uid, record in _FOUR_LEVEL_SOP_CLASSES.items():
        assert record_of(str(class_uid), has_pixels=False) == record, class_uid
    assert record_of("1.2.840.10008.5.1.4.1.1.2", has_pixels=True) == IMAGE
    assert record_of("1.2.3", has_pixels=False) == PRIVATE


def one(place: str, data: bytes) -> DiscFile:
    def pieces() -> Iterator[bytes]:
        yield data

    return DiscFile(tuple(place.split("/")), len(data), pieces)


def test_an_image_holds_the_files_where_it_says() -> None:
    wanted = {"DICOMDIR": b"d" * 5000, "README.TXT": b"words", "EMPTY.TXT": b""}
    wanted |= {f"DICOM/{number:08d}": bytes([number % 256]) * number for number in range(1, 300)}
    written = b"".join(image([one(*each) for each in wanted.items()], volume="SAFELIGHT", at=AT))
    assert len(written) % SECTOR == 0
    read = pycdlib.PyCdlib()
    read.open_fp(BytesIO(written))
    for place, data in wanted.items():
        held = BytesIO()
        name = place if "." in place else f"{place}."
        read.get_file_from_iso_fp(held, iso_path=f"/{name};1")
        assert held.getvalue() == data, place
    assert len(list(read.list_children(iso_path="/DICOM"))) == 299 + 2
    assert read.pvd.volume_identifier.strip() == b"SAFELIGHT"
    read.close()


@pytest.mark.parametrize("place", ["readme.txt", "A/B/C", "TOOLONGNAME", "A.B.C", "", "../A"])
def test_no_other_names_lie_on_a_disc(place: str) -> None:
    with pytest.raises(UnfitFileError):
        image([one(place, b"x")], volume="X", at=AT)


def test_a_file_that_is_not_as_long_as_was_said_ends_the_image() -> None:
    for size in (0, 2):
        lying = DiscFile(("A",), size, lambda: iter([b"x"]))
        with pytest.raises(UnfitFileError):
            b"".join(image([lying], volume="X", at=AT))
