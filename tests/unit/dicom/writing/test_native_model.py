"""The XML of every file says what pydicom says of it, and is well-formed whatever a value holds."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native_reader import keywords, read_native, said_by_json
from oracle import model_by_pydicom
from safelight.dicom.json.model import to_json
from safelight.dicom.reading.index import scan
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.native_model import native_model
from samples import LEFT_OUT, Sample, all_files

ROOT = "https://archive.example/studies/1.2/"


@pytest.mark.parametrize(
    "sample",
    [pytest.param(each, id=each.name) for each in all_files() if each.name not in LEFT_OUT],
)
def test_the_xml_of_a_file_says_what_pydicom_says(sample: Sample) -> None:
    ours = to_json(scan(BytesSource(sample.data)))
    theirs = model_by_pydicom(BytesIO(sample.twin or sample.data), ours)
    document = native_model(ours, bulk_root=ROOT)
    assert read_native(document) == said_by_json(theirs, bulk_root=ROOT)


def test_a_document_is_written_as_the_standard_writes_it() -> None:
    model = {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        "00080008": {"vr": "CS", "Value": ["MPG", None, "XR3"]},
        "00090010": {"vr": "LO", "Value": ["ACME 1.1"]},
        "00091002": {"vr": "UN", "InlineBinary": "z0x9c8v7"},
        "00100010": {
            "vr": "PN",
            "Value": [{"Alphabetic": "Wang^XiaoDong^^Dr", "Ideographic": "王^小東"}],
        },
        "00101040": {"vr": "LO", "Value": ['<&">']},
        "00280030": {"vr": "DS", "Value": [0.5, 0.4]},
        "0040A730": {"vr": "SQ", "Value": [{"00080104": {"vr": "LO"}}, {}]},
        "00209165": {"vr": "AT", "Value": ["0020000E"]},
        "60023000": {"vr": "OW", "BulkDataURI": "bulkdata/60023000"},
    }
    expected = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM"'
        ' xml:space="preserve">'
        '<DicomAttribute tag="00080005" vr="CS" keyword="SpecificCharacterSet">'
        '<Value number="1">ISO_IR 192</Value></DicomAttribute>'
        '<DicomAttribute tag="00080008" vr="CS" keyword="ImageType"><Value number="1">MPG</Value>'
        '<Value number="2"></Value><Value number="3">XR3</Value></DicomAttribute>'
        '<DicomAttribute tag="00090002" vr="UN" privateCreator="ACME 1.1">'
        "<InlineBinary>z0x9c8v7</InlineBinary></DicomAttribute>"
        '<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1">'
        "<Alphabetic><FamilyName>Wang</FamilyName><GivenName>XiaoDong</GivenName>"
        "<NamePrefix>Dr</NamePrefix></Alphabetic><Ideographic><FamilyName>王</FamilyName>"
        "<GivenName>小東</GivenName></Ideographic></PersonName></DicomAttribute>"
        '<DicomAttribute tag="00101040" vr="LO" keyword="PatientAddress">'
        '<Value number="1">&lt;&amp;&quot;&gt;</Value></DicomAttribute>'
        '<DicomAttribute tag="00280030" vr="DS" keyword="PixelSpacing">'
        '<Value number="1">0.5</Value><Value number="2">0.4</Value></DicomAttribute>'
        '<DicomAttribute tag="0040A730" vr="SQ" keyword="ContentSequence"><Item number="1">'
        '<DicomAttribute tag="00080104" vr="LO" keyword="CodeMeaning"/></Item>'
        '<Item number="2"></Item></DicomAttribute>'
        '<DicomAttribute tag="00209165" vr="AT" keyword="DimensionIndexPointer">'
        '<Value number="1">0020000E</Value></DicomAttribute>'
        '<DicomAttribute tag="60023000" vr="OW" keyword="OverlayData">'
        '<BulkData uri="https://archive.example/studies/1.2/bulkdata/60023000"/></DicomAttribute>'
        "</NativeDicomModel>"
    )
    document = native_model(model, bulk_root=ROOT)
    assert document.decode() == expected
    assert keywords(document)["60023000"] == "OverlayData"


@given(st.text(), st.text())
def test_no_text_becomes_markup_or_is_lost(text: str, creator: str) -> None:
    model = {
        "00090010": {"vr": "LO", "Value": ["x" + creator]},
        "00091001": {"vr": "LT", "Value": [text]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": text}]},
        "00204000": {"vr": "LT", "Value": [text]},
    }
    document = native_model(model, bulk_root=text)
    (private, name, comments) = ET.fromstring(document)  # noqa: S314 (our own)
    assert name.attrib["tag"] == "00100010"
    kept = said_by_json(model)["", "00204000"][1]
    assert [comments[0].text or ""] == kept
    assert [private[0].text or ""] == kept
    assert len(private.attrib["privateCreator"]) == len(creator) + 1
