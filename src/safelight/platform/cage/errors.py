"""What can become of a job in the cage, other than being done?"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from safelight.dicom.documents.reasons import DocumentReason
from safelight.dicom.reasons import Reason
from safelight.kernel.errors import ExpectedError


class CageReason(StrEnum):
    """Stable codes; a job ends with one of these, never with the child's own words."""

    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    BUSY = "busy"


_SENTENCES = {
    CageReason.CRASHED: "Reading this made the decoder fail; nothing else was affected.",
    CageReason.TIMED_OUT: "Reading this took too long and was stopped.",
    CageReason.REFUSED: "This cannot be read.",
    CageReason.TOO_LARGE: "Reading this needs more memory than is allowed.",
    CageReason.BUSY: "All decoders are busy; try again in a moment.",
}


class CageError(ExpectedError):
    """A job in the cage was not done; only that job is lost.

    `detail` is a stable code that narrows the reason: one of `DocumentReason` or of
    `dicom.reasons.Reason` where the job itself refused. The message is a sentence for
    people and quotes nothing.
    """

    code = "cage_failed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, reason: CageReason, detail: str = "") -> None:
        super().__init__(_sentence(reason, detail))
        self.reason = reason
        self.detail = detail
        if reason is CageReason.BUSY:
            self.status = HTTPStatus.SERVICE_UNAVAILABLE


def _sentence(reason: CageReason, detail: str) -> str:
    if reason is CageReason.REFUSED:
        if detail in set(DocumentReason):
            return DocumentReason(detail).explanation
        if detail in set(Reason):
            return Reason(detail).explanation
    return _SENTENCES[reason]
