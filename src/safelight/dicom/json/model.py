"""What is the DICOM JSON model of an object? (PS3.18 annex F)

The same as pydicom's `to_json_dict`, except that long values and pixels are named
by a relative bulk data address, that numbers JSON cannot write become text or
null, that the dictionary's last ambiguous VRs are resolved, and that words of a big
endian data set are written little endian, as F.2.7 has them.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from safelight.dicom import limits
from safelight.dicom.elements.ambiguous import resolved_vr
from safelight.dicom.elements.byte_order import in_other_order
from safelight.dicom.elements.charsets import Charset, charset
from safelight.dicom.elements.values import NUMERIC, attribute_tags, numbers
from safelight.dicom.elements.vrs import PUBLIC
from safelight.dicom.json.values import READERS
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element, Item
    from safelight.dicom.reading.header import Header

Model = dict[str, Any]
"""A DICOM JSON object: eight hex digits -> {"vr": ..., "Value": [...]}."""

_KEYS: Final = {tag: tags.json_key(tag) for tag in PUBLIC}


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
    model: Model = {}
    decode = context.charset
    for tag, element in elements.items():
        vr, _, _, value, _ = element
        key = _KEYS.get(tag) or tags.json_key(tag)
        read = READERS.get(vr)
        if not value or read is None:
            model[key] = _other(tag, element, context)
            continue
        found = read(value, decode)
        model[key] = {"vr": vr} if found is None else {"vr": vr, "Value": found}
    return model


def _other(tag: int, element: Element, context: _Context) -> Model:
    """Return an element that is empty, long, a sequence or not text."""
    vr, _, length, value, items = element
    if items is not None:
        return {"vr": vr, "Value": _items(tag, items, context)}
    if " " in vr:
        vr = resolved_vr(tag, element, context.item, signed=context.signed)
    if length == 0:
        return {"vr": vr}
    if value is None or tag in tags.PIXEL_TAGS:
        return {"vr": vr, "BulkDataURI": f"{context.address}{tag:08x}"}
    return _binary(tag, vr, value, context)


def _items(tag: int, items: tuple[Item, ...], context: _Context) -> list[Model]:
    prefix = f"{context.address}{tag:08x}/"
    _, letters, signed, _ = context
    return [
        _data_set(_Context(item, letters, signed, f"{prefix}{number}/"))
        for number, item in enumerate(items, 1)
    ]


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
    if not little_endian:
        value = in_other_order(value, vr)
    return {"vr": vr, "InlineBinary": b64encode(value).decode("ascii")}
