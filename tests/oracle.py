"""What does pydicom say of an object, and where do we say otherwise on purpose?

`differences` are the only ones allowed between our DICOM JSON and pydicom's:

- Long values and pixels have an address (BulkDataURI) here and stand in line there.
- Words of a big endian data set are little endian in line here (PS3.18 F.2.7); pydicom
  leaves them as they stand in the file.
- A number that JSON cannot write (NaN, infinity) is null here and no JSON there.
"""

from __future__ import annotations

import math
import warnings
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pydicom

from safelight.dicom.elements.byte_order import in_other_order

_INLINE = 1366  # base64 of 1 KiB


def read_by_pydicom(source: Any) -> pydicom.FileDataset:  # noqa: ANN401
    """Read a file or stream as forgivingly as pydicom can."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(source, force=True)


def model_by_pydicom(source: Path | Any, ours: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return pydicom's model, with the listed differences to `ours` taken out."""
    dataset = read_by_pydicom(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = dict(dataset.to_json_dict())
    uid = dataset.file_meta.get("TransferSyntaxUID") if "file_meta" in dataset.__dict__ else None
    _alike(ours, theirs, swapped=uid == pydicom.uid.ExplicitVRBigEndian)
    return theirs


def _alike(ours: dict[str, Any], theirs: dict[str, Any], *, swapped: bool) -> None:
    for tag, element in ours.items():
        other = theirs.get(tag, {})
        if "BulkDataURI" in element and "InlineBinary" in other:
            assert len(other["InlineBinary"]) > _INLINE or tag in {
                "7FE00010",
                "7FE00008",
                "7FE00009",
            }
            other["BulkDataURI"] = element["BulkDataURI"]
            del other["InlineBinary"]
        elif swapped and "InlineBinary" in other:
            turned = in_other_order(b64decode(other["InlineBinary"]), element["vr"])
            other["InlineBinary"] = b64encode(turned).decode()
        if element["vr"] in {"FL", "FD"}:
            other["Value"] = [
                value if value is None or math.isfinite(value) else None
                for value in other.get("Value", [])
            ]
            if not other["Value"]:
                del other["Value"]
        if element["vr"] == "SQ":
            for item, twin in zip(element["Value"], other.get("Value", []), strict=False):
                _alike(item, twin, swapped=swapped)
