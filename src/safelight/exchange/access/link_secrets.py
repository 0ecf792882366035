"""How are a link's secrets made, and what is kept of them?

The link carries 256 random bits in its fragment, the mail prints 100 bits for
those without JavaScript, and a passphrase of four words is told by the owner.
Only hashes are kept, so nobody who reads the database can open a share.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from safelight.platform.keys.ring import ring

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PRINTED_LENGTH: Final = 20
_CODE_DIGITS: Final = 6
_WORDS: Final = Path(__file__).with_name("passphrase_words.txt")


def new_link_secret() -> str:
    """Return a link's secret: 256 random bits in 43 letters."""
    return secrets.token_urlsafe(32)


def new_printed_code() -> str:
    """Return the code that is printed in the mail: 100 random bits in four groups."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_PRINTED_LENGTH))
    return "-".join(letters[start : start + 5] for start in range(0, _PRINTED_LENGTH, 5))


def new_passphrase() -> str:
    """Return four plain words, easy to say on the telephone; guesses are counted."""
    words = _WORDS.read_text(encoding="ascii").split()
    return " ".join(secrets.choice(words) for _ in range(4))


def new_one_time_code() -> str:
    """Return six digits."""
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}d}"


def hash_of_link(secret: str) -> bytes:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(secret.strip().encode()).digest()


def hash_of_printed(code: str) -> bytes:
    """Return what is kept of a printed code; case, spaces and dashes do not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).digest()


def hash_of_short(owner: object, words: str) -> bytes:
    """Return what is kept of a short secret: keyed, and bound to what it belongs to.

    Case, spaces and signs between the words do not matter: they are told by telephone.
    """
    letters = (letter if letter.isalnum() else " " for letter in words.casefold())
    plain = " ".join("".join(letters).split())
    return hmac.new(
        ring().instance_key("pepper"), f"{owner}|{plain}".encode(), hashlib.sha256
    ).digest()


def equal(given: bytes, kept: bytes | memoryview) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given, bytes(kept))
