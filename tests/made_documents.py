"""Objects without pixels of their own, and those that highdicom makes; no real person in any."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import highdicom as hd
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from made_images import SIDE, as_file, noise
from objects import an_object, uid

_CLASSES = {
    "pdf": "1.2.840.10008.5.1.4.1.1.104.1",
    "cda": "1.2.840.10008.5.1.4.1.1.104.2",
    "rt-dose": "1.2.840.10008.5.1.4.1.1.481.2",
    "rt-structure": "1.2.840.10008.5.1.4.1.1.481.3",
    "rt-plan": "1.2.840.10008.5.1.4.1.1.481.5",
    "ecg": "1.2.840.10008.5.1.4.1.1.9.1.1",
    "private": "1.2.840.10008.5.1.4.1.1.66",
}
PDF = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n"
CDA = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>'


def documents() -> Iterator[tuple[str, bytes]]:
    """Yield one object of every kind, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, made in (*_by_highdicom(), *_papers(), *_radiotherapy()):
            yield name, as_file(made)
        yield "ecg", as_file(_ecg())
        for number, written_in in ((7, "1.2.840.10008.1.2.1"), (8, "1.2.840.10008.1.2.2")):
            yield f"private-{number}", as_file(_private(number), written_in)


def _without_pixels(name: str, number: int, **changes: object) -> Dataset:
    gone = dict.fromkeys(
        (
            *("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "PixelData"),
            *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
        )
    )
    made = an_object(number, study=901, series=number, **(gone | changes))
    made.SOPClassUID = _CLASSES[name]
    return made


def _papers() -> Iterator[tuple[str, Dataset]]:
    for number, (name, kind, data) in enumerate(
        (("pdf", "application/pdf", PDF), ("cda", "text/xml", CDA)), 1
    ):
        made = _without_pixels(name, number, Modality="DOC")
        made.DocumentTitle, made.BurnedInAnnotation = "Letter", "YES"
        made.MIMETypeOfEncapsulatedDocument = kind
        made.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
        made.EncapsulatedDocumentLength = len(data)
        yield name, made


def _radiotherapy() -> Iterator[tuple[str, Dataset]]:
    dose = an_object(3, study=901, series=3)
    dose.SOPClassUID, dose.Modality = _CLASSES["rt-dose"], "RTDOSE"
    dose.Rows = dose.Columns = SIDE
    dose.BitsAllocated = dose.BitsStored = 32
    dose.HighBit, dose.NumberOfFrames = 31, 3
    dose.DoseUnits, dose.DoseType, dose.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    dose.DoseGridScaling, dose.GridFrameOffsetVector = "0.0001", [0, 2, 4]
    dose.FrameIncrementPointer = 0x3004000C
    dose.PixelData = noise(3, SIDE, SIDE, kind="<u4", most=70000).tobytes()
    yield "rt-dose", dose
    structure = _without_pixels("rt-structure", 4, Modality="RTSTRUCT")
    structure.StructureSetLabel = "PLAN"
    region, shape, outline = Dataset(), Dataset(), Dataset()
    region.ROINumber, region.ROIName = 1, "Heart"
    outline.ContourGeometricType, outline.NumberOfContourPoints = "CLOSED_PLANAR", 400
    outline.ContourData = [f"{value:.2f}" for value in noise(1200, kind="<f4")]
    shape.ReferencedROINumber, shape.ContourSequence = 1, Sequence([outline])
    structure.StructureSetROISequence = Sequence([region])
    structure.ROIContourSequence = Sequence([shape])
    yield "rt-structure", structure
    plan = _without_pixels("rt-plan", 5, Modality="RTPLAN")
    beam, point = Dataset(), Dataset()
    point.ControlPointIndex, point.GantryAngle, point.NominalBeamEnergy = 0, "90.0", "6"
    beam.BeamNumber, beam.BeamName, beam.ControlPointSequence = 1, "AP", Sequence([point])
    plan.RTPlanLabel, plan.BeamSequence = "PLAN", Sequence([beam])
    yield "rt-plan", plan


def _ecg() -> Dataset:
    made = _without_pixels("ecg", 6, Modality="ECG")
    lead, channel, group = Dataset(), Dataset(), Dataset()
    lead.CodeValue, lead.CodingSchemeDesignator, lead.CodeMeaning = "2:1", "SCPECG", "Lead I"
    channel.ChannelSourceSequence = Sequence([lead])
    channel.WaveformBitsStored, channel.ChannelSensitivity = 16, "2.5"
    group.WaveformOriginality, group.NumberOfWaveformChannels = "ORIGINAL", 1
    group.NumberOfWaveformSamples, group.SamplingFrequency = 5000, "500"
    group.ChannelDefinitionSequence = Sequence([channel])
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.add_new(0x5400100A, "OW", b"\0\x80")
    group.add_new(0x54001010, "OW", noise(5000, kind="<i2").tobytes())
    made.WaveformSequence = Sequence([group])
    return made


def _private(number: int) -> Dataset:
    """Return private elements of every VR, under a creator that nobody knows."""
    made = _without_pixels("private", number, Modality="OT")
    inner = Dataset()
    inner.private_block(0x0029, "SAFELIGHT TESTS", create=True).add_new(1, "FD", [0.25, -1e300])
    block = made.private_block(0x0019, "SAFELIGHT TESTS", create=True)
    values: tuple[tuple[str, object], ...] = (
        ("AE", "STATION"), ("AS", "042Y"), ("AT", [0x00100010, 0x00100020]), ("CS", ["A", "B"]),
        ("DA", "20260412"), ("DS", ["1.5", "-2e3"]), ("DT", "20260412101500"),
        ("FD", [0.1, float("inf"), float("nan")]), ("FL", [0.5]), ("IS", ["7", "-8"]),
        ("LO", "Ärztin"), ("LT", "a\\b"), ("OB", b"\1\2\3\4"), ("OD", b"\1" * 16),
        ("OF", b"\2" * 8), ("OL", b"\3" * 8), ("OV", b"\4" * 16), ("OW", b"\1\2\3\4"),
        ("PN", "Yamada^Tarou=山田^太郎=やまだ^たろう"), ("SH", "short"), ("SL", [-5, 6]),
        ("SQ", Sequence([inner])), ("SS", [-1, 2]), ("ST", "text"), ("SV", [-(1 << 60)]),
        ("TM", "101500.25"), ("UC", ["x" * 70, "y"]), ("UI", uid(1)), ("UL", [1 << 31]),
        ("UN", b"\x01\x02"), ("UR", "https://a.example/?b=c"), ("US", [65535]),
        ("UT", "long text " * 200), ("UV", [1 << 63]),
    )  # fmt: skip
    for at, (vr, value) in enumerate(values):
        block.add_new(at, vr, value)
        block.add_new(0x80 + at, vr, None if vr != "SQ" else Sequence())
    return made


def _by_highdicom() -> Iterator[tuple[str, Dataset]]:
    image = an_object(1, study=900)
    image.FrameOfReferenceUID = uid(9)
    image.ImagePositionPatient, image.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness = [1, 1], 1
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    maker = ("Maker", "Model", "1.0", "1")
    found = hd.AlgorithmIdentificationSequence(
        name="none", version="1", family=codes.cid7162.ArtificialIntelligence
    )
    part = hd.seg.SegmentDescription(
        1, "nodule", codes.cid7150.Tissue, codes.cid7166.ConnectiveTissue, "AUTOMATIC", found
    )
    drawn = noise(16, 16, kind="u1", most=1)
    for number, (kind, pixels) in enumerate(
        (
            ("BINARY", drawn.astype(bool)),
            ("FRACTIONAL", noise(16, 16, kind="u1").astype("f4") / 255),
            ("LABELMAP", drawn),
        ),
        10,
    ):
        yield (
            f"seg-{kind.lower()}",
            hd.seg.Segmentation(
                [image], pixels, kind, [part], uid(9, number), number, uid(9, number, 1), 1, *maker
            ),
        )
    key = hd.ko.KeyObjectSelection(codes.DCM.Manifest, [image])
    yield "ko", hd.ko.KeyObjectSelectionDocument([image], key, uid(9, 20), 20, uid(9, 20, 1), 1)
    observer = hd.sr.PersonObserverIdentifyingAttributes(name="Berg^Anna")
    context = hd.sr.ObservationContext(
        observer_person_context=hd.sr.ObserverContext(codes.DCM.Person, observer)
    )
    measured = hd.sr.Measurement(codes.SCT.Diameter, value=12.5, unit=codes.UCUM.Millimeter)
    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        hd.sr.TrackingIdentifier(uid=uid(9, 3, 9), identifier="lesion 1"), measurements=[measured]
    )
    report = hd.sr.MeasurementReport(
        context, codes.LN.CTUnspecifiedBodyRegion, imaging_measurements=[group]
    )
    for number, made in enumerate(
        (hd.sr.EnhancedSR, hd.sr.ComprehensiveSR, hd.sr.Comprehensive3DSR)
    ):
        name = f"sr-{number}"
        series = uid(9, 30 + number)
        yield name, made([image], report, series, 30 + number, f"{series}.1", 1, "Maker")
    yield (
        "gsps",
        hd.pr.GrayscaleSoftcopyPresentationState(
            [image], uid(9, 40), 40, uid(9, 40, 1), 1, *maker, "LABEL"
        ),
    )
    mapped = hd.pm.RealWorldValueMapping("x", "y", codes.UCUM.NoUnits, (-1e3, 1e3), 1, 0)
    yield "parametric-map", hd.pm.ParametricMap(
        [image], noise(16, 16, kind="<f4"), uid(9, 50), 50, uid(9, 50, 1), 1, *maker,
        contains_recognizable_visual_features=False, real_world_value_mappings=[mapped],
        window_center=40.0, window_width=400.0,
    )  # fmt: skip
