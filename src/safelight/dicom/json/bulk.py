"""Which value does a bulk data address name? (PS3.18 section F.2.6)"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.elements.byte_order import in_other_order
from safelight.dicom.reading.index import scan
from safelight.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.dicom.elements.element import Element, Item
    from safelight.dicom.reading.header import Header
    from safelight.dicom.source import Source

_TAG: Final = re.compile(r"[0-9a-fA-F]{8}")


def bulk_value(source: Source, path: str, *, start: int = 0, stop: int | None = None) -> bytes:
    """Return the value at `path`, as `model.to_json` wrote it after "bulkdata/".

    Or of that value the bytes [start, stop), which in big endian words begin a word.

    Raises:
        NotFoundError: nothing lies there.
        UnreadableError: the source is no sound object.
    """
    header = scan(source)
    item, element = find_element(header, path)
    return b"".join(bulk_pieces(header.dataset or source, item, element, start=start, stop=stop))


def bulk_pieces(
    source: Source, item: Item, element: Element, *, start: int = 0, stop: int | None = None
) -> Iterator[bytes]:
    """Yield the value of an element of `item`, or a part, in pieces of at most 1 MiB.

    Words of a big endian data set are swapped: the outside reads little endian.
    """
    vr = "OW" if " " in element.vr else element.vr
    end = element.offset + min(element.length, element.length if stop is None else stop)
    for offset in range(element.offset + start, end, limits.MIB):
        piece = source.read(offset, min(limits.MIB, end - offset))
        yield piece if item.little_endian else in_other_order(piece, vr)


def find_element(header: Header, path: str) -> tuple[Item, Element]:
    """Return the element at a path of tags and item numbers, and the data set it is in.

    Raises:
        NotFoundError: there is none, or it is a sequence.
    """
    item = header.root
    *steps, last = path.removeprefix("bulkdata/").strip("/").split("/")
    if len(steps) % 2:
        raise NotFoundError
    for tag, number in zip(steps[::2], steps[1::2], strict=True):
        items = _element(item, tag).items or ()
        if not number.isascii() or not number.isdigit() or len(number) > len(str(len(items))):
            raise NotFoundError
        if not 1 <= int(number) <= len(items):
            raise NotFoundError
        item = items[int(number) - 1]
    element = _element(item, last)
    if element.items is not None:
        raise NotFoundError
    return item, element


def _element(item: Item, tag: str) -> Element:
    element = item.elements.get(int(tag, 16)) if _TAG.fullmatch(tag) else None
    if element is None:
        raise NotFoundError
    return element
