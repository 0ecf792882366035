"""Who may take along what the record tells of a great many people? One, if another agrees.

What tells of few leaves as it is: an officer's answer to somebody, a month of an office.
From `MANY` vaults on it is a mass export, of the whole record or of a part in some form:
the approval names who takes it and in which form, and is used up by that one export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeVar

from django.db import transaction

from safelight.exchange.access.powers.approvals import use_approval
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.errors import ApprovalMissingError
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.governance.trail.errors import ManyPeopleError
from safelight.platform.audit.actions import record_denial
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.export import export_trail
from safelight.platform.audit.leaving import tells_of
from safelight.platform.audit.queries import TrailFilter

MANY: Final = 100
WHOLE: Final = "trail"
_REFUSED: Final = "two-people-missing"
_Taken = TypeVar("_Taken")


def deed_of_export(form: str, actor: str) -> Deed:
    """Return the act that two people agree to: the record in one form, for one taker."""
    return Deed(
        kind=ApprovalKind.MASS_EXPORT, subject="record", details={"by": actor, "form": form}
    )


def export_whole(actor: str, *, at: datetime) -> Iterator[bytes]:
    """Hand out the whole record for the one-file verifier.

    Raises:
        ManyPeopleError: it tells of many, and no two people agreed.
    """
    return leaving(actor, TrailFilter(), WHOLE, take=lambda: export_trail(actor, at=at), at=at)


def leaving(
    actor: str, wanted: TrailFilter, form: str, *, take: Callable[[], _Taken], at: datetime
) -> _Taken:
    """Take a part of the record along; of many people only by the approval of two.

    Raises:
        ManyPeopleError: it tells of many, and no two people agreed.
    """
    deed = deed_of_export(form, actor)
    try:
        with transaction.atomic():
            if tells_of(wanted, at_most=MANY) >= MANY:
                use_approval(kind=deed.kind, digest=deed.digest, actor=actor, at=at)
            return take()
    except ApprovalMissingError:
        record_denial(AuditEvent.EXPORTED, actor=actor, reason=_REFUSED, at=at)
        raise ManyPeopleError(deed.line) from None
