"""What does the header of one DICOM object say?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.dicom.elements.charsets import charset
from safelight.dicom.elements.values import text_values
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element, Item
    from safelight.dicom.source import Piece, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelData:
    """Where the pixels are.

    `length` is None for encapsulated pixels; then `fragments` lists what lies
    between the delimiters, the basic offset table first.
    """

    tag: int
    offset: int
    length: int | None
    encapsulated: bool
    fragments: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One indexed object. It holds short values; long ones are only located.

    Offsets count in the indexed source, except when the data set is deflated:
    then they count in `dataset`, which holds it inflated. `dataset_offset` and
    `data_size` always speak of the indexed source: the data set's bytes there,
    without preamble, file meta group and anything that follows the data set.
    """

    transfer_syntax: str
    dataset_offset: int
    data_size: int
    charsets: tuple[str, ...]
    root: Item
    meta: dict[int, Element]
    pixels: PixelData | None
    dataset: Source | None

    @property
    def explicit(self) -> bool:
        """Whether the data set writes its value representations."""
        return self.root.explicit

    @property
    def little_endian(self) -> bool:
        """Whether the data set's numbers are little endian."""
        return self.root.little_endian

    @property
    def elements(self) -> dict[int, Element]:
        """The outermost data elements by tag."""
        return self.root.elements

    def raw(self, tag: int) -> bytes | None:
        """Return the value's bytes; None if it is absent, a sequence, or too long to keep."""
        element = self.root.elements.get(tag)
        return None if element is None else element.value

    def texts(self, tag: int) -> list[str]:
        """Return all values as text, without padding; none if absent or empty.

        Numbers are written in decimal; undecodable bytes are U+FFFD.
        """
        element = self.root.elements.get(tag)
        if element is None or not element.value:
            return []
        return text_values(element, charset(self.charsets), little_endian=self.little_endian)

    def text(self, tag: int) -> str:
        """Return the first value as text, "" if there is none."""
        values = self.texts(tag)
        return values[0] if values else ""

    def integer(self, tag: int) -> int | None:
        """Return the first value as an integer, None if there is none or it is no integer."""
        try:
            return int(self.text(tag))
        except ValueError:
            return None

    @property
    def sop_class_uid(self) -> str:
        """(0008,0016)."""
        return self.text(tags.SOP_CLASS_UID)

    @property
    def sop_instance_uid(self) -> str:
        """(0008,0018)."""
        return self.text(tags.SOP_INSTANCE_UID)

    @property
    def study_instance_uid(self) -> str:
        """(0020,000D)."""
        return self.text(tags.STUDY_INSTANCE_UID)

    @property
    def series_instance_uid(self) -> str:
        """(0020,000E)."""
        return self.text(tags.SERIES_INSTANCE_UID)
