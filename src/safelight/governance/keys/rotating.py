"""How is each key replaced while everything goes on, and what is due?

Whatever is cut off goes on when it is asked for again; nothing is lost at any point.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from safelight.governance.keys.errors import NoNextRootError, RotationUnfinishedError
from safelight.governance.keys.events import KeyEvent
from safelight.governance.keys.verifying import opened_with
from safelight.platform.audit.actions import record
from safelight.platform.keys import rotation
from safelight.platform.keys.inventory import made_or_replaced_before, root_in_use
from safelight.platform.keys.models import Kind
from safelight.platform.keys.ring import ring
from safelight.platform.keys.root import RootKey
from safelight.platform.keys.roots import RootProvider
from safelight.records.imaging.rekeying import end_past_keys, rotate_study

ROOT_DUE: Final = timedelta(days=365)
VAULT_DUE: Final = timedelta(days=730)
STILL_OPENS: Final = timedelta(minutes=15)
"""How long an old key stays for those that were reading: as long as a look lasts."""


def prepare_root() -> str:
    """Make the next root key where there is none, and say where it is. Nothing uses it yet.

    Raises:
        NoNextRootError: this provider cannot make one.
    """
    provider: RootProvider = settings.SAFELIGHT_ROOT_KEY
    _next_root(provider)
    return provider.next_place


def rotate_root(*, actor: str, at: datetime) -> tuple[int, str]:
    """Rewrap all that the root key wraps under the next one, prove it, and move on to it.

    Returns how many keys were rewrapped and where the old root key lies. It must be kept
    for as long as there are backups from before.

    Raises:
        NoNextRootError: there is no next root key, and none can be made here.
        RotationUnfinishedError: a key does not open under the new one; the old one stays.
        RootKeyRefusedError, WrongRootKeyError: a root key is not fit.
    """
    provider: RootProvider = settings.SAFELIGHT_ROOT_KEY
    new = _next_root(provider)
    _note(KeyEvent.ROTATION_BEGAN, "key/root", actor, at)
    done = sum(rotation.rewrap_under(ring(), new, at=at))
    found = opened_with(new, [], studies=None)
    if found.failing:
        raise RotationUnfinishedError(
            f"{len(found.failing)} keys do not open under the new root key; the old one stays. "
            "safelight keys verify names them"
        )
    _note(KeyEvent.ROTATED, "key/root", actor, at, count=done)
    return done, provider.move_on()


def rotate_vault(vault_id: UUID, *, actor: str, at: datetime) -> int:
    """Give a vault a new key that wraps its studies' keys; return how many those are.

    Raises:
        KeyUnknownError, KeyDestroyedError: there is none to replace.
    """
    rotation.begin_vault(ring(), vault_id, at=at)
    done = sum(rotation.rewrap_studies(ring(), vault_id))
    _note(KeyEvent.ROTATED, f"vault/{vault_id}", actor, at, count=done)
    return done


def rotate_one_study(study_id: UUID, *, actor: str, at: datetime) -> int:
    """Give a study a new key and seal its rows under it. Raises like `rotate_vault`."""
    done = rotate_study(study_id, at=at)
    _note(KeyEvent.ROTATED, f"study/{study_id}", actor, at, count=done)
    return done


def rotate_ledger(vault_id: UUID, *, actor: str, at: datetime) -> None:
    """Let a vault's accounting be sealed under a new key; what is there stays as it is.

    Its rows may not be changed, so the older keys are kept to open them.
    """
    keys = ring()
    if rotation.begin_next(keys, Kind.LEDGER, vault_id, at=at):
        rotation.wait_until_known()
    rotation.promote(keys, Kind.LEDGER, vault_id, at=at)
    _note(KeyEvent.ROTATED, f"ledger/{vault_id}", actor, at)


def is_root_due(*, at: datetime) -> bool:
    """Say whether the root key has served its time."""
    found = root_in_use()
    return found is not None and found[1] < at - ROOT_DUE


def vaults_due(*, at: datetime) -> list[UUID]:
    """Return the vaults whose keys have served their time."""
    return made_or_replaced_before(Kind.VAULT, at - VAULT_DUE)


def rotate_due(*, actor: str, at: datetime) -> tuple[int, int]:
    """Replace vaults' keys that are due, go on with what was cut off, and end what is over.

    Returns how many were replaced and how many old ones were destroyed. The root key is
    never replaced of its own accord: somebody must keep the new one first.
    """
    replaced = 0
    for vault_id in vaults_due(at=at):
        rotate_vault(vault_id, actor=actor, at=at)
        replaced += 1
    for study_id in rotation.unfinished(Kind.STUDY):
        rotate_one_study(study_id, actor=actor, at=at)
        replaced += 1
    for vault_id in rotation.unfinished(Kind.LEDGER):
        rotate_ledger(vault_id, actor=actor, at=at)
        replaced += 1
    return replaced, end_past(actor=actor, at=at)


def end_past(*, actor: str, at: datetime, still_opens: timedelta = STILL_OPENS) -> int:
    """Destroy old keys that nobody can be reading with any more; return how many."""
    ended = end_past_keys(before=at - still_opens, at=at)
    if ended:
        _note(KeyEvent.PAST_ENDED, "key/past", actor, at, count=ended)
    return ended


def _next_root(provider: RootProvider) -> RootKey:
    new = provider.successor()
    if new is None:
        raise NoNextRootError(
            f"there is no next root key beside {provider.place}; "
            "docs/how-to/look-after-the-keys.md says where to put it"
        )
    return new


def _note(kind: KeyEvent, subject: str, actor: str, at: datetime, *, count: int = 0) -> None:
    with transaction.atomic():
        record(kind, actor=actor, subject=subject, count=count, at=at)
