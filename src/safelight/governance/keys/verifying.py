"""Does every key open? What nothing opens is lost, and better known before it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from safelight.governance.keys.events import KeyEvent
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.keys.inventory import Failing, failing, subjects
from safelight.platform.keys.models import Kind
from safelight.platform.keys.ring import KeyRing
from safelight.platform.keys.root import RootKey
from safelight.platform.keys.roots import RootProvider, at_hand

SAMPLE: Final = 100


@dataclass(frozen=True, slots=True)
class Verified:
    """How many keys were opened, by kind, and which do not open."""

    opened: dict[str, int]
    failing: tuple[Failing, ...]


def verify(*, at: datetime, studies: int | None = SAMPLE) -> Verified:
    """Open one wrapped key of every vault, ledger and `studies` of the studies; None is all.

    Raises:
        RootKeyRefusedError, WrongRootKeyError: the root key itself is not fit.
    """
    provider: RootProvider = settings.SAFELIGHT_ROOT_KEY
    found = opened_with(provider.current(), at_hand(provider), studies=studies)
    with transaction.atomic():
        record(
            KeyEvent.VERIFIED,
            actor="operator",
            subject="key/root",
            outcome=Outcome.FAILED if found.failing else Outcome.OK,
            count=sum(found.opened.values()),
            detail={"failing": len(found.failing)},
            at=at,
        )
    return found


def opened_with(root: RootKey, others: list[RootKey], *, studies: int | None) -> Verified:
    """Open them with these root keys and nothing that this process holds already."""
    fresh = KeyRing(root, others=lambda: others)
    opened: dict[str, int] = {}
    bad: list[Failing] = []
    for kind in Kind:
        ids = subjects(kind, sample=studies if kind is Kind.STUDY else None)
        opened[kind.value] = len(ids)
        bad += failing(fresh, kind, ids)
    return Verified(opened, tuple(bad))
