"""By which keyed word is a connection found from the titles of an association?"""

from __future__ import annotations

from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring


def peer_token(called: str, calling: str) -> bytes:
    """Return the token of the two titles, ours and theirs."""
    said = f"{called.strip(' ')}\0{calling.strip(' ')}"
    return token(ring().instance_key("connections"), said.encode())
