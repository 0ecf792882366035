"""What exactly does one entry of the trail say?

Canonical JSON after RFC 8785: keys sorted, no spaces, UTF-8, times in UTC with
microseconds. Everything in the clear is an opaque id or a short code; whatever
could name a person is in `detail`, sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from safelight.platform.audit.errors import MalformedEventError

if TYPE_CHECKING:
    from uuid import UUID

VERSION = 1

# "account/4f0e...", "study/...", "system". No "@", no spaces, no dots: neither an
# address nor a name nor a DICOM UID has its place here.
_ID = re.compile(r"[a-z][a-z_-]{0,31}(/[0-9A-Za-z_-]{1,64})?")
# "treatment", "workforce_gate:training", "4c9e...": a code or an opaque token.
_CODE = re.compile(r"[0-9A-Za-z_.:/=+-]{0,128}")
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, before it has a place in the trail."""

    entry_id: UUID
    at: datetime
    kind: str
    outcome: str
    actor: str
    subject: str
    vault_id: UUID | None
    session: str
    on_behalf: str
    origin: str
    purpose: str
    consent_id: UUID | None
    reason: str
    count: int
    size: int
    detail: str

    def text(self) -> str:
        """Return the canonical JSON that is hashed.

        Raises:
            MalformedEventError: a value is neither an opaque id nor a short code.
        """
        _check("kind", _KIND, self.kind)
        _check("actor", _ID, self.actor)
        for name in ("subject", "on_behalf"):
            if value := getattr(self, name):
                _check(name, _ID, value)
        for name in ("session", "purpose", "reason"):
            _check(name, _CODE, getattr(self, name))
        return orjson.dumps(
            {
                "v": VERSION,
                "id": str(self.entry_id),
                "at": time_text(self.at),
                "kind": self.kind,
                "outcome": self.outcome,
                "actor": self.actor,
                "subject": self.subject,
                "vault": _id_text(self.vault_id),
                "session": self.session,
                "on_behalf": self.on_behalf,
                "origin": self.origin,
                "purpose": self.purpose,
                "consent": _id_text(self.consent_id),
                "reason": self.reason,
                "count": self.count,
                "size": self.size,
                "detail": self.detail,
            },
            option=orjson.OPT_SORT_KEYS,
        ).decode()


def time_text(at: datetime) -> str:
    """Write a time as the trail does: UTC, microseconds, "Z"."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def time_of(text: str) -> datetime:
    """Read what `time_text` wrote."""
    return datetime.fromisoformat(text)


def mac(key: bytes, text: str) -> bytes:
    """Return 16 bytes that only this instance can make, so that no entry is slipped in."""
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16]


def columns(text: str) -> dict[str, Any]:
    """Return the values that the columns beside `text` must hold."""
    said = orjson.loads(text)
    return {
        "entry_id": said["id"],
        "at": said["at"],
        "kind": said["kind"],
        "outcome": said["outcome"],
        "actor": said["actor"],
        "subject": said["subject"],
        "vault_id": said["vault"],
    }


def _id_text(identity: UUID | None) -> str:
    return "" if identity is None else str(identity)


def _check(name: str, pattern: re.Pattern[str], value: str) -> None:
    if pattern.fullmatch(value) is None:
        # The value itself may be what must not be written anywhere.
        raise MalformedEventError(f"the event's {name} is not an opaque id or a short code")
