"""Where does the mail lead that goes out when an account is frozen?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from safelight.governance.compromise.models import CompromiseReport
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.alarms import key_for, named_by

PURPOSE: Final = "recover"
_VALID_FOR: Final = timedelta(days=90)


def recovery_page(report_id: UUID, *, at: datetime) -> str:
    """Return the address of the page where the owner gets back in."""
    return f"{settings.SAFELIGHT_PUBLIC_URL}/account/recover/{key_for(report_id, PURPOSE, at=at)}/"


def open_report(key: str, *, at: datetime) -> CompromiseReport:
    """Return the report that a mailed address names, while it is open.

    Raises:
        NotFoundError: it is none of ours, or the owner is back in already.
    """
    report_id = named_by(key, PURPOSE, at=at, valid_for=_VALID_FOR)
    row = CompromiseReport.objects.filter(pk=report_id, recovered_at=None).first()
    if row is None:
        raise NotFoundError
    return row
