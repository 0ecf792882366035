"""What can happen to an account, as the record says it."""

from __future__ import annotations

from enum import StrEnum


class AccountEvent(StrEnum):
    """Past tense; the values are stable."""

    REGISTERED = "account.registered"
    REGISTERED_AGAIN = "account.registered-again"
    CREATED = "account.created"
    MEMBERSHIP_ENDED = "account.membership-ended"
    STAFF_APPOINTED = "staff.appointed"
    STAFF_DISMISSED = "staff.dismissed"
    REGISTRY_ENTERED = "registry.entered"
    REGISTRY_ENDED = "registry.ended"
    FORGOTTEN = "account.forgotten"
    ADDRESS_VERIFIED = "account.address-verified"
    SIGNED_IN = "account.signed-in"
    DEVICE_NEW = "account.device-new"
    SIGN_IN_REFUSED = "account.sign-in-refused"
    CODE_REFUSED = "account.code-refused"
    SIGNED_OUT = "account.signed-out"
    SESSION_ENDED = "account.session-ended"
    SESSIONS_ENDED = "account.sessions-ended"
    RESET_ASKED = "account.reset-asked"
    PASSWORD_CHANGED = "account.password-changed"  # noqa: S105 (an event)
    FACTOR_ADDED = "account.factor-added"
    FACTOR_REMOVED = "account.factor-removed"
    QUESTIONS_SET = "account.questions-set"
    QUESTIONS_REMOVED = "account.questions-removed"
    RECOVERY_CODES_MADE = "account.recovery-codes-made"
    TOKEN_CREATED = "account.token-created"  # noqa: S105 (an event)
    TOKEN_REVOKED = "account.token-revoked"  # noqa: S105 (an event)
    TOKEN_USED = "account.token-used"  # noqa: S105 (an event)
    SUSPENDED = "account.suspended"
    REINSTATED = "account.reinstated"
    AUTHORIZATION_ASKED = "authorization.asked"
    AUTHORIZATION_GIVEN = "authorization.given"
    AUTHORIZATION_REFUSED = "authorization.refused"
    AUTHORIZATION_USED = "authorization.used"
