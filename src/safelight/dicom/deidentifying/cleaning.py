"""What is left of a data set once it no longer says whose it is?

Each attribute of the profile's table is treated as the table says, at every depth; what
the table does not name stays only where it cannot hold a name. Private elements,
overlays, curves and what is said in reports and drawings go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from safelight.dicom.deidentifying import kept
from safelight.dicom.deidentifying.profile import ACTIONS, METHOD, METHOD_CODE, Action
from safelight.dicom.deidentifying.replacing import dummy
from safelight.dicom.elements import vrs
from safelight.dicom.elements.element import Element, Item
from safelight.dicom.registry import tags
from safelight.dicom.registry.dictionary import keyword_of

if TYPE_CHECKING:
    from safelight.dicom.deidentifying.replacing import Replacement

_METHOD: Final = 0x00120063
_METHOD_CODES: Final = 0x00120064
_IDENTITY_REMOVED: Final = 0x00120062
_DATES_REMOVED: Final = 0x00280303
_CODE, _SCHEME, _MEANING = 0x00080100, 0x00080102, 0x00080104
_CONTENT: Final = 0x0040A730
_VALUE_TYPE: Final = 0x0040A040
_DRAWINGS: Final = 0x00700001
_UNKNOWN_CODE: Final = ("REMOVED", "99REMOVED", "REMOVED")
# Of what a selection of key pictures says, only to which pictures it points.
_POINTING: Final = frozenset({b"CONTAINER", b"IMAGE", b"COMPOSITE"})
_DRAWN_GROUPS: Final = frozenset(range(0x5000, 0x5100)) | frozenset(range(0x6000, 0x6100))
_ITS_OWN: Final = frozenset({_METHOD, _METHOD_CODES, _IDENTITY_REMOVED, _DATES_REMOVED, _DRAWINGS})


def cleaned(root: Item, into: Replacement) -> Item:
    """Return a whole data set without what says whose it is, and with the notes that say so.

    Pixels are not looked at: they are as they were.
    """
    item = _Cleaning(into).item(root)
    alias = _element("LO", into.alias.encode())
    item.elements.update(
        {
            tags.PATIENT_NAME: alias._replace(vr="PN"),
            tags.PATIENT_ID: alias,
            _IDENTITY_REMOVED: _element("CS", b"YES"),
            _METHOD: _element("LO", METHOD.encode()),
            _METHOD_CODES: _sequence(_code(METHOD_CODE)),
            _DATES_REMOVED: _element("CS", b"REMOVED"),
        }
    )
    for tag in tags.PIXEL_TAGS:
        if tag in root.elements:
            item.elements[tag] = root.elements[tag]
    return item


@dataclass(frozen=True, slots=True)
class _Cleaning:
    into: Replacement

    def item(self, item: Item) -> Item:
        """Return one data set, or one item of a sequence, cleaned."""
        scheme = item.elements.get(_SCHEME)
        stated = (scheme.value or b"").rstrip(b" \0") if scheme is not None else b""
        left = {}
        for tag, element in item.elements.items():
            new = self._element(tag, element, is_public=stated in kept.PUBLIC_SCHEMES)
            if new is not None:
                left[tag] = new
        return Item(left, item.explicit, item.little_endian)

    def _element(self, tag: int, element: Element, *, is_public: bool) -> Element | None:
        if tags.is_private(tag) or tag >> 16 in _DRAWN_GROUPS or tag in _ITS_OWN:
            return None
        known = vrs.PUBLIC.get(tag)
        if known is None or tag in tags.PIXEL_TAGS:
            return None
        action = ACTIONS.get(tag)
        if action is Action.REMOVE:
            return None
        if known == vrs.SEQUENCE:
            return self._sequence(tag, element, action)
        if action is Action.NEW_UID:
            return _element(known, self.into.uids(element.value or b""))
        if action is Action.EMPTY:
            return _element(known, b"")
        if action is not None:
            return self._stand_in(known)
        return self._unlisted(tag, known, element, is_public=is_public)

    def _unlisted(
        self, tag: int, known: str, element: Element, *, is_public: bool
    ) -> Element | None:
        vr, value = element.vr, element.value
        if vr != known and vr not in known.split(" or "):
            # "US or SS" and the like stay so: what they are depends on the data set.
            return None
        if vr == "UI":
            return _element(vr, self.into.uids(value or b""))
        if tag in kept.CODES:
            plain = is_public and (value or b"").isascii()
            words = {_SCHEME: b"99REMOVED"}.get(tag, b"REMOVED")
            return element if plain else _element(vr, words if element.length else b"")
        if tag in kept.NEEDS_A_WORD:
            return self._stand_in(vr)
        widest = "OW" if known.endswith("OW") else known.split(" ", maxsplit=1)[0]
        if kept.can_stay(tag, vr if " " not in vr else widest, value, element.length):
            return element
        return _element(vr, b"") if kept.is_text(vr) else None

    def _stand_in(self, vr: str) -> Element:
        if vr == "UI":
            return _element(vr, self.into.uids(b"removed"))
        return _element(vr, dummy(vr))

    def _sequence(self, tag: int, element: Element, action: Action | None) -> Element | None:
        items = element.items or ()
        if action is Action.EMPTY:
            return _sequence()
        if tag == _CONTENT:
            items = tuple(each for each in items if _points(each))
        elif action is Action.DUMMY:
            is_code = keyword_of(tag).endswith("CodeSequence")
            return _sequence(_code(_UNKNOWN_CODE)) if is_code else _sequence()
        return _sequence(*(self.item(each) for each in items))


def _points(item: Item) -> bool:
    said = item.elements.get(_VALUE_TYPE)
    return said is not None and (said.value or b"").rstrip(b" \0") in _POINTING


def _element(vr: str, value: bytes) -> Element:
    return Element(vr, 0, len(value), value, None)


def _sequence(*items: Item) -> Element:
    return Element(vrs.SEQUENCE, 0, 0, None, items)


def _code(said: tuple[str, str, str]) -> Item:
    value, scheme, meaning = said
    return Item(
        {
            _CODE: _element("SH", value.encode()),
            _SCHEME: _element("SH", scheme.encode()),
            _MEANING: _element("LO", meaning.encode()),
        },
        explicit=True,
        little_endian=True,
    )
