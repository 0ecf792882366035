"""What does a data set in the DICOM JSON model hold? Its values are somebody else's."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags

Bulk = Callable[[str], bytes]
"""A way to the value that a BulkDataURI names."""


class PartOfBulk(Protocol):
    """A way to the bytes [start, stop) of the value that a BulkDataURI names."""

    def __call__(self, address: str, /, *, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes; fewer where the value ends."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """A data set in the DICOM JSON model, read with distrust."""

    elements: dict[str, Any]

    def element(self, tag: int) -> dict[str, Any]:
        """Return an element, empty where there is none."""
        found = self.elements.get(tags.json_key(tag))
        return found if isinstance(found, dict) else {}

    def values(self, tag: int) -> list[Any]:
        """Return the values of an element."""
        found = self.element(tag).get("Value")
        return found if isinstance(found, list) else []

    def items(self, tag: int) -> list[Item]:
        """Return the items of a sequence."""
        return [Item(value) for value in self.values(tag) if isinstance(value, dict)]

    def numbers(self, tag: int) -> list[float]:
        """Return those values that are finite numbers."""
        found = []
        for value in self.values(tag):
            try:
                number = float(value)
            except (TypeError, ValueError, OverflowError):
                continue
            if math.isfinite(number):
                found.append(number)
        return found

    def integer(self, tag: int, default: int) -> int:
        """Return the first number, cut to a whole one."""
        found = self.numbers(tag)
        return int(found[0]) if found else default

    def text(self, tag: int, default: str) -> str:
        """Return the first value where it is text."""
        found = self.values(tag)
        return found[0].strip() if found and isinstance(found[0], str) else default

    def has(self, tag: int) -> bool:
        """Say whether there is such an element, be it empty."""
        return tags.json_key(tag) in self.elements

    def data(self, tag: int, bulk: Bulk | None) -> bytes | list[Any] | None:
        """Return a binary value, or the numbers that stand for it; None where there is none.

        Raises:
            UnreadableError: what should be base64 is not.
        """
        element = self.element(tag)
        inline, address = element.get("InlineBinary"), element.get("BulkDataURI")
        if isinstance(inline, str):
            try:
                return base64.b64decode(inline, validate=True)
            except binascii.Error as error:
                raise UnreadableError(Reason.BAD_PIXELS, tag=tag) from error
        if isinstance(address, str) and bulk is not None:
            return bulk(address)
        return self.values(tag) or None
