"""What is in the key store, and what is due?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from safelight.governance.keys.events import KeyEvent
from safelight.governance.keys.rotating import is_root_due, vaults_due
from safelight.governance.keys.signing_keys import SigningNow, signing_now
from safelight.platform.audit.actions import record
from safelight.platform.keys.inventory import Sort, destroyed, root_in_use, sorts
from safelight.platform.keys.ring import ring


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All keys by sort, and what is due. Ids only, no secret."""

    root_id: str
    root_since: datetime
    root_is_due: bool
    sorts: tuple[Sort, ...]
    vaults_due: int
    signing: tuple[SigningNow, ...]
    destroyed: int


def inventory(*, actor: str, at: datetime) -> Inventory:
    """Return what there is; that it was asked for is on record.

    Raises:
        RootKeyRefusedError, WrongRootKeyError: the root key is not fit.
    """
    ring().instance_key("start-check")
    root_id, since = root_in_use() or ("", at)
    with transaction.atomic():
        record(KeyEvent.LISTED, actor=actor, subject="key/root", at=at)
    return Inventory(
        root_id=root_id,
        root_since=since,
        root_is_due=is_root_due(at=at),
        sorts=tuple(sorts()),
        vaults_due=len(vaults_due(at=at)),
        destroyed=destroyed(),
        signing=tuple(signing_now()),
    )
