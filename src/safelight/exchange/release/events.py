"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ReleaseEvent(StrEnum):
    """Things that left or were asked for, in the past tense."""

    LISTED = "studies.listed"
    LOOKED = "study.looked-at"
    DOWNLOADED = "study.downloaded"
    DOWNLOAD_ENDED = "study.download-ended"
    DENIED = "access.denied"
    BUDGET_SPENT = "access.budget-spent"
    PUBLISHED = "release.published"
    SHARED = "study.shared"
    PASSED_ON = "study.passed-on"
    NOT_PASSED_ON = "study.not-passed-on"
    SHARE_SECRET_SHOWN = "share.secret-shown"  # noqa: S105 (the name of an event)
    SHARE_BEGUN = "share.begun"
    SHARE_CODE_SENT = "share.code-sent"
    SHARE_CODE_WRONG = "share.code-wrong"
    SHARE_LOCKED = "share.locked"
    SHARE_VERIFIED = "share.recipient-verified"
    SHARE_RELEASED = "share.let-in"
    OPENING_NOTICES_CHOSEN = "share.opening-notices-chosen"
    SHARE_INVITED_AGAIN = "share.invited-again"
    SHARE_DECLINED = "share.declined"
    SHARE_MISDIRECTED = "share.misdirected"
    SHARE_WITHDRAWN = "share.withdrawn"
    CHANGES_LISTED = "desk-records.listed"
    CHANGE_ASKED = "desk-records.change-asked"
    CHANGE_CONFIRMED = "desk-records.change-confirmed"
    CHANGE_ENDED = "desk-records.change-ended"
    ACTIVITY_READ = "activity.read"
    COPY_ASKED_FOR = "copy.asked-for"
    COPY_MADE = "copy.made"
    RECEIPT_TAKEN = "consent.receipt-taken"
    ACCOUNTING_MADE = "accounting.made"
    ACCOUNTING_SUSPENDED = "accounting.suspended"
    CONSENT_EXPORTED = "consent.exported"
