"""Which keys sign for this instance, and how is one of them replaced while it serves?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from safelight.exchange.consent import record as consents
from safelight.governance.keys import certifying
from safelight.governance.keys.events import KeyEvent
from safelight.governance.recovery import manifest as backups
from safelight.platform.audit import checkpoints
from safelight.platform.audit.actions import record
from safelight.platform.keys.ring import ring
from safelight.platform.keys.signing import later_keys, signer_for
from safelight.platform.keys.succession import succeed


class Signs(StrEnum):
    """What a line of keys signs."""

    AUDIT = "audit"  # the record's checkpoints
    PAPERS = "papers"  # consents, receipts and reports
    CERTIFICATES = "certificates"  # that a key is destroyed
    BACKUPS = "backups"  # manifests, the journal, drills


_LINES = {
    Signs.AUDIT: (checkpoints.PURPOSE, checkpoints.SORT),
    Signs.PAPERS: (consents.PURPOSE, consents.SORT),
    Signs.CERTIFICATES: (certifying.PURPOSE, certifying.SORT),
    Signs.BACKUPS: (backups.PURPOSE, backups.SORT),
}


@dataclass(frozen=True, slots=True)
class SigningNow:
    """The key that signs now, and since when; the first of its line since the beginning."""

    signs: Signs
    name: str
    since: datetime | None


def rotate_signing(signs: Signs, *, actor: str, at: datetime) -> SigningNow:
    """Let another key sign from a few seconds on, endorsed by the one that signs now.

    Raises:
        SealBrokenError, WrongRootKeyError: the key that signs now does not open.
    """
    subject = f"signing/{signs.value}"
    _note(KeyEvent.ROTATION_BEGAN, subject, actor, at)
    name, since = succeed(ring(), *_LINES[signs], at=at)
    _note(KeyEvent.ROTATED, subject, actor, at, name=name)
    return SigningNow(signs, name, since)


def signing_now() -> list[SigningNow]:
    """Return which key signs what."""
    found = []
    for signs, line in _LINES.items():
        name = signer_for(*line).name
        since = {each.name: each.since for each in later_keys(*line)}
        found.append(SigningNow(signs, name, since.get(name)))
    return found


def _note(kind: KeyEvent, subject: str, actor: str, at: datetime, *, name: str = "") -> None:
    with transaction.atomic():
        record(kind, actor=actor, subject=subject, reason=name, at=at)
