"""How does an operation say who may call it, and what can go wrong?

Said once, beside the operation: it is what is checked, and what the description
tells.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.rules import TOKEN_SCOPE
from safelight.exchange.consent.onward import OnwardRefusal
from safelight.exchange.release.errors import (
    FurtherReleaseError,
    ShareDeclinedError,
    ShareExpiredError,
    ShareLockedError,
    ShareNotStartedError,
    SharePausedError,
    ShareRevokedError,
    ShareUsedUpError,
)
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.surfaces.api.callers import Connection, Session, Token

IN_PERSON: Final = "in person"
CONNECTED: Final = "connected"
INVALID: Final = "invalid:<field>"
# How a share has ended, or does not open yet.
ENDED_SHARE: Final = (
    ShareDeclinedError,
    ShareExpiredError,
    ShareLockedError,
    ShareNotStartedError,
    SharePausedError,
    ShareRevokedError,
    ShareUsedUpError,
)


_ONWARD: Final = sorted(
    set(OnwardRefusal) - {OnwardRefusal.OTHER_RECIPIENT, OnwardRefusal.OTHER_CLASS}
)


def told(
    action: Action,
    *errors: type[ExpectedError],
    in_person: bool = False,
    takes: bool = False,
    media: str = "",
) -> dict[str, Any]:
    """Return what a route needs to know: who may call it, and its own errors.

    `takes` says that it has fields, each of which may be unfit; `media` as what it answers,
    where that is not plain JSON.
    """
    codes: dict[int, set[str]] = {}
    unfit: tuple[type[ExpectedError], ...] = (InvalidFieldError,) if takes else ()
    for error in (*errors, *unfit):
        codes.setdefault(int(HTTPStatus(error.status)), set()).update(_codes(error))
    return {
        "auth": [
            Token(action, in_person=in_person),
            Session(action, in_person=in_person),
        ],
        "openapi_extra": {
            "x-codes": {str(status): sorted(said) for status, said in codes.items()},
            "x-scope": IN_PERSON if in_person else TOKEN_SCOPE[action],
            "x-media": media,
        },
    }


def told_system(*errors: type[ExpectedError], takes: bool = False) -> dict[str, Any]:
    """Return the same of a route that only a partner's Safelight calls."""
    every = (
        *errors,
        NotFoundError,
        ConnectionClosedError,
        *((InvalidFieldError,) if takes else ()),
    )
    codes: dict[int, set[str]] = {}
    for error in every:
        codes.setdefault(int(HTTPStatus(error.status)), set()).update(_codes(error))
    extra = {
        "x-codes": {str(status): sorted(said) for status, said in codes.items()},
        "x-scope": CONNECTED,
        "x-media": "",
    }
    return {"auth": [Connection()], "openapi_extra": extra}


def _codes(error: type[ExpectedError]) -> list[str]:
    if issubclass(error, InvalidFieldError):
        return [INVALID]
    if issubclass(error, ConnectionClosedError):
        return [error.code, "agreement_missing:<kind>"]
    if issubclass(error, FurtherReleaseError):
        return [each.value for each in _ONWARD]
    return [error.code]
