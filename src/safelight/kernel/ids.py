"""How is a thing named, so that its name says nothing and cannot be guessed?

Every row of ours is named by 128 random bits. In addresses the name is written
in 26 lower-case letters and digits (Crockford's alphabet), never as a number.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from safelight.kernel.errors import NotFoundError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26


def new_id() -> UUID:
    """Return a fresh random id (128 bits from the operating system)."""
    return UUID(bytes=secrets.token_bytes(16))


def to_text(identity: UUID) -> str:
    """Write an id for an address: 26 characters, case does not matter."""
    number = identity.int
    letters = []
    for _ in range(_LENGTH):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


def from_text(text: str) -> UUID:
    """Read an id from an address.

    Raises:
        NotFoundError: the text is not an id; it is answered like an unknown one.
    """
    if len(text) != _LENGTH:
        raise NotFoundError
    number = 0
    for letter in text.lower():
        if letter not in _VALUE:
            raise NotFoundError
        number = number * 32 + _VALUE[letter]
    if number >= 1 << 128:
        raise NotFoundError
    return UUID(int=number)
