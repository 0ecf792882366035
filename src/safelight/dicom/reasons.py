"""Why can a file not be read?

One error for the whole of `dicom/`, with a stable reason. The explanation is a
plain sentence for the person who sent the file; it never quotes the file.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class Reason(StrEnum):
    """Stable codes; `explanation` says the same in one sentence."""

    NOT_DICOM = "not-dicom"
    DIRECTORY = "directory"
    TRUNCATED = "truncated"
    LENGTH_BEYOND_END = "length-beyond-end"
    MALFORMED = "malformed"
    TOO_DEEP = "too-deep"
    TOO_MANY_ELEMENTS = "too-many-elements"
    TOO_MANY_ITEMS = "too-many-items"
    HEADER_TOO_LARGE = "header-too-large"
    MISSING_UID = "missing-uid"
    BAD_UID = "bad-uid"
    INFLATE_TOO_LARGE = "inflate-too-large"
    INFLATE_BROKEN = "inflate-broken"
    PIXEL_FLOOD = "pixel-flood"
    PIXELS_TOO_SHORT = "pixels-too-short"
    BAD_PIXELS = "bad-pixels"
    FRAMES_MISMATCH = "frames-mismatch"

    @property
    def explanation(self) -> str:
        """Return one plain sentence about this reason."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Reason.NOT_DICOM: "This is not a DICOM file.",
    Reason.DIRECTORY: "This is the table of contents of a disc, not an image or a document.",
    Reason.TRUNCATED: "The file ends in the middle; it was probably cut off while being copied.",
    Reason.LENGTH_BEYOND_END: (
        "A part of the file says it is longer than what is there; it may have been cut off."
    ),
    Reason.MALFORMED: "The file breaks the rules of the format and cannot be followed.",
    Reason.TOO_DEEP: "The file nests its contents deeper than 32 levels.",
    Reason.TOO_MANY_ELEMENTS: "The file has more than 500,000 data elements.",
    Reason.TOO_MANY_ITEMS: "The file has more than 100,000 items in its lists.",
    Reason.HEADER_TOO_LARGE: "The descriptive part of the file is larger than 128 MiB.",
    Reason.MISSING_UID: "The file lacks an identifier that every DICOM object must have.",
    Reason.BAD_UID: "An identifier in the file is not a valid DICOM identifier.",
    Reason.INFLATE_TOO_LARGE: "The compressed file unpacks to more than 128 MiB.",
    Reason.INFLATE_BROKEN: "The compressed file cannot be unpacked.",
    Reason.PIXEL_FLOOD: "The file declares images larger than any real one.",
    Reason.PIXELS_TOO_SHORT: "The file holds less image data than it declares.",
    Reason.BAD_PIXELS: "The description of the image in the file makes no sense.",
    Reason.FRAMES_MISMATCH: "The number of images in the file differs from what it declares.",
}


class UnreadableError(ExpectedError):
    """The file cannot be read, for a reason that has a name.

    `tag` names the data element at fault, where one is known.
    """

    code = "unreadable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, reason: Reason, *, tag: int | None = None) -> None:
        place = "" if tag is None else f" ({tag >> 16:04X},{tag & 0xFFFF:04X})"
        super().__init__(reason.explanation + place)
        self.reason = reason
        self.tag = tag
