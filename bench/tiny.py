"""How is an index grown by a hundred thousand studies without waiting for the client?

By writing header-only objects by hand: explicit VR, little endian, the elements in order.
"""

from __future__ import annotations

import struct

from bench.workload import Made, Study

_SOP_CLASS = "1.2.840.10008.5.1.4.1.1.66"
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_LONG = {b"OB"}


def tiny(seed: int, number: int) -> Made:
    """Make one object that is a study and a patient of its own."""
    study = Study("tiny", seed, number)
    sop, series = study.uid("instance", 1), study.uid("series")
    meta = b"".join(
        (
            _element(0x0002, 0x0001, b"OB", b"\x00\x01"),
            _text(0x0002, 0x0002, b"UI", _SOP_CLASS),
            _text(0x0002, 0x0003, b"UI", sop),
            _text(0x0002, 0x0010, b"UI", _EXPLICIT_LITTLE),
            _text(0x0002, 0x0012, b"UI", "2.25.1"),
        )
    )
    dataset = b"".join(
        (
            _text(0x0008, 0x0005, b"CS", "ISO_IR 192"),
            _text(0x0008, 0x0016, b"UI", _SOP_CLASS),
            _text(0x0008, 0x0018, b"UI", sop),
            _text(0x0008, 0x0020, b"DA", study.study_date),
            _text(0x0008, 0x0030, b"TM", "101500"),
            _text(0x0008, 0x0050, b"SH", study.accession_number),
            _text(0x0008, 0x0060, b"CS", "OT"),
            _text(0x0008, 0x0090, b"PN", "Refers^Someone"),
            _text(0x0008, 0x1030, b"LO", "Benchmark tiny"),
            _text(0x0010, 0x0010, b"PN", f"{study.family_name}^Number {number}"),
            _text(0x0010, 0x0020, b"LO", study.patient_id),
            _text(0x0010, 0x0030, b"DA", "19700101"),
            _text(0x0010, 0x0040, b"CS", "O"),
            _text(0x0020, 0x000D, b"UI", study.uid("study")),
            _text(0x0020, 0x000E, b"UI", series),
            _text(0x0020, 0x0010, b"SH", str(number)),
            _text(0x0020, 0x0011, b"IS", "1"),
            _text(0x0020, 0x0013, b"IS", "1"),
        )
    )
    length = _element(0x0002, 0x0000, b"UL", struct.pack("<I", len(meta)))
    return Made(study, series, sop, bytes(128) + b"DICM" + length + meta + dataset, b"")


def _text(group: int, number: int, vr: bytes, value: str) -> bytes:
    padding = b"\0" if vr == b"UI" else b" "
    data = value.encode()
    return _element(group, number, vr, data + padding * (len(data) % 2))


def _element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    form = "<HH2sHI" if vr in _LONG else "<HH2sH"
    lengths = (0, len(value)) if vr in _LONG else (len(value),)
    return struct.pack(form, group, number, vr, *lengths) + value
