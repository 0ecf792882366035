"""Where do backups of this instance go, and for which key are they sealed?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from safelight.governance.recovery.errors import BackupNotSetUpError
from safelight.governance.recovery.places import Place, place_at
from safelight.governance.recovery.sealing import PublicKey, read_public


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The two places, kept apart, and the key."""

    data: Place
    keys: Place
    key: PublicKey
    folder: Path
    """On this machine, for what is on its way."""


def is_set_up() -> bool:
    """Say whether backups are configured."""
    return bool(settings.SAFELIGHT_BACKUP_TO)


def every() -> timedelta:
    """Return how often a backup is made."""
    return timedelta(hours=max(1, settings.SAFELIGHT_BACKUP_EVERY_HOURS))


def configured() -> Setup:
    """Return what the settings say.

    Raises:
        BackupNotSetUpError: something is missing, or the keys would lie with the data.
        PlaceUnknownError, BackupKeyRefusedError: a place or the key cannot be used.
    """
    return arranged(
        settings.SAFELIGHT_BACKUP_TO,
        settings.SAFELIGHT_BACKUP_KEYS_TO,
        Path(settings.SAFELIGHT_BACKUP_PUBLIC_KEY_FILE or "/nowhere"),
    )


def arranged(data: str, keys: str, public_key: Path) -> Setup:
    """Return a setup of these places and this key. Raises like `configured`."""
    if not (data and keys and public_key.name != "nowhere"):
        raise BackupNotSetUpError
    if _within(keys, data) or _within(data, keys):
        raise BackupNotSetUpError(
            "backup_keys_to must lie apart from backup_to: keys lapse sooner than data"
        )
    return Setup(
        data=place_at(data),
        keys=place_at(keys),
        key=read_public(public_key),
        folder=Path(settings.SAFELIGHT_DATA) / "backup",
    )


def _within(inner: str, outer: str) -> bool:
    inner, outer = (each.partition("?")[0].rstrip("/") + "/" for each in (inner, outer))
    return inner.startswith(outer)
