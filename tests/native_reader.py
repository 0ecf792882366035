"""How do the tests read the Native DICOM Model (PS3.19 A.1)? With the standard library alone."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

_SPACE = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"
_PARTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
_NUMERIC = {"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"}

Told = dict[tuple[str, str], Any]
"""What a data set says: (creator, tag) -> (vr, what), everything as text."""


def read_native(document: bytes) -> Told:
    """Return what a document says."""
    root = ET.fromstring(document)  # noqa: S314 (our own)
    assert root.tag == f"{_SPACE}NativeDicomModel"
    assert root.attrib == {"{http://www.w3.org/XML/1998/namespace}space": "preserve"}
    return _attributes(root)


def keywords(document: bytes) -> dict[str, str]:
    """Return the keyword of each element of the data set itself that has one."""
    root = ET.fromstring(document)  # noqa: S314 (our own)
    return {each.attrib["tag"]: each.attrib.get("keyword", "") for each in root}


def said_by_json(model: dict[str, Any], *, bulk_root: str = "") -> Told:
    """Return what a DICOM JSON model says, in the same words."""
    creators = {
        tag: element["Value"][0]
        for tag, element in model.items()
        if int(tag[3], 16) % 2 and tag[4:6] == "00" and tag[6:] >= "10" and element.get("Value")
    }
    told: Told = {}
    for tag, element in model.items():
        if tag in creators:
            continue
        creator = creators.get(f"{tag[:4]}00{tag[4:6]}", "") if int(tag[3], 16) % 2 else ""
        key = (creator.replace("\r", " "), f"{tag[:4]}00{tag[6:]}" if creator else tag)
        told[key] = (element["vr"], _said(element, bulk_root))
    return told


def _said(element: dict[str, Any], bulk_root: str) -> Any:  # noqa: ANN401
    if "BulkDataURI" in element:
        return "bulk", bulk_root + element["BulkDataURI"]
    if "InlineBinary" in element:
        return "inline", element["InlineBinary"]
    vr, values = element["vr"], element.get("Value", [])
    if vr == "SQ":
        return [said_by_json(item, bulk_root=bulk_root) for item in values]
    if vr == "PN":
        return [
            {group: name.rstrip("^") for group, name in (value or {}).items() if name.strip("^")}
            for value in values
        ]
    return ["" if value is None else _plain(vr, str(value)) for value in values]


def _plain(vr: str, text: str) -> Any:  # noqa: ANN401
    """Return numbers as numbers, and other text as XML can hold it."""
    try:
        return float(text) if vr in _NUMERIC else _in_xml(text)
    except ValueError:
        return _in_xml(text)


def _in_xml(text: str) -> str:
    return "".join(
        letter
        if letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd"
        or letter > "\uffff"
        else "\ufffd"
        for letter in text
    )  # fmt: skip


def _attributes(parent: ET.Element) -> Told:
    told: Told = {}
    assert not (parent.text or "").strip()
    for each in parent:
        assert each.tag == f"{_SPACE}DicomAttribute"
        key = (each.attrib.get("privateCreator", ""), each.attrib["tag"])
        assert key not in told
        told[key] = (each.attrib["vr"], _content(each))
    return told


def _content(attribute: ET.Element) -> Any:  # noqa: ANN401
    kinds = {each.tag.removeprefix(_SPACE) for each in attribute}
    if not kinds:
        return []
    (kind,) = kinds
    if kind == "BulkData":
        return "bulk", attribute[0].attrib["uri"]
    if kind == "InlineBinary":
        return "inline", attribute[0].text
    numbers = [int(each.attrib["number"]) for each in attribute]
    assert numbers == list(range(1, len(numbers) + 1))
    if kind == "Item":
        return [_attributes(each) for each in attribute]
    if kind == "PersonName":
        return [
            {group.tag.removeprefix(_SPACE): _name(group) for group in each} for each in attribute
        ]
    return [_plain(attribute.attrib["vr"], each.text or "") for each in attribute]


def _name(group: ET.Element) -> str:
    parts = {each.tag.removeprefix(_SPACE): each.text or "" for each in group}
    return "^".join(parts.get(name, "") for name in _PARTS).rstrip("^")
