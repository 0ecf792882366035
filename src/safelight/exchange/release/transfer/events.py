"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class TransferEvent(StrEnum):
    """What became of a transfer, in the past tense."""

    ORDERED = "transfer.ordered"
    BEGUN = "transfer.begun"
    HELD = "transfer.held"
    PUT_OFF = "transfer.put-off"
    SENT = "transfer.sent"
    FAILED = "transfer.failed"
    WITHDRAWN = "transfer.withdrawn"
    STOPPED = "transfer.stopped"
    RETRIED = "transfer.retried"
    LISTED = "transfer.listed"
    AGREED = "transfer.agreed"
    KEPT_ASKED = "transfer.kept-asked"
    KEPT_HEARD = "transfer.kept-heard"
    WITHDRAWAL_TOLD = "transfer.withdrawal-told"
    CUSTODY_TOLD = "transfer.custody-told"
    CUSTODY_HEARD = "transfer.custody-heard"
