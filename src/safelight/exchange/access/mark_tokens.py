"""By what token is a study marked with a class of sensitive information?"""

from __future__ import annotations

from uuid import UUID

from safelight.exchange.consent.terms import Sensitive
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring


def mark_token(study_id: UUID, kind: Sensitive) -> bytes:
    """Return the token by which a study is marked with a class, 16 bytes."""
    return token(ring().instance_key("sensitive"), f"{study_id}|{kind.value}".encode())
