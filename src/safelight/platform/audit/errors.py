"""What can go wrong with the record?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError, NotFoundError


class AuditUnavailableError(ExpectedError):
    """The record cannot be written, so the act does not happen."""

    code = "audit_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class OutsideTransactionError(AuditUnavailableError):
    """An event was recorded outside a transaction: it could part from its act."""


class MalformedEventError(AuditUnavailableError):
    """An event names something otherwise than by an opaque id or a short code."""


class TipBrokenError(AuditUnavailableError):
    """The end of the trail is not as it was signed; nothing is added to it."""


class TreeBrokenError(AuditUnavailableError):
    """A hash of the trail's tree is missing: nothing can be proved from it."""


class EntryUnknownError(NotFoundError):
    """There is no such entry in the trail."""


class DetailGoneError(ExpectedError):
    """The key to this detail was destroyed; the entry itself stands."""

    code = "detail_gone"
    status = HTTPStatus.GONE


class NotSignedYetError(ExpectedError):
    """The entry is newer than the newest checkpoint; there is one each minute."""

    code = "not_signed_yet"
    status = HTTPStatus.CONFLICT
