"""What can go wrong at the door?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class MayNotStoreError(ExpectedError):
    """This actor may not add exams here."""

    code = "may_not_store"
    status = HTTPStatus.FORBIDDEN


class NotSignedInError(ExpectedError):
    """Sign in first."""

    code = "auth_required"
    status = HTTPStatus.UNAUTHORIZED


class AttestationMissingError(ExpectedError):
    """Confirm that the records are yours to add and that you believe them to be right."""

    code = "invalid:attestation"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
