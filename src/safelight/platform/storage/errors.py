"""What can go wrong when bytes are kept or read back?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class RecordBrokenError(ExpectedError):
    """A sealed record is not whole, not genuine, or not the one asked for."""

    code = "record_broken"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class PackMissingError(ExpectedError):
    """A pack that a row points to is not there."""

    code = "pack_missing"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class StorageFullError(ExpectedError):
    """There is no room left to keep more; what is kept can still be read."""

    code = "storage_full"
    status = HTTPStatus.INSUFFICIENT_STORAGE


class StorageFailedError(ExpectedError):
    """Writing failed in a way after which nothing more may be promised by this writer."""

    code = "storage_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class StoreUnreachableError(ExpectedError):
    """The store where pictures are kept does not answer. Nothing was changed; try again later."""

    code = "store_unreachable"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class StoreUnknownError(ExpectedError):
    """A store is named as file:///folder or as s3://bucket/prefix?endpoint=https://..."""

    code = "store_unknown"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
