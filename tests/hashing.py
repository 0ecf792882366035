"""How are the passwords of the tests' people hashed? Truly, and each once a run.

The same few people come into almost every test, and a hash takes 64 MiB and a tenth of a
second. What is verified is verified each time, as in the product.
"""

from __future__ import annotations

from functools import cache

from safelight.platform.keys.ring import ring
from safelight.records.accounts.passwords import PepperedArgon2


class OncePerPassword(PepperedArgon2):
    """The product's hasher, with one salt for all and a memory."""

    def salt(self) -> str:
        return "TheOneSaltOfAllTheTests"

    def encode(self, password: str, salt: str) -> str:
        return _encoded(password, salt, ring().instance_key("pepper"))


@cache
def _encoded(password: str, salt: str, _pepper: bytes) -> str:
    return PepperedArgon2().encode(password, salt)
