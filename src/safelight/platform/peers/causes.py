"""Why was another system not reached?"""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """What a test found. Values are stable codes."""

    ANSWERED = "answered"
    NAME_UNKNOWN = "name-not-found"
    ADDRESS_FORBIDDEN = "address-not-allowed"
    REFUSED = "connection-refused"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    OTHER_CERTIFICATE = "other-certificate"
    NO_TLS = "no-tls"
    CALLED_TITLE_REFUSED = "called-title-refused"
    CALLING_TITLE_REFUSED = "calling-title-refused"
    ASSOCIATION_REFUSED = "association-refused"
    NO_ECHO = "no-answer-to-echo"


class UnreachableError(Exception):
    """Another system was not reached; `cause` says why."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause
