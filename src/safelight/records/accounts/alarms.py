"""How does a mail about an account carry the way to say "this was not me"?

As a link that names the account and a time under a keyed token, so that only who reads
the mail has it. It opens a page; nothing happens before its press.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from safelight.kernel.errors import NotFoundError
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring

VALID_FOR: Final = timedelta(days=14)
_BODY: Final = struct.Struct(">16sI")
_TOKEN: Final = 16  # bytes
_LONGEST: Final = 80


def not_me_page(account_id: UUID, *, at: datetime) -> str:
    """Return the address of the page where this account's owner says that it was not they."""
    return f"{settings.SAFELIGHT_PUBLIC_URL}/account/not-me/{key_for(account_id, 'not-me', at=at)}/"


def key_for(named: UUID, purpose: str, *, at: datetime) -> str:
    """Return what stands in a mailed address: an id, the time and their token, 58 letters."""
    body = _BODY.pack(named.bytes, int(at.timestamp()))
    return base64.b32encode(body + _token(body, purpose)).decode().rstrip("=").lower()


def named_by(key: str, purpose: str, *, at: datetime, valid_for: timedelta = VALID_FOR) -> UUID:
    """Return the id that a mailed address names.

    Raises:
        NotFoundError: we did not make it, for this purpose, or it is too old.
    """
    try:
        raw = base64.b32decode(key.upper() + "=" * (-len(key) % 8)) if len(key) < _LONGEST else b""
        named, made = _BODY.unpack(raw[: _BODY.size])
    except (binascii.Error, ValueError, struct.error):
        raise NotFoundError from None
    if not hmac.compare_digest(raw[_BODY.size :], _token(raw[: _BODY.size], purpose)):
        raise NotFoundError
    if at - datetime.fromtimestamp(made, UTC) > valid_for:
        raise NotFoundError
    return UUID(bytes=named)


def _token(body: bytes, purpose: str) -> bytes:
    return token(ring().instance_key("alarms"), purpose.encode() + b"\0" + body)[:_TOKEN]
