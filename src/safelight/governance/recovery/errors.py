"""Why can something not be backed up, or not be put back?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class BackupNotSetUpError(ExpectedError):
    """No backup is set up: name backup_to, backup_keys_to and backup_public_key_file."""

    code = "backup_not_set_up"


class BackupFailedError(ExpectedError):
    """The backup could not be completed. The last good one stands; run it again."""

    code = "backup_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class BackupUnderWayError(ExpectedError):
    """Another backup is under way. Wait until it is made; what this one would hold is in it."""

    code = "backup_under_way"
    status = HTTPStatus.CONFLICT


class BackupBrokenError(ExpectedError):
    """The backup is not as it was made. Nothing was written; take another one."""

    code = "backup_broken"


class BackupKeyRefusedError(ExpectedError):
    """The backup key is missing, unsafe, or not the one that this backup was sealed for."""

    code = "backup_key_refused"


class PlaceUnknownError(ExpectedError):
    """A place is named as a folder, or as s3://bucket/prefix?endpoint=https://..."""

    code = "place_unknown"


class RestoreRefusedError(ExpectedError):
    """It is not restored there. Nothing was written."""

    code = "restore_refused"


class DatabaseToolError(ExpectedError):
    """PostgreSQL's own tools are needed, at least as new as the server: pg_dump, pg_restore."""

    code = "database_tool_missing"


class JournalBrokenError(ExpectedError):
    """The journal has a gap, or was changed."""

    code = "journal_broken"
