"""Under which terms does a partner hand an exam over? Pure: nothing is looked up here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.kernel.errors import InvalidFieldError

MOST_OBJECTS: Final = 1_000_000
_UID: Final = re.compile(r"[0-9.]{1,64}")
_CODE: Final = re.compile(r"[a-z][a-z_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverTerms:
    """What the patient agreed to, as far as the receiver must know it to keep to it.

    `consent` is the giver's consent by the sender's opaque name; nobody is named. `further`
    says to whom it may be passed on: a code, `none` for nobody.
    """

    study: str
    wanted: int
    consent: str
    purpose: str
    further: str
    given_at: datetime
    ends_at: datetime


def checked(terms: HandoverTerms) -> HandoverTerms:
    """Return terms that can be kept.

    Raises:
        InvalidFieldError: one of them is unfit.
    """
    if not _UID.fullmatch(terms.study):
        raise InvalidFieldError("study", "Give the Study Instance UID.")
    if not 1 <= terms.wanted <= MOST_OBJECTS:
        raise InvalidFieldError("wanted", "Say how many objects will come.")
    for field in ("purpose", "further"):
        if not _CODE.fullmatch(getattr(terms, field)):
            raise InvalidFieldError(field, "Give a code.")
    if terms.ends_at <= terms.given_at:
        raise InvalidFieldError("ends_at", "It ends after it was given.")
    return terms
