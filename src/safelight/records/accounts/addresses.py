"""When are two e-mail addresses the same one?

When they are equal after NFKC and case folding, with the domain in its ASCII
form (IDNA), so that look-alike spellings of one domain meet and others do not.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from safelight.kernel.errors import InvalidFieldError
from safelight.platform.keys.fields import normalise

LONGEST = 254  # RFC 5321 4.5.3.1, less the angle brackets


def normalised(text: str) -> str:
    """Return the one form of an address.

    Raises:
        InvalidFieldError: this is not an address that mail could reach.
    """
    local, at, domain = normalise(text).rpartition("@")
    try:
        address = local + at + domain.encode("idna").decode("ascii")
        validate_email(address)
    except (UnicodeError, ValidationError):
        raise InvalidFieldError("email", "This does not look like an e-mail address.") from None
    if len(address.encode()) > LONGEST:
        raise InvalidFieldError("email", "This e-mail address is too long.")
    return address


def masked(address: str) -> str:
    """Return an address in which only its owner recognises it: `a•••@e•••.org`."""
    local, _, domain = address.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••.{top}"
