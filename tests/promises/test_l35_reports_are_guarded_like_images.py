"""L35: a report is as private as the images it speaks of."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.uid import UID

from cast import Person
from story import CT, Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

REPORT = "1.2.826.0.1.777"
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"


def report_of_the_ct() -> bytes:
    dataset = dcmread(CT)
    del dataset.PixelData
    del dataset.BitsAllocated
    dataset.SOPClassUID = ENCAPSULATED_PDF
    dataset.file_meta.MediaStorageSOPClassUID = UID(ENCAPSULATED_PDF)
    dataset.SOPInstanceUID = REPORT + ".1"
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(REPORT + ".1")
    dataset.SeriesInstanceUID = REPORT
    dataset.Modality = "DOC"
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = b"%PDF-1.4 the nodule has grown"
    written = BytesIO()
    dataset.save_as(written)
    return written.getvalue()


def test_a_report_stays_behind_unless_it_is_shared(story: Story, stranger: Person) -> None:
    story.add(report_of_the_ct())
    shared = story.share(may_download=True)
    cookie = open_share(shared)
    study = f"/studies/{story.dataset.StudyInstanceUID}"
    report = f"{study}/series/{REPORT}/instances/{REPORT}.1"
    own = story.web.get("/dicomweb" + report, headers=story.owner.headers)
    assert b"the nodule has grown" in own.content
    for path in ("", "/metadata", "/rendered", "/frames/1", "/bulkdata/00420011"):
        assert story.under(shared, report + path, cookie).status_code == 404
        answer = story.web.get("/dicomweb" + report + path, headers=stranger.headers)
        assert answer.status_code == 404
    for path in ("/studies", study + "/metadata", study + "/instances", study):
        answer = story.under(shared, path, cookie)
        assert answer.status_code == 200
        assert REPORT.encode() not in answer.content
        assert b"the nodule has grown" not in answer.content
