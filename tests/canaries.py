"""A CT in which something is planted wherever a file can hold something."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

from pydicom import Dataset, Sequence, dcmread
from pydicom._dicom_dict import DicomDictionary
from pydicom.data import get_testdata_file
from pydicom.dataelem import DataElement
from pydicom.dataset import FileDataset

from safelight.dicom.deidentifying.profile import ACTIONS

# What stays says of which make the device is, and in which alphabet the words are written.
STAYS = {
    "SpecificCharacterSet", "Manufacturer", "ManufacturerModelName", "SoftwareVersions",
    "SequenceName", "ConvolutionKernel", "FilterType", "RescaleType", "ModalityLUTType",
}  # fmt: skip
CANARY = "CANARY"
BEHIND = b"CANARY TRAILING BYTES"
TRACES = (b"CANARY", b"1.2.3.777.", b"19691231", b"235959.69", b"069Y")
"""What of the planted things is looked for in an answer."""


def written(dataset: FileDataset) -> bytes:
    out = BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def sample(name: str) -> FileDataset:
    return dcmread(str(get_testdata_file(name)))


def planted() -> Iterator[tuple[int, str, Any]]:
    """Yield a canary for every attribute of the dictionary whose kind of value can hold one."""
    worded = {"LO", "SH", "PN", "LT", "ST", "UT", "UC", "AE"}
    for number, (tag, (vr, _, _, _, keyword)) in enumerate(sorted(DicomDictionary.items())):
        if tag >> 16 < 8 or tag >> 16 == 0xFFFE or keyword in STAYS:
            continue
        told = f"{CANARY}{number}"
        if vr in worded:
            yield tag, vr, told
        elif vr == "UR":
            yield tag, vr, f"http://{told}"
        elif vr == "UI" and tag not in {0x00080016, 0x00080018, 0x0020000D, 0x0020000E}:
            yield tag, vr, f"1.2.3.777.{number}"
        elif vr in {"OB", "OW", "OB or OW", "UN"} and tag < 0x7FE00000 and tag in ACTIONS:
            yield tag, "OB", told.encode() + b" " * (len(told) % 2)
        elif vr in {"DA", "DT", "TM"}:
            yield tag, vr, {"DA": "19691231", "DT": "19691231235959", "TM": "235959.69"}[vr]
        elif vr in {"CS", "AS"} and tag in ACTIONS:
            yield tag, vr, "CANARY" if vr == "CS" else "069Y"


@cache
def spoiled_ct() -> bytes:
    """Return a CT with a canary in every place that can hold one."""
    ct = sample("CT_small.dcm")
    inner = Dataset()
    for tag, vr, value in planted():
        element = DataElement(tag, vr, value)
        ct[tag] = element
        inner[tag] = element
    deep = Dataset()
    deep.ReferencedStudySequence = Sequence([inner])
    ct.add(DataElement(0x00081111, "SQ", Sequence([inner])))
    ct.RequestAttributesSequence = Sequence([inner])
    ct.AnatomicRegionSequence = Sequence([inner])
    ct.add(DataElement(0x00189346, "SQ", Sequence([deep])))
    ct.SourceImageSequence = Sequence([inner])
    block = ct.private_block(0x0019, "CANARY MAKER", create=True)
    block.add_new(1, "LO", "CANARY PRIVATE")
    block.add_new(2, "SQ", Sequence([inner]))
    ct.add(DataElement(0x60000022, "LO", "CANARY OVERLAY"))
    ct.add(DataElement(0x60003000, "OW", b"CANARY OVERLAY DATA "))
    ct.add(DataElement(0x50003000, "OW", b"CANARY CURVE"))
    ct.add(DataElement(0x00280106, "US", 1))
    ct.file_meta.SourceApplicationEntityTitle = "CANARY META"
    ct.preamble = b"CANARY PREAMBLE".ljust(128, b"\0")
    ct.PixelData = ct.PixelData + b"CANARY BEHIND THE PICTURE "
    ct.add(DataElement(0xFFFCFFFC, "OB", b"CANARY PADDING"))
    return written(ct) + BEHIND
