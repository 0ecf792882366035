"""What stays open to whoever accepted an earlier statement, and not the one that binds now?

They may read the statement and decide, see and take what is their own, take back what they
shared, ask by right, secure their account and leave it (R01). What each page shows is
decided where everything is: here is only which pages there are.
"""

from __future__ import annotations

from typing import Final

OPEN_TO_THE_LIMITED: Final = frozenset(
    {
        # the statement, and the way out
        "accept-statement",
        "statement",
        "statement-version",
        "statement-changes",
        "sign-out",
        "leave",
        "come-back",
        # who they are, and that nobody else is
        "sign-in",
        "sign-in-factor",
        "passkey-question",
        "passkey-answer",
        "security",
        "change-password",
        "end-session",
        "end-sessions",
        "add-factor",
        "add-app",
        "add-passkey",
        "add-security-key",
        "remove-factor",
        "recovery-codes",
        "revoke-token",
        "not-me",
        "not-me-here",
        "not-me-mailed",
        "recover",
        "recover-hold",
        "recover-stop",
        "register",
        "verify",
        "verify-again",
        "reset",
        "reset-code",
        "share-was-me",
        # what is their own: to see, to take, to remove; and an emergency that runs
        "exams",
        "exams-gone",
        "exam",
        "viewer",
        "workplace",
        "workplace-settings",
        "workplace-viewer",
        "exam-reports",
        "exam-activity",
        "exam-download",
        "exam-disc",
        "exam-remove",
        "exam-bring-back",
        # who has what of them, and taking it back
        "access",
        "access-export",
        "share-done",
        "consent-fhir",
        "consent-receipt",
        "take-back",
        "share-pause",
        "opening-notices",
        "activity",
        "activity-export",
        "upload-link-withdraw",
        "acting-end",
        "request-decline",
        # what they may ask by right
        "rights",
        "right-ask",
        "right",
        "right-withdraw",
    }
)
