"""What became of a question that somebody was asked?"""

from __future__ import annotations

from uuid import UUID

from safelight.records.accounts.models import Challenge


def was_answered(challenge_id: UUID, *, account_id: UUID, session_id: UUID) -> bool:
    """Say whether a question to this account, in this session, has had its one answer."""
    asked = Challenge.objects.filter(pk=challenge_id, account_id=account_id, session_id=session_id)
    return asked.filter(answered_at__isnull=False).exists()
