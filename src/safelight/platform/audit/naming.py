"""How is something in the record found by as much of its name as a person has at hand?

A page shows "account/e301a200…"; an address holds 26 letters; somebody reads eight
digits over the telephone. All of these find it, and none needs a search of texts.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.db.models import Q

from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text

KINDS: Final = (
    *("account", "authorization", "batch", "challenge", "consent", "disclosure", "draft"),
    *("entry", "job", "notice", "object", "organization", "paper", "parcel", "patient"),
    *("representative", "sender"),
    *("session", "share", "study", "token", "uploadrequest", "vault"),
)
NAMELESS: Final = frozenset({"anonymous", "operator", "system"})
_PART: Final = re.compile(r"(?=.*[0-9])[0-9a-f][0-9a-f-]{3,35}")
_WHOLE: Final = 36
_ADDRESS: Final = re.compile(r"[0-9a-z]{26}")


def written(text: str) -> str:
    """Bring what somebody typed into the form in which the record names things."""
    text = text.strip().rstrip("….").lower()
    kind, slash, part = text.rpartition("/")
    if _ADDRESS.fullmatch(part):
        try:
            return f"{kind}{slash}{from_text(part)}"
        except NotFoundError:
            return text
    return text


def is_name(text: str) -> bool:
    """Say whether a text is a name in the record, or the beginning of one, and no person's."""
    text = written(text)
    kind, slash, part = text.rpartition("/")
    if slash:
        return kind.isalpha() and bool(part)
    return text in NAMELESS or _PART.fullmatch(text) is not None


def named(column: str, text: str) -> Q:
    """Ask for the rows whose column holds this name, or one that begins so."""
    text = written(text)
    kind, slash, part = text.rpartition("/")
    if _PART.fullmatch(part) is None:
        return Q(**{column: text})
    found = Q()
    for each in (kind,) if slash else KINDS:
        name = f"{each}/{part}"
        # A range, since the index answers it; what follows is hexadecimal and below "g".
        found |= (
            Q(**{column: name})
            if len(part) == _WHOLE
            else Q(**{f"{column}__gte": name, f"{column}__lt": f"{name}g"})
        )
    return found


def under_consent(text: str) -> Q:
    """Ask for the rows of acts that a consent allowed; none where no consent is named."""
    kind, _, part = written(text).rpartition("/")
    if kind != "consent" or _PART.fullmatch(part) is None:
        return Q()
    return Q(text__contains=f'"consent":"{part}')


def account_in(text: str) -> UUID | None:
    """Return the account that a whole name names, if it does."""
    kind, _, part = written(text).rpartition("/")
    if kind != "account" or len(part) != _WHOLE or _PART.fullmatch(part) is None:
        return None
    try:
        return UUID(part)
    except ValueError:
        return None
