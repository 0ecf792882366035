"""What can go wrong with a message to a person?"""

from __future__ import annotations

from http import HTTPStatus

from safelight.kernel.errors import ExpectedError


class NoticeRefusedError(ExpectedError):
    """A message says only what its template says, with the few facts that it needs."""

    code = "notice_refused"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class UnsafeMailError(ExpectedError):
    """Mail leaves this machine only over TLS; see SAFELIGHT_EMAIL_URL."""

    code = "unsafe_mail"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class RecipientRefusedError(ExpectedError):
    """The receiving server refused the address for good."""

    code = "recipient_refused"
