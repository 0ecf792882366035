"""Why is something on a disc, in a folder or in an archive not taken?"""

from __future__ import annotations

from enum import StrEnum

from safelight.kernel.errors import ExpectedError


class MediaReason(StrEnum):
    """Stable codes; `explanation` says the same in one sentence."""

    BROKEN = "broken-archive"
    TOO_MANY = "too-many-entries"
    TOO_LARGE = "unpacks-too-large"
    BOMB = "unpacks-too-far"
    NO_ROOM = "too-large-for-memory"
    OVERLAPPING = "overlapping-entries"
    FORGED_SIZE = "forged-size"
    CHECKSUM = "wrong-checksum"
    COMPRESSION = "unsupported-compression"
    ENCRYPTED = "encrypted"
    LINK = "link-or-device"
    ODD_NAME = "odd-name"
    LOOPING = "looping-folders"
    CUT_OFF = "beyond-the-end"
    LAYOUT = "unsupported-layout"
    OTHER_IMAGE = "unsupported-disc-image"
    NESTED = "archive-in-archive"
    TOO_SLOW = "took-too-long"
    UNREADABLE = "cannot-be-read"
    DIRECTORY = "disc-table-of-contents"
    PROGRAM = "viewer-program"
    NOT_MEDICAL = "not-medical"

    @property
    def explanation(self) -> str:
        """Return one plain sentence about this reason."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    MediaReason.BROKEN: "The archive is damaged.",
    MediaReason.TOO_MANY: "The archive has more than 100,000 entries.",
    MediaReason.TOO_LARGE: "The archive unpacks to more than 10 GiB.",
    MediaReason.BOMB: "This unpacks to far more than any real image would.",
    MediaReason.NO_ROOM: "This file is too large to be unpacked here; send it without the archive.",
    MediaReason.OVERLAPPING: "The archive's entries lie over one another: a known attack.",
    MediaReason.FORGED_SIZE: "The archive lies about the size of this file.",
    MediaReason.CHECKSUM: "This file was damaged inside the archive.",
    MediaReason.COMPRESSION: "This file is packed in a way that we do not unpack.",
    MediaReason.ENCRYPTED: "This file is protected by a password.",
    MediaReason.LINK: "This is not a file but a pointer to something else.",
    MediaReason.ODD_NAME: "The name of this file is not one that we accept.",
    MediaReason.LOOPING: "The disc's folders lie in one another in a circle: a known attack.",
    MediaReason.CUT_OFF: "The disc image ends before this file does: it was not copied whole.",
    MediaReason.LAYOUT: "This file lies on the disc in pieces, in a way that we do not read.",
    MediaReason.OTHER_IMAGE: (
        "A disc image of a kind that we do not read; make one as ISO 9660, or send the folder."
    ),
    MediaReason.NESTED: "Archives inside archives are not opened.",
    MediaReason.TOO_SLOW: "Unpacking took longer than 30 minutes.",
    MediaReason.UNREADABLE: "This file cannot be read.",
    MediaReason.DIRECTORY: "The disc's table of contents; its files are looked at themselves.",
    MediaReason.PROGRAM: "Programs and their files, such as the viewer on a disc.",
    MediaReason.NOT_MEDICAL: "Neither an image nor a document that we know.",
}


class MediaRefusedError(ExpectedError):
    """An archive, or one entry of it, is not taken."""

    code = "media_refused"

    def __init__(self, reason: MediaReason) -> None:
        super().__init__(reason.explanation)
        self.reason = reason
