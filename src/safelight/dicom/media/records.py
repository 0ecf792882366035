"""Which record of a directory names an object, and what does it repeat? (PS3.3 F.4, F.5)

An object of a class that is not known here is an image where it has pixels, else private.
"""

from __future__ import annotations

from typing import Final

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
IMAGE: Final = "IMAGE"
PRIVATE: Final = "PRIVATE"

_CLASSES: Final = {
    "RT DOSE": "481.2",
    "RT STRUCTURE SET": "481.3",
    "RT PLAN": "481.5 481.8",
    "RT TREAT RECORD": "481.4 481.6 481.7 481.9",
    "PRESENTATION": "11.1 11.2 11.3 11.4 11.5 11.6 11.7 11.8 11.9 11.10 11.11 11.12 131",
    "WAVEFORM": "9.1.1 9.1.2 9.1.3 9.2.1 9.3.1 9.4.1 9.4.2 9.5.1 9.6.1 9.6.2 9.7.1 9.7.2 9.7.3 "
    "9.7.4 9.8.1",
    "SR DOCUMENT": "88.11 88.22 88.33 88.34 88.35 88.40 88.50 88.65 88.67 88.68 88.69 88.70 88.71 "
    "88.72 88.73 88.74 88.75 88.76 78.6 79.1",
    "KEY OBJECT DOC": "88.59",
    "ENCAP DOC": "104.1 104.2 104.3 104.4 104.5",
    "SPECTROSCOPY": "4.2",
    "RAW DATA": "66",
    "REGISTRATION": "66.1 66.3",
    "FIDUCIAL": "66.2",
    "SURFACE": "66.5",
    "TRACT": "66.6",
    "VALUE MAP": "67",
    "SURFACE SCAN": "68.1 68.2",
    "STEREOMETRIC": "77.1.5.3",
    "MEASUREMENT": "78.1 78.2 78.3 78.4 78.5 78.7 80.1",
    "ASSESSMENT": "90.1",
}
_RECORD_OF: Final = {
    _STORAGE + number: record for record, numbers in _CLASSES.items() for number in numbers.split()
}

Keys = dict[str, tuple[str, str | None]]
"""By tag: the VR, and what stands for a value that must not be empty; None where it may be."""

_NUMBER: Final[Keys] = {"00200013": ("IS", "1")}
_WRITTEN: Final[Keys] = {"00080023": ("DA", "19000101"), "00080033": ("TM", "000000")}
_LABELLED: Final[Keys] = _NUMBER | {
    "00700080": ("CS", "UNNAMED"),
    "00700081": ("LO", None),
}
_TITLED: Final[Keys] = {"0040A043": ("SQ", None)}
PATIENT: Final[Keys] = {"00100010": ("PN", None), "00100020": ("LO", "UNKNOWN")}
STUDY: Final[Keys] = {
    "00080020": ("DA", "19000101"),
    "00080030": ("TM", "000000"),
    "00080050": ("SH", None),
    "00081030": ("LO", None),
    "0020000D": ("UI", None),
    "00200010": ("SH", "1"),
}
SERIES: Final[Keys] = {
    "00080060": ("CS", "OT"),
    "0020000E": ("UI", None),
    "00200011": ("IS", "1"),
}
_REPEATED: Final[dict[str, Keys]] = {
    IMAGE: _NUMBER,
    "RT DOSE": _NUMBER | {"3004000A": ("CS", "PLAN")},
    "RT STRUCTURE SET": _NUMBER
    | {"30060002": ("SH", "UNNAMED"), "30060008": ("DA", None), "30060009": ("TM", None)},
    "RT PLAN": _NUMBER
    | {"300A0002": ("SH", "UNNAMED"), "300A0006": ("DA", None), "300A0007": ("TM", None)},
    "RT TREAT RECORD": _NUMBER | {"30080250": ("DA", None), "30080251": ("TM", None)},
    "PRESENTATION": _LABELLED
    | {"00700082": ("DA", "19000101"), "00700083": ("TM", "000000"), "00700084": ("PN", None)},
    "WAVEFORM": _NUMBER | _WRITTEN,
    "SR DOCUMENT": _NUMBER
    | _WRITTEN
    | _TITLED
    | {"0040A491": ("CS", "PARTIAL"), "0040A493": ("CS", "UNVERIFIED")},
    "KEY OBJECT DOC": _NUMBER | _WRITTEN | _TITLED,
    "ENCAP DOC": _NUMBER
    | _TITLED
    | {
        "00080023": ("DA", None),
        "00080033": ("TM", None),
        "00420010": ("ST", None),
        "00420012": ("LO", "application/octet-stream"),
    },
    "SPECTROSCOPY": _NUMBER | _WRITTEN | {"00080008": ("CS", "ORIGINAL\\PRIMARY")},
    "REGISTRATION": _LABELLED | _WRITTEN | {"00700084": ("PN", None)},
    "FIDUCIAL": _LABELLED | _WRITTEN | {"00700084": ("PN", None)},
    "VALUE MAP": _LABELLED | _WRITTEN | {"00700084": ("PN", None)},
    "STEREOMETRIC": _LABELLED | _WRITTEN | {"00700084": ("PN", None)},
    PRIVATE: {},
}


def record_of(class_uid: str, *, has_pixels: bool) -> str:
    """Return the type of the record that names an object."""
    return _RECORD_OF.get(class_uid) or (IMAGE if has_pixels else PRIVATE)


def repeated_in(record: str) -> Keys:
    """Return what a record of some type repeats of its object."""
    return _REPEATED.get(record, _NUMBER | _WRITTEN)
