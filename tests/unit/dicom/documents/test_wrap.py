"""Which papers and pictures become DICOM objects, and what do those say?"""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import generate_frames

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.dicom.documents.jpeg import read_jpeg
from safelight.dicom.documents.pdf import check_pdf
from safelight.dicom.documents.reasons import DocumentReason, DocumentRefusedError
from safelight.dicom.documents.wrap import (
    ENCAPSULATED_PDF,
    SECONDARY_CAPTURE,
    VL_PHOTOGRAPHIC,
    wrap,
)
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from safelight.kernel.errors import InvalidFieldError

SOMEONE = Declared(
    patient_name="Müller^Änne",
    patient_id="A-17",
    birth_date="19700101",
    sex="F",
    study_date="20260102",
    title="Letter from the clinic",
    made_on="20261122",
    made_at="101112",
)
PDF = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n"


def a_picture(mode: str = "RGB", *, size: tuple[int, int] = (40, 31)) -> Image.Image:
    across = np.linspace(0, 255, size[0])[None, :] + np.linspace(0, 99, size[1])[:, None]
    gray = Image.fromarray(np.clip(across, 0, 255).astype("u1"))
    return gray.convert(mode)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:  # noqa: ANN401
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def opened(data: bytes) -> pydicom.Dataset:
    assert index(BytesSource(data)).sop_instance_uid == SOMEONE.sop_instance_uid
    return pydicom.dcmread(io.BytesIO(data))


def refused(kind: DocumentKind, payload: bytes) -> DocumentReason:
    with pytest.raises(DocumentRefusedError) as caught:
        wrap(kind, payload, SOMEONE)
    return caught.value.reason


def test_a_pdf_is_kept_byte_for_byte_with_what_was_declared() -> None:
    dataset = opened(wrap(DocumentKind.PDF, PDF, SOMEONE))

    assert dataset.SOPClassUID == ENCAPSULATED_PDF
    assert dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength] == PDF
    assert str(dataset.PatientName) == "Müller^Änne"
    assert (dataset.PatientID, dataset.PatientBirthDate) == ("A-17", "19700101")
    assert (dataset.StudyDate, dataset.DocumentTitle) == ("20260102", "Letter from the clinic")
    assert dataset.StudyInstanceUID == SOMEONE.study_instance_uid


_SIGNED = b"%safelight-signature safelight-consents-1 " + b"a" * 128 + b"\n"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"MZ" + PDF, DocumentReason.NOT_WHAT_IT_SAYS),
        (b"%PDF-1.7\n", DocumentReason.BROKEN),
        (PDF + b"PK\x03\x04" + b"x" * 40, DocumentReason.TRAILING),
        (PDF + b" " * 2000, DocumentReason.TRAILING),
        (PDF + _SIGNED + b"PK", DocumentReason.TRAILING),
        (PDF + _SIGNED + _SIGNED, DocumentReason.TRAILING),
        (PDF + _SIGNED.replace(b"aa", b"g", 1), DocumentReason.TRAILING),
        (PDF.replace(b"/Catalog", b"/OpenAction<</S/JavaScript/JS(x)>>"), DocumentReason.ACTIVE),
        (PDF.replace(b"/Catalog", b"/S/#4Aava#53cript"), DocumentReason.ACTIVE),
        (PDF.replace(b"/Catalog", b"/A<</S/Launch/F(cmd)>>"), DocumentReason.ACTIVE),
        (PDF.replace(b"/Catalog", b"/EmbeddedFiles 3 0 R"), DocumentReason.ACTIVE),
        (PDF.replace(b"/Catalog", b"/Obj#53tm"), DocumentReason.ACTIVE),
        (PDF.replace(b"startxref", b"/Encrypt 4 0 R startxref"), DocumentReason.ENCRYPTED),
    ],
)
def test_a_hostile_pdf_is_refused_with_its_reason(payload: bytes, reason: DocumentReason) -> None:
    assert refused(DocumentKind.PDF, payload) is reason


def test_the_line_by_which_a_paper_is_signed_may_stand_behind_its_end() -> None:
    made = opened(wrap(DocumentKind.PDF, PDF + _SIGNED, SOMEONE))
    assert made.EncapsulatedDocument.rstrip(b"\0") == PDF + _SIGNED


def packed_pdf(text: bytes, about: bytes = b"/Filter/FlateDecode") -> bytes:
    stream = (
        b"5 0 obj <</Type/ObjStm/N 1" + about + b">>\nstream\n" + text + b"\nendstream endobj\n"
    )
    return PDF.replace(b"startxref", stream + b"startxref")


def test_what_hides_in_an_object_stream_is_found() -> None:
    check_pdf(packed_pdf(zlib.compress(b"<</Type/Page>>")))

    for text, about, reason in (
        (zlib.compress(b"<</S/JavaScript>>"), b"/Filter/FlateDecode", DocumentReason.ACTIVE),
        (b"<</S/JavaScript>>", b"", DocumentReason.ACTIVE),
        (b"harmless", b"/Filter[/ASCII85Decode/FlateDecode]", DocumentReason.ACTIVE),
        (b"not deflated", b"/Filter/FlateDecode", DocumentReason.BROKEN),
        (zlib.compress(bytes(80 << 20)), b"/Filter/FlateDecode", DocumentReason.TOO_LARGE),
    ):
        assert refused(DocumentKind.PDF, packed_pdf(text, about)) is reason


def test_a_photograph_keeps_its_data_and_loses_its_secrets() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Phone of Somebody"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 30.0)
    photo = saved(a_picture(), "JPEG", exif=exif, comment=b"taken at home")

    dataset = opened(wrap(DocumentKind.JPEG, photo, SOMEONE))
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))

    assert dataset.SOPClassUID == VL_PHOTOGRAPHIC
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert b"Somebody" not in frame
    assert b"at home" not in frame
    scan = photo[photo.index(b"\xff\xda") :]
    assert scan.rstrip(b"\0") in frame + b"\0"
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(frame))), np.asarray(Image.open(io.BytesIO(photo)))
    )


def test_a_photograph_that_lies_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = saved(a_picture(size=(40, 31)), "JPEG", exif=exif)

    dataset = opened(wrap(DocumentKind.JPEG, photo, SOMEONE))

    assert (dataset.Rows, dataset.Columns) == (40, 31)
    assert list(dataset.ImageType) == ["DERIVED", "PRIMARY"]


@pytest.mark.parametrize(("mode", "options"), [("RGB", {"progressive": True}), ("CMYK", {})])
def test_a_jpeg_that_dicom_does_not_know_is_encoded_again(mode: str, options: Any) -> None:  # noqa: ANN401
    dataset = opened(wrap(DocumentKind.JPEG, saved(a_picture(mode), "JPEG", **options), SOMEONE))
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))

    assert read_jpeg(frame).baseline
    assert dataset.SamplesPerPixel == 3


def test_what_follows_a_photograph_is_cut_off() -> None:
    photo = saved(a_picture("L"), "JPEG")

    dataset = opened(wrap(DocumentKind.JPEG, photo + b"<script>" + photo, SOMEONE))
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))

    assert dataset.SOPClassUID == SECONDARY_CAPTURE
    assert b"script" not in frame
    assert frame.rstrip(b"\0").endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("mode", "samples", "bits"), [("L", 1, 8), ("1", 1, 8), ("RGB", 3, 8), ("P", 3, 8)]
)
def test_a_png_becomes_native_pixels(mode: str, samples: int, bits: int) -> None:
    image = a_picture(mode)

    dataset = opened(wrap(DocumentKind.PNG, saved(image, "PNG"), SOMEONE))

    assert (dataset.SamplesPerPixel, dataset.BitsAllocated) == (samples, bits)
    expected = np.asarray(image.convert("RGB" if samples == 3 else "L"))
    assert np.array_equal(dataset.pixel_array, expected)


def test_sixteen_bit_gray_and_transparency_are_kept_and_laid_on_white() -> None:
    deep = Image.fromarray(np.arange(0, 60000, 500, dtype="<u2").reshape(10, 12))
    dataset = opened(wrap(DocumentKind.PNG, saved(deep, "PNG"), SOMEONE))
    assert dataset.BitsAllocated == 16
    assert int(dataset.pixel_array.max()) == 59500

    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    dataset = opened(wrap(DocumentKind.PNG, saved(clear, "PNG"), SOMEONE))
    assert dataset.pixel_array.min() == 255


def a_png_bomb() -> bytes:
    side = 30_000
    head = b"IHDR" + side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunks = b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        for chunk in (head, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        (DocumentKind.PNG, saved(a_picture(), "JPEG"), DocumentReason.NOT_WHAT_IT_SAYS),
        (DocumentKind.JPEG, saved(a_picture(), "PNG"), DocumentReason.NOT_WHAT_IT_SAYS),
        (DocumentKind.JPEG, b"\xff\xd8\xff\xe0", DocumentReason.NOT_WHAT_IT_SAYS),
        (DocumentKind.PNG, saved(a_picture(), "PNG")[:150], DocumentReason.BROKEN),
        (DocumentKind.JPEG, saved(a_picture(), "JPEG")[:700], DocumentReason.BROKEN),
        (DocumentKind.PNG, b"", DocumentReason.NOT_WHAT_IT_SAYS),
    ],
)
def test_a_picture_that_is_not_one_is_refused(
    kind: DocumentKind, payload: bytes, reason: DocumentReason
) -> None:
    assert refused(kind, payload) is reason


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_that_unpacks_too_far_is_refused() -> None:
    assert refused(DocumentKind.PNG, a_png_bomb()) is DocumentReason.TOO_LARGE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patient_name", "A\\B"),
        ("patient_name", "A\x1b$B"),
        ("patient_id", "1\n2"),
        ("title", "\u202egpj.exe"),
        ("title", "x" * 65),
        ("birth_date", "1970-01-01"),
        ("study_instance_uid", "../../evil"),
        ("sex", "X"),
    ],
)
def test_what_cannot_stand_in_a_dicom_object_is_refused_by_field(field: str, value: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        Declared.from_wire({"patient_name": "A^B", "patient_id": "1"} | {field: value})

    assert caught.value.field == field
    assert value not in str(caught.value)
