"""By which keyed token is a connection found, from the titles or the word that it says?"""

from __future__ import annotations

import secrets
from typing import Final

from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring

WORD_BEGINS: Final = "slc_"
_RANDOM: Final = 32  # bytes


def new_word() -> str:
    """Return a new word by which a system that calls over the web is known (RFC 6750 2.1)."""
    return WORD_BEGINS + secrets.token_urlsafe(_RANDOM)


def word_token(word: str) -> bytes:
    """Return the token of such a word, which is kept in its stead."""
    return token(ring().instance_key("connections"), f"word\0{word}".encode())


def peer_token(called: str, calling: str) -> bytes:
    """Return the token of the two titles, ours and theirs."""
    said = f"{called.strip(' ')}\0{calling.strip(' ')}"
    return token(ring().instance_key("connections"), said.encode())
