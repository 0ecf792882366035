"""How does an operation say who may call it, and what can go wrong?

Said once, beside the operation: it is what is checked, and what the description
tells.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from safelight.exchange.access.decision import Action
from safelight.exchange.access.rules import TOKEN_SCOPE
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.surfaces.api.callers import Session, Token

IN_PERSON: Final = "in person"
INVALID: Final = "invalid:<field>"


def told(
    action: Action, *errors: type[ExpectedError], in_person: bool = False, takes: bool = False
) -> dict[str, Any]:
    """Return what a route needs to know: who may call it, and its own errors.

    `takes` says that it has fields, each of which may be unfit.
    """
    codes: dict[int, list[str]] = {}
    unfit = (InvalidFieldError,) if takes else ()
    for error in (*errors, *unfit):
        code = INVALID if issubclass(error, InvalidFieldError) else error.code
        status = int(HTTPStatus(error.status))
        codes.setdefault(status, []).append(code)
    return {
        "auth": [
            Token(action, in_person=in_person),
            Session(action, in_person=in_person),
        ],
        "openapi_extra": {
            "x-codes": {str(status): sorted(set(said)) for status, said in codes.items()},
            "x-scope": IN_PERSON if in_person else TOKEN_SCOPE[action],
        },
    }
