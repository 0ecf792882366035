"""What is the DICOM JSON model of an object? (PS3.18 annex F)

The same as pydicom's `to_json_dict`, except that long values and pixels are named
by a relative bulk data address, that numbers JSON cannot write become text or
null, and that the dictionary's last ambiguous VRs are resolved.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from safelight.dicom import limits, tags
from safelight.dicom.ambiguous import resolved_vr
from safelight.dicom.charsets import Charset, charset
from safelight.dicom.values import NUMERIC, TEXT, attribute_tags, decimal, integer, numbers

if TYPE_CHECKING:
    from safelight.dicom.elements import Element, Item
    from safelight.dicom.header import Header

Model = dict[str, Any]
"""A DICOM JSON object: eight hex digits -> {"vr": ..., "Value": [...]}."""

_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


class _Context(NamedTuple):
    """What an element inherits from the data sets around it."""

    item: Item
    charset: Charset
    signed: bool | None
    address: str


def to_json(header: Header) -> Model:
    """Return the DICOM JSON model of the data set, the file meta group left out.

    Bulk data addresses are relative: "bulkdata/" and the tag in lower-case hex, then
    item number (from 1) and tag for each level of sequence.
    """
    root = _Context(header.root, charset(header.charsets), None, "bulkdata/")
    return _data_set(root)


def _data_set(context: _Context) -> Model:
    elements = context.item.elements
    representation = elements.get(tags.PIXEL_REPRESENTATION)
    if representation is not None and representation.value:
        context = context._replace(signed=b"\x01" in representation.value)
    terms = elements.get(tags.SPECIFIC_CHARACTER_SET)
    if terms is not None and terms.value:
        own = tuple(terms.value.decode("ascii", "replace").rstrip(" \0").split("\\"))
        context = context._replace(charset=charset(own))
    return {f"{tag:08X}": _element(tag, elements[tag], context) for tag in elements}


def _element(tag: int, element: Element, context: _Context) -> Model:
    vr, _, length, value, items = element
    if items is not None:
        return {"vr": vr, "Value": _items(tag, items, context)}
    read = TEXT.get(vr)
    if read is not None and value is not None:
        return _text(vr, read(value, context.charset)) if length else {"vr": vr}
    if " " in vr:
        vr = resolved_vr(tag, element, context.item, signed=context.signed)
    if length == 0:
        return {"vr": vr, "Value": []} if vr == "SQ" else {"vr": vr}
    if value is None or tag in tags.PIXEL_TAGS:
        return {"vr": vr, "BulkDataURI": f"{context.address}{tag:08x}"}
    return _binary(tag, vr, value, context)


def _items(tag: int, items: tuple[Item, ...], context: _Context) -> list[Model]:
    prefix = f"{context.address}{tag:08x}/"
    return [
        _data_set(context._replace(item=item, address=f"{prefix}{number}/"))
        for number, item in enumerate(items, 1)
    ]


def _text(vr: str, values: list[str]) -> Model:
    found: list[Any]
    if vr == "PN":
        found = [_name(value) for value in values]
    elif vr == "DS":
        found = [decimal(value) for value in values]
    elif vr == "IS":
        found = [integer(value) for value in values]
    else:
        found = list(values)
    if len(found) == 1 and not found[0] and found[0] != 0:
        return {"vr": vr}
    return {"vr": vr, "Value": found}


def _name(text: str) -> dict[str, str] | None:
    groups = text.split("=")
    while groups and not groups[-1]:
        groups.pop()
    return dict(zip(_GROUPS, groups, strict=False)) or None


def _binary(tag: int, vr: str, value: bytes, context: _Context) -> Model:
    little_endian = context.item.little_endian
    if vr in NUMERIC:
        found = numbers(value, vr, little_endian=little_endian)
        if found is not None:
            return {"vr": vr, "Value": found}
        vr = "UN"
    if vr == "AT":
        attributes = attribute_tags(value, little_endian=little_endian)
        return {"vr": vr, "Value": attributes} if attributes else {"vr": vr}
    if len(value) > limits.INLINE_BINARY:
        return {"vr": vr, "BulkDataURI": f"{context.address}{tag:08x}"}
    return {"vr": vr, "InlineBinary": b64encode(value).decode("ascii")}
