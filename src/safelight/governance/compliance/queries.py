"""Which statement holds now, what does it say, and did this person accept it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.governance.compliance import statements
from safelight.governance.compliance.errors import StatementTamperedError
from safelight.governance.compliance.models import Acceptance, StatementVersion
from safelight.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def current_statement(*, at: datetime) -> StatementVersion:
    """Return the version that is in effect."""
    return StatementVersion.objects.filter(effective_at__lte=at).latest("number")


def statement(number: int) -> StatementVersion:
    """Return any version by its number.

    Raises:
        NotFoundError: there was never such a version.
    """
    version = StatementVersion.objects.filter(number=number).first()
    if version is None:
        raise NotFoundError
    return version


def published_statements() -> list[StatementVersion]:
    """Return all versions, the newest first."""
    return list(StatementVersion.objects.order_by("-number"))


def published_text(version: StatementVersion) -> str:
    """Return a version's text.

    Raises:
        StatementTamperedError: the file no longer holds what was published.
    """
    text = statements.text_of(version.number)
    if statements.sha256_of(text) != version.sha256:
        raise StatementTamperedError
    return text


def has_accepted_any(account_id: UUID) -> bool:
    """Tell whether an account accepted any version of the statement."""
    return Acceptance.objects.filter(account_id=account_id).exists()


def has_accepted_current(account_id: UUID, *, at: datetime) -> bool:
    """Tell whether an account accepted the statement that is in effect."""
    version = current_statement(at=at)
    return Acceptance.objects.filter(account_id=account_id, version=version).exists()
