"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ReceiveEvent(StrEnum):
    """Things that happen at the door, in the past tense."""

    BATCH_STARTED = "intake.started"
    TAKEN_IN = "intake.taken"
    KNOWN = "intake.known"
    REFUSED = "intake.refused"
    SET_ASIDE = "intake.set-aside"
    BATCH_FINISHED = "intake.finished"
    COMMITMENT_ASKED = "commitment.asked"
    COMMITMENT_REPORTED = "commitment.reported"
    COMMITMENT_UNREPORTED = "commitment.unreported"
    HANDOVER_ANNOUNCED = "handover.announced"
    HANDOVER_AGREED = "handover.agreed"
    HANDOVER_COMPARED = "handover.compared"
    HANDOVER_WITHDRAWN = "handover.withdrawn"
    WAITING_LISTED = "desk-waiting.listed"
    WAITING_READ = "desk-waiting.read"
    WAITING_REJECTED = "desk-waiting.rejected"
    WAITING_REOPENED = "desk-waiting.reopened"
    WAITING_FILED = "desk-waiting.filed"
    VERSION_CHOSEN = "desk-waiting.version-chosen"
    REQUEST_MADE = "upload-request.made"
    REQUEST_OPENED = "upload-request.opened"
    REQUEST_DENIED = "upload-request.denied"
    REQUEST_LOCKED = "upload-request.locked"
    REQUEST_WITHDRAWN = "upload-request.withdrawn"
    SENDER_CODE_SENT = "upload-request.code-sent"
    SENDER_CHECK_WRONG = "upload-request.check-wrong"
    SENDER_NAMED = "upload-request.sender-named"
    PARCEL_BEGUN = "parcel.begun"
    PARCEL_RECEIVED = "parcel.received"
    PARCEL_READ = "parcel.read"
    PARCEL_TAKEN = "parcel.taken-in"
    PARCEL_FILED = "parcel.filed"
    PARCEL_REFUSED = "parcel.refused"
    PARCEL_LAPSED = "parcel.lapsed"
