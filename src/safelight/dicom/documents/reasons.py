"""Why is a paper or picture not taken?"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class DocumentReason(StrEnum):
    """Stable codes; `explanation` says the same in one sentence."""

    NOT_WHAT_IT_SAYS = "not-what-it-says"
    BROKEN = "broken"
    TOO_LARGE = "too-large"
    ACTIVE = "active-content"
    ENCRYPTED = "encrypted"
    TRAILING = "trailing-bytes"

    @property
    def explanation(self) -> str:
        """Return one plain sentence about this reason."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    DocumentReason.NOT_WHAT_IT_SAYS: "The file is not of the kind that it claims to be.",
    DocumentReason.BROKEN: "The file is damaged and cannot be opened.",
    DocumentReason.TOO_LARGE: "The picture or document is larger than we take.",
    DocumentReason.ACTIVE: "The document holds scripts, attachments or actions, which we refuse.",
    DocumentReason.ENCRYPTED: "The document is protected by a password; save it without one.",
    DocumentReason.TRAILING: "Something else is hidden behind the end of the document.",
}


class DocumentRefusedError(ExpectedError):
    """The paper or picture is not taken, for a reason that has a name."""

    code = "document_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, reason: DocumentReason) -> None:
        super().__init__(reason.explanation)
        self.reason = reason
