"""What does the DICOMDIR of a disc say? (PS3.3 annex F, PS3.10 section 8)

Records of patient, study and series above one record for each object, each at its place in
the file. What a record must say and the object does not is filled in; the objects stay as
they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack
from typing import Any, Final

from safelight.dicom.media.records import (
    PATIENT,
    PRIVATE,
    SERIES,
    STUDY,
    Keys,
    record_of,
    repeated_in,
)
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.writing.from_json import to_data_set
from safelight.dicom.writing.part10 import file_meta

DIRECTORY_CLASS: Final = "1.2.840.10008.1.3.10"
NAME: Final = "DICOMDIR"
_OWN_RECORD: Final = "2.25.96216013206420127014317170526153046981"
_ITEM: Final = b"\xfe\xff\x00\xe0"
_IN_USE: Final = 0xFFFF
_BEFORE_RECORDS: Final = 54
"""Bytes of the file-set's own elements and of the head of the sequence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One object of a file-set: what its header says, and where it lies."""

    model: Mapping[str, Any]
    place: tuple[str, ...]
    class_uid: str
    instance_uid: str
    transfer_syntax: str
    has_pixels: bool


@dataclass(slots=True)
class _Node:
    """One record, those below it, and where it stands in the file."""

    record: dict[str, Any]
    below: list[_Node] = field(default_factory=list)
    at: int = 0

    def written(self, following: int) -> bytes:
        links = {
            "00041400": {"vr": "UL", "Value": [following]},
            "00041410": {"vr": "US", "Value": [_IN_USE]},
            "00041420": {"vr": "UL", "Value": [self.below[0].at if self.below else 0]},
        }
        data = to_data_set(links | self.record, explicit=True)
        return _ITEM + pack("<I", len(data)) + data


def dicomdir(objects: Sequence[Listed], uid: str, set_id: str = "SAFELIGHT") -> bytes:
    """Return the directory of a file-set as a file; `uid` names it."""
    head = file_meta(DIRECTORY_CLASS, uid, syntax.EXPLICIT_LITTLE)
    name = set_id.encode() + b" " * (len(set_id) % 2)
    roots = _tree(objects)
    at = len(head) + len(name) + _BEFORE_RECORDS
    for node, _ in _in_order(roots):
        node.at = at
        at += len(node.written(0))
    records = b"".join(
        node.written(following.at if following else 0) for node, following in _in_order(roots)
    )
    first, last = (roots[0].at, roots[-1].at) if roots else (0, 0)
    own = (
        pack("<HH2sH", 4, 0x1130, b"CS", len(name))
        + name
        + pack("<HH2sHI", 4, 0x1200, b"UL", 4, first)
        + pack("<HH2sHI", 4, 0x1202, b"UL", 4, last)
        + pack("<HH2sHH", 4, 0x1212, b"US", 2, 0)
        + pack("<HH2sHI", 4, 0x1220, b"SQ", 0, len(records))
    )
    return head + own + records


def _in_order(nodes: Sequence[_Node]) -> Iterator[tuple[_Node, _Node | None]]:
    """Yield every record before those below it, each with the next one beside it."""
    for number, node in enumerate(nodes):
        yield node, nodes[number + 1] if number + 1 < len(nodes) else None
        yield from _in_order(node.below)


def _tree(objects: Sequence[Listed]) -> list[_Node]:
    roots: list[_Node] = []
    known: dict[tuple[str, ...], _Node] = {}
    for each in objects:
        model = each.model
        names = tuple(_text(model, tag) for tag in ("00100020", "0020000D", "0020000E"))
        beside = roots
        for depth, (kind, keys) in enumerate(
            (("PATIENT", PATIENT), ("STUDY", STUDY), ("SERIES", SERIES)), start=1
        ):
            node = known.get(names[:depth])
            if node is None:
                node = known[names[:depth]] = _Node(_record(kind, keys, model))
                beside.append(node)
            beside = node.below
        beside.append(_leaf(each))
    return roots


def _leaf(each: Listed) -> _Node:
    kind = record_of(each.class_uid, has_pixels=each.has_pixels)
    made = _record(kind, repeated_in(kind), each.model)
    if kind == PRIVATE:
        made["00041432"] = {"vr": "UI", "Value": [_OWN_RECORD]}
    made |= {
        "00041500": {"vr": "CS", "Value": list(each.place)},
        "00041510": {"vr": "UI", "Value": [each.class_uid]},
        "00041511": {"vr": "UI", "Value": [each.instance_uid]},
        "00041512": {"vr": "UI", "Value": [each.transfer_syntax]},
    }
    return _Node(made)


def _record(kind: str, keys: Keys, model: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"00041430": {"vr": "CS", "Value": [kind]}}
    for tag, (vr, instead) in keys.items():
        said = model.get(tag)
        if said and said.get("vr") == vr and said.get("Value") and _is_writable(tag, said):
            made[tag] = {"vr": vr, "Value": said["Value"]}
        elif vr != "SQ":
            made[tag] = {"vr": vr} | ({"Value": instead.split("\\")} if instead else {})
    return made


def _is_writable(tag: str, element: Mapping[str, Any]) -> bool:
    try:
        return bool(to_data_set({tag: element}, explicit=True))
    except UnreadableError:
        return False


def _text(model: Mapping[str, Any], tag: str) -> str:
    values = model.get(tag, {}).get("Value") or [""]
    return str(values[0])
