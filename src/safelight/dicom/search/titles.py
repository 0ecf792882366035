"""What is an exam called by somebody who is not a radiologist?

Titles are made from the modality and the body part, with the hospital's own
description as a second source; never from a person's data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from safelight.dicom.elements.people import shown

_MODALITIES: Final = {
    "CT": "CT",
    "MR": "MRI",
    "US": "Ultrasound",
    "CR": "X-ray",
    "DX": "X-ray",
    "RF": "Fluoroscopy",
    "XA": "Angiography",
    "MG": "Mammogram",
    "PT": "PET",
    "NM": "Nuclear medicine",
    "ES": "Endoscopy",
    "XC": "Photograph",
    "OP": "Eye photograph",
    "SM": "Microscopy",
    "ECG": "ECG",
    "SR": "Report",
    "DOC": "Document",
    "OT": "Picture",
    "SEG": "Segmentation",
    "RTSTRUCT": "Radiotherapy outlines",
    "RTPLAN": "Radiotherapy plan",
    "RTDOSE": "Radiotherapy dose",
    "PR": "Display settings",
    "KO": "Marked pictures",
}
_TELLING_LETTERS: Final = 4
_BODY_PARTS: Final = {
    "CHEST": "Chest",
    "ABDOMEN": "Belly",
    "HEAD": "Head",
    "BRAIN": "Head",
    "SKULL": "Skull",
    "NECK": "Neck",
    "PELVIS": "Pelvis",
    "HIP": "Hip",
    "KNEE": "Knee",
    "ANKLE": "Ankle",
    "FOOT": "Foot",
    "HAND": "Hand",
    "WRIST": "Wrist",
    "ELBOW": "Elbow",
    "SHOULDER": "Shoulder",
    "SPINE": "Spine",
    "CSPINE": "Neck spine",
    "TSPINE": "Upper back",
    "LSPINE": "Lower back",
    "BREAST": "Breast",
    "HEART": "Heart",
    "EXTREMITY": "Limb",
}


def value_of(answer: dict[str, Any], tag: str) -> str:
    """Return the first value of an attribute of a DICOM JSON answer as text, or ""."""
    values = answer.get(tag, {}).get("Value") or [""]
    first = values[0]
    if isinstance(first, dict):
        first = first.get("Alphabetic", "")
    return shown(str(first if first is not None else ""))


def modality_words(modality: str) -> str:
    """Return the plain name of a modality code."""
    return _MODALITIES.get(modality, modality or "Exam")


def body_parts(series: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Return the plain names of the parts of the body that series say they show.

    Two codes of one part have one name, so that exams can be set side by side by it.
    """
    codes = {value_of(each, "00180015").strip().upper() for each in series}
    return frozenset(_BODY_PARTS.get(code, code.capitalize()) for code in codes if code)


def exam_title(study: dict[str, Any], series: Sequence[dict[str, Any]]) -> str:
    """Name an exam from what may be seen of it, e.g. "Chest CT"."""
    pictured = [each for each in series if value_of(each, "00080060") not in _NO_PICTURES]
    chosen = (pictured or list(series) or [{}])[0]
    modality = modality_words(value_of(chosen, "00080060"))
    part = _BODY_PARTS.get(value_of(chosen, "00180015").upper(), "")
    if part:
        return f"{part} {modality}"
    described = value_of(study, "00081030")
    # A description such as "e+1" tells a person less than the sort of exam does.
    says_something = sum(letter.isalpha() for letter in described) >= _TELLING_LETTERS
    return described if says_something else modality


def series_title(series: dict[str, Any]) -> str:
    """Name a series by its own description, else by its modality and number."""
    described = value_of(series, "0008103E")
    if described:
        return described
    number = value_of(series, "00200011")
    name = modality_words(value_of(series, "00080060"))
    return f"{name}, series {number}" if number else name


_NO_PICTURES: Final = frozenset({"SR", "PR", "KO", "DOC", "SEG", "RTSTRUCT", "RTPLAN"})
