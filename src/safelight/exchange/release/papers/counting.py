"""How many accountings as the law has them did a person have made in twelve months?

The first is free by law (45 CFR 164.528(c)(2)); Safelight charges for none. Those of one
day count once: the same list in another form is the same accounting.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.exchange.release.models import AccountingGiven

TWELVE_MONTHS: Final = timedelta(days=365)


def note_given(account_id: UUID, *, at: datetime) -> int:
    """Put on record that one was made now; return which of the last twelve months it is.

    Call inside the transaction that records it.
    """
    AccountingGiven.objects.create(account_id=account_id, made_at=at)
    return given_in_twelve_months(account_id, at=at)


def given_in_twelve_months(account_id: UUID, *, at: datetime) -> int:
    """Count the days of the last twelve months on which one was made."""
    rows = AccountingGiven.objects.filter(
        account_id=account_id, made_at__gt=at - TWELVE_MONTHS, made_at__lte=at
    )
    return len({made_at.date() for made_at in rows.values_list("made_at", flat=True)})
