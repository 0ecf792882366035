"""How is a DICOM JSON model written as XML? (PS3.19 A.1, the Native DICOM Model)

Written piece by piece as text: nothing is parsed here, and nothing that a value holds
can become markup. What XML 1.0 cannot hold becomes U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from safelight.dicom.json.model import Model
from safelight.dicom.registry.dictionary import keyword_of

NAMESPACE: Final = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">'
)
_TAIL: Final = "</NativeDicomModel>"
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_PARTS: Final = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A line end of an attribute or of a Macintosh would be read as another character.
_ESCAPED: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
)
_IN_ATTRIBUTE: Final = _ESCAPED | str.maketrans({"\n": "&#10;", "\t": "&#9;"})
_BLOCK: Final = slice(4, 6)
_FIRST_BLOCK: Final = 0x10


def native_model(model: Model, *, bulk_root: str = "") -> bytes:
    """Return a model as an XML document in UTF-8.

    Addresses of bulk data are put behind `bulk_root`, so that they stand for themselves.
    """
    return "".join((_HEAD, *_attributes(model, bulk_root), _TAIL)).encode()


def _attributes(model: Model, bulk_root: str) -> Iterator[str]:
    creators = _creators(model)
    for key, element in model.items():
        if key in creators:
            continue  # it is named by the elements of its block
        vr = element["vr"]
        yield f"<DicomAttribute {_identity(key, vr, creators)}"
        content = "".join(_content(vr, element, bulk_root))
        yield f">{content}</DicomAttribute>" if content else "/>"


def _creators(model: Model) -> dict[str, str]:
    """Return the creators of private blocks by the key of the element that names them."""
    return {
        key: str(element["Value"][0])
        for key, element in model.items()
        if _is_private(key)
        and key[_BLOCK] == "00"
        and int(key[_BLOCK.stop :], 16) >= _FIRST_BLOCK
        and element.get("Value")
    }


def _identity(key: str, vr: str, creators: dict[str, str]) -> str:
    keyword = keyword_of(int(key, 16))
    creator = creators.get(f"{key[:4]}00{key[_BLOCK]}") if _is_private(key) else None
    if creator is not None:
        # A block has no number in XML: its creator says which it is.
        shown = f"{key[:4]}00{key[_BLOCK.stop :]}"
        return f'tag="{shown}" vr="{vr}" privateCreator="{_attribute(creator)}"'
    return f'tag="{key}" vr="{vr}"' + (f' keyword="{keyword}"' if keyword else "")


def _is_private(key: str) -> bool:
    return int(key[:4], 16) % 2 == 1


def _content(vr: str, element: dict[str, Any], bulk_root: str) -> Iterator[str]:
    if "BulkDataURI" in element:
        yield f'<BulkData uri="{_attribute(bulk_root + element["BulkDataURI"])}"/>'
    elif "InlineBinary" in element:
        yield f"<InlineBinary>{_text(element['InlineBinary'])}</InlineBinary>"
    else:
        for number, value in enumerate(element.get("Value", ()), 1):
            if vr == "SQ":
                yield f'<Item number="{number}">'
                yield from _attributes(value, bulk_root)
                yield "</Item>"
            elif vr == "PN":
                yield f'<PersonName number="{number}">{_name(value or {})}</PersonName>'
            else:
                shown = "" if value is None else _text(str(value))
                yield f'<Value number="{number}">{shown}</Value>'


def _name(groups: dict[str, str]) -> str:
    told = []
    for group in _GROUPS:
        parts = groups.get(group, "").split("^", len(_PARTS) - 1)
        inside = "".join(
            f"<{name}>{_text(part)}</{name}>"
            for name, part in zip(_PARTS, parts, strict=False)
            if part
        )
        told.append(f"<{group}>{inside}</{group}>" if inside else "")
    return "".join(told)


def _text(value: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", value).translate(_ESCAPED)


def _attribute(value: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", value).translate(_IN_ATTRIBUTE)
