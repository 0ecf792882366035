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


class UploadOverError(ExpectedError):
    """This upload waited too long and was forgotten. Send it again."""

    code = "upload_expired"
    status = HTTPStatus.GONE


class OffsetError(ExpectedError):
    """The upload does not go on from there."""

    code = "offset_conflict"
    status = HTTPStatus.CONFLICT


class UploadBusyError(ExpectedError):
    """Another request is adding to this upload."""

    code = "upload_busy"
    status = HTTPStatus.LOCKED


class UploadTooLargeError(ExpectedError):
    """This is larger than can be sent here."""

    code = "upload_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class QuotaError(ExpectedError):
    """You have sent as much as one person may in a day. Go on tomorrow."""

    code = "quota_exceeded"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BundleBrokenError(ExpectedError):
    """The bundle does not hold what it says."""

    code = "bundle_broken"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotAsAskedError(ExpectedError):
    """Something is missing or not as it must be. `faults` says what, by field."""

    code = "invalid:fields"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__()
        self.faults = faults


class TooManyLinksError(ExpectedError):
    """There are as many open links as there may be. Withdraw one that you need no more."""

    code = "too_many_links"
    status = HTTPStatus.CONFLICT


class WrongCheckError(ExpectedError):
    """The words or the code are not right. `tries_left` says how many tries are left."""

    code = "wrong_check"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, tries_left: int) -> None:
        super().__init__()
        self.tries_left = tries_left


class ParcelFullError(ExpectedError):
    """More than may be sent by this link. What has arrived is kept; leave the rest out."""

    code = "parcel_full"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
