"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class AgreementEvent(StrEnum):
    """What became of agreements, in the past tense."""

    AGREEMENT_RECORDED = "agreement.recorded"
    AGREEMENT_VERIFIED = "agreement.verified"
    AGREEMENT_ENDED = "agreement.ended"
    DOCUMENT_READ = "agreement.document-read"
