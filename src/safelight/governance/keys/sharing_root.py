"""How do two people together keep what one alone must not have: a copy of the root key?

In shares by SLIP-39: any `needed` of them make the root key, fewer say nothing of it. Each
is shown to one person, and the whole was approved by two. What comes back proves itself
by the check value that the key store keeps.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from safelight.exchange.access.powers.approvals import use_approval
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.governance.keys.errors import SharesRefusedError
from safelight.governance.keys.events import KeyEvent
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.platform.audit.actions import record
from safelight.platform.keys.ring import ring
from safelight.platform.keys.root import RootKey, strong_root
from safelight.platform.keys.store import instance_row

_FEWEST: Final = 2
_MOST: Final = 16  # what SLIP-39 allows


@dataclass(frozen=True, slots=True)
class Splitting:
    """In how many shares, and how many of them make the key."""

    needed: int = 2
    shares: int = 3

    def __post_init__(self) -> None:
        if not _FEWEST <= self.needed <= self.shares <= _MOST:
            raise InvalidFieldError(
                "shares", f"At least {_FEWEST} of at most {_MOST} shares make the key."
            )


def deed_of(splitting: Splitting) -> Deed:
    """Return the act that two people approve: the export of the root key that is in use."""
    return Deed(
        kind=ApprovalKind.KEY_EXPORT,
        subject="key/root",
        details={
            "needed": str(splitting.needed),
            "root": ring().sealing_root().id,
            "shares": str(splitting.shares),
        },
    )


def export_shares(
    splitting: Splitting, *, actor: str, at: datetime, approval_id: UUID | None = None
) -> list[str]:
    """Return the root key in shares of 33 words each, using up the approval of exactly this.

    Raises:
        ApprovalMissingError: no two people approved exactly this.
    """
    deed = deed_of(splitting)
    with transaction.atomic():
        used = use_approval(
            kind=deed.kind, digest=deed.digest, actor=actor, at=at, approval_id=approval_id
        )
        record(
            KeyEvent.EXPORTED,
            actor=actor,
            subject="key/root",
            count=splitting.shares,
            detail={
                "needed": splitting.needed,
                "asked_by": str(used.asked_by),
                "approved_by": str(used.approved_by),
            },
            at=at,
        )
    # Committed before a word is shown: what was seen is on record, come what may.
    root = ring().sealing_root()
    (made,) = generate_mnemonics(1, [(splitting.needed, splitting.shares)], root.material)
    return list(made)


def root_from_shares(shares: Sequence[str]) -> RootKey:
    """Put the root key together and prove that it is the one of this data.

    Raises:
        SharesRefusedError: too few, mixed, mistyped, or of another root key.
    """
    try:
        material = combine_mnemonics([" ".join(share.lower().split()) for share in shares])
    except MnemonicError:
        raise SharesRefusedError(
            "these shares do not make a key: one is mistyped, missing, or of another export"
        ) from None
    root = strong_root(material, "the key that these shares make")
    row = instance_row()
    if row is not None and not hmac.compare_digest(bytes(row.check_value), root.check_value):
        raise SharesRefusedError("these shares make a root key, but not the one of this data")
    return root


def import_shares(shares: Sequence[str], *, actor: str, at: datetime) -> RootKey:
    """Put the root key together for a new file; put on record that it was, where that is possible.

    Raises:
        SharesRefusedError: as above.
    """
    root = root_from_shares(shares)
    if _opens_here(root):
        with transaction.atomic():
            record(KeyEvent.IMPORTED, actor=actor, subject="key/root", count=len(shares), at=at)
    return root


def _opens_here(root: RootKey) -> bool:
    """Say whether this process has the key anyway, and so can write the record."""
    try:
        return settings.SAFELIGHT_ROOT_KEY.current() == root
    except ExpectedError:
        return False
