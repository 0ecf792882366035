"""What is in this file, and may it be let in?

`scan` walks the structure; `index` also asks that the object can be filed and
that its pixels are what they claim to be. Neither reads the pixels, neither uses
pydicom, and both end in bounded time and memory whatever the bytes are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.dicom.elements.charsets import DEFAULT
from safelight.dicom.elements.fields import Scope, looks_explicit
from safelight.dicom.elements.values import text_values
from safelight.dicom.reading.header import Header, PixelData
from safelight.dicom.reading.inflate import inflate
from safelight.dicom.reading.pixel_claims import check_pixel_claims
from safelight.dicom.reading.prologue import Prologue, read_prologue
from safelight.dicom.reading.scanner import Scanner
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.registry.transfer_syntaxes import transfer_syntax
from safelight.dicom.registry.uids import is_usable_uid
from safelight.dicom.source import BytesSource

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element, Item
    from safelight.dicom.source import Source

__all__ = ["Header", "PixelData", "Reason", "UnreadableError", "index", "scan"]

_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_IDENTITY: Final = (
    tags.SOP_CLASS_UID,
    tags.SOP_INSTANCE_UID,
    tags.STUDY_INSTANCE_UID,
    tags.SERIES_INSTANCE_UID,
)


def index(source: Source) -> Header:
    """Return the header of an object that can be filed and shown.

    Raises:
        UnreadableError: with the reason why not.
    """
    header = scan(source)
    check_identity(header)
    check_pixel_claims(header)
    return header


def scan(source: Source) -> Header:
    """Return the header of anything whose structure is sound.

    Raises:
        UnreadableError: with the reason why it is not.
    """
    scanner = Scanner(source)
    prologue = read_prologue(scanner, source.size)
    syntax = transfer_syntax(prologue.transfer_syntax)
    scope = Scope(source.size, syntax.explicit, syntax.little_endian)
    if syntax.deflated:
        data, packed_size = inflate(source, prologue.dataset_offset)
        inflated = BytesSource(data)
        scanner = Scanner(inflated)
        root, _ = scanner.data_set(0, scope._replace(end=inflated.size))
        return _header(prologue, root, scanner, packed_size, inflated)
    start = prologue.dataset_offset
    root, end = scanner.data_set(start, _as_found(scanner, start, scope))
    return _header(prologue, root, scanner, end - start, None)


def check_identity(header: Header) -> None:
    """Refuse an object without the four UIDs that file it, or in a transfer syntax that is none.

    Raises:
        UnreadableError: one is missing or is no UID, or this is a DICOMDIR.
    """
    # It is repeated in the headers of answers, where it must not be just anything.
    if not is_usable_uid(header.transfer_syntax):
        raise UnreadableError(Reason.BAD_UID, tag=tags.TRANSFER_SYNTAX_UID)
    media_class = header.meta.get(tags.MEDIA_STORAGE_SOP_CLASS_UID)
    if media_class and text_values(media_class, DEFAULT, little_endian=True) == [_DIRECTORY]:
        raise UnreadableError(Reason.DIRECTORY)
    for tag in _IDENTITY:
        uid = header.text(tag)
        if not uid:
            raise UnreadableError(Reason.MISSING_UID, tag=tag)
        if not is_usable_uid(uid):
            raise UnreadableError(Reason.BAD_UID, tag=tag)


def _as_found(scanner: Scanner, start: int, scope: Scope) -> Scope:
    """Return the scope with the encoding that the first element really has."""
    code = scanner.peek(start + 4, 2)
    return scope if not code else scope._replace(explicit=looks_explicit(code))


def _header(
    prologue: Prologue, root: Item, scanner: Scanner, size: int, inflated: BytesSource | None
) -> Header:
    stated = root.elements.get(tags.SPECIFIC_CHARACTER_SET)
    return Header(
        transfer_syntax=prologue.transfer_syntax,
        dataset_offset=prologue.dataset_offset,
        data_size=size,
        charsets=tuple(text_values(stated, DEFAULT, little_endian=True)) if stated else (),
        root=root,
        meta=prologue.meta,
        pixels=_pixels(root.elements, scanner),
        dataset=inflated,
    )


def _pixels(elements: dict[int, Element], scanner: Scanner) -> PixelData | None:
    for tag in tags.PIXEL_TAGS:
        element = elements.get(tag)
        if element is None or not element.length:
            continue
        encapsulated = tag == tags.PIXEL_DATA and scanner.fragments is not None
        return PixelData(
            tag=tag,
            offset=element.offset,
            length=None if encapsulated else element.length,
            encapsulated=encapsulated,
            fragments=scanner.fragments or () if encapsulated else (),
        )
    return None
