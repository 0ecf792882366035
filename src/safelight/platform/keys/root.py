"""Where does trust begin? In one file of 32 random bytes, kept apart from the data."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path


def secret_for(path: Path, purpose: str) -> str:
    """Derive a text secret from the root key, or a random one when there is no key yet.

    Without a root key nothing that needs the secret to last can be done anyway
    (`init`, `--help`), so a value that lives as long as the process is enough.
    """
    if not path.is_file():
        return secrets.token_hex(32)
    return hmac.new(path.read_bytes(), purpose.encode(), hashlib.sha256).hexdigest()
