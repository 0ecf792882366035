"""How is a password kept? As Argon2id over an HMAC with a pepper that lies elsewhere.

Parameters are RFC 9106's second choice. Four hashes at a time and no more: each
takes 64 MiB, and signing in must not become a way to fill the memory.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

from safelight.platform.keys.ring import ring

_AT_ONCE = threading.BoundedSemaphore(4)


class PepperedArgon2(Argon2PasswordHasher):
    """Argon2id, 64 MiB, 3 passes, 4 lanes, over a peppered password."""

    algorithm = "argon2-pepper1"
    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        with _AT_ONCE:
            return str(super().encode(_peppered(password), salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether a password is the one that was hashed."""
        with _AT_ONCE:
            return bool(super().verify(_peppered(password), encoded))


def _peppered(password: str) -> str:
    pepper = ring().instance_key("pepper")
    digest = hmac.new(pepper, password.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
