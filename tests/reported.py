"""Reports as hospitals send them with an exam: a structured one, and a paper."""

from __future__ import annotations

import io

from pydicom import Dataset, dcmread
from pydicom.uid import UID, generate_uid

from story import CT

FINDINGS = "A nodule of 12 mm in the upper lobe of the left lung.\nNo effusion."
PAPER = b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n"
_TEXT, _PDF = UID("1.2.840.10008.5.1.4.1.1.88.11"), UID("1.2.840.10008.5.1.4.1.1.104.1")


def structured(findings: str = FINDINGS, *, deep: int = 0) -> bytes:
    """Return a structured report of the CT, its findings `deep` parts further in."""
    made = _beside(_TEXT, "SR")
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    made.ConceptNameCodeSequence = [_coded("18748-4", "Diagnostic imaging report")]
    text = _item("TEXT", "59776-5", "Findings")
    text.TextValue = findings
    size = _item("NUM", "81827009", "Diameter")
    measured = Dataset()
    measured.NumericValue = "12.5"
    measured.MeasurementUnitsCodeSequence = [_coded("mm", "millimeter")]
    size.MeasuredValueSequence = [measured]
    inner = [text, size]
    for _ in range(deep):
        part = _item("CONTAINER", "121070", "Findings")
        part.ContentSequence = inner
        inner = [part]
    made.ContentSequence = inner
    return _written(made)


def paper() -> bytes:
    """Return a letter about the CT: a PDF in an object of its own."""
    made = _beside(_PDF, "DOC")
    made.DocumentTitle, made.BurnedInAnnotation = "Letter to the surgery", "NO"
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocument = PAPER + b"\n" * (len(PAPER) % 2)
    made.EncapsulatedDocumentLength = len(PAPER)
    return _written(made)


def _beside(sop_class: UID, modality: str) -> Dataset:
    made = dcmread(CT)
    for each in [each for each in made if each.tag.group in {0x0028, 0x7FE0, 0xFFFC}]:
        del made[each.tag]
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = sop_class
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.SeriesInstanceUID, made.Modality = generate_uid(), modality
    made.ContentDate, made.ContentTime = "20260301", "101500"
    return made


def _item(kind: str, code: str, meaning: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", kind
    item.ConceptNameCodeSequence = [_coded(code, meaning)]
    return item


def _coded(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "LN", meaning
    return code


def _written(made: Dataset) -> bytes:
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
